"""Separators that are escaped do not separate."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_facade.search.escapes import escape, split, unescape


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a,b", ["a", "b"]),
        (r"a\,b", [r"a\,b"]),
        (r"a\\,b", [r"a\\", "b"]),
        (r"a\\\,b,c", [r"a\\\,b", "c"]),
        ("", [""]),
        (",", ["", ""]),
        ("a|b", ["a|b"]),
    ],
)
def test_a_comma_separates_unless_it_is_escaped(text: str, parts: list[str]) -> None:
    assert split(text, ",") == parts


@pytest.mark.parametrize(
    ("text", "plain"), [(r"a\,b", "a,b"), (r"\|", "|"), (r"\$", "$"), (r"xx\\xx", r"xx\xx"), ("plain", "plain")]
)
def test_an_escape_means_the_character_behind_it(text: str, plain: str) -> None:
    assert unescape(text) == plain


@pytest.mark.parametrize("text", [r"xx\xx", "\\", r"a\\\n", "a\\\n"])
def test_a_backslash_that_escapes_nothing_is_illegal(text: str) -> None:
    with pytest.raises(ValueError, match="backslash"):
        unescape(text)


@settings(deadline=None)
@given(st.lists(st.text(alphabet="a,|$\\é", min_size=1), min_size=1))
def test_escaped_values_joined_by_commas_come_back_as_they_were(values: list[str]) -> None:
    joined = ",".join(map(escape, values))

    assert [unescape(part) for part in split(joined, ",")] == values
