"""One practice that hangs slows nobody else (production-rules.md B8)."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from fhir_facade.keys import SourceKey
from fhir_facade.records import Bill
from tests.api.conftest import Facade, Facades, Fickle, outcomes
from tests.people import ANNA, NOT_ANNA


class Hung(Fickle):
    """Answers when it is released, and says when it was asked."""

    asked_now, released = threading.Event(), threading.Event()

    def bills(self, patient: SourceKey) -> Sequence[Bill]:
        self.asked_now.set()
        self.released.wait(30)
        return super().bills(patient)


def hung(facades: Facades, **settings: object) -> Facade:
    facade = facades(**settings)
    practice = facade.systems["practice"]
    practice.__class__ = Hung
    Hung.asked_now.clear()
    Hung.released.clear()
    return facade


def test_others_are_answered_while_one_hangs(facades: Facades) -> None:
    facade = hung(facades)
    with ThreadPoolExecutor(1) as waiting:
        slow = waiting.submit(facade.json, f"Invoice?patient={facade.patient(ANNA)}")
        assert Hung.asked_now.wait(10)
        assert facade.json(f"Invoice?patient={facade.patient(NOT_ANNA)}")["total"] == 1
        assert not slow.done()
        Hung.released.set()
        assert slow.result()["total"] == 4


def test_beyond_its_limit_callers_are_refused_at_once(facades: Facades) -> None:
    facade = hung(facades, calls_in_flight=1)
    with ThreadPoolExecutor(1) as waiting:
        slow = waiting.submit(facade.json, f"Invoice?patient={facade.patient(ANNA)}")
        assert Hung.asked_now.wait(10)
        refused = facade.get(f"Account?patient={facade.patient(ANNA)}")
        assert (refused.status_code, refused.headers["Retry-After"]) == (503, "2")
        Hung.released.set()
        assert slow.result()["total"] == 4


def test_nobody_waits_longer_than_the_deadline(facades: Facades) -> None:
    facade = hung(facades)
    object.__setattr__(facade.house.cabinet, "deadline", 0.05)
    both = f"{facade.patient(ANNA)},{facade.patient(NOT_ANNA)}"
    begun = time.monotonic()
    bundle = facade.json(f"Invoice?patient={both}")
    assert time.monotonic() - begun < 10
    assert "did not answer in time" in outcomes(bundle)[0]["diagnostics"]
    assert facade.json(f"Invoice?patient={facade.patient(ANNA)}", 504)["issue"][0]["code"] == "timeout"
    Hung.released.set()


def test_many_callers_of_one_patient_ask_the_source_once(facades: Facades) -> None:
    facade = hung(facades)
    with ThreadPoolExecutor(8) as callers:
        answers = [callers.submit(facade.json, f"Invoice?patient={facade.patient(ANNA)}") for _ in range(8)]
        assert Hung.asked_now.wait(10)
        Hung.released.set()
        assert {answer.result()["total"] for answer in answers} == {4}
    assert facade.systems["practice"].asked == ["bills"]
