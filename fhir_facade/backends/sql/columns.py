"""The queries that a site writes and the columns they answer with: one table, which the documentation repeats.

A column has the name of the record's field in ``fhir_facade.records``.  What a record nests is flattened here:
``address_city``; ``account`` is the account's number; charges and shares of payments are queries of their own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from fhir_facade.backends.sql.cells import (
    Reader,
    amount,
    choice,
    date,
    deceased,
    given,
    instant,
    lines,
    moment,
    text,
    truth,
    whole,
    words,
)
from fhir_facade.records import BillState, Gender, PaymentState, VisitState

SELECT = "select_"  # select_clinic is the part "clinic", for ``select = { clinic = "…" }``


@dataclass(frozen=True)
class Column:
    """A column of a query: how its cells are read and what they are for."""

    name: str
    read: Reader
    purpose: str
    required: bool = False

    @property
    def is_amount(self) -> bool:
        return self.read is amount

    @property
    def is_choice(self) -> bool:
        """Whether only the values of an enumeration are read."""
        return self.name in ("state", "gender")

    @property
    def is_number(self) -> bool:
        """Whether rows are found by it."""
        return self.name in ("number", "patient", "bill", "payment", "key")


def _must(name: str, read: Reader, purpose: str) -> Column:
    return Column(name, read, purpose, required=True)


PATIENT = _must("patient", text, "the patient's number, as persons.number has it")
UPDATED = Column("updated", instant, "when the source last changed the row")
CURRENCY = Column("currency", text, "ISO 4217 code; empty: the assigning authority's")
PHONE = Column("phone", text, "telephone number")
PLACE = Column("place", text, "where: a places.number")
PRACTITIONER = Column("practitioner", text, "who provided care: a practitioners.number")
ACCOUNT = Column("account", text, "the account it belongs to: an accounts.number of the same patient")
ADDRESS = (
    Column("address_lines", lines, "street lines"),
    Column("address_city", text, "city"),
    Column("address_state", text, "state or province"),
    Column("address_postal_code", text, "postal code"),
    Column("address_country", text, "country"),
)

QUERIES: Mapping[str, tuple[Column, ...]] = {
    "persons": (
        _must("number", text, "the patient's number in force, unique"),
        Column("family", text, "family name"),
        Column("given", given, "given names"),
        Column("birth_date", date, "date of birth"),
        Column("gender", choice(Gender), "administrative gender"),
        Column("active", truth, "false where the record is no longer in use"),
        Column("deceased", deceased, "whether, on which day, or when the patient died"),
        PHONE,
        Column("email", text, "e-mail address"),
        *ADDRESS,
        Column("previous", words, "numbers that were merged into this one"),
        UPDATED,
    ),
    "bills": (
        _must("number", text, "the bill's number, unique in the database"),
        PATIENT,
        _must("state", choice(BillState), "what the bill asks of the patient"),
        Column("billed", amount, "what was charged in all, before insurance"),
        Column("due", amount, "what the patient owes now; a credit is negative"),
        Column("insurance_paid", amount, "what insurers have paid"),
        Column("insurance_pending", amount, "what insurers are expected to pay"),
        Column("adjusted", amount, "what was written off"),
        Column("patient_paid", amount, "what the patient has paid"),
        CURRENCY,
        Column("created", moment, "when the bill was made"),
        Column("service_date", date, "first day of service"),
        Column("due_date", date, "when it is due"),
        Column("collectable", truth, "true where it may be paid online now"),
        ACCOUNT,
        PLACE,
        PRACTITIONER,
        Column("description", text, "what the bill is for"),
        UPDATED,
    ),
    "charges": (
        _must("bill", text, "the bill it is a line of: a bills.number"),
        _must("amount", amount, "what was billed for it, before insurance"),
        Column("patient", text, "the bill's patient; needed where two patients' bills can have the same number"),
        Column("line", whole, "its place among the bill's lines"),
        Column("code", text, "procedure code"),
        Column("code_system", text, "the code's system as a URI; CPT when left out"),
        Column("modifiers", words, "procedure code modifiers"),
        Column("description", text, "what was done"),
        Column("date", date, "day of service"),
    ),
    "accounts": (
        _must("number", text, "the account's number, unique among the patient's accounts"),
        PATIENT,
        Column("name", text, "name of the account"),
        Column("balance", amount, "what the patient owes in all; a credit is negative"),
        Column("collections_balance", amount, "what is with a collection agency"),
        Column("payment_plan_balance", amount, "what is on a payment plan"),
        CURRENCY,
        Column("active", truth, "false where the account is closed"),
        UPDATED,
    ),
    "visits": (
        _must("number", text, "the appointment's number, unique in the database"),
        PATIENT,
        _must("state", choice(VisitState), "where the visit stands"),
        _must("start", moment, "when it starts"),
        Column("minutes", whole, "how long it lasts"),
        Column("kind", text, "the appointment type's name for patients"),
        Column("kind_code", text, "the appointment type's code"),
        PLACE,
        PRACTITIONER,
        Column("copay", amount, "what is still expected of the patient, net of what was collected"),
        Column("collected", amount, "what was collected for it"),
        Column("chargeable", truth, "false where no bill will follow"),
        CURRENCY,
        UPDATED,
    ),
    "payments": (
        _must("number", text, "the payment's number"),
        PATIENT,
        _must("state", choice(PaymentState), "where the money stands"),
        _must("amount", amount, "what was paid, positive for voided payments, too"),
        _must("taken", moment, "when it was taken"),
        Column("key", text, "what makes it unique among the patient's payments, where number does not"),
        ACCOUNT,
        Column("visit", text, "the visit it was collected for: a visits.number"),
        Column("method", text, "how it was paid, as the source names it"),
        Column("last4", text, "last four digits of the card or account"),
        CURRENCY,
        UPDATED,
    ),
    "payment_shares": (
        _must("payment", text, "the payment it is a part of: its key where payments has that column, else its number"),
        _must("bill", text, "the bill it went to: a bills.number"),
        _must("amount", amount, "how much of the payment went to that bill"),
        Column("patient", text, "the payment's patient; needed where two patients' payments can have the same number"),
    ),
    "places": (
        _must("number", text, "the place's number, unique"),
        _must("name", text, "name of the department or site of care"),
        PHONE,
        *ADDRESS,
        UPDATED,
    ),
    "practitioners": (
        _must("number", text, "the practitioner's number, unique"),
        Column("name", text, "name as displayed; built from family and given when empty"),
        Column("family", text, "family name"),
        Column("given", given, "given names"),
        Column("npi", text, "National Provider Identifier"),
        UPDATED,
    ),
}
REQUIRED = ("persons", "bills")
