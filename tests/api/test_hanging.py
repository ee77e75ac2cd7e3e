"""One practice that hangs slows nobody else (production-rules.md B8)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from fhir_facade.keys import SourceKey
from fhir_facade.records import Bill, Record
from tests.api.conftest import Facade, Facades, Fickle, outcomes
from tests.people import ANNA, NOT_ANNA


class Hung(Fickle):
    """Answers when it is released, and says when it was asked."""

    def __init__(self, records: Sequence[Record], name: str, *, scans: bool) -> None:
        super().__init__(records, name, scans=scans)
        self.asked_now, self.released = threading.Event(), threading.Event()

    def bills(self, patient: SourceKey) -> Sequence[Bill]:
        self.asked_now.set()
        self.released.wait(30)
        return super().bills(patient)


Hanging = Callable[..., tuple[Facade, Hung]]


@pytest.fixture
def hanging(facades: Facades) -> Iterator[Hanging]:
    """Makes a facade whose practice hangs; it is let go at the end at the latest."""
    made: list[Hung] = []

    def make(**settings: Any) -> tuple[Facade, Hung]:
        facade = facades(practice=Hung, **settings)
        practice = facade.systems["practice"]
        assert isinstance(practice, Hung)
        made.append(practice)
        return facade, practice

    yield make
    for practice in made:
        practice.released.set()


def test_others_are_answered_while_one_hangs(hanging: Hanging) -> None:
    facade, practice = hanging()
    with ThreadPoolExecutor(1) as waiting:
        slow = waiting.submit(facade.json, f"Invoice?patient={facade.patient(ANNA)}")
        assert practice.asked_now.wait(10)
        assert facade.json(f"Invoice?patient={facade.patient(NOT_ANNA)}")["total"] == 1
        assert not slow.done()
        practice.released.set()
        assert slow.result()["total"] == 4


def test_beyond_its_limit_callers_are_refused_at_once(hanging: Hanging) -> None:
    facade, practice = hanging(calls_in_flight=1)
    with ThreadPoolExecutor(1) as waiting:
        slow = waiting.submit(facade.json, f"Invoice?patient={facade.patient(ANNA)}")
        assert practice.asked_now.wait(10)
        refused = facade.get(f"Account?patient={facade.patient(ANNA)}")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
        practice.released.set()
        assert slow.result()["total"] == 4


def test_nobody_waits_longer_than_the_deadline(hanging: Hanging) -> None:
    facade, _ = hanging(server={"deadline_seconds": 0.05})
    both = f"{facade.patient(ANNA)},{facade.patient(NOT_ANNA)}"
    begun = time.monotonic()
    bundle = facade.json(f"Invoice?patient={both}")
    assert time.monotonic() - begun < 10
    assert "did not answer in time" in outcomes(bundle)[0]["diagnostics"]
    assert facade.json(f"Invoice?patient={facade.patient(ANNA)}", 504)["issue"][0]["code"] == "timeout"


def test_many_callers_of_one_patient_ask_the_source_once(hanging: Hanging) -> None:
    facade, practice = hanging()
    with ThreadPoolExecutor(8) as callers:
        answers = [callers.submit(facade.json, f"Invoice?patient={facade.patient(ANNA)}") for _ in range(8)]
        assert practice.asked_now.wait(10)
        practice.released.set()
        assert {answer.result()["total"] for answer in answers} == {4}
    assert practice.asked == ["bills"]
