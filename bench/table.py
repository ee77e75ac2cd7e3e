"""The rows as a table: what, ours, theirs, the ratio, the budget, and whether it holds."""

from __future__ import annotations

from collections.abc import Iterable

from rich.table import Table
from rich.text import Text

from bench.budgets import Row

_VERDICT = {True: Text("yes", "green"), False: Text("NO", "bold red"), None: Text("–", "dim")}


def table(rows: Iterable[Row]) -> Table:
    """All rows; a range is in brackets behind its median."""
    shown = Table(title="Median of the rounds (range)", show_lines=True)
    for head in ("what", "ours", "theirs", "ratio", "budget", "holds?"):
        shown.add_column(head)
    for row in rows:
        shown.add_row(*map(Text, (row.what, row.ours, row.theirs, row.ratio, row.budget)), _VERDICT[row.holds])
    return shown


def markdown(rows: Iterable[Row]) -> str:
    """The same for ``docs/performance.md``."""
    verdict = {holds: text.plain for holds, text in _VERDICT.items()}
    lines = [("what", "ours", "theirs", "ratio", "budget", "holds?"), ("---",) * 6]
    lines += [(row.what, row.ours, row.theirs, row.ratio, row.budget, verdict[row.holds]) for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def failed(rows: Iterable[Row]) -> bool:
    """True if a budget is missed."""
    return any(row.holds is False for row in rows)
