"""A source that fails never looks like one that has nothing: each failure, on each way in."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest

from fhir_facade.errors import Refused, Resting, SourceError, Throttled, TimedOut, UnexpectedShape, Unreachable
from tests.api.conftest import BASE, Facade, Fickle, numbers, outcomes, parsed
from tests.people import ANNA, NOT_ANNA

SAID = "GET /patients/1001: Nora Different owes 31.16"
FAILURES = {
    Unreachable(SAID): (502, "transient"),
    Refused(SAID): (502, "transient"),
    UnexpectedShape("$.claims[0].amount"): (502, "transient"),
    TimedOut(SAID): (504, "timeout"),
    Throttled(SAID, retry_after=9): (503, "transient"),
    Resting(SAID, retry_after=9): (503, "transient"),
}
ASKED = ("person", "bills", "accounts", "visits", "payments", "places", "practitioners", "scan", "locate")
CLINIC = f"{BASE}/identifiers/clinic"
ALONE = {
    "read a bill": "Invoice/{bill}",
    "read a patient": "Patient/{nora}",
    "read a place": "Location/{place}",
    "read what is not there": "Invoice/{no bill}",
    "search": "Invoice?patient={nora}",
    "search that finds nothing": "Invoice?patient={nora}&status=cancelled",
    "count": "Invoice?patient={nora}&_summary=count",
    "by id": "Patient?_id={nora}",
    "by number": "Patient?identifier=urn:oid:1.3.6.1.4.1.99999.6|1001",
    "by the patient's number": "Account?patient:identifier=urn:oid:1.3.6.1.4.1.99999.6|1001",
    "locate": f"Invoice?identifier={CLINIC}/invoice|7701",
    "by another record": "PaymentNotice?request=Invoice/{bill}",
    "scan": "Invoice?assigner=clinic",
    "scan of patients": "Patient?organization=clinic",
}
BESIDE_ANOTHER = {
    "two patients": "Invoice?patient={nora},{anna}",
    "two patients of whom nothing is found": "Invoice?patient={nora},{anna}&status=cancelled",
    "without a total": "Invoice?patient={nora},{anna}&_total=none",
    "two ids": "Invoice?_id={bill},{annas bill}",
    "a number": "Patient?identifier=1001",
    "places": "Location",
    "practitioners": "Practitioner",
}


class Failing(Fickle):
    """Fails in whatever it is asked, once it is told to."""

    fault: SourceError | None = None

    def __getattribute__(self, name: str) -> Any:
        fault = object.__getattribute__(self, "fault")
        return _raising(fault) if fault is not None and name in ASKED else object.__getattribute__(self, name)


def _raising(fault: SourceError) -> Callable[..., Any]:
    def answer(*_: object) -> Any:
        raise fault

    return answer


@pytest.fixture
def down(facade: Facade) -> Facade:
    """The clinic is a source that can fail in everything; the practice answers."""
    facade.systems["clinic"].__class__ = Failing
    return facade


def filled(facade: Facade, paths: Mapping[str, str]) -> dict[str, str]:
    named = {
        "anna": facade.patient(ANNA),
        "nora": facade.patient(NOT_ANNA),
        "bill": facade.record("Invoice", NOT_ANNA, "7701"),
        "no bill": facade.record("Invoice", NOT_ANNA, "7702"),
        "annas bill": facade.record("Invoice", ANNA, "9301"),
        "place": facade.house.finder.ids.support("Location", "clinic", "1"),
    }
    return {way: path.format(**named) for way, path in paths.items()}


def failing(facade: Facade, fault: SourceError) -> None:
    facade.systems["clinic"].fault = fault  # type: ignore[attr-defined]


@pytest.mark.parametrize("fault", FAILURES, ids=lambda fault: type(fault).__name__)
def test_the_only_source_fails(down: Facade, fault: SourceError) -> None:
    failing(down, fault)
    for way, path in filled(down, ALONE).items():
        answer = down.get(path)
        outcome = parsed(answer)
        assert (answer.status_code, outcome["issue"][0]["code"]) == FAILURES[fault], way
        assert answer.headers.get("Retry-After") == ("9" if isinstance(fault, Throttled) else None), way
        assert outcome["issue"][0]["diagnostics"] == fault.diagnostics


@pytest.mark.parametrize("fault", FAILURES, ids=lambda fault: type(fault).__name__)
def test_one_of_two_sources_fails(down: Facade, fault: SourceError) -> None:
    failing(down, fault)
    for way, path in filled(down, BESIDE_ANOTHER).items():
        bundle = down.json(path)
        assert "total" not in bundle, way
        told = [(issue["severity"], issue["code"]) for issue in outcomes(bundle)]
        assert told == [("error", "incomplete")], way
        assert "Organization/clinic" in outcomes(bundle)[0]["diagnostics"]
        assert SAID not in json.dumps(outcomes(bundle))
        assert down.get(f"{path}&_summary=count" if "?" in path else f"{path}?_summary=count").status_code in (503, 504)


@pytest.mark.parametrize("fault", FAILURES, ids=lambda fault: type(fault).__name__)
def test_a_source_fails_between_two_pages(down: Facade, fault: SourceError) -> None:
    bundle = down.json(filled(down, BESIDE_ANOTHER)["a number"] + "&_count=1")
    link = next(link["url"] for link in bundle["link"] if link["relation"] == "next").removeprefix(BASE + "/")
    down.house.cabinet.shelf._kept.clear()
    failing(down, fault)
    assert down.json(link, 503)["issue"][0]["code"] == "transient"
    down.house.cabinet.shelf._kept.clear()
    failing(down, None)  # type: ignore[arg-type]
    assert len(numbers(down.json(link))) == 1


def test_what_a_source_said_is_in_no_log(down: Facade, capfd: pytest.CaptureFixture[str]) -> None:
    for fault in FAILURES:
        failing(down, fault)
        for path in filled(down, ALONE | BESIDE_ANOTHER).values():
            down.get(path, X_Request_Id="r")
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    told = json.dumps([{name: fact for name, fact in line.items() if name != "timestamp"} for line in lines])
    assert "source.failed" in told
    assert [word for word in ("1001", "Nora", "Different", "31.16", "7701", "patients/") if word in told] == []
