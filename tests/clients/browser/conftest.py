"""The demo as it is started, a SMART app on npm's ``fhirclient`` beside it, and Chromium in front of both."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import requests
from playwright.sync_api import Browser, sync_playwright

from bench import child
from tests import services
from tests.clients.browser.serving import serving
from tests.clients.browser.tab import Tab

_COMMAND = [sys.executable, "-c", "from fhir_facade.sandbox.command import demo; demo()"]
SCOPE = "openid fhirUser offline_access patient/*.rs"


@dataclass(frozen=True)
class Demo:
    """``base_url`` is the facade's, ``issuer`` the authorization server's."""

    base_url: str
    issuer: str

    def token(self, number: str) -> str:
        """A token that no app asked for, of whoever has a number: ``riverside|1001``."""
        answer = requests.get(f"{self.issuer}/demo-token", params={"patient": number}, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.text

    def found(self, search: str, token: str) -> list[Any]:
        """All that a search finds."""
        headers = {"Authorization": f"Bearer {token}"}
        answer = requests.get(f"{self.base_url}/{search}", params={"_count": "200"}, headers=headers, timeout=10)
        bundle = answer.json()
        found = [entry["resource"] for entry in bundle.get("entry", ())]
        assert (answer.status_code, bundle["total"]) == (200, len(found))
        return found


@pytest.fixture(scope="package")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    port = child.free_port()
    base_url = f"http://127.0.0.1:{port}/fhir"
    with child.running([*_COMMAND, "--port", str(port)], port, tmp_path_factory.mktemp("demo") / "log"):
        known = requests.get(f"{base_url}/.well-known/smart-configuration", timeout=10).json()
        yield Demo(base_url, known["issuer"])


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    executable = services.chromium()
    with sync_playwright() as driver, driver.chromium.launch(executable_path=executable) as browser:
        yield browser


@pytest.fixture(scope="package")
def app(demo: Demo) -> Iterator[str]:
    services.node()
    with serving("127.0.0.1", iss=demo.base_url, clientId="demo-app", scope=SCOPE) as url:
        yield url


@pytest.fixture
def tab(chromium: Browser) -> Iterator[Tab]:
    """A tab without a past; the browser must have had nothing to complain about in it."""
    with chromium.new_context() as context:
        tab = Tab(context.new_page())
        yield tab
        assert tab.complaints == []
