"""What holds for every mapper."""

from __future__ import annotations

import re
from dataclasses import replace
from decimal import Decimal
from enum import Enum
from importlib import import_module
from typing import Any

import pytest

from fhir_facade.audit.entry import OwnKind
from fhir_facade.mappers import account, appointment, invoice, patient, payment_notice
from fhir_facade.mappers.table import MAPPERS
from fhir_facade.records import BillState, Gender, Kind, PaymentState, VisitState
from fhir_facade.specification.files import document
from tests.mappers.cases import BY_NAME, CLINIC_SCENE, PERSON, RESOURCES, SCENE, OpenIds
from tests.trees import nodes

STATUSES: list[tuple[str, str, type[Enum] | None, set[str]]] = [
    ("Invoice", "status", BillState, set(invoice.STATUS.values())),
    ("Account", "status", None, set(account.STATUS.values())),
    ("Appointment", "status", VisitState, set(appointment.STATUS.values())),
    ("PaymentNotice", "status", PaymentState, {status for status, _ in payment_notice.STATUS.values()}),
    ("PaymentReconciliation", "status", PaymentState, {status for status, _ in payment_notice.STATUS.values()}),
    ("Patient", "gender", Gender, set(patient.GENDER.values())),
]
TABLES: list[tuple[dict[Any, Any], type[Enum]]] = [
    (invoice.STATUS, BillState),
    (appointment.STATUS, VisitState),
    (payment_notice.STATUS, PaymentState),
    (patient.GENDER, Gender),
]


def test_every_business_type_has_its_mapper_and_every_kind_of_record_one() -> None:
    assert set(MAPPERS) == {
        "Invoice",
        "Account",
        "Appointment",
        "PaymentNotice",
        "Patient",
        "Location",
        "Practitioner",
        "Organization",
        "AuditEvent",
    }
    assert {mapper.kind for mapper in MAPPERS.values()} == {*Kind, *OwnKind, None}


@pytest.mark.parametrize("type", MAPPERS)
def test_a_mapper_is_found_by_the_name_of_its_module(type: str) -> None:
    snake = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", type).lower()
    module = import_module(f"fhir_facade.mappers.{snake}")
    assert (module.TYPE, module.KIND, module.render) == (type, MAPPERS[type].kind, MAPPERS[type].render)


@pytest.mark.parametrize(("table", "states"), TABLES)
def test_every_state_is_mapped_and_no_other(table: dict[Any, Any], states: type[Enum]) -> None:
    assert set(table) == set(states)


@pytest.mark.parametrize(("type", "element", "_states", "codes"), STATUSES)
def test_only_codes_of_r4_are_written(type: str, element: str, _states: Any, codes: set[str]) -> None:
    assert codes <= set(document("r4.schema.json")["definitions"][type]["properties"][element]["enum"])


@pytest.mark.parametrize("name", RESOURCES)
def test_type_and_id_come_first_and_meta_is_left_to_the_files_room(name: str) -> None:
    body = RESOURCES[name]()
    assert list(body)[:2] == ["resourceType", "id"]
    assert all("meta" not in node and "text" not in body for node in nodes(body))


@pytest.mark.parametrize("name", [name for name in RESOURCES if not name.startswith(("Organization", "AuditEvent"))])
def test_what_the_authority_issued_carries_it_as_assigner(name: str) -> None:
    authority = (CLINIC_SCENE if "clinic" in name or "hidden" in name else SCENE).authority
    identifiers = [i for i in RESOURCES[name]()["identifier"] if "us-npi" not in i["system"]]
    assert [i["assigner"] for i in identifiers] == [
        {
            "reference": f"Organization/{authority.id}",
            "identifier": {"system": "urn:ietf:rfc:3986", "value": authority.system},
        }
    ]


@pytest.mark.parametrize("name", RESOURCES)
def test_a_reference_has_an_identifier_without_assigner_and_shows_no_patient(name: str) -> None:
    for node in nodes(RESOURCES[name]()):
        if not str(node.get("reference", "#")).startswith("#") and not name.startswith("AuditEvent"):
            assert set(node["identifier"]) == {"system", "value"}
            assert node["reference"].startswith("Organization/") or "display" not in node


@pytest.mark.parametrize("name", RESOURCES)
def test_money_has_a_currency_and_is_a_decimal(name: str) -> None:
    money = [node for node in nodes(RESOURCES[name]()) if "currency" in node or isinstance(node.get("value"), Decimal)]
    assert all(isinstance(each["value"], Decimal) and len(each["currency"]) == 3 for each in money)
    assert not any(isinstance(value, float) for node in nodes(RESOURCES[name]()) for value in node.values())


@pytest.mark.parametrize("name", [name for name in BY_NAME if not name.startswith("AuditEvent")])
def test_nothing_but_numbers_of_records_reaches_an_id(name: str) -> None:
    """Ids come from ``Ids`` alone: with other ids, no old one is left anywhere."""

    class Sealed(OpenIds):
        def patient(self, patient: Any) -> str:
            return "sealed"

        def record(self, type: str, patient: Any, own: str) -> str:
            return "sealed"

        def support(self, type: str, authority: str, number: str) -> str:
            return "sealed"

    record, scene = BY_NAME[name]
    body = MAPPERS[name.partition("-")[0]].body(record, replace(scene, ids=Sealed()))
    local = [n["reference"] for n in nodes(body) if "reference" in n and not n["reference"].startswith(("#", "Org"))]
    assert {reference.partition("/")[2] for reference in local} <= {"sealed"}
    assert body["id"] in ("sealed", scene.authority.id)


def test_one_number_at_two_authorities_is_two_patients() -> None:
    here, there = (MAPPERS["Patient"].body(PERSON, scene) for scene in (SCENE, CLINIC_SCENE))
    assert here["id"] != there["id"]
    assert here["identifier"][0]["value"] == there["identifier"][0]["value"] == "1001"
    assert here["identifier"][0]["system"] != there["identifier"][0]["system"]
