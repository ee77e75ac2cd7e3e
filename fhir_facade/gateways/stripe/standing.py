"""A Checkout Session with its intent, its charge and its dispute, as the port's ``Result``."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping

from fhir_facade.gateways.port import Outcome, Result
from fhir_facade.gateways.stripe.amounts import major
from fhir_facade.gateways.stripe.shapes import BalanceTransaction, Charge, Checkout, Dispute, Intent

PAYMENT = "payment"  # the key in Stripe's metadata
TENDERS = {"us_bank_account": "ach"}

OF_A_SESSION = {"open": Outcome.OPEN, "expired": Outcome.EXPIRED}
OF_AN_INTENT: Mapping[str, Outcome] = {
    "succeeded": Outcome.CAPTURED,
    "requires_capture": Outcome.AUTHORIZED,
    "canceled": Outcome.RELEASED,
    "requires_payment_method": Outcome.DECLINED,  # of a session that is complete: the bank said no, days later
}
"""All others are on their way: open."""

_WON = frozenset({"won", "warning_closed", "prevented"})
_NOT_PAID = frozenset(
    ["bank_cannot_process", "check_returned", "debit_not_authorized", "incorrect_account_details", "insufficient_funds"]
)
_LAST4 = re.compile("[0-9]{4}")


def payment_of(session: Checkout) -> str:
    """The payment that a session is for; empty for one that this facade has not begun."""
    named = session.client_reference_id or ""
    return named if (session.metadata or {}).get(PAYMENT) == named else ""


def intent_of(session: Checkout) -> Intent | None:
    """The session's intent; None as long as nobody has tried to pay."""
    return session.payment_intent if isinstance(session.payment_intent, Intent) else None


def charge_of(intent: Intent) -> Charge | None:
    """The latest try."""
    return intent.latest_charge if isinstance(intent.latest_charge, Charge) else None


def is_disputed(session: Checkout) -> bool:
    """True if there was a dispute, whatever became of it."""
    intent = intent_of(session)
    charge = charge_of(intent) if intent else None
    return charge is not None and charge.disputed


def result(session: Checkout, dispute: Dispute | None = None, event: str = "") -> Result:
    """How it stands.  ``dispute`` is the charge's latest one."""
    intent = intent_of(session)
    outcome = OF_A_SESSION.get(session.status or "")
    if outcome is not None or intent is None:
        return Result(payment_of(session), session.id, outcome or Outcome.OPEN, event=event)
    return _of_intent(session, intent, dispute, event)


def _of_intent(session: Checkout, intent: Intent, dispute: Dispute | None, event: str) -> Result:
    charge = charge_of(intent)
    outcome = OF_AN_INTENT.get(intent.status, Outcome.OPEN)
    units, at = _amount(intent, outcome), _time(intent, charge, outcome)
    if outcome is Outcome.CAPTURED and charge is not None:
        outcome, units, at = _later(charge, dispute, (outcome, units, at))
    currency = intent.currency.upper()
    tender, brand, last4 = _tender(charge)
    return Result(
        payment=payment_of(session),
        reference=session.id,
        outcome=outcome,
        amount=major(units, currency) if units else None,
        currency=currency if units else "",
        at=dt.datetime.fromtimestamp(at, dt.UTC),
        tender=tender,
        brand=brand,
        last4=last4,
        event=event,
    )


def _amount(intent: Intent, outcome: Outcome) -> int:
    amounts = {Outcome.CAPTURED: intent.amount_received, Outcome.AUTHORIZED: intent.amount_capturable}
    return amounts.get(outcome, 0)


def _time(intent: Intent, charge: Charge | None, outcome: Outcome) -> int:
    if outcome is Outcome.RELEASED:
        return intent.canceled_at or intent.created
    if charge is None:
        return intent.created
    captured = charge.balance_transaction
    is_known = outcome is Outcome.CAPTURED and isinstance(captured, BalanceTransaction)
    return captured.created if is_known and isinstance(captured, BalanceTransaction) else charge.created


def _later(charge: Charge, dispute: Dispute | None, captured: tuple[Outcome, int, int]) -> tuple[Outcome, int, int]:
    """What became of captured money: a dispute that is lost has given it back."""
    if dispute is not None and dispute.status not in _WON:
        if dispute.reason in _NOT_PAID:
            return Outcome.RETURNED, dispute.amount, dispute.created
        return (Outcome.REFUNDED if dispute.status == "lost" else Outcome.DISPUTED), dispute.amount, dispute.created
    if charge.amount_refunded:
        newest = charge.refunds.data[0].created if charge.refunds and charge.refunds.data else charge.created
        return Outcome.REFUNDED, charge.amount_refunded, newest
    return captured


def _tender(charge: Charge | None) -> tuple[str, str, str]:
    details = charge.payment_method_details if charge else None
    if details is None:
        return "", "", ""
    card = details.card or details.us_bank_account
    last4 = (card and card.last4) or ""
    brand = (card and card.brand) or ""
    return TENDERS.get(details.type, details.type), brand, last4 if _LAST4.fullmatch(last4) else ""
