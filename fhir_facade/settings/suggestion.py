"""What was probably meant by a word that is not known."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

MOST = 12
LIKE = 0.7


def nearest(word: str, known: Iterable[str]) -> str:
    """The known word that looks most like ``word``, or nothing."""
    by_folded = {name.casefold(): name for name in known}
    found = difflib.get_close_matches(word.casefold(), by_folded, n=1, cutoff=LIKE)
    return by_folded[found[0]] if found else ""


def did_you_mean(word: object, known: Iterable[str], otherwise: str = "") -> str:
    """Advice in place of an unknown word: the nearest one, else all of them, else ``otherwise``."""
    names = sorted(set(known))
    if isinstance(word, str) and (name := nearest(word, names)):
        return f'did you mean "{name}"?'
    if not names:
        return otherwise
    listed = ", ".join(f'"{name}"' for name in names[:MOST]) + (", …" if len(names) > MOST else "")
    return f"write one of {listed}" if len(names) > 1 else f"write {listed}"
