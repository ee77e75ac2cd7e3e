"""Starts what the demo's facade stands in front of."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from fhir_facade.sandbox.athenahealth import Simulator
from fhir_facade.sandbox.clinic import clinic_settings, create_clinic
from fhir_facade.sandbox.demo_settings import BASE_URL, write_settings
from fhir_facade.sandbox.sample import sample_world
from fhir_facade.sandbox.sample.world import PRACTICE


@contextmanager
def start_billing_systems(directory: Path, *, base_url: str = BASE_URL, port: int = 0) -> Iterator[Path]:
    """Inside it, the athenahealth simulator answers and the clinic's database is there; yields the settings file.

    ``base_url`` is the facade's; ``port`` is the simulator's, 0 for any free one.
    """
    directory = directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    clinic = directory / "clinic.db"
    create_clinic(clinic)
    with Simulator(sample_world(), port) as simulator:
        athena = {
            "base_url": simulator.base_url,
            "practice": PRACTICE,
            "client_id": simulator.world.client_id,
            "client_secret": simulator.world.client_secret,
        }
        yield write_settings(directory, athena=athena, clinic=clinic_settings(clinic), base_url=base_url)
