"""Ids that were given out before a key was exchanged, and before a patient's number was merged, keep answering."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import pytest

from fhir_facade.keys import SourceKey
from fhir_facade.records import Bill
from fhir_facade.settings.model import Secret
from tests.api.conftest import Facade, Facades, Fickle, Merging, numbers
from tests.people import ANNA, BORIS

OLD, NEW = "o" * 32, "n" * 32


def with_keys(facade: Facade, *keys: str) -> Facade:
    """The same site, started again with these keys."""
    facade.restart(id_key=Secret(keys))
    return facade


def test_after_an_exchange_of_keys_old_ids_are_read_and_named(facade: Facade) -> None:
    old = with_keys(facade, OLD)
    patient, invoice = old.patient(ANNA), old.record("Invoice", ANNA, "9301")
    place = old.house.finder.ids.support("Location", "riverside", "1")
    new = with_keys(facade, NEW, OLD)
    assert new.record("Invoice", ANNA, "9301") != invoice
    answer = new.get(f"Invoice/{invoice}")
    assert answer.status_code == 200
    assert answer.headers["Content-Location"].endswith(new.record("Invoice", ANNA, "9301"))
    assert new.json(f"Patient/{patient}")["id"] == new.patient(ANNA)
    assert new.json(f"Location/{place}")["name"] == "Riverside Main"
    assert new.json(f"Invoice?patient={patient}")["total"] == 4
    assert new.json(f"Invoice?patient={patient},{new.patient(BORIS)}")["total"] == 5
    retired = with_keys(facade, NEW)
    assert retired.get(f"Invoice/{invoice}").status_code == 404


def test_after_an_exchange_of_keys_old_ids_are_found(facade: Facade) -> None:
    old = with_keys(facade, OLD)
    patient, invoice, account = old.patient(ANNA), old.record("Invoice", ANNA, "9301"), old.record("Account", ANNA, "1")
    place = old.house.finder.ids.support("Location", "riverside", "1")
    doctor = old.house.finder.ids.support("Practitioner", "riverside", "86")
    searches = {
        f"Invoice?_id={invoice},{patient}": 1,
        f"Invoice?_id={invoice}&patient={patient}": 1,
        f"Patient?_id={patient}": 1,
        f"Location?_id={place}": 1,
        f"Invoice?account=Account/{account}": 4,
        f"Invoice?participant=Practitioner/{doctor}&patient={patient}": 4,
        f"PaymentNotice?request=Invoice/{invoice}": 1,
        f"PaymentNotice?covers={invoice}": 1,
        f"Appointment?actor=Location/{place}&patient={patient}": 2,
    }
    assert {search: old.json(search)["total"] for search in searches} == searches
    new = with_keys(facade, NEW, OLD)
    assert {search: new.json(search)["total"] for search in searches} == searches


def test_a_page_link_outlives_its_key_as_410(facade: Facade) -> None:
    old = with_keys(facade, OLD)
    bundle = old.json(f"Invoice?patient={old.patient(ANNA)}&_count=1")
    link = next(each["url"] for each in bundle["link"] if each["relation"] == "next").partition("/fhir/")[2]
    assert with_keys(facade, NEW, OLD).get(link).status_code == 200
    assert with_keys(facade, NEW).json(link, 410)["issue"][0]["code"] == "deleted"


def test_after_a_merge_the_old_number_finds_and_reads_the_bills(facades: Facades) -> None:
    facade = facades(practice=Merging)
    old = ANNA._replace(value="1008")
    assert numbers(facade.json(f"Invoice?patient={facade.patient(old)}")) == ["9321"]
    bill = facade.json(f"Invoice/{facade.record('Invoice', old, '9321')}")
    assert bill["subject"]["reference"] == f"Patient/{facade.patient(ANNA._replace(value='1009'))}"


def test_whoever_is_named_by_both_numbers_is_found_once(facades: Facades) -> None:
    facade = facades(practice=Merging)
    both = ",".join(facade.patient(ANNA._replace(value=number)) for number in ("1008", "1009"))
    for search, found in ((f"Invoice?patient={both}", ["9321"]), (f"Patient?_id={both}", ["1008", "1009"])):
        bundle = facade.json(search)
        assert (sorted(numbers(bundle)), bundle["total"]) == (found, len(found))


class Leaking(Fickle):
    """Answers with somebody else's bill among the patient's."""

    def bills(self, patient: SourceKey) -> Sequence[Bill]:
        (stray,) = super().bills(patient._replace(value="1002"))
        return [*super().bills(patient), stray, msgspec.structs.replace(stray, number="9312", patient="4711")]


def test_somebody_elses_record_is_dropped_and_reported(facades: Facades, capfd: pytest.CaptureFixture[str]) -> None:
    facade = facades(practice=Leaking)
    assert facade.json(f"Invoice?patient={facade.patient(ANNA)}")["total"] == 4
    assert "file.foreign-record" in capfd.readouterr().err


def test_a_key_is_made_and_kept_where_none_is_given(facade: Facade) -> None:
    before = facade.patient(ANNA)
    facade.restart()
    assert facade.patient(ANNA) == before
