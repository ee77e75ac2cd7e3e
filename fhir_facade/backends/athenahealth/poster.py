"""Payments told to a practice, exactly once, without idempotency keys (production rules F2 to F4).

``recordpayment`` answers with the number of a batch that others share, which proves nothing: after an unknown outcome
only what has changed since the snapshot does.  A patient pay vendor tells it again, under the same ``externalrefid``.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from fhir_facade.backends.athenahealth.asking import Asking
from fhir_facade.backends.athenahealth.client import Client
from fhir_facade.backends.athenahealth.configuration import Configuration
from fhir_facade.backends.athenahealth.letters import Letter, hindrance, letter
from fhir_facade.backends.athenahealth.outcomes import Duplicate, done
from fhir_facade.backends.athenahealth.scalars import text
from fhir_facade.backends.athenahealth.splitting import Shares, split
from fhir_facade.backends.athenahealth.standing import Claim, Copay, Look, Standing, standing
from fhir_facade.backends.athenahealth.ways import VENDOR, way
from fhir_facade.backends.athenahealth.writes import VENDOR_PAYMENT
from fhir_facade.backends.posting import Declined, NotSent, Posting, Told, Unsure, Verdict
from fhir_facade.errors import FacadeError

UNASSIGNED = "unassigned"
_UNDECIDED = Told(Verdict.UNDECIDED)
_NUMBERS = {VENDOR_PAYMENT: ("patientpaymentid", "paymentid", "paymentbatchid")}  # the first is inferred


class Telling:
    """Tells one practice.  ``client`` and ``asking`` have the whole of the quota."""

    def __init__(self, configuration: Configuration, client: Client, asking: Asking) -> None:
        self._configuration, self._client, self._asking = configuration, client, asking

    def snapshot(self, posting: Posting) -> Mapping[str, Any]:
        """How the patient stands now: one call, and one more for an appointment."""
        with _reading():
            return self._standing(posting, self._look(posting))

    def nobody(self, posting: Posting) -> Mapping[str, Any]:
        """The snapshot of a number that the practice never issued: nothing is told."""
        return self._standing(posting, Look(None))

    def tell(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        """Tell, in one call."""
        before = standing(snapshot)
        if why := hindrance(posting, before):
            raise Declined(why)
        return self._sent(letter(posting, before))

    def found(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        """Is it there?  Absent only where ``tell`` can never have sent it: a call on its way may still arrive."""
        before = standing(snapshot)
        if hindrance(posting, before):
            return Told(Verdict.ABSENT)
        if before.way.via == VENDOR and self._configuration.vendor_retries:
            return self._told_again(letter(posting, before))
        shares = split(posting, before)
        if shares.other:
            return _UNDECIDED  # unapplied money has no row of its own to be found by
        with _reading():
            return compared(before, self._look(posting), shares)

    @staticmethod
    def _standing(posting: Posting, look: Look) -> Mapping[str, Any]:
        now = way(posting.settings, posting.tender, posting.brand)
        return look.standing(now, posting.bills).plain()

    def _sent(self, told: Letter) -> Told:
        duplicate = self._configuration.vendor_duplicate if told.write is VENDOR_PAYMENT else None
        answer = self._client.post(told.write, told.form, **told.numbers)
        try:
            row = done(answer, told.write, duplicate)
        except Duplicate:
            row = {}
        names = _NUMBERS.get(told.write, ("paymentbatchid",))
        number = next((said for name in names if (said := text(row.get(name)))), "")
        return Told(Verdict.POSTED, number, told.shares.flags)

    def _told_again(self, told: Letter) -> Told:
        try:
            return self._sent(told)
        except (Declined, Unsure):
            return _UNDECIDED  # refused for another reason than that it is there: it may be there all the same

    def _look(self, posting: Posting) -> Look:
        chart = self._asking.standing(posting.patient.value)
        visit = self._asking.visit(posting.visit, chart) if chart is not None and posting.visit.isdigit() else None
        return Look(chart, visit)


def compared(before: Standing, now: Look, shares: Shares) -> Told:
    """What has changed since: posted only if every claim and the appointment have exactly their shares."""
    nothing = Claim(None, ())
    for number, share in shares.claims.items():
        if now.arrived(number, before.claims.get(number, nothing)) != share:
            return _UNDECIDED
    if not shares.copay:
        return Told(Verdict.POSTED, flags=shares.flags)
    return _collected(before.copay, now.copay(), shares)


def _collected(before: Copay | None, now: Copay | None, shares: Shares) -> Told:
    if before is None or now is None:
        return _UNDECIDED
    for_visit, for_other = _rise(before.for_visit, now.for_visit), _rise(before.for_other, now.for_other)
    if for_visit == shares.copay:
        return Told(Verdict.POSTED, flags=shares.flags)
    if for_visit == 0 and for_other == shares.copay:
        return Told(Verdict.POSTED, flags=(*shares.flags, UNASSIGNED))
    return _UNDECIDED


def _rise(before: Decimal | None, now: Decimal | None) -> Decimal | None:
    return None if before is None or now is None else now - before


@contextlib.contextmanager
def _reading() -> Iterator[None]:
    """What cannot be read tells nothing, and nothing was sent."""
    try:
        yield
    except FacadeError as fault:
        raise NotSent(str(fault)) from None
    except ValueError:
        raise NotSent("a transaction has a date that does not exist") from None
