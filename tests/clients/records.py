"""The people whose bills the clients read: 4711 has several pages of them and one of everything else, 4712 one bill."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from zoneinfo import ZoneInfo

from bench.bills import bills, holdings
from fhir_facade.records import Payment, PaymentState, Share, Visit, VisitState

PATIENT, ANOTHER = "4711", "4712"
PAGE = 5  # as the clients ask
BILLS = {bill.number: bill.billed for bill in bills(PATIENT, 23)}
PARTS = {"provider_group": "1"}

_BILL = next(iter(BILLS))
_ZONE = ZoneInfo("America/New_York")
_VISIT = Visit(
    number="5001",
    patient=PATIENT,
    state=VisitState.BOOKED,
    start=dt.datetime(2027, 3, 1, 9, 30, tzinfo=_ZONE),
    minutes=30,
    place="1",
    practitioner="7",
    parts=PARTS,
)
_PAYMENT = Payment(
    number="3800",
    patient=PATIENT,
    state=PaymentState.POSTED,
    amount=Decimal("9.10"),
    taken=dt.datetime(2026, 7, 9, 11, 40, tzinfo=_ZONE),
    shares=(Share(bill=_BILL, amount=Decimal("9.10"), parts=PARTS),),
    method="Visa",
)

HELD = holdings([(PATIENT, len(BILLS)), (ANOTHER, 1)]) | {"visits": [_VISIT], "payments": [_PAYMENT]}
"""What the memory backend's file holds."""
