"""The redirect gateway: what it sends, what it believes, and what it makes of answers."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import pytest

from fhir_facade.events import Event
from fhir_facade.gateways import signing
from fhir_facade.gateways.errors import (
    AmountNotTaken,
    BadNotification,
    GatewayBusy,
    GatewayError,
    GatewayRefused,
    GatewaySurprised,
    GatewayTimedOut,
    GatewayUnreachable,
    UnsignedNotification,
)
from fhir_facade.gateways.port import Capability, GatewayContext, Outcome
from fhir_facade.gateways.redirect import NOTIFICATION, Redirect
from fhir_facade.sandbox.gateway import DemoGateway
from fhir_facade.settings.judge import judged
from fhir_facade.state.memory import MemoryStore
from tests.gateways.hosted import Clock, choose, new_session, opened, signed

NEW, OLD = "n" * 32, "o" * 32
STANDING: Mapping[str, Any] = {
    "session": "pay-1",
    "outcome": "captured",
    "amount": "85.50",
    "currency": "USD",
    "at": "2026-06-01T12:00:00Z",
}


def heard(secrets: str | list[str], clock: Clock, *, store: MemoryStore | None = None) -> Redirect:
    settings = {"url": "https://pay.example.org", "secret": secrets}
    return Redirect.open(settings, GatewayContext("main", store or MemoryStore(), clock))


def notification(clock: Clock, secret: str = NEW, **change: Any) -> tuple[Mapping[str, str], bytes]:
    body = msgspec.json.encode({name: value for name, value in {**STANDING, **change}.items() if value is not None})
    return signed(secret, int(clock().timestamp()), body), body


def test_the_url_says_what_is_paid_and_nothing_of_the_patient(redirect: Redirect, clock: Clock) -> None:
    session = new_session(clock(), amount=Decimal("1234.50"), hold=True)
    read = dict(parse_qsl(urlsplit(redirect.start(session).url).query))
    assert re.fullmatch("[0-9a-f]{32}", read.pop("nonce"))
    assert re.fullmatch("[0-9a-f]{64}", read.pop("signature"))
    assert read == {
        "version": "1",
        "session": session.payment,
        "amount": "1234.50",
        "currency": "USD",
        "description": session.description,
        "capture": "manual",
        "expires": session.expires.isoformat().replace("+00:00", "Z"),
        "return_url": session.return_url,
        "notify_url": session.notify_url,
    }


@pytest.mark.parametrize(
    ("amount", "text"), [("0.01", "0.01"), ("85.5", "85.5"), ("1E+3", "1000"), ("85.500", "85.500")]
)
def test_amounts_keep_their_digits(redirect: Redirect, clock: Clock, amount: str, text: str) -> None:
    url = redirect.start(new_session(clock(), amount=Decimal(amount))).url
    assert dict(parse_qsl(urlsplit(url).query))["amount"] == text


# Notifications


def test_both_secrets_are_believed_while_they_are_exchanged(clock: Clock) -> None:
    gateway = heard([NEW, OLD], clock)
    for secret in (NEW, OLD):
        (result,) = gateway.notified(*notification(clock, secret))
        assert result.amount == Decimal("85.50")
    with pytest.raises(UnsignedNotification):
        gateway.notified(*notification(clock, "x" * 32))
    with pytest.raises(UnsignedNotification):
        heard(NEW, clock).notified(*notification(clock, OLD))


def test_what_we_sign_ourselves_is_no_notification(clock: Clock) -> None:
    body = msgspec.json.encode(STANDING)
    for purpose in ("capture", "release", "refund"):
        with pytest.raises(UnsignedNotification):
            heard(NEW, clock).notified(signed(NEW, int(clock().timestamp()), body, purpose=purpose), body)


def test_a_replay_is_refused_by_every_machine_of_the_site(clock: Clock) -> None:
    store = MemoryStore()
    first, second = heard(NEW, clock, store=store), heard(NEW, clock, store=store)
    sent = notification(clock)
    assert first.notified(*sent)
    with pytest.raises(UnsignedNotification, match="replayed"):
        second.notified(*sent)


def test_a_replay_is_refused_for_as_long_as_its_time_is_near() -> None:
    clock = Clock(dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC))
    gateway = heard(NEW, clock, store=MemoryStore(lambda: clock().timestamp()))
    body = msgspec.json.encode(STANDING)
    ahead = signed(NEW, int(clock().timestamp()) + 299, body)
    assert gateway.notified(ahead, body)
    clock.forward(seconds=598)
    with pytest.raises(UnsignedNotification, match="replayed"):
        gateway.notified(ahead, body)
    clock.forward(seconds=2)
    with pytest.raises(UnsignedNotification, match="too-old"):
        gateway.notified(ahead, body)


def test_a_forgery_does_not_use_up_a_nonce(clock: Clock) -> None:
    gateway = heard(NEW, clock)
    headers, body = notification(clock)
    with pytest.raises(UnsignedNotification, match="bad-signature"):
        gateway.notified(headers, body + b" ")
    assert gateway.notified(headers, body)


@pytest.mark.parametrize(
    "change",
    [
        {"amount": 85.5},
        {"amount": "85,50"},
        {"amount": "-1.00"},
        {"amount": "8.5e1"},
        {"amount": "85.50\n"},
        {"amount": None},
        {"currency": "usd"},
        {"currency": None},
        {"at": None},
        {"at": "2026-06-01T12:00:00"},
        {"session": ""},
        {"session": None},
        {"outcome": "paid"},
        {"last4": "4242424242424242"},
        {"brand": "visa 4242424242424242"},
        {"tender": "<script>"},
    ],
    ids=str,
)
def test_what_is_signed_and_says_nothing_is_refused(clock: Clock, change: Mapping[str, Any]) -> None:
    told: list[tuple[Event, Mapping[str, Any]]] = []
    settings = {"url": "https://pay.example.org", "secret": NEW}
    context = GatewayContext("main", MemoryStore(), clock, lambda code, **facts: told.append((code, facts)))
    with pytest.raises(BadNotification) as refusal:
        Redirect.open(settings, context).notified(*notification(clock, **change))
    assert (refusal.value.status, str(refusal.value)) == (400, "unreadable")
    assert told == [(Event.NOTIFICATION_REFUSED, {"gateway": "main", "reason": "unreadable"})]


def test_members_that_are_not_known_are_ignored(clock: Clock) -> None:
    (result,) = heard(NEW, clock).notified(*notification(clock, card_number="4242424242424242", extra={"a": 1}))
    assert "4242424242424242" not in repr(result)


# Questions and orders


def test_a_session_that_nobody_has_opened_is_open(redirect: Redirect) -> None:
    assert redirect.ask("never-seen").outcome is Outcome.OPEN


@pytest.mark.parametrize(
    ("kind", "failure"),
    [
        ("error", GatewayError),
        ("drop", GatewayUnreachable),
        ("malformed", GatewaySurprised),
        ("throttled", GatewayBusy),
        ("unauthorized", GatewayRefused),
    ],
)
def test_a_fault_is_said_in_the_houses_words(
    demo: DemoGateway, clock: Clock, kind: str, failure: type[GatewayError]
) -> None:
    told: list[tuple[Event, Mapping[str, Any]]] = []
    context = GatewayContext("main", MemoryStore(), clock, lambda code, **facts: told.append((code, facts)))
    gateway = Redirect.open(demo.settings, context)
    started = gateway.start(new_session(clock()))
    choose(started.url, "pay-silently")
    demo.fault(kind, times=1)
    with pytest.raises(failure) as raised:
        gateway.ask(started.reference)
    assert type(raised.value) is failure
    assert raised.value.diagnostics == failure.template
    called, failed = told
    assert called[0] is Event.GATEWAY_CALLED
    assert failed[0] is Event.GATEWAY_FAILED
    assert failed[1]["fault"] == failure.__name__
    assert started.reference not in repr(told)
    assert gateway.ask(started.reference).outcome is Outcome.CAPTURED
    gateway.close()


def test_a_gateway_that_hangs_is_not_waited_for(demo: DemoGateway, clock: Clock) -> None:
    gateway = opened(demo, clock, timeout_seconds=0.2)
    demo.fault("hang")
    with pytest.raises(GatewayTimedOut):
        gateway.ask("any")
    gateway.close()


@pytest.mark.parametrize("kind", ["error-after", "drop-after"])
def test_an_order_whose_answer_was_lost_is_done_once(
    redirect: Redirect, demo: DemoGateway, clock: Clock, kind: str
) -> None:
    session = new_session(clock(), hold=True)
    started = redirect.start(session)
    choose(started.url, "pay-silently")
    demo.fault(kind, "capture", times=1)
    with pytest.raises(GatewayError):
        redirect.capture(started.reference, Decimal("60.25"))
    assert redirect.ask(started.reference).amount == Decimal("60.25")
    assert redirect.capture(started.reference, Decimal("60.25")).amount == Decimal("60.25")
    assert demo.captured() == {session.payment: ("60.25", "USD")}


def test_an_order_that_comes_too_late_says_how_it_stands(redirect: Redirect, demo: DemoGateway, clock: Clock) -> None:
    started = redirect.start(new_session(clock(), hold=True))
    choose(started.url, "pay-silently")
    assert redirect.release(started.reference).outcome is Outcome.RELEASED
    assert redirect.capture(started.reference, Decimal("1.00")).outcome is Outcome.RELEASED
    assert redirect.void(started.reference).outcome is Outcome.RELEASED


def test_more_than_is_held_is_not_taken(redirect: Redirect, clock: Clock) -> None:
    started = redirect.start(new_session(clock(), hold=True))
    choose(started.url, "pay-silently")
    with pytest.raises(AmountNotTaken):
        redirect.capture(started.reference, Decimal("85.51"))


def test_another_session_than_the_one_asked_for_is_a_surprise(
    redirect: Redirect, demo: DemoGateway, clock: Clock
) -> None:
    started = redirect.start(new_session(clock()))
    choose(started.url, "pay-silently")
    demo.sessions.find(started.reference).session = "another"
    with pytest.raises(GatewaySurprised):
        redirect.ask(started.reference)


def test_all_pages_of_what_was_captured_are_read(redirect: Redirect, clock: Clock) -> None:
    began = clock()
    started = [redirect.start(new_session(clock(), amount=Decimal(f"{n}.07"))) for n in range(1, 121)]
    for each in started:
        clock.forward(seconds=1)
        choose(each.url, "pay-silently")
    found = list(redirect.captured_since(began))
    assert [result.reference for result in found] == [each.reference for each in started]
    assert sum(result.amount or 0 for result in found) == sum(Decimal(f"{n}.07") for n in range(1, 121))
    assert len(list(redirect.captured_since(clock()))) == 1


# Settings


def test_what_it_can_do_follows_from_its_urls(clock: Clock) -> None:
    settings = {"url": "https://pay.example.org/", "secret": NEW, "refund_url": "https://pay.example.org/back"}
    gateway = Redirect.open(settings, GatewayContext("main", MemoryStore(), clock))
    assert gateway.capabilities == {Capability.VOID}
    assert gateway.hold_days == 0


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"url": "http://pay.example.org"}, "url"),
        ({"url": "https://pay.example.org/?shop=1"}, "url"),
        ({"url": "https://me@pay.example.org/"}, "url"),
        ({"secret": "short"}, "secret"),
        ({"secret": [NEW, "short"]}, "secret"),
        ({"secret": [NEW, OLD, "x" * 32]}, "secret"),
        ({"statusurl": "https://pay.example.org/status"}, "statusurl"),
        ({"timeout_seconds": 0}, "timeout_seconds"),
    ],
    ids=str,
)
def test_settings_that_are_not_right_are_refused(change: Mapping[str, Any], key: str) -> None:
    settings = {"url": "http://127.0.0.1:8090/checkout", "secret": [NEW, OLD]}
    assert list(judged(settings, Redirect.settings_schema)) == []
    (finding,) = judged({**settings, **change}, Redirect.settings_schema)
    assert key in finding.path


def test_the_header_is_named_as_wsgi_names_it() -> None:
    assert signing.HEADER.lower() == signing.HEADER
    assert NOTIFICATION == "notification"
