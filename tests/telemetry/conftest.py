"""A log that writes to memory, and numbers of its own."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest

from fhir_facade.telemetry.log import Log
from fhir_facade.telemetry.metrics import Metrics


class Recorded:
    """A log and what it wrote."""

    def __init__(self) -> None:
        self.stream, self.metrics = io.BytesIO(), Metrics()
        self.log = Log(self.stream, metrics=self.metrics)

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.stream.getvalue().splitlines()]


@pytest.fixture
def recorded() -> Recorded:
    return Recorded()


def sample(metrics: Metrics, name: str, **labels: str) -> float | None:
    """A number as Prometheus would read it."""
    names = ",".join(f'{label}="{value}"' for label, value in sorted(labels.items()))
    wanted = f"{name}{{{names}}}" if names else name
    for line in metrics.exposition().decode().splitlines():
        series, _, value = line.rpartition(" ")
        if series == wanted:
            return float(value)
    return None
