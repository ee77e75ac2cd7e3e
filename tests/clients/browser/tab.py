"""A browser's tab: what somebody does in it, what the app shows, and what the browser complains about."""

from __future__ import annotations

import json
import re
from typing import Any

from playwright.sync_api import ConsoleMessage, Page, Request

_COMPLAINTS = ("error", "warning")
_FETCH = """async ([url, init]) => {
  const answer = await fetch(url, init);
  return { status: answer.status, headers: Object.fromEntries(answer.headers), body: await answer.text() };
}"""


class Tab:
    """``complaints`` are the console's errors and warnings, breaches of a page's Content-Security-Policy among them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.complaints = list[str]()
        self.requests = list[Request]()
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", lambda request: self.requests.append(request))

    def open(self, app: str) -> None:
        """From the app's launch page to the question who it is."""
        self.page.goto(f"{app}/launch.html")
        self.page.get_by_role("heading", name="Who are you?").wait_for()

    def sign_in(self, app: str, name: str) -> None:
        """From the app's launch page to the question of consent."""
        self.open(app)
        self.page.get_by_role("button", name=re.compile(f"^{name}")).click()
        self.page.get_by_text(f"You are {name}").wait_for()

    def start(self, issuer: str, app: str, name: str) -> None:
        """From the portal's page to the question of consent."""
        self.page.goto(f"{issuer}/launch")
        self.page.get_by_label("The app's launch URL").fill(f"{app}/launch.html")
        options = self.page.get_by_label("The patient").locator("option")
        self.page.get_by_label("The patient").select_option(options.filter(has_text=name).get_attribute("value"))
        self.page.get_by_role("button", name="Start the app").click()
        self.page.get_by_text(f"You are {name}").wait_for()

    def press(self, button: str) -> None:
        self.page.get_by_role("button", name=button, exact=True).click()

    def told(self) -> Any:
        """What the app knows once it has read everything; fails with what it says where it could not."""
        ended = self.page.locator("#told:not([hidden]), #fault:not([hidden])")
        text = ended.inner_text()
        assert ended.get_attribute("id") == "told", text
        return json.loads(text)

    def alert(self) -> str:
        """What a page says that went wrong."""
        return self.page.get_by_role("alert").inner_text()

    def fetch(self, url: str, **init: Any) -> Any:
        """What a script of the page that is open gets to see of an answer: ``status``, ``headers`` and ``body``."""
        return self.page.evaluate(_FETCH, [url, init])

    def sent_to(self, url: str) -> list[Request]:
        """The requests of the tab that began with ``url``."""
        return [request for request in self.requests if request.url.startswith(url)]

    def expect(self, complaint: str) -> None:
        """The browser complains like this, and should: at once or soon, for the console comes by a way of its own."""
        while not any(complaint in said for said in self.complaints):
            self.page.wait_for_event("console")
        self.complaints = [said for said in self.complaints if complaint not in said]

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in _COMPLAINTS:
            self.complaints.append(f"{message.text} ({message.location['url']})")
