"""The harness at its smallest, in this process: what is measured is what it says it is.  Nothing is timed."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import flask
import pytest

from bench import bare, render, site, vendor
from bench.bills import bill
from bench.client import bills_of, invoices_in, patient_in
from fhir_facade import wire
from fhir_facade.house import House, build
from fhir_facade.sandbox.athenahealth.server import LoopbackServer
from fhir_facade.settings.load import load

PATIENT, BILLS = "4711", 20


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    house = build(load(site.written(tmp_path, 8080, site.memory(tmp_path, [(PATIENT, BILLS)]))))
    yield house
    house.close()


@pytest.fixture
def simulator() -> Iterator[vendor.Vendor]:
    server = LoopbackServer(vendor.timed())
    server.open()
    yield vendor.Vendor(server.port, 0)
    server.close()


def get(app: flask.Flask, path: str) -> bytes:
    answer = app.test_client().get(f"/fhir/{path}")
    assert answer.status_code == 200, answer.data
    return bytes(answer.data)


def test_the_facade_that_is_measured_has_the_bills_that_are_counted(house: House) -> None:
    searchset = get(house.app, bills_of(PATIENT))
    assert wire.decode(searchset)["total"] == BILLS
    assert len(set(invoices_in(searchset, 100))) == BILLS


def test_the_search_that_is_measured_finds_the_same_bills_by_the_patients_id(house: House) -> None:
    by_number = get(house.app, bills_of(PATIENT))
    by_id = get(house.app, f"Invoice?patient={patient_in(by_number)}")
    assert invoices_in(by_id, 100) == invoices_in(by_number, 100)


def test_the_bare_views_return_the_same_bytes(house: House) -> None:
    search = f"Invoice?patient={patient_in(get(house.app, bills_of(PATIENT)))}"
    [read] = invoices_in(get(house.app, search), 1)
    bodies = get(house.app, search), get(house.app, read)
    app = bare.create_app(*bodies)
    assert (get(app, search), get(app, read)) == bodies


def test_the_invoice_that_is_rendered_has_five_lines_and_pleases_both_judges() -> None:
    body = wire.decode(render.ours(render.sealer(), [bill("1", 1, 5)])())
    assert len(body["lineItem"]) == 5
    assert '"resourceType":"Invoice"' in render.theirs(body)()


def test_each_invoice_that_is_rendered_is_another_one() -> None:
    work = render.ours(render.sealer(), [bill("1", 1, 5), bill("1", 2, 5)])
    assert work() != work()


def test_the_simulator_has_every_patient_with_as_many_claims_as_the_number_says(
    simulator: vendor.Vendor, tmp_path: Path
) -> None:
    house = build(load(site.written(tmp_path, 8080, site.athenahealth(simulator.url))))
    few, many = (
        wire.decode(get(house.app, bills_of(vendor.number(claims, serial)))) for claims, serial in ((3, 1), (40, 2))
    )
    house.close()
    assert (few["total"], many["total"]) == (3, 40)


def test_the_simulator_tells_what_it_was_asked_about_patients_once(simulator: vendor.Vendor, tmp_path: Path) -> None:
    house = build(load(site.written(tmp_path, 8080, site.athenahealth(simulator.url))))
    patient = vendor.number(2, 7)
    get(house.app, bills_of(patient))
    asked = simulator.asked()
    house.close()
    assert asked
    assert all(patient in call.target and call.start <= call.end for call in asked)
    assert simulator.asked() == []
