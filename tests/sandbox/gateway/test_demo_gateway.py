"""The demo gateway: a page that says what is paid, and every way in which a gateway can misbehave."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from decimal import Decimal
from html.parser import HTMLParser

import pytest
import requests
from flask import Flask, Response, request

from fhir_facade.gateways.calling import Caller
from fhir_facade.gateways.errors import BadNotification, GatewayError, GatewayRefused
from fhir_facade.gateways.port import GatewayContext, Outcome, Result
from fhir_facade.gateways.redirect import Redirect
from fhir_facade.sandbox.athenahealth.server import LoopbackServer
from fhir_facade.sandbox.gateway import DemoGateway
from fhir_facade.sandbox.gateway.actions import ACTIONS
from fhir_facade.state.memory import MemoryStore
from tests.gateways.hosted import Clock, choose, new_session, opened
from tests.people import NOW


class Ear:
    """Where notifications arrive; ``status`` is what it answers."""

    def __init__(self) -> None:
        self.gateway: Redirect | None = None
        self.heard: list[Result] = []
        self.status = 204
        app = Flask(__name__)
        app.add_url_rule("/notify", "notify", self.notify, methods=["POST"])
        self.server = LoopbackServer(app)

    def notify(self) -> Response:
        assert self.gateway is not None
        headers = {name.lower(): value for name, value in request.headers}
        try:
            self.heard.extend(self.gateway.notified(headers, request.get_data()))
        except BadNotification as refusal:
            return Response(status=refusal.status)
        return Response(status=self.status)

    @property
    def url(self) -> str:
        return f"{self.server.url}/notify"

    @property
    def outcomes(self) -> list[Outcome]:
        return [result.outcome for result in self.heard]


@pytest.fixture
def clock() -> Clock:
    return Clock(NOW)


@pytest.fixture
def demo(clock: Clock) -> Iterator[DemoGateway]:
    with DemoGateway(now=clock) as demo:
        yield demo


@pytest.fixture
def gateway(demo: DemoGateway, clock: Clock) -> Iterator[Redirect]:
    gateway = opened(demo, clock)
    yield gateway
    gateway.close()


@pytest.fixture
def ear(gateway: Redirect) -> Iterator[Ear]:
    ear = Ear()
    ear.gateway = gateway
    ear.server.open()
    yield ear
    ear.server.close()


class Page(HTMLParser):
    """What somebody who does not see the page would be told of it."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.tags if name == tag]


def test_the_page_says_amount_and_description_and_needs_no_script(gateway: Redirect, clock: Clock) -> None:
    session = new_session(clock(), description="Bill <9301> & more", amount=Decimal("85.50"))
    response = requests.get(gateway.start(session).url, timeout=10)
    page = Page(response.text)
    assert response.status_code == 200
    assert "Pay 85.50 USD" in page.words
    assert "Bill <9301> & more" in page.words
    assert page.named("script") == []
    assert page.named("html") == [{"lang": "en"}]
    assert {"name": "viewport", "content": "width=device-width, initial-scale=1"} in page.named("meta")
    assert [button["value"] for button in page.named("button")] == list(ACTIONS)
    assert "default-src 'none'" in response.headers["Content-Security-Policy"]
    assert "form-action 'self' http://127.0.0.1:8080" in response.headers["Content-Security-Policy"]
    (style,) = page.named("link")
    assert requests.get(f"{response.url.partition('/checkout')[0]}{style['href']}", timeout=10).status_code == 200


@pytest.mark.parametrize(
    ("action", "heard", "after"),
    [
        ("pay", [Outcome.CAPTURED], Outcome.CAPTURED),
        ("decline", [Outcome.DECLINED], Outcome.DECLINED),
        ("abandon", [], Outcome.OPEN),
        ("pay-late", [], Outcome.CAPTURED),
        ("pay-twice", [Outcome.CAPTURED, Outcome.CAPTURED], Outcome.CAPTURED),
        ("pay-out-of-order", [Outcome.CAPTURED, Outcome.DECLINED], Outcome.CAPTURED),
        ("pay-silently", [], Outcome.CAPTURED),
    ],
)
def test_each_button_does_what_it_says(
    gateway: Redirect, ear: Ear, clock: Clock, action: str, heard: list[Outcome], after: Outcome
) -> None:
    session = new_session(clock(), ear.url)
    started = gateway.start(session)
    response = choose(started.url, action)
    assert (response.status_code, response.headers["Location"]) == (303, session.return_url)
    assert ear.outcomes == heard
    assert gateway.ask(started.reference).outcome is after


def test_the_same_event_comes_twice_under_one_id(gateway: Redirect, ear: Ear, clock: Clock) -> None:
    choose(gateway.start(new_session(clock(), ear.url)).url, "pay-twice")
    assert len({result.event for result in ear.heard}) == 1


def test_a_late_notification_comes_when_it_is_told_to(
    demo: DemoGateway, gateway: Redirect, ear: Ear, clock: Clock
) -> None:
    choose(gateway.start(new_session(clock(), ear.url)).url, "pay-late")
    clock.forward(hours=3)
    assert demo.deliver() == 1
    assert ear.outcomes == [Outcome.CAPTURED]
    assert demo.deliver() == 0


def test_a_notification_that_does_not_arrive_is_sent_again(
    demo: DemoGateway, gateway: Redirect, ear: Ear, clock: Clock
) -> None:
    ear.status = 503
    choose(gateway.start(new_session(clock(), ear.url)).url, "pay")
    ear.status = 204
    assert demo.deliver() == 1
    assert ear.outcomes == [Outcome.CAPTURED, Outcome.CAPTURED]
    assert [status for _, status in demo.notices.sent] == [503, 204]


def test_a_session_takes_one_payment_whatever_urls_there_are(
    demo: DemoGateway, gateway: Redirect, ear: Ear, clock: Clock
) -> None:
    session = new_session(clock(), ear.url)
    first, second = gateway.start(session).url, gateway.start(session).url
    assert first != second
    for url in (first, first, second):
        choose(url, "pay")
        choose(url, "decline")
    assert ear.outcomes == [Outcome.CAPTURED]
    assert demo.captured() == {session.payment: ("85.50", "USD")}
    assert "paid already" in requests.get(second, timeout=10).text


def test_nothing_is_paid_after_the_link_has_expired(gateway: Redirect, ear: Ear, clock: Clock) -> None:
    started = gateway.start(new_session(clock(), ear.url, expires=clock() + dt.timedelta(minutes=5)))
    clock.forward(minutes=5)
    choose(started.url, "pay")
    assert ear.heard == []
    assert gateway.ask(started.reference).outcome is Outcome.EXPIRED
    assert "has expired" in requests.get(started.url, timeout=10).text


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("85.50", "1.50"),
        ("USD", "AUD"),
        ("automatic", "manual"),
        ("checkout?", "checkout?x=1&"),
        ("version=1", "version=2"),
    ],
)
def test_a_link_that_was_changed_does_not_work(
    gateway: Redirect, demo: DemoGateway, clock: Clock, old: str, new: str
) -> None:
    url = gateway.start(new_session(clock())).url
    assert url.count(old) == 1
    changed = url.replace(old, new)
    assert requests.get(changed, timeout=10).status_code == 403
    assert choose(changed, "pay").status_code == 403
    assert demo.sessions.all() == []


def test_a_button_that_there_is_not_does_nothing(gateway: Redirect, clock: Clock) -> None:
    started = gateway.start(new_session(clock()))
    assert choose(started.url, "steal").status_code == 400
    assert gateway.ask(started.reference).outcome is Outcome.OPEN


def test_the_ledger_lists_every_capture_to_the_cent(demo: DemoGateway, gateway: Redirect, clock: Clock) -> None:
    sessions = [new_session(clock(), amount=Decimal(text)) for text in ("0.10", "85.50", "1234.07")]
    for session in sessions:
        choose(gateway.start(session).url, "pay-silently")
    gateway.void(sessions[1].payment)
    rows = requests.get(f"{demo.url}/admin/captures", timeout=10).json()["captures"]
    assert [(row["session"], row["amount"], row["back"], row["currency"]) for row in rows] == [
        (sessions[0].payment, "0.10", "0", "USD"),
        (sessions[1].payment, "85.50", "85.50", "USD"),
        (sessions[2].payment, "1234.07", "0", "USD"),
    ]


@pytest.mark.parametrize("outcome", ["disputed", "returned", "refunded"])
def test_what_a_bank_does_later_happens_and_is_notified(
    demo: DemoGateway, gateway: Redirect, ear: Ear, clock: Clock, outcome: str
) -> None:
    session = new_session(clock(), ear.url)
    choose(gateway.start(session).url, "pay")
    address = f"{demo.url}/admin/sessions/{session.payment}"
    assert requests.post(address, json={"outcome": outcome}, timeout=10).status_code == 200
    assert gateway.ask(session.payment).outcome is Outcome(outcome)
    assert requests.post(address, json={"outcome": "captured"}, timeout=10).status_code == 200
    assert ear.outcomes == [Outcome.CAPTURED, Outcome(outcome), Outcome.CAPTURED]


def test_the_admins_endpoints_are_not_for_pages_of_others(demo: DemoGateway) -> None:
    forged = {"Host": "evil.example.org"}
    assert requests.get(f"{demo.url}/admin/captures", headers=forged, timeout=10).status_code == 421
    assert requests.post(f"{demo.url}/admin/deliver", data={"x": "1"}, timeout=10).status_code == 415
    assert requests.post(f"{demo.url}/admin/faults", json={"kind": "fire"}, timeout=10).status_code == 400
    assert requests.post(f"{demo.url}/admin/sessions/none", json={"outcome": "disputed"}, timeout=10).status_code == 409


def test_faults_are_switched_by_the_admin(demo: DemoGateway, gateway: Redirect) -> None:
    faults = f"{demo.url}/admin/faults"
    fault = {"kind": "error", "endpoint": "status", "times": 2}
    assert requests.post(faults, json=fault, timeout=10).status_code == 201
    with pytest.raises(GatewayError, match="answered 500"):
        gateway.ping()
    requests.delete(faults, timeout=10)
    gateway.ping()


def test_what_the_facade_sends_is_taken_near_its_time(demo: DemoGateway, clock: Clock) -> None:
    behind = opened(demo, lambda: clock() - dt.timedelta(minutes=6))
    with pytest.raises(GatewayRefused):
        behind.ping()
    behind.close()


def test_what_the_facade_sends_is_taken_once(demo: DemoGateway, clock: Clock) -> None:
    context = GatewayContext("main", MemoryStore(), clock)
    repeating = Redirect(demo.settings, context, Caller(demo.url, context, 5.0), lambda: "always the same nonce")
    repeating.ping()
    with pytest.raises(GatewayRefused):
        repeating.ping()
    repeating.close()
