"""The sample practice's patients.  Number 1001 is somebody else at the clinic."""

from __future__ import annotations

import datetime as dt

from fhir_facade.sandbox.athenahealth.patients import Balance
from fhir_facade.sandbox.athenahealth.practice import Practice
from fhir_facade.sandbox.calendar import Calendar


def add_people(practice: Practice, calendar: Calendar) -> None:
    """A dozen people; what is special about each is said where they are added."""
    _add_everyday_people(practice)
    _add_special_balances(practice)
    _add_special_records(practice, calendar)


def _add_everyday_people(practice: Practice) -> None:
    practice.add_patient(  # bills in both provider groups
        "1001", first="Anna", last="Vogel", dob=dt.date(1980, 5, 20), provider="27", email="anna.vogel@example.com",
        phone="6175550111", address="7 Elm Street", city="Riverside", state="MA", zip="02110",
    )  # fmt: skip
    practice.add_patient(  # a balance of sixteen cents
        "1008", first="Ines", last="Duarte", dob=dt.date(1992, 11, 2), department="21", email="ines.duarte@example.com",
        city="Springfield", state="IL", zip="62701",
    )  # fmt: skip
    practice.add_patient(  # a child: another person is the guarantor
        "1010", first="Milo", last="Vogel", dob=dt.date(2015, 3, 9), sex="M", provider="86",
        extra={"guarantorfirstname": "Anna", "guarantorrelationshiptopatient": "3"},
    )  # fmt: skip
    practice.add_patient(  # Lakeside only, where the clocks are never changed
        "1012", first="Lily", last="Chen", dob=dt.date(1974, 8, 14), department="142", provider="71",
        email="lily.chen@example.com", city="Phoenix", state="AZ", zip="85001",
    )  # fmt: skip


def _add_special_balances(practice: Practice) -> None:
    practice.add_patient(  # a bill with a collections agency
        "1002", first="Marcus", last="Bell", dob=dt.date(1966, 1, 30), sex="M", phone="6175550112",
        balances={"1": Balance("412.37", clean=False, collections="412.37")},
    )  # fmt: skip
    practice.add_patient(  # a payment plan
        "1003", first="Grace", last="Okafor", dob=dt.date(1988, 7, 4), email="grace.okafor@example.com",
        balances={"1": Balance("640", clean=False, payment_plan="600")},
    )  # fmt: skip
    practice.add_patient(  # unapplied money: a credit while every claim is at zero
        "1004", first="Tomas", last="Rivera", dob=dt.date(1955, 12, 12), sex="M", balances={"1": Balance("-978.7")},
    )  # fmt: skip


def _add_special_records(practice: Practice, calendar: Calendar) -> None:
    practice.add_patient("1005", first="Helen", last="Park", dob=dt.date(1979, 2, 17))  # merged into 1006
    practice.add_patient(
        "1006", first="Helen", last="Park", dob=dt.date(1979, 2, 17), email="helen.park@example.com", department="62"
    )
    practice.add_patient(  # a restricted record
        "1007", first="Victor", last="Hale", dob=dt.date(1960, 6, 6), sex="M", confidentiality="R"
    )
    practice.add_patient("1009", first="Duplicate", last="Entry", dob=None, sex=None, status="deleted")
    practice.add_patient(  # died; the bills stay
        "1011", first="Samuel", last="Roth", dob=dt.date(1938, 10, 1), sex="M", status="inactive",
        deceased=calendar.day(-16),
    )  # fmt: skip
