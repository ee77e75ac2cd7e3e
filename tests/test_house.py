"""The composition root gives back all that it opened, also when it could not finish."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from fhir_facade.backends.memory import MemoryBackend
from fhir_facade.backends.port import BillingSystem, Context
from fhir_facade.house import build
from fhir_facade.keys import PatientKey, SourceKey
from fhir_facade.records import Bill, BillState
from fhir_facade.settings.model import AssigningAuthority, BillingSystemSettings, Bills, Security, Server, Settings
from tests.services import redis_url

AUTHORITIES = tuple(
    AssigningAuthority(name, name.title(), f"urn:numbers:{name}", name, bills=Bills(view=True))
    for name in ("first", "second")
)
SYSTEMS = tuple(BillingSystemSettings(authority.id, "memory") for authority in AUTHORITIES)


class Closing(MemoryBackend):
    """Says when it is closed."""

    closed = False

    def close(self) -> None:
        self.closed = True


class Counting(MemoryBackend):
    """Has one bill, and counts how often it is asked for."""

    asked = 0

    def bills(self, patient: SourceKey) -> Sequence[Bill]:
        type(self).asked += 1
        return [Bill(number="9301", patient=patient.value, state=BillState.OWED)]


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    server = Server("http://127.0.0.1/fhir", state=f"sqlite:///{tmp_path}/state.db")
    return Settings(server, Security("open"), SYSTEMS, AUTHORITIES)


def test_closing_it_closes_every_billing_system(settings: Settings) -> None:
    backends = {system.name: Closing(name=system.name) for system in SYSTEMS}
    build(settings, opening=lambda system, _: backends[system.name]).close()
    assert [backend.closed for backend in backends.values()] == [True, True]


def test_a_billing_system_that_cannot_be_opened_leaves_no_other_open(settings: Settings) -> None:
    first = Closing(name="first")

    def opening(system: BillingSystemSettings, _: Context) -> BillingSystem:
        if system.name == "second":
            raise ValueError("no such zone")
        return first

    with pytest.raises(ValueError, match="no such zone"):
        build(settings, opening=opening)
    assert first.closed


def test_a_billing_system_without_an_authority_is_not_opened(settings: Settings) -> None:
    opened: list[str] = []

    def opening(system: BillingSystemSettings, _: Context) -> BillingSystem:
        opened.append(system.name)
        return MemoryBackend(name=system.name)

    only_first = Settings(settings.server, settings.security, SYSTEMS, AUTHORITIES[:1])
    build(only_first, opening=opening).close()
    assert opened == ["first"]


def test_machines_that_share_a_redis_fetch_a_file_once(settings: Settings) -> None:
    shared = replace(settings, server=replace(settings.server, cache=redis_url()))
    Counting.asked = 0
    machines = [build(shared, opening=lambda system, _: Counting(name=system.name)) for _ in range(2)]
    patient = machines[0].finder.ids.patient(PatientKey("first", "1001"))
    answers = [machine.app.test_client().get(f"/fhir/Invoice?patient={patient}").json for machine in machines]
    for machine in machines:
        machine.close()
    assert [answer["total"] for answer in answers] == [1, 1]
    assert Counting.asked == 1
