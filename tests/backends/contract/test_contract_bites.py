"""The conformance suite notices: each backend with a fault fails the behaviours that speak of the fault."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

import pytest

from fhir_facade.backends.memory import MemoryBackend
from fhir_facade.backends.port import BillingSystem
from fhir_facade.errors import Unreachable
from fhir_facade.keys import SourceKey
from fhir_facade.records import Bill, Kind, Person
from fhir_facade.testing import BackendContract
from tests.backends.contract.bad_backends import FAULTS
from tests.backends.sample import ANNA, ANNA_BEFORE, BORIS, EXPECTED, NAME, RECORDS

pytest_plugins = ["pytester"]

BEHAVIOURS = {name.split("_")[1]: name for name in dir(BackendContract) if name.startswith("test_")}


class Sick(MemoryBackend):
    """A billing system that is down, said as it should be."""

    kinds = frozenset({Kind.PERSONS, Kind.BILLS})

    def person(self, patient: SourceKey) -> Person | None:
        raise Unreachable("connection refused")

    def bills(self, patient: SourceKey) -> Sequence[Bill]:
        raise Unreachable("connection refused")

    def ping(self) -> None:
        raise Unreachable("connection refused")


class SickAndEmpty(Sick):
    def bills(self, patient: SourceKey) -> Sequence[Bill]:
        return ()


class SickAndRaw(Sick):
    def bills(self, patient: SourceKey) -> Sequence[Bill]:
        raise ConnectionRefusedError


class SickAndTalkative(Sick):
    def bills(self, patient: SourceKey) -> Sequence[Bill]:
        raise Unreachable(f"GET /patients/{patient.value}/bills")


class SickAndSmiling(Sick):
    def ping(self) -> None:
        """All is well."""


def failed(backend: BillingSystem, sick: BillingSystem) -> set[str]:
    """The numbers of the behaviours that these backends fail."""
    given = {
        "backend": backend,
        "sick_backend": sick,
        "known": ANNA,
        "stranger": BORIS,
        "merged": ANNA_BEFORE,
        "unknown": ANNA._replace(value="99999999"),
        "expected": EXPECTED,
    }
    return {number for number, name in BEHAVIOURS.items() if _fails(getattr(BackendContract(), name), given)}


def _fails(behaviour: Any, given: dict[str, Any]) -> bool:
    wanted = {name: given[name] for name in inspect.signature(behaviour).parameters}
    try:
        behaviour(**wanted)
    except (Exception, pytest.fail.Exception):  # any failure at all is a bite
        return True
    return False


def memory(type_: type[MemoryBackend] = MemoryBackend) -> MemoryBackend:
    return type_(RECORDS, name=NAME)


def test_a_good_backend_fails_nothing() -> None:
    assert failed(memory(), memory(Sick)) == set()


@pytest.mark.parametrize("bad", FAULTS, ids=lambda bad: bad.__name__)
def test_a_fault_is_noticed_by_the_behaviours_that_speak_of_it(bad: type[MemoryBackend]) -> None:
    assert set(FAULTS[bad].split()) - failed(memory(bad), memory(Sick)) == set()


@pytest.mark.parametrize("bad", [SickAndEmpty, SickAndRaw, SickAndTalkative, SickAndSmiling])
def test_a_sick_source_that_is_not_said_so_is_noticed(bad: type[MemoryBackend]) -> None:
    assert failed(memory(), memory(bad)) == {"7b"}


def test_every_behaviour_has_bitten() -> None:
    assert {number for numbers in FAULTS.values() for number in numbers.split()} | {"7b"} == set(BEHAVIOURS)


def test_the_contract_is_a_pytest_class_that_asks_for_what_it_needs(pytester: pytest.Pytester) -> None:
    pytester.makepyfile(
        """
        import pytest
        from fhir_facade.testing import BackendContract
        from tests.backends.contract.bad_backends import Leaky
        from tests.backends.sample import NAME, RECORDS
        from tests.backends.sample_contract import SampleContract

        class TestForgetful(BackendContract):
            pass

        class TestLeaky(SampleContract):
            __test__ = True

            @pytest.fixture
            def backend(self):
                return Leaky(RECORDS, name=NAME)
        """
    )
    result = pytester.runpytest_inprocess("-q", "-p", "no:cacheprovider")
    result.stdout.fnmatch_lines(["*NotImplementedError: give a fixture: backend"])
    result.stdout.fnmatch_lines(["FAILED *TestLeaky::test_2c_records_name_their_patient*"])
    assert result.parseoutcomes()["errors"] == len(BEHAVIOURS) - 1  # without sick_backend 7b is skipped
