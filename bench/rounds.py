"""Repeated measurements: median and range, alone and side by side."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Rounds:
    """What was measured, round by round, in one unit."""

    samples: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.samples)

    def over(self, other: Rounds) -> Rounds:
        """The ratio to ``other``, each round with its own: what disturbs the machine disturbs both of a round."""
        return Rounds(tuple(ours / theirs for ours, theirs in zip(self.samples, other.samples, strict=True)))

    def text(self, form: str) -> str:
        """The median, and the range where there is one; ``form`` writes one number: ``{:,.0f}/s``."""
        middle, low, high = (form.format(n) for n in (self.median, min(self.samples), max(self.samples)))
        return middle if low == high else f"{middle} ({low} … {high})"


def alternating(measures: Mapping[str, Callable[[], float]], rounds: int) -> dict[str, Rounds]:
    """A B C, A B C, …: every round measures each once, in the same order."""
    found: dict[str, list[float]] = {name: [] for name in measures}
    for _ in range(rounds):
        for name, measure in measures.items():
            found[name].append(measure())
    return {name: Rounds(tuple(samples)) for name, samples in found.items()}


def seconds_each(work: Callable[[], object], seconds: float) -> float:
    """Seconds that one call of ``work`` takes, over at least ``seconds`` of calls."""
    calls, start = 0, time.perf_counter()
    while (spent := time.perf_counter() - start) < seconds or not calls:
        work()
        calls += 1
    return spent / calls
