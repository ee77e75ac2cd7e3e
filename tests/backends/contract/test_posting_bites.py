"""The poster's conformance suite notices: each poster with a fault fails the behaviours that speak of the fault."""

from __future__ import annotations

import inspect
from decimal import Decimal
from typing import Any

import pytest

from fhir_facade.backends.memory import MemoryBackend
from fhir_facade.backends.memory_posting import MemoryPoster, Shelf
from fhir_facade.backends.posting import Posting
from fhir_facade.testing import PosterContract
from fhir_facade.testing.posting_fixtures import CAPTURED, for_visit
from tests.backends.contract.bad_posters import FAULTS
from tests.backends.contract.test_posting_memory import Deaf
from tests.backends.sample import ANNA, BORIS, NAME, RECORDS

BEHAVIOURS = {name.split("_")[1]: name for name in dir(PosterContract) if name.startswith("test_")}
BILLS = {"9301": Decimal("85.47"), "9401": Decimal("0.10")}
POSTING = Posting("p1", ANNA, Decimal("85.57"), "USD", CAPTURED, bills=BILLS, tender="card", brand="visa")


class Told(MemoryBackend):
    """The memory backend, told by a poster of another kind."""

    def __init__(self, poster: type[MemoryPoster]) -> None:
        super().__init__(RECORDS, name=NAME)
        self._poster = poster(Shelf(NAME, self._everything, self._put))


def failed(poster: type[MemoryPoster]) -> set[str]:
    """The numbers of the behaviours that this poster fails."""
    return {number for number, name in BEHAVIOURS.items() if _fails(getattr(PosterContract(), name), poster)}


def _fails(behaviour: Any, type_: type[MemoryPoster]) -> bool:
    backend, sick = Told(type_), Told(type_)
    poster, silent = backend.poster(), sick.poster()
    assert poster is not None
    assert silent is not None
    silent.silent = True
    given = {
        "backend": backend,
        "poster": poster,
        "deaf_poster": Deaf(poster),
        "sick_poster": silent,
        "posting": POSTING,
        "prepayment": for_visit(POSTING, "5001", Decimal("19.99")),
        "stranger": BORIS,
        "settle": poster.reveal,
        "takes_other": True,
        "knows_payments": True,
    }
    wanted = {name: given[name] for name in inspect.signature(behaviour).parameters}
    try:
        behaviour(**wanted)
    except (Exception, pytest.fail.Exception):  # any failure at all is a bite
        return True
    return False


def test_a_good_poster_fails_nothing() -> None:
    assert failed(MemoryPoster) == set()


@pytest.mark.parametrize("bad", FAULTS, ids=lambda bad: bad.__name__)
def test_a_fault_is_noticed_by_the_behaviours_that_speak_of_it(bad: type[MemoryPoster]) -> None:
    assert set(FAULTS[bad].split()) - failed(bad) == set()


def test_every_behaviour_has_bitten() -> None:
    assert {number for numbers in FAULTS.values() for number in numbers.split()} == set(BEHAVIOURS)
