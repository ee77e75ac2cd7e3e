"""The behaviours of a payment gateway, numbered as in ``docs/gateways.md``, as a pytest class to inherit from.

class TestAcmePay(GatewayContract):
    @pytest.fixture
    def gateway(self): ...      # what else must be given: ``GatewayFixtures``
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from jsonschema import Draft202012Validator

from fhir_facade.addresses import is_safe
from fhir_facade.gateways.errors import AmountNotTaken, GatewayError
from fhir_facade.gateways.port import Capability, Gateway, Outcome
from fhir_facade.testing.gateway_fixtures import Desk, GatewayFixtures, Notification, Sessions
from fhir_facade.testing.gateway_trying import captures_nothing, check_money, essence, is_refused, needs, tampered

CENTS = (Decimal("0.50"), Decimal("85.50"), Decimal("1234.07"))
IMPOSSIBLE = ("0", "-1", "0.0001", "NaN", "Infinity", "1E+30")
GARBAGE = (b"", b"{", b"null", b"[]", b"\xff\xfe", b'"text"', b'{"session": 1}')
NEEDS = {Capability.HOLD: "capture", Capability.VOID: "void", Capability.CAPTURED_SINCE: "captured_since"}


class GatewayContract(GatewayFixtures):
    """Inherit, give the fixtures of ``GatewayFixtures``, and every behaviour is a test of your gateway."""

    # 1. Beginning

    def test_1a_a_session_has_a_page_and_a_reference(self, gateway: Gateway, sessions: Sessions) -> None:
        """A session begins with an https URL (http on loopback) and a reference."""
        started = gateway.start(sessions())
        assert is_safe(started.url)
        assert started.reference

    def test_1b_begun_twice_is_one_session(self, desk: Desk) -> None:
        """The same payment begun twice is one session, and is paid once."""
        session = desk.sessions()
        first, second = desk.gateway.start(session), desk.gateway.start(session)
        assert first.reference == second.reference
        desk.counterpart.pay(session, first)
        assert desk.gateway.ask(second.reference).outcome is Outcome.CAPTURED
        assert desk.gateway.start(session).reference == first.reference

    def test_1c_two_payments_are_two_sessions(self, desk: Desk) -> None:
        """Two payments have two references, and what is paid for one is not paid for the other."""
        session, other = desk.sessions(), desk.sessions()
        first, second = desk.gateway.start(session), desk.gateway.start(other)
        assert first.reference != second.reference
        desk.counterpart.pay(session, first)
        assert desk.gateway.ask(second.reference).outcome is Outcome.OPEN

    @pytest.mark.parametrize("amount", IMPOSSIBLE)
    def test_1d_an_amount_that_cannot_be_is_refused(self, gateway: Gateway, sessions: Sessions, amount: str) -> None:
        """An amount that is not positive, not finite, or too fine is ``AmountNotTaken``: nothing is rounded."""
        with pytest.raises(AmountNotTaken):
            gateway.start(sessions(amount=Decimal(amount)))

    # 2. How a session stands

    def test_2a_nobody_has_paid_yet(self, gateway: Gateway, sessions: Sessions) -> None:
        """A session that nobody has paid is open."""
        session = sessions()
        started = gateway.start(session)
        result = gateway.ask(started.reference)
        assert (result.outcome, result.payment, result.reference) == (Outcome.OPEN, session.payment, started.reference)

    @pytest.mark.parametrize("amount", CENTS)
    def test_2b_what_was_captured_is_exact(self, desk: Desk, amount: Decimal) -> None:
        """A paid session is captured: amount, currency, payment and reference are those of the session."""
        session = desk.sessions(amount=amount)
        started = desk.gateway.start(session)
        desk.counterpart.pay(session, started)
        result = desk.gateway.ask(started.reference)
        assert (result.outcome, result.amount, result.currency) == (Outcome.CAPTURED, amount, session.currency)
        assert (result.payment, result.reference) == (session.payment, started.reference)
        assert type(result.amount) is Decimal
        check_money(result)

    def test_2c_asked_again_it_says_the_same(self, desk: Desk) -> None:
        """Asking changes nothing."""
        started = desk.paid()
        assert desk.gateway.ask(started.reference) == desk.gateway.ask(started.reference)

    # 3. Notifications

    def test_3a_a_notification_says_what_asking_says(self, desk: Desk) -> None:
        """A genuine notification is accepted, and agrees with what is asked."""
        started = desk.paid()
        (heard,) = desk.gateway.notified(*desk.counterpart.notification(started))
        asked = desk.gateway.ask(started.reference)
        assert heard.event
        assert essence(heard) == essence(asked)
        check_money(heard)

    def test_3b_a_changed_body_is_refused(self, desk: Desk) -> None:
        """A body with one byte changed, added or taken is not believed."""
        headers, body = desk.counterpart.notification(desk.paid())
        for changed in (body + b" ", body[:-1], body.replace(b"0", b"1", 1), b" " + body, *GARBAGE):
            assert is_refused(desk.gateway, Notification(headers, changed)), changed[:40]

    def test_3c_a_changed_or_missing_signature_is_refused(self, desk: Desk) -> None:
        """Without its headers, or with any of what they sign changed, it is not believed."""
        headers, body = desk.counterpart.notification(desk.paid())
        assert is_refused(desk.gateway, Notification({}, body))
        for name, value in headers.items():
            for changed in (*tampered(value), "", "é", "t=1", "v1=", value.upper()):
                assert changed == value or is_refused(desk.gateway, Notification({**headers, name: changed}, body)), (
                    changed
                )

    def test_3d_a_replay_is_refused(self, desk: Desk) -> None:
        """The very same message is believed once; a new one about the same is believed again."""
        started = desk.paid()
        notification = desk.counterpart.notification(started)
        first = list(desk.gateway.notified(*notification))
        assert is_refused(desk.gateway, notification)
        again = list(desk.gateway.notified(*desk.counterpart.notification(started)))
        assert list(map(essence, again)) == list(map(essence, first))

    @pytest.mark.parametrize("minutes", [-6, 6])
    def test_3e_a_message_of_another_time_is_refused(
        self, desk: Desk, gateway_at: Callable[[dt.timedelta], Gateway], minutes: int
    ) -> None:
        """What was signed more than five minutes ago, or ahead, is not believed; within them it is."""
        started = desk.paid()
        near, far = gateway_at(dt.timedelta(minutes=minutes * 4 / 6)), gateway_at(dt.timedelta(minutes=minutes))
        assert is_refused(far, desk.counterpart.notification(started))
        assert list(near.notified(*desk.counterpart.notification(started)))
        near.close()
        far.close()

    # 4. Holds

    def test_4a_a_hold_is_taken_in_part(self, desk: Desk) -> None:
        """A held amount is authorized; less of it can be captured, once."""
        started = desk.held()
        hold = desk.gateway.ask(started.reference)
        assert (hold.outcome, hold.amount) == (Outcome.AUTHORIZED, Decimal("85.50"))
        for _ in range(2):
            taken = desk.gateway.capture(started.reference, Decimal("60.25"))
            assert (taken.outcome, taken.amount) == (Outcome.CAPTURED, Decimal("60.25"))
            check_money(taken)
        assert essence(desk.gateway.ask(started.reference)) == essence(taken)

    def test_4b_no_more_than_what_is_held_is_taken(self, desk: Desk) -> None:
        """More than what is held is refused, and the hold stays."""
        started = desk.held()
        with pytest.raises(GatewayError):
            desk.gateway.capture(started.reference, Decimal("85.51"))
        assert desk.gateway.ask(started.reference).outcome is Outcome.AUTHORIZED

    def test_4c_a_hold_is_let_go(self, desk: Desk) -> None:
        """A released hold takes nothing any more; releasing again changes nothing."""
        started = desk.held()
        assert desk.gateway.release(started.reference).outcome is Outcome.RELEASED
        assert desk.gateway.release(started.reference).outcome is Outcome.RELEASED
        assert captures_nothing(desk.gateway, started)
        assert desk.gateway.ask(started.reference).outcome is Outcome.RELEASED

    def test_4d_a_session_that_nobody_paid_is_ended(self, desk: Desk) -> None:
        """Released before anybody paid, it cannot be paid; released after, it stays paid."""
        needs(desk.gateway, Capability.HOLD)
        session = desk.sessions()
        started = desk.gateway.start(session)
        assert desk.gateway.release(started.reference).outcome in (Outcome.RELEASED, Outcome.EXPIRED)
        desk.counterpart.pay(session, started)
        assert desk.gateway.ask(started.reference).outcome in (Outcome.RELEASED, Outcome.EXPIRED)
        other = desk.paid()
        assert desk.gateway.release(other.reference).outcome is Outcome.CAPTURED

    # 5. Giving back

    def test_5a_a_payment_is_given_back_once(self, desk: Desk) -> None:
        """A voided payment is refunded, all of it, and once."""
        needs(desk.gateway, Capability.VOID)
        started = desk.paid()
        for _ in range(2):
            result = desk.gateway.void(started.reference)
            assert (result.outcome, result.amount) == (Outcome.REFUNDED, Decimal("85.50"))
            check_money(result)
        assert essence(desk.gateway.ask(started.reference)) == essence(result)

    # 6. What was captured

    def test_6a_all_that_was_captured_is_listed(self, desk: Desk) -> None:
        """Captures are listed with their exact amounts; open and held sessions are not, and each is there once."""
        needs(desk.gateway, Capability.CAPTURED_SINCE)
        three = [desk.paid() for _ in range(3)]
        others = [desk.gateway.start(desk.sessions())]
        if Capability.HOLD in desk.gateway.capabilities:
            others.append(desk.held())
        times = [desk.gateway.ask(each.reference).at for each in three]
        since = min(at for at in times if at) - dt.timedelta(seconds=1)
        listed = list(desk.gateway.captured_since(since))
        references = [result.reference for result in listed]
        assert len(references) == len(set(references))
        assert {each.reference for each in three} <= set(references)
        assert not {each.reference for each in others} & set(references)
        for result in listed:
            assert result.amount is not None
            assert result.at is not None
            assert result.at >= since
            check_money(result)

    def test_6b_what_was_captured_before_is_not_listed(self, desk: Desk) -> None:
        """From an instant after all captures on there is nothing."""
        needs(desk.gateway, Capability.CAPTURED_SINCE)
        at = desk.gateway.ask(desk.paid().reference).at
        assert at is not None
        assert list(desk.gateway.captured_since(at + dt.timedelta(hours=1))) == []

    # 7. Health

    def test_7a_it_answers(self, gateway: Gateway) -> None:
        """It answers ``ping``, its schema is one, and it may be closed twice."""
        gateway.ping()
        Draft202012Validator.check_schema(dict(gateway.settings_schema))
        gateway.close()
        gateway.close()

    def test_7b_a_failure_is_never_a_result(self, sick_gateway: Gateway) -> None:
        """A failure is a ``GatewayError`` whose diagnostics are the class's own sentence, and no ping succeeds."""
        for call in (sick_gateway.ping, lambda: sick_gateway.ask("any")):
            with pytest.raises(GatewayError) as failure:
                call()
            assert failure.value.diagnostics == type(failure.value).template

    def test_7c_capabilities_are_declared(self, gateway: Gateway) -> None:
        """What is declared is there, and an amount is held for some days where it can be held."""
        for capability in gateway.capabilities:
            assert getattr(type(gateway), NEEDS[capability]) is not getattr(Gateway, NEEDS[capability])
        assert (gateway.hold_days > 0) == (Capability.HOLD in gateway.capabilities)

    def test_7d_threads_do_not_mix(self, desk: Desk) -> None:
        """Many threads may ask at once, and each gets its own answer."""
        started = [desk.paid(), desk.gateway.start(desk.sessions())] * 8
        with ThreadPoolExecutor(8) as pool:
            results = list(pool.map(lambda each: desk.gateway.ask(each.reference), started))
        assert [result.reference for result in results] == [each.reference for each in started]
        assert {result.outcome for result in results[::2]} == {Outcome.CAPTURED}
        assert {result.outcome for result in results[1::2]} == {Outcome.OPEN}
