"""What a site writes for a query: a SELECT, or the name of a view or table."""

from __future__ import annotations

import re

_WORD = r'(?:[A-Za-z_][\w$]*|"[^"]+"|`[^`]+`|\[[^\]]+\])'
_NAME = re.compile(rf"{_WORD}(?:\.{_WORD}){{0,2}}")
_QUERY = re.compile(r"(?:\s|--[^\n]*\n|/\*.*?\*/)*(?:select|with)\b", re.IGNORECASE | re.DOTALL)
_COLON = re.compile(r"(?<![:\w\\]):(?=\w)")  # what SQLAlchemy would take for a parameter


def statement(name: str, written: str) -> str:
    """A SELECT without parameters, fit to be a subquery.  Raises ``ValueError`` for what is neither query nor name."""
    said = written.strip().rstrip(";").rstrip()
    if _NAME.fullmatch(said):
        return f"SELECT * FROM {said}"  # noqa: S608  the site's own view, in the site's own settings
    if not _QUERY.match(said):
        raise ValueError(f"settings.queries.{name}: expected a SELECT, or the name of a view or table")
    return _COLON.sub(r"\\:", said) + "\n"  # the line break ends a comment
