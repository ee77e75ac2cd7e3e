"""The one place that catches what nobody expected: of a request that is answered, and of a payment that is carried."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
Other = TypeVar("Other")


def guarded(work: Callable[[], T], surprised: Callable[[Exception], Other]) -> T | Other:
    """What ``work`` gives, or what ``surprised`` makes of whatever it raised."""
    try:
        return work()
    except Exception as surprise:
        return surprised(surprise)


def attempted(work: Callable[[], T]) -> T | Exception:
    """What ``work`` gives, or what it raised."""
    return guarded(work, _itself)


def _itself(surprise: Exception) -> Exception:
    return surprise


def place(surprise: Exception) -> str:
    """The file and line of ours where it happened: enough to find it, and nobody's data."""
    places = [f for f in traceback.extract_tb(surprise.__traceback__) if "fhir_facade/" in f.filename]
    return f"{places[-1].filename.rpartition('fhir_facade/')[2]}:{places[-1].lineno}" if places else ""
