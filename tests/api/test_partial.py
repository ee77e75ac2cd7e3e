"""A source that does not answer is said, and never looks like "no bills" (fhir-contract.md, "Partial")."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import msgspec

from fhir_facade.errors import Resting, TimedOut, Unreachable
from fhir_facade.records import Bill, BillState
from tests.api.conftest import BASE, Facade, Facades, numbers, outcomes
from tests.people import ANNA, NOT_ANNA, RIVERSIDE

BOTH = "patient={},{}"


def both(facade: Facade) -> str:
    return f"patient={facade.patient(ANNA)},{facade.patient(NOT_ANNA)}"


def test_the_rest_is_shown_without_a_total_and_the_missing_is_named(facade: Facade) -> None:
    facade.systems["clinic"].failure = Unreachable("10.0.0.7 refused")
    bundle = facade.json(f"Invoice?{both(facade)}")
    assert len(numbers(bundle)) == 4
    assert "total" not in bundle
    (issue,) = outcomes(bundle)
    assert (issue["severity"], issue["code"]) == ("error", "incomplete")
    assert "Organization/clinic" in issue["diagnostics"]
    assert "10.0.0.7" not in issue["diagnostics"]


def test_all_missing_is_a_failure(facade: Facade) -> None:
    for system in facade.systems.values():
        system.failure = TimedOut("slow")
    assert facade.json(f"Invoice?{both(facade)}", 504)["issue"][0]["code"] == "timeout"


def test_a_count_is_never_partial(facade: Facade) -> None:
    facade.systems["clinic"].failure = Resting("breaker")
    assert facade.json(f"Invoice?{both(facade)}&_summary=count", 503)["issue"][0]["code"] == "transient"
    facade.systems["clinic"].failure = TimedOut("slow")
    assert facade.json(f"Invoice?{both(facade)}&_count=0", 504)["issue"][0]["code"] == "timeout"


def next_page(bundle: Any) -> str:
    return next(link["url"] for link in bundle["link"] if link["relation"] == "next").removeprefix(BASE + "/")


def test_what_is_missing_at_first_stays_missing_and_is_said_on_every_page(facade: Facade) -> None:
    facade.systems["clinic"].failure = Unreachable("down")
    bundle = facade.json(f"Invoice?{both(facade)}&_count=2")
    facade.systems["clinic"].failure = None
    later = facade.json(next_page(bundle))
    assert [issue["code"] for issue in outcomes(later)] == ["incomplete"]
    assert "7701" not in numbers(bundle) + numbers(later)
    assert "total" not in later


def test_a_source_lost_between_two_pages_is_503_and_never_a_gap(facades: Facades) -> None:
    facade = facades(life={"bills": 0.0})
    bundle = facade.json(f"Invoice?{both(facade)}&_count=2")
    assert bundle["total"] == 5
    facade.systems["clinic"].failure = Unreachable("down")
    assert facade.json(next_page(bundle), 503)["issue"][0]["code"] == "transient"


def test_a_stale_file_only_where_the_site_allows_it(facades: Facades) -> None:
    facade = facades(life={"bills": 0.0}, stale_seconds=600.0)
    facade.json(f"Invoice?{both(facade)}")
    facade.systems["practice"].failure = Unreachable("down")
    bundle = facade.json(f"Invoice?{both(facade)}")
    assert bundle["total"] == 5
    assert [(i["severity"], i["code"]) for i in outcomes(bundle)] == [("warning", "incomplete")]
    read = facade.get(f"Invoice/{facade.record('Invoice', ANNA, '9301')}")
    assert (read.status_code, read.headers["Warning"]) == (200, '110 - "Response is Stale"')


def test_an_answer_that_was_given_before_is_not_given_again_as_if_it_were_fresh(facades: Facades) -> None:
    facade = facades(life={"bills": 0.0}, stale_seconds=600.0)
    asked = f"Invoice?patient={facade.patient(ANNA)}"
    assert outcomes(facade.json(asked)) == []
    facade.systems["practice"].failure = Unreachable("down")
    assert [told["severity"] for told in outcomes(facade.json(asked))] == ["warning"]


def test_a_new_bill_between_two_pages_neither_repeats_nor_hides_one(facades: Facades) -> None:
    facade = facades(life={"bills": 0.0})
    bundle = facade.json(f"Invoice?patient={facade.patient(ANNA)}&_count=2")
    assert numbers(bundle) == ["9304", "9303"]
    newest = Bill(number="9999", patient="1001", state=BillState.OWED, created=dt.date(2026, 6, 1), parts=RIVERSIDE)
    facade.systems["practice"].new_bills.append(newest)
    assert numbers(facade.json(next_page(bundle))) == ["9302", "9301"]
    assert numbers(facade.json(f"Invoice?patient={facade.patient(ANNA)}&_count=1")) == ["9999"]


def test_a_page_back_does_not_repeat_what_follows_when_bills_have_gone(facades: Facades) -> None:
    facade = facades(life={"bills": 0.0})
    second = facade.json(next_page(facade.json(f"Invoice?patient={facade.patient(ANNA)}&_count=2")))
    back = next(link["url"] for link in second["link"] if link["relation"] == "previous").removeprefix(BASE + "/")
    bills = facade.systems["practice"]._of_patient[(Bill, "1001")]
    bills[:] = [bill for bill in bills if bill.number != "9304"]
    assert numbers(facade.json(back)) == ["9303"]
    bills[:] = [bill for bill in bills if bill.number != "9303"]
    assert numbers(facade.json(back)) == ["9302", "9301"]


def test_a_record_that_cannot_be_shown_is_not_said_to_be_missing(facade: Facade) -> None:
    bills = facade.systems["practice"]._of_patient[(Bill, "1001")]
    bills[:] = [msgspec.structs.replace(bill, due=Decimal("NaN")) if bill.number == "9301" else bill for bill in bills]
    facade.json(f"Invoice/{facade.record('Invoice', ANNA, '9301')}", 502)
    assert facade.json(f"Invoice/{facade.record('Invoice', ANNA, '9302')}")["status"] == "balanced"
    bundle = facade.json(f"Invoice?patient={facade.patient(ANNA)}")
    assert ("total" in bundle, [told["code"] for told in outcomes(bundle)]) == (False, ["incomplete"])
