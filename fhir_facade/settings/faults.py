"""What is wrong with a settings file: where, what, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

KeyPath = tuple[str | int, ...]
"""The way to a value: ``("assigning_authority", 0, "bills", "view")``."""


@dataclass(frozen=True, order=True)
class Fault:
    """One fault.  ``line`` counts from 1, and is 0 where a whole file is meant; ``where`` is the key's dotted path."""

    file: str
    line: int
    where: str
    message: str
    advice: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return ": ".join(filter(None, (place, self.where, f"{self.message}; {self.advice}")))


class BadSettings(Exception):
    """The settings were refused; ``faults`` are all of them, in the order of the files' lines."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(dict.fromkeys(faults)))
        super().__init__("\n".join(map(str, self.faults)))


@dataclass(frozen=True)
class Finding:
    """A fault before it is placed in a file: what is wrong with the value at ``path``.

    ``message`` goes on after the quoted value ("must be true or false").  ``rests_on`` are the other values that the
    judgement used: where one of them is itself refused, this finding would only be its echo and is left out.
    ``stands_for`` is the value that was probably meant, and so is not missing.  ``hidden`` keeps the value unquoted.
    """

    path: KeyPath
    message: str
    advice: str
    rests_on: tuple[KeyPath, ...] = ()
    stands_for: tuple[KeyPath, ...] = ()
    hidden: bool = False


def dotted(path: KeyPath) -> str:
    """``assigning_authority[0].bills.view``"""
    text = ""
    for step in path:
        text += f"[{step}]" if isinstance(step, int) else f".{step}"
    return text.lstrip(".")
