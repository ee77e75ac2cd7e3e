"""The sample practice's claims: owed, settled, with the insurer, in collections, on a plan, and a credit."""

from __future__ import annotations

from decimal import Decimal

from fhir_facade.sandbox.athenahealth.bills import Amount, Charge, Claim, Payer, Transaction
from fhir_facade.sandbox.athenahealth.practice import Practice
from fhir_facade.sandbox.calendar import Calendar

VISIT = ("99213", "OFFICE OUTPATIENT VISIT 15 MINUTES")
LONG_VISIT = ("99215", "OFFICE OUTPATIENT VISIT 40 MINUTES")
CHECK_UP = ("99396", "PERIODIC PREVENTIVE MED EST PATIENT 40-64YRS")
BLOOD = ("80053", "COMPREHENSIVE METABOLIC PANEL")
VACCINE = ("90686", "IIV4 VACCINE PRESERVATIVE FREE 0.5 ML")
ECG = ("93000", "ECG ROUTINE ECG W/LEAST 12 LDS W/I&R")
ECHO = ("93306", "TTE W/DOPPLER COMPLETE")


def add_bills(practice: Practice, calendar: Calendar) -> None:
    """Every claim, by whose it is."""
    _add_annas(practice, calendar)
    _add_troubled(practice, calendar)
    _add_settled(practice, calendar)
    _add_others(practice, calendar)


def charge(number: str, what: tuple[str, str], amount: Amount, *modifiers: str) -> Charge:
    """One line, of the claim's own service date."""
    return Charge(number, amount, *what, modifiers=modifiers)


def to_patient(claim: Claim, first: int, adjusted: Amount, owed: Amount) -> None:
    """The insurer is done with the first charge: it leaves the primary payer, and the patient's share stays."""
    claim.charges[0].transactions += [
        Transaction(str(first), -(Decimal(owed) + Decimal(adjusted)), "TRANSFEROUT", "1", claim.created, "OTHER"),
        Transaction(str(first + 1), Decimal(owed), "TRANSFERIN", "p", claim.created, "OTHER"),
    ]


def paid(claim: Claim, number: int, amount: Amount, epayment: str | None, calendar: Calendar, days: int) -> None:
    """A payment of the patient for the first charge; electronic where it has an ``epayment``."""
    payment = Transaction(str(number), -Decimal(amount), "PAYMENT", "p", calendar.day(days), None, epayment)
    claim.charges[0].transactions.append(payment)


def _add_annas(practice: Practice, calendar: Calendar) -> None:
    """1001: owed and partly paid, with the insurer, settled; and one owed at the other provider group."""
    owed = practice.add_claim(
        "1001", "9301", "265.5", "85.5", provider="27", service_date=calendar.day(-45), created=calendar.day(-44),
        charges=[charge("72801", VISIT, "225", "25"), charge("72802", BLOOD, "40.5")],
    )  # fmt: skip
    to_patient(owed, 73254, "90", "90.5")
    paid(owed, 73256, "5", "3800", calendar, -20)
    practice.add_claim(
        "1001", "9302", "777.67", 0, department="21", provider="86", service_date=calendar.day(-9),
        primary=Payer("1442", "HOLD", "Waiting for the insurer"), patient_status="HOLD",
        charges=[charge("72803", LONG_VISIT, "310"), charge("72804", VACCINE, "467.67")],
    )  # fmt: skip
    settled = practice.add_claim(
        "1001", "9303", "180", 0, provider="27", service_date=calendar.day(-200), created=calendar.day(-199),
        charges=[charge("72805", CHECK_UP, "180")],
    )  # fmt: skip
    to_patient(settled, 73260, "140", "40")
    paid(settled, 73262, "40", "3801", calendar, -170)
    cardiology = practice.add_claim(
        "1001", "9304", "1450", "212.05", department="62", provider="71", service_date=calendar.day(-60),
        charges=[charge("72806", ECHO, "1300"), charge("72807", ECG, "150", "59")],
    )  # fmt: skip
    to_patient(cardiology, 73263, "1000", "212.05")


def _add_troubled(practice: Practice, calendar: Calendar) -> None:
    """1002 in collections, 1003 on a payment plan: not clean, so not to be collected online."""
    practice.add_claim(
        "1002", "9310", "412.37", "412.37", clean=False, primary=Payer(), service_date=calendar.day(-400),
        charges=[charge("72810", LONG_VISIT, "412.37")],
    )  # fmt: skip
    practice.add_claim(
        "1003", "9311", "900", "600", clean=False, provider="27", service_date=calendar.day(-120),
        charges=[charge("72811", CHECK_UP, "900")],
    )  # fmt: skip
    practice.add_claim(
        "1003", "9312", "40", "40", provider="27", service_date=calendar.day(-15),
        charges=[charge("72812", BLOOD, "40")],
    )  # fmt: skip


def _add_settled(practice: Practice, calendar: Calendar) -> None:
    """1004: three claims at zero under a credit of the whole account; 1006 with one from before the merge."""
    for number, days in (("9320", -300), ("9321", -240), ("9322", -90)):
        claim = practice.add_claim("1004", number, "125", 0, provider="86", service_date=calendar.day(days))
        paid(claim, int(number) + 64000, "125", None, calendar, days + 30)
    practice.add_claim(
        "1005", "9330", "95", "95", department="62", provider="71", service_date=calendar.day(-75),
        charges=[charge("72830", ECG, "95")],
    )  # fmt: skip
    practice.add_claim(
        "1006", "9331", "150", "30", department="62", provider="71", service_date=calendar.day(-30),
        charges=[charge("72831", ECG, "150")],
    )  # fmt: skip


def _add_others(practice: Practice, calendar: Calendar) -> None:
    practice.add_claim("1007", "9340", "300", "300", service_date=calendar.day(-10))
    practice.add_claim(
        "1008", "9341", "25.16", ".16", department="21", provider="86", service_date=calendar.day(-50),
        charges=[charge("72841", BLOOD, "25.15"), charge("72842", VACCINE, ".01")],
    )  # fmt: skip
    practice.add_claim("1010", "9342", "140", "25", provider="86", service_date=calendar.day(-33))
    practice.add_claim(
        "1011", "9343", "2200", 0, service_date=calendar.day(-20), primary=Payer("1500", "ATHENAHOLD"),
        patient_status="HOLD",
    )  # fmt: skip
    overpaid = practice.add_claim(
        "1012", "9344", "210", "-12.5", department="142", provider="71", service_date=calendar.day(-70)
    )
    paid(overpaid, 73344, "62.5", "3810", calendar, -40)
    practice.add_claim(
        "1012", "9345", "310", "118.4", department="142", provider="71", service_date=calendar.day(-25),
        charges=[charge("72845", LONG_VISIT, "310")],
    )  # fmt: skip
