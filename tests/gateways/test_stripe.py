"""The Stripe gateway: what Stripe is told, what its events and objects mean, and amounts of every kind of currency."""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Mapping
from contextlib import closing
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fhir_facade.events import Event
from fhir_facade.gateways.errors import (
    AmountNotTaken,
    BadNotification,
    GatewayError,
    GatewayRefused,
    GatewaySurprised,
    GatewayTimedOut,
    UnsignedNotification,
)
from fhir_facade.gateways.port import GatewayContext, Outcome, Result, Started
from fhir_facade.gateways.stripe import Stripe
from fhir_facade.gateways.stripe.amounts import major, minor
from fhir_facade.gateways.stripe.transport import endpoint
from fhir_facade.settings.judge import judged
from fhir_facade.state.memory import MemoryStore
from tests.gateways.hosted import Clock, new_session
from tests.gateways.stripe_stub import KEY, WEBHOOK_SECRET, StripeStub, signature
from tests.gateways.test_stripe_contract import stripe_gateway

SETTINGS: Mapping[str, Any] = {"secret_key": KEY, "webhook_secret": WEBHOOK_SECRET}


def paid(stripe: Stripe, stub: StripeStub, clock: Clock, **more: Any) -> Started:
    started = stripe.start(new_session(clock(), **more))
    stub.pay(started.reference)
    return started


def heard(stripe: Stripe, stub: StripeStub, type_: str, about: Mapping[str, Any]) -> list[Result]:
    body = stub.event(type_, dict(about))
    return list(stripe.notified({"stripe-signature": signature(body, int(stub.now().timestamp()))}, body))


# Beginning


def test_stripe_is_told_the_amount_and_the_sealed_payment_and_nothing_of_the_patient(
    stripe: Stripe, stub: StripeStub, clock: Clock
) -> None:
    session = new_session(clock(), hold=True)
    started = stripe.start(session)
    ((method, path, form),) = stub.calls
    assert (method, path) == ("POST", "/v1/checkout/sessions")
    assert form == {
        "mode": "payment",
        "client_reference_id": session.payment,
        "metadata[payment]": session.payment,
        "line_items[0][quantity]": "1",
        "line_items[0][price_data][currency]": "usd",
        "line_items[0][price_data][unit_amount]": "8550",
        "line_items[0][price_data][product_data][name]": session.description,
        "payment_method_types[0]": "card",
        "payment_intent_data[metadata][payment]": session.payment,
        "payment_intent_data[capture_method]": "manual",
        "adaptive_pricing[enabled]": "false",
        "expires_at": str(int(session.expires.timestamp())),
        "success_url": session.return_url,
        "cancel_url": session.return_url,
    }
    assert stub.headers[0]["Idempotency-Key"] == f"fhir-facade/start/{session.payment}"
    assert started.url.startswith("https://checkout.stripe.com/")


@pytest.mark.parametrize(("minutes", "lasts"), [(1, 31), (29, 31), (40, 40), (60 * 30, 60 * 24 - 1)])
def test_the_expiry_is_one_that_stripe_takes(
    stripe: Stripe, stub: StripeStub, clock: Clock, minutes: int, lasts: int
) -> None:
    stripe.start(new_session(clock(), expires=clock() + dt.timedelta(minutes=minutes)))
    assert int(stub.calls[0][2]["expires_at"]) == int((clock() + dt.timedelta(minutes=lasts)).timestamp())


def test_begun_again_later_it_is_asked_for_in_the_same_words(stripe: Stripe, stub: StripeStub, clock: Clock) -> None:
    session = new_session(clock(), expires=clock() + dt.timedelta(minutes=5))
    first = stripe.start(session)
    clock.forward(minutes=3)
    assert stripe.start(session) == first
    assert len([each for each in stub.objects.values() if each["object"] == "checkout.session"]) == 1


def test_the_same_payment_with_another_amount_is_refused(stripe: Stripe, clock: Clock) -> None:
    stripe.start(new_session(clock(), payment="p"))
    with pytest.raises(GatewayError):
        stripe.start(new_session(clock(), payment="p", amount=Decimal("1.00")))


def test_an_amount_that_stripe_does_not_take_is_said_so(stripe: Stripe, clock: Clock) -> None:
    with pytest.raises(AmountNotTaken) as refusal:
        stripe.start(new_session(clock(), amount=Decimal("0.49")))
    assert refusal.value.status == 422


# Results


@pytest.mark.parametrize(
    ("settles", "outcome"),
    [
        ("processing", Outcome.OPEN),
        ("requires_action", Outcome.OPEN),
        ("requires_payment_method", Outcome.DECLINED),
        ("canceled", Outcome.RELEASED),
        ("something_new", Outcome.OPEN),
    ],
)
def test_what_is_not_settled_is_no_money(
    stripe: Stripe, stub: StripeStub, clock: Clock, settles: str, outcome: Outcome
) -> None:
    started = stripe.start(new_session(clock()))
    stub.pay(started.reference, settles=settles)
    result = stripe.ask(started.reference)
    assert (result.outcome, result.amount) == (outcome, None)


def test_a_session_that_nobody_paid_in_time_is_expired(stripe: Stripe, stub: StripeStub, clock: Clock) -> None:
    started = stripe.start(new_session(clock()))
    stub.expire(started.reference)
    assert stripe.ask(started.reference).outcome is Outcome.EXPIRED


def test_how_it_was_paid_is_told_and_no_more_of_the_card(stripe: Stripe, stub: StripeStub, clock: Clock) -> None:
    started = stripe.start(new_session(clock()))
    stub.pay(started.reference, brand="mastercard", last4="4444")
    result = stripe.ask(started.reference)
    assert (result.tender, result.brand, result.last4) == ("card", "mastercard", "4444")


def test_a_bank_debit_is_ach(stripe: Stripe, stub: StripeStub, clock: Clock) -> None:
    started = paid(stripe, stub, clock)
    stub.charge_of(started.reference)["payment_method_details"] = {
        "type": "us_bank_account",
        "us_bank_account": {"last4": "6789", "bank_name": "STRIPE TEST BANK"},
    }
    result = stripe.ask(started.reference)
    assert (result.tender, result.brand, result.last4) == ("ach", "", "6789")


def test_the_time_is_that_of_capture_not_of_the_hold(stripe: Stripe, stub: StripeStub, clock: Clock) -> None:
    started = paid(stripe, stub, clock, hold=True)
    held = clock()
    clock.forward(days=3)
    assert stripe.ask(started.reference).at == held
    assert stripe.capture(started.reference, Decimal("60.00")).at == clock()


def test_more_than_is_held_is_not_even_asked_for(stripe: Stripe, stub: StripeStub, clock: Clock) -> None:
    started = paid(stripe, stub, clock, hold=True)
    with pytest.raises(AmountNotTaken):
        stripe.capture(started.reference, Decimal("85.51"))
    assert [path for _, path, _ in stub.calls if path.endswith("/capture")] == []


def test_a_refund_in_the_dashboard_says_what_went_back(stripe: Stripe, stub: StripeStub, clock: Clock) -> None:
    started = paid(stripe, stub, clock)
    clock.forward(days=2)
    stub.refund(started.reference, 1000)
    result = stripe.ask(started.reference)
    assert (result.outcome, result.amount, result.at) == (Outcome.REFUNDED, Decimal("10.00"), clock())


@pytest.mark.parametrize(
    ("status", "reason", "outcome"),
    [
        ("needs_response", "fraudulent", Outcome.DISPUTED),
        ("warning_needs_response", "general", Outcome.DISPUTED),
        ("under_review", "duplicate", Outcome.DISPUTED),
        ("won", "fraudulent", Outcome.CAPTURED),
        ("warning_closed", "general", Outcome.CAPTURED),
        ("lost", "fraudulent", Outcome.REFUNDED),
        ("lost", "insufficient_funds", Outcome.RETURNED),
        ("needs_response", "debit_not_authorized", Outcome.RETURNED),
    ],
)
def test_a_dispute_is_what_has_become_of_it(
    stripe: Stripe, stub: StripeStub, clock: Clock, status: str, reason: str, outcome: Outcome
) -> None:
    started = paid(stripe, stub, clock)
    dispute = stub.dispute(started.reference, status, reason)
    (result,) = heard(stripe, stub, "charge.dispute.created", dispute)
    assert (result.outcome, result.amount, result.reference) == (outcome, Decimal("85.50"), started.reference)


# Notifications


@pytest.mark.parametrize(
    "type_", ["checkout.session.completed", "checkout.session.async_payment_succeeded", "checkout.session.expired"]
)
def test_an_event_of_a_session_says_how_it_stands_now(
    stripe: Stripe, stub: StripeStub, clock: Clock, type_: str
) -> None:
    started = stripe.start(new_session(clock()))
    before = dict(stub.objects[started.reference])
    stub.pay(started.reference)
    (result,) = heard(stripe, stub, type_, before)
    assert (result.outcome, result.amount) == (Outcome.CAPTURED, Decimal("85.50"))
    assert result.event.startswith("evt_")


def test_an_event_of_an_intent_or_a_charge_finds_its_session(stripe: Stripe, stub: StripeStub, clock: Clock) -> None:
    started = paid(stripe, stub, clock, hold=True)
    intent = stub.objects[stub.objects[started.reference]["payment_intent"]]
    for type_, about in (
        ("payment_intent.amount_capturable_updated", intent),
        ("charge.refunded", stub.charge_of(started.reference)),
    ):
        (result,) = heard(stripe, stub, type_, about)
        assert (result.reference, result.outcome) == (started.reference, Outcome.AUTHORIZED)


@pytest.mark.parametrize(
    "change", [{"client_reference_id": None}, {"metadata": {}}, {"metadata": {"payment": "other"}}]
)
def test_a_session_of_somebody_elses_is_left_alone(
    stripe: Stripe, stub: StripeStub, clock: Clock, change: Mapping[str, Any]
) -> None:
    started = paid(stripe, stub, clock)
    stub.objects[started.reference] |= change
    assert heard(stripe, stub, "checkout.session.completed", stub.objects[started.reference]) == []
    assert list(stripe.captured_since(clock() - dt.timedelta(days=1))) == []


@pytest.mark.parametrize(
    ("type_", "about"),
    [
        ("customer.created", {"id": "cus_1", "object": "customer"}),
        ("charge.succeeded", {"id": "ch_1", "object": "charge", "payment_intent": None}),
        ("payment_intent.created", {"id": "pi_unknown", "object": "payment_intent"}),
    ],
)
def test_events_about_nothing_of_ours_say_nothing(
    stripe: Stripe, stub: StripeStub, type_: str, about: Mapping[str, Any]
) -> None:
    assert heard(stripe, stub, type_, about) == []


@pytest.mark.parametrize("body", [b"{}", b"[]", b"null", b"{", b'{"id": 1, "type": "x", "data": {"object": {}}}'])
def test_what_is_signed_and_no_event_is_refused(stripe: Stripe, clock: Clock, body: bytes) -> None:
    with pytest.raises(BadNotification, match="unreadable"):
        stripe.notified({"stripe-signature": signature(body, int(clock().timestamp()))}, body)


@pytest.mark.parametrize(
    "header", ["t=1", "t=x,v1=0", "v1=0", "t=1,v1=é", "t=1,v1=" + "0" * 64, ",,,", "t", "=", "t=1=2,v1=0"]
)
def test_a_header_of_another_form_is_refused(stripe: Stripe, header: str) -> None:
    with pytest.raises(UnsignedNotification, match="bad-signature"):
        stripe.notified({"stripe-signature": header}, b"{}")


def test_a_body_that_is_no_text_is_refused(stripe: Stripe, clock: Clock) -> None:
    with pytest.raises(UnsignedNotification):
        stripe.notified({"stripe-signature": signature(b"\xff", int(clock().timestamp()))}, b"\xff")


def test_a_replay_is_noticed_however_the_header_is_written(stripe: Stripe, stub: StripeStub, clock: Clock) -> None:
    body = stub.event("customer.created", {"id": "cus_1", "object": "customer"})
    header = signature(body, int(clock().timestamp()))
    assert stripe.notified({"stripe-signature": header}, body) == ()
    for again in (header, f"{header},v0={'0' * 64}", f"x=1,{header}", f"{header},v1={'0' * 64}"):
        with pytest.raises(UnsignedNotification, match="replayed"):
            stripe.notified({"stripe-signature": again}, body)


def test_both_webhook_secrets_are_believed_while_they_are_exchanged(api: str, stub: StripeStub, clock: Clock) -> None:
    new = "whsec_new_new_new_new_new"
    with closing(stripe_gateway(api, clock, webhook_secret=[new, WEBHOOK_SECRET])) as gateway:
        for secret in (new, WEBHOOK_SECRET):
            body = stub.event("customer.created", {"id": "cus_1", "object": "customer"})
            assert gateway.notified({"stripe-signature": signature(body, int(clock().timestamp()), secret)}, body) == ()


# Failures


def test_a_call_that_got_no_answer_is_tried_again_under_its_key(stripe: Stripe, stub: StripeStub, clock: Clock) -> None:
    stub.faults = ["after"]
    started = stripe.start(new_session(clock()))
    assert [path for _, path, _ in stub.calls] == ["/v1/checkout/sessions"] * 2
    assert len({headers["Idempotency-Key"] for headers in stub.headers}) == 1
    assert [each["id"] for each in stub.objects.values()] == [started.reference]


def test_an_order_whose_answers_were_lost_is_done_once(stripe: Stripe, stub: StripeStub, clock: Clock) -> None:
    started = paid(stripe, stub, clock, hold=True)
    stub.faults = [0, "after", "after"]
    with pytest.raises(GatewayError):
        stripe.capture(started.reference, Decimal("60.25"))
    assert stripe.capture(started.reference, Decimal("60.25")).amount == Decimal("60.25")
    entries = [each for each in stub.objects.values() if each["object"] == "balance_transaction"]
    assert [entry["amount"] for entry in entries] == [6025]


def test_a_failure_says_nothing_of_what_stripe_said(api: str, stub: StripeStub, clock: Clock) -> None:
    told: list[tuple[Event, Mapping[str, Any]]] = []
    context = GatewayContext("main", MemoryStore(), clock, lambda code, **facts: told.append((code, facts)))
    settings = {**SETTINGS, "api_base": api, "secret_key": "sk_test_of_somebody_else"}
    with closing(Stripe.open(settings, context)) as gateway, pytest.raises(GatewayRefused) as refusal:
        gateway.ask("cs_test_a1b2")
    assert refusal.value.diagnostics == GatewayRefused.template
    assert str(refusal.value) == "answered 401"
    assert told[-1] == (
        Event.GATEWAY_FAILED, {"gateway": "main", "endpoint": "session", "fault": "GatewayRefused"}
    )  # fmt: skip
    assert told[0][1]["endpoint"] == "checkout/sessions/{id}"
    assert not any(word in repr(told) for word in ("Anna", "85.50", "cs_test_a1b2", "somebody"))


def test_an_answer_of_another_shape_is_a_surprise(stripe: Stripe, stub: StripeStub, clock: Clock) -> None:
    started = paid(stripe, stub, clock)
    stub.charge_of(started.reference)["created"] = "yesterday"
    with pytest.raises(GatewaySurprised) as surprise:
        stripe.ask(started.reference)
    assert "yesterday" not in str(surprise.value)


def test_a_stripe_that_is_not_there_is_timed_out(clock: Clock) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        base = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with closing(stripe_gateway(base, clock, timeout_seconds=0.2)) as gateway, pytest.raises(GatewayTimedOut):
            gateway.ping()


def test_nothing_is_called_when_it_is_opened(api: str, stub: StripeStub, clock: Clock) -> None:
    stripe_gateway(api, clock).close()
    assert stub.calls == []


def test_an_account_that_is_full_is_listed_page_by_page(stripe: Stripe, stub: StripeStub, clock: Clock) -> None:
    began = clock()
    started = [paid(stripe, stub, clock, amount=Decimal("1.07")) for _ in range(103)]
    stub.refund(started[0].reference, 107)
    found = {result.reference: result for result in stripe.captured_since(began)}
    assert found.keys() == {each.reference for each in started}
    assert found[started[0].reference].outcome is Outcome.REFUNDED
    assert {result.amount for result in found.values()} == {Decimal("1.07")}


# Amounts


@pytest.mark.parametrize(
    ("amount", "currency", "units"),
    [
        ("85.50", "USD", 8550),
        ("0.01", "USD", 1),
        ("85.5", "USD", 8550),
        ("85.500", "USD", 8550),
        ("500", "JPY", 500),
        ("500.00", "JPY", 500),
        ("5.120", "KWD", 5120),
        ("5.12", "BHD", 5120),
        ("5", "ISK", 500),
        ("5.00", "ISK", 500),
        ("10.45", "HUF", 1045),
        ("999999.99", "USD", 99999999),
    ],
)
def test_amounts_are_written_in_the_smallest_unit(amount: str, currency: str, units: int) -> None:
    assert minor(Decimal(amount), currency) == units
    assert major(units, currency) == Decimal(amount)


@pytest.mark.parametrize(
    ("amount", "currency"),
    [
        ("0.001", "USD"),
        ("85.505", "USD"),
        ("0.5", "JPY"),
        ("5.124", "KWD"),
        ("5.10", "ISK"),
        ("5.00", "UGX"),
        ("0", "USD"),
        ("-1", "USD"),
        ("NaN", "USD"),
        ("Infinity", "USD"),
        ("1E+12", "USD"),
    ],
)
def test_amounts_that_do_not_fit_are_refused(amount: str, currency: str) -> None:
    with pytest.raises(AmountNotTaken):
        minor(Decimal(amount), currency)


@given(some.integers(1, 10**11), some.sampled_from(["USD", "EUR", "JPY", "XAF"]))
def test_units_there_and_back_are_the_same(units: int, currency: str) -> None:
    assert minor(major(units, currency), currency) == units


# Settings


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"secret_key": "pk_test_abc"}, "secret_key"),
        ({"webhook_secret": "short"}, "webhook_secret"),
        ({"api_base": "http://stripe.example.org"}, "api_base"),
        ({"payment_methods": []}, "payment_methods"),
        ({"secretkey": "x"}, "secretkey"),
    ],
    ids=str,
)
def test_settings_that_are_not_right_are_refused(change: Mapping[str, Any], key: str) -> None:
    assert list(judged(SETTINGS, Stripe.settings_schema)) == []
    (finding,) = judged({**SETTINGS, **change}, Stripe.settings_schema)
    assert key in finding.path


@pytest.mark.parametrize(
    ("url", "word"),
    [
        ("https://api.stripe.com/v1/checkout/sessions", "checkout/sessions"),
        ("https://api.stripe.com/v1/checkout/sessions/cs_test_a1?expand[]=x", "checkout/sessions/{id}"),
        ("https://api.stripe.com/v1/payment_intents/pi_3/capture", "payment_intents/{id}/capture"),
    ],
)
def test_the_log_names_endpoints_and_no_ids(url: str, word: str) -> None:
    assert endpoint(url) == word
