"""What speed and size must reach (design, section 8), as data, and the rows in which it is shown."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Budget:
    """A limit; ``most``: a measured value may not lie above it, else not below it.  ``form`` writes a value."""

    limit: float
    form: str
    most: bool = False

    def holds(self, value: float) -> bool:
        return value <= self.limit if self.most else value >= self.limit

    @property
    def text(self) -> str:
        return f"{'≤' if self.most else '≥'} {self.form.format(self.limit)}"


RENDER = Budget(20, "{:.0f} ×")
WARM_SEARCH = Budget(0.5, "{:.0%}")
WARM_READ = Budget(0.6, "{:.0%}")
COLD_SEARCH = Budget(100, "{:.0f} ms", most=True)
CROWD = Budget(0.9, "{:.1%}")
FETCHES = Budget(1, "{:.2f} a file", most=True)
MEMORY = Budget(300, "{:.0f} MB", most=True)


@dataclass(frozen=True)
class Row:
    """A line of the table.  ``holds`` None: shown for comparison, nothing is promised."""

    what: str
    ours: str
    theirs: str
    ratio: str
    budget: str = ""
    holds: bool | None = None


def judged(what: str, ours: str, theirs: str, value: float, budget: Budget, shown: str = "") -> Row:
    """A row with a promise: ``value`` is held against ``budget``."""
    return Row(what, ours, theirs, shown or budget.form.format(value), budget.text, budget.holds(value))
