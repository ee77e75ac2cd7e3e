"""The backend keeps the port's contract, in front of the simulator."""

from __future__ import annotations

import datetime as dt

import pytest

from fhir_facade.backends.athenahealth import AthenaHealth
from fhir_facade.backends.port import Context
from fhir_facade.clock import utcnow
from fhir_facade.keys import SourceKey
from fhir_facade.records import Kind
from fhir_facade.sandbox.athenahealth import AppointmentCopay, Charge, Practice, Simulator, Transaction
from fhir_facade.state.memory import MemoryStore
from fhir_facade.testing import BackendContract
from tests.backends.athenahealth.conftest import ANNA, Heard, Open

TODAY = dt.date(2026, 3, 2)


@pytest.fixture
def context(store: MemoryStore, heard: Heard) -> Context:
    """Our clock is right: the probe holds it against the simulator's answers."""
    return Context("athena", store, utcnow, heard)


@pytest.fixture
def practice(practice: Practice) -> Practice:
    """Anna with a record of every kind, one that was merged into hers, and Marcus with his own."""
    paid = Transaction("73256", "-5", date=TODAY, epayment="3800")
    cash = Transaction("73257", "-.16", date=TODAY)
    charge = Charge("72801", "225.5", modifiers=("25",), date=TODAY, transactions=[paid, cash])
    practice.add_claim(1001, 9301, "225.5", "85.5", provider="27", service_date=TODAY, charges=[charge])
    practice.add_claim(1001, 9302, "40.5", "-12.5", department="62", provider="99")
    practice.add_claim(1001, 9303, "25.16", 0, in_balances=False)
    practice.add_claim(1001, 9304, "25.16", 0, listed=True)
    practice.add_visit(1001, 985001, date=TODAY, copay=20, copay_detail=AppointmentCopay(25, 5, 0))
    practice.add_visit(1001, 985002, date=TODAY, department="62", status="x", minutes=None)
    practice.add_receipt(1001, 3800, "5", requested="07/09/2025 11:40:34")
    practice.add_receipt(1001, 3801, "9.01", requested="07/09/2025 11:40:34", type="VOID")
    practice.add_receipt(1001, 3802, "0", requested="07/09/2025 11:40:34", type="AUTHORIZATION")
    practice.add_claim(1002, 9310, "412.37", "412.37")
    practice.add_visit(1002, 985010, date=TODAY)
    practice.add_receipt(1002, 3900, "5", requested="07/09/2025 11:40:34")
    practice.add_patient(1000)
    practice.merge(1000, into=1001)
    return practice


class TestAthenaHealth(BackendContract):
    @pytest.fixture
    def backend(self, open_backend: Open) -> AthenaHealth:
        return open_backend()

    @pytest.fixture
    def sick_backend(self, open_backend: Open, sim: Simulator) -> AthenaHealth:
        sim.fault("html", status=500)
        return open_backend()

    @pytest.fixture
    def known(self) -> SourceKey:
        return ANNA

    @pytest.fixture
    def stranger(self) -> SourceKey:
        return SourceKey("athena", "1002")

    @pytest.fixture
    def merged(self) -> SourceKey:
        return SourceKey("athena", "1000")

    @pytest.fixture
    def expected(self) -> dict[Kind, set[str]]:
        return {
            Kind.PERSONS: {"1001"},
            Kind.BILLS: {"9301", "9302", "9303", "9304"},
            Kind.ACCOUNTS: {"1001-1", "1001-2"},
            Kind.VISITS: {"985001", "985002"},
            Kind.PAYMENTS: {"e3800", "e3801", "t73257"},
        }
