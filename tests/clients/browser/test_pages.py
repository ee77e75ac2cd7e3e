"""The pages of the authorization server: on a phone and a desk, light and dark, by touch and by keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.clients.browser.conftest import Demo
from tests.clients.browser.tab import Tab
from tests.services import NODE_PACKAGES

PAGES = ("sign-in", "consent", "launch", "fault", "refused")
SCREENS = {
    "a narrow phone": {"viewport": {"width": 320, "height": 640}, "is_mobile": True, "has_touch": True},
    "a desk": {"viewport": {"width": 1280, "height": 800}},
}
SMALLEST = 44  # CSS pixels to touch: https://www.w3.org/WAI/WCAG22/Understanding/target-size-enhanced.html
_WIDER = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
_JUDGED = """async () => (await axe.run()).violations.flatMap(({ id, nodes }) =>
  nodes.map(({ html, failureSummary }) => [id, html, failureSummary].join('\\n')))"""


@pytest.fixture(params=[(screen, scheme) for screen in SCREENS for scheme in ("light", "dark")], ids=" in ".join)
def seen(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[Tab]:
    """A tab of a screen and a colour scheme."""
    screen, scheme = request.param
    with chromium.new_context(color_scheme=scheme, **SCREENS[screen]) as context:
        tab = Tab(context.new_page())
        yield tab
        assert tab.complaints == []


def shown(page: str, tab: Tab, demo: Demo, app: str) -> None:
    """Open a page."""
    if page == "sign-in":
        tab.open(app)
    if page == "consent":
        tab.sign_in(app, "Anna Vogel")
    if page in ("launch", "fault"):
        tab.page.goto(f"{demo.issuer}/launch")
    if page == "fault":
        tab.page.get_by_label("The app's launch URL").fill(f"https://{'long' * 30}.example.org/")
        tab.press("Start the app")
    if page == "refused":
        tab.page.goto(f"{demo.issuer}/authorize?client_id=nobody")
    if page in ("fault", "refused"):
        tab.alert()
        tab.expect("status of 400")


@pytest.mark.parametrize("page", PAGES)
def test_everybody_can_use_it(demo: Demo, app: str, seen: Tab, page: str) -> None:
    shown(page, seen, demo, app)
    seen.page.evaluate((NODE_PACKAGES / "node_modules" / "axe-core" / "axe.min.js").read_text())
    assert seen.page.evaluate(_JUDGED) == []
    assert seen.page.evaluate(_WIDER) == 0
    assert too_small(seen) == []


def too_small(tab: Tab) -> list[tuple[str, Any]]:
    """What is smaller than a finger."""
    targets = tab.page.locator("button, select, input:not([type=hidden]), a.link").all()
    boxes = [(target.inner_text(), target.bounding_box()) for target in targets]
    return [(text, box) for text, box in boxes if not box or min(box["width"], box["height"]) < SMALLEST]


def focused(tab: Tab) -> Any:
    """The first line of what has the focus, or its label, after one more press of the key."""
    tab.page.keyboard.press("Tab")
    return tab.page.evaluate(
        "(({ labels, innerText }) => ((labels && labels[0]) || { innerText }).innerText.split('\\n')[0])"
        "(document.activeElement)"
    )


def test_somebody_signs_in_by_keyboard(demo: Demo, app: str, tab: Tab) -> None:
    shown("sign-in", tab, demo, app)
    people = [text.split("\n")[0] for text in tab.page.locator(".people button").all_inner_texts()]
    assert [focused(tab) for _ in range(len(people) + 1)] == [*people, "Cancel"]
    tab.page.keyboard.press("Shift+Tab")
    tab.page.keyboard.press("Enter")
    tab.page.get_by_text(f"You are {people[-1]}").wait_for()
    assert [focused(tab) for _ in range(3)] == ["Allow", "Deny", "Sign in as somebody else"]
    tab.page.keyboard.press("Shift+Tab")
    tab.page.keyboard.press("Shift+Tab")
    tab.page.keyboard.press("Enter")
    assert tab.told()["bills"]


def test_an_app_is_started_by_keyboard(demo: Demo, app: str, tab: Tab) -> None:
    shown("fault", tab, demo, app)
    field = tab.page.get_by_label("The app's launch URL")
    expect(field).to_be_focused()
    assert field.evaluate("field => document.getElementById(field.getAttribute('aria-describedby')).innerText")
    tab.page.keyboard.press("Control+a")
    tab.page.keyboard.type(f"{app}/launch.html")
    assert [focused(tab) for _ in range(2)] == ["The patient", "Start the app"]
    tab.page.keyboard.press("Enter")
    tab.page.get_by_text("You are Anna Vogel").wait_for()
