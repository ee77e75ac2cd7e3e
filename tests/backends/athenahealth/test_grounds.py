"""The tables of grounds and the mappings tell the same: every value of an answer is changed, one at a time, to see."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import msgspec
import pytest

from fhir_facade.backends.athenahealth import accounts, bills, endpoints, payments, shapes, visits
from fhir_facade.backends.athenahealth.claims import own_claims
from fhir_facade.backends.athenahealth.directory import Names
from fhir_facade.backends.athenahealth.directory import department as read_department
from fhir_facade.backends.athenahealth.grounds import Table
from fhir_facade.backends.athenahealth.persons import chart
from fhir_facade.backends.athenahealth.shapes import Shape
from fhir_facade.backends.port import Ground
from fhir_facade.backends.verbatim import NOT_SAID
from fhir_facade.errors import UnexpectedShape
from fhir_facade.owner import own_number
from fhir_facade.records import Charge, Record
from tests.backends.athenahealth.payloads import (
    Json,
    Surprises,
    appointment,
    charge,
    claim_balance,
    listed_claim,
    paid_claim,
    patient,
    receipt,
    transaction,
)

PATIENT, CLAIMS = endpoints.PATIENT.template, endpoints.CLAIMS.template
VISITS, RECEIPTS = endpoints.PATIENTS_APPOINTMENTS.template, endpoints.RECEIPTS.template
DEPARTMENTS = endpoints.DEPARTMENTS.template
SHAPES: dict[str, Callable[[Any], tuple[Shape, Any]]] = {
    PATIENT: lambda body: (shapes.PATIENT, [body]),
    CLAIMS: lambda body: (shapes.CLAIMS, body),
    VISITS: lambda body: (shapes.PATIENTS_APPOINTMENTS, body),
    RECEIPTS: lambda body: (shapes.RECEIPTS, body),
    DEPARTMENTS: lambda body: (shapes.DEPARTMENTS, body),
}
OTHERS = ("0", "7", "-3", "2", "01/02/2020", "10:45", "HOLD", "CLOSED", "PAYMENT", "VOID", "p", "x", True, False)
ZONES = ("US/Central",)
DEPARTMENT: Json = {
    "departmentid": "1",
    "name": "Main Street",
    "providergroupid": "1",
    "timezonename": "US/Eastern",
    "doesnotobservedst": "false",
}


def answers(
    *claims: Json, listed: list[Json] | None = None, visits: Any = (), receipts: Any = (), **fields: Any
) -> Json:
    """What each endpoint answers."""
    return {
        PATIENT: patient("1001", *claims, **fields),
        CLAIMS: {"claims": listed or []},
        VISITS: {"appointments": list(visits)},
        RECEIPTS: list(receipts),
        DEPARTMENTS: {"departments": [DEPARTMENT, DEPARTMENT | {"departmentid": "2", "providergroupid": "2"}]},
    }


def names(answered: Json) -> Names:
    listed = [read_department(row) for row in answered[DEPARTMENTS]["departments"]]
    return Names({each.place.number: each for each in listed}, {})


def of_bills(answered: Json) -> tuple[Any, ...]:
    found = chart([answered[PATIENT]], "1001")
    assert found is not None
    return found, own_claims(found, answered[CLAIMS]["claims"], Surprises()), names(answered)


def of_accounts(answered: Json) -> tuple[Any, ...]:
    return chart([answered[PATIENT]], "1001"), names(answered).departments


def of_visits(answered: Json) -> tuple[Any, ...]:
    return answered[VISITS]["appointments"], "1001", names(answered)


def of_payments(answered: Json) -> tuple[Any, ...]:
    return chart([answered[PATIENT]], "1001"), answered[RECEIPTS], names(answered)


class Explained(NamedTuple):
    """A kind: its table, what its mapping takes of the answers, its records and its grounds; and answers to vary."""

    table: Table
    taken: Callable[[Json], tuple[Any, ...]]
    records: Callable[..., Any]
    grounds: Callable[..., Iterator[Ground]]
    samples: tuple[Json, ...]

    def found(self, answered: Json) -> dict[str, Record]:
        return {own_number(record): record for record in self.records(*self.taken(answered))}

    def said(self, answered: Json, own: str) -> list[Ground]:
        return list(self.grounds(own, *self.taken(answered)))


BARE = charge(procedurecode=None, procedurecodesubmitted=None, amount=None)
HELD = {"primarypatientinsuranceid": 1442, "status": "HOLD"}
CARD = transaction(1, -5, transfertype=None, epaymentid=3800)
REVERSED = (transaction(2, -20, epaymentid=3801), transaction(3, 4, epaymentid=3801, date="07/10/2025"))
KINDS = {
    "bills": Explained(
        bills.GROUNDS,
        of_bills,
        lambda *taken: bills.bills(*taken, Surprises()),
        bills.grounds,
        (
            answers(claim_balance(patientbalance="85.5"), listed=[listed_claim()]),
            answers(claim_balance(chargeleveldetail=[charge(procedurecode=None)]), listed=[listed_claim()]),
            answers(paid_claim(9301, CARD, transaction(2, -7)), listed=[listed_claim(primaryinsurancepayer=HELD)]),
            answers(
                claim_balance(amount=None, patientbalance=0, chargeleveldetail=[BARE]),
                listed=[
                    listed_claim(
                        chargeamount=".01",
                        secondaryinsurancepayer={"secondarypatientinsuranceid": 7, "status": "BILLED"},
                    )
                ],
            ),
            answers(listed=[listed_claim(departmentid=2)], balances=[{"providergroupid": 2}, {"providergroupid": 1}]),
        ),
    ),
    "accounts": Explained(
        accounts.GROUNDS,
        of_accounts,
        accounts.accounts,
        accounts.grounds,
        (
            answers(
                balances=[
                    {"providergroupid": 1, "balance": "-978.7", "collectionsbalance": "0", "paymentplanbalance": ".16"}
                ]
            ),
        ),
    ),
    "visits": Explained(
        visits.GROUNDS,
        of_visits,
        lambda *taken: visits.visits(*taken, Surprises()),
        visits.grounds,
        (
            answers(visits=[appointment(appointmentcopay={"collectedforappointment": 5})]),
            answers(visits=[appointment(appointmentstatus="x", cancelreasonnoshow="true")]),
        ),
    ),
    "payments": Explained(
        payments.GROUNDS,
        of_payments,
        lambda *taken: payments.payments(*taken, Surprises()),
        payments.grounds,
        (
            answers(paid_claim(9301, CARD, *REVERSED), receipts=[receipt("3800")]),
            answers(paid_claim(9301, transaction(73256, "-7.5")), receipts=[receipt("3805")]),
        ),
    ),
}


def leaves(value: Any, steps: tuple[str | int, ...] = ()) -> Iterator[tuple[str | int, ...]]:
    if isinstance(value, dict | list):
        for step, item in value.items() if isinstance(value, dict) else enumerate(value):
            yield from leaves(item, (*steps, step))
    else:
        yield steps


def path(steps: tuple[str | int, ...]) -> str:
    """``("/claims", "claims", 0, "claimid")`` as a ground's source writes it."""
    template, *rest = steps
    written = "".join("[]" if isinstance(step, int) else f".{step}" for step in rest).removeprefix(".")
    return f"{template}: {written}"


def varied(answered: Json, steps: tuple[str | int, ...]) -> Iterator[Json]:
    """The answers with one value left out, and with others in its place, as far as they keep their shape."""
    for other in (None, *(ZONES if steps[-1] == "timezonename" else OTHERS)):
        changed = copy.deepcopy(answered)
        inside = changed
        for step in steps[:-1]:
            inside = inside[step]
        if other is None and isinstance(inside, dict):
            del inside[str(steps[-1])]
        else:
            inside[steps[-1]] = other
        shape, body = SHAPES[str(steps[0])](changed[str(steps[0])])
        try:
            shape.judge(body)
        except UnexpectedShape:
            continue
        yield changed


def root(field: str) -> str:
    return field.partition("[")[0]


def value(record: Record, field: str) -> Any:
    """``charges[].code`` is told together with the amounts: a line without an amount is no line."""
    name, _, inner = field.partition("[].")
    said = getattr(record, name)
    return tuple((each.amount, getattr(each, inner)) for each in said) if inner else said


class Change(NamedTuple):
    """A record's field that became another when the value at ``source`` did."""

    field: str
    source: str
    told: bool


def changes(kind: Explained) -> Iterator[Change]:
    fields = sorted({field for field, _, _ in kind.table})
    for answered in kind.samples:
        before = kind.found(answered)
        assert before
        for steps in leaves(answered):
            for changed in varied(answered, steps):
                try:
                    after = kind.found(changed)
                except (UnexpectedShape, AssertionError):  # refused, or a patient who is nobody: no record is wrong
                    continue
                for own in before.keys() & after.keys():
                    for field in fields:
                        if value(before[own], field) != value(after[own], field):
                            told = _about(kind.said(answered, own), field) != _about(kind.said(changed, own), field)
                            yield Change(field, path(steps), told)


def _about(said: list[Ground], field: str) -> list[Ground]:
    return [ground for ground in said if root(ground.field) == root(field)]


def named(kind: Explained) -> set[tuple[str, str]]:
    """The fields and sources of the table."""
    return {(field, f"{rows.endpoint.template}: {rows.path}.{at}".replace(" .", " ")) for field, rows, at in kind.table}


@pytest.fixture(scope="module", params=KINDS)
def kind(request: pytest.FixtureRequest) -> Explained:
    return KINDS[request.param]


@pytest.fixture(scope="module")
def seen(kind: Explained) -> set[Change]:
    return set(changes(kind))


def test_no_value_changes_a_field_without_a_ground_that_says_so(seen: set[Change]) -> None:
    assert {change for change in seen if not change.told} == set()


def test_every_ground_can_change_its_field(kind: Explained, seen: set[Change]) -> None:
    assert named(kind) - {(change.field, change.source) for change in seen} == set()


def test_every_field_that_is_named_is_a_records(kind: Explained) -> None:
    (record, *_) = kind.found(kind.samples[0]).values()
    for field, _, _ in kind.table:
        name, _, inner = field.partition("[].")
        assert name in {each.name for each in msgspec.structs.fields(record)}, field
        assert not inner or inner in {each.name for each in msgspec.structs.fields(Charge)}, field


def test_every_source_that_is_named_is_said_to_the_letter(kind: Explained) -> None:
    said: set[str] = set()
    for answered in kind.samples:
        literal: dict[str, list[str]] = {}
        for steps in leaves(answered):
            literal.setdefault(path(steps), []).append(json.dumps(_at(answered, steps)))
        for own in kind.found(answered):
            for ground in kind.said(answered, own):
                source = re.sub(r"\[\d+\]", "[]", ground.source)
                if ground.said != NOT_SAID:
                    assert ground.said in literal[source]
                    said.add(source)
    assert {source for _, source in named(kind)} - said == set()


def _at(answered: Any, steps: tuple[str | int, ...]) -> Any:
    for step in steps:
        answered = answered[step]
    return answered


def test_what_a_source_said_is_told_to_the_letter() -> None:
    answered = answers(claim_balance(patientbalance="085.50", cleanbalance="true", amount=None))
    said = {ground.source: ground.said for ground in KINDS["bills"].said(answered, "9301")}
    row = "/patients/{id}: claimbalancedetails[].claimdetails[]"
    assert said[f"{row}.patientbalance"] == '"085.50"'
    assert said[f"{row}.cleanbalance"] == '"true"'
    assert said[f"{row}.amount"] == said["/claims: claims[].patientpayer.status"] == "not said"


def test_a_list_that_is_not_there_is_told_once() -> None:
    paid = [
        ground for ground in KINDS["bills"].said(answers(claim_balance()), "9301") if ground.field == "patient_paid"
    ]
    row = "/patients/{id}: claimbalancedetails[].claimdetails[]"
    assert paid == [Ground("patient_paid", f"{row}.chargeleveldetail[].transactions[]", "not said")]


def test_rows_are_numbered_only_where_there_are_several() -> None:
    several = answers(claim_balance(chargeleveldetail=[charge(1, procedurecode="80053"), charge(2)]))
    row = "/patients/{id}: claimbalancedetails[].claimdetails[].chargeleveldetail"
    codes = [
        ground
        for ground in KINDS["bills"].said(several, "9301")
        if ground.field == "charges[].code" and ground.source.endswith(".procedurecode") and ground.said != NOT_SAID
    ]
    assert codes == [
        Ground("charges[].code", f"{row}[0].procedurecode", '"80053"'),
        Ground("charges[].code", f"{row}[1].procedurecode", '"99213"'),
    ]


@pytest.mark.parametrize("own", ["", "9999", "e9999"])
def test_what_is_no_record_has_no_grounds(kind: Explained, own: str) -> None:
    assert [kind.said(answered, own) for answered in kind.samples] == [[] for _ in kind.samples]
