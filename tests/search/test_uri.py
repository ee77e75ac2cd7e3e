"""URIs: exactly the same."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fhir_facade.errors import Invalid
from fhir_facade.search.query import Criterion
from tests.search.conftest import Judge

URL = "https://w3id.org/fhir-facade/SearchParameter/assigner"


@pytest.mark.parametrize(
    ("value", "found"),
    [
        (URL, True),
        (f"urn:x,{URL}", True),
        (URL.upper(), False),
        (URL + "/", False),
        ("https://w3id.org/fhir-facade", False),
    ],
)
def test_a_uri_is_found_by_itself(value: str, found: bool, matches: Judge) -> None:
    assert matches("SearchParameter", f"url={value}", {"url": URL}) is found


@pytest.mark.parametrize("modifier", ["above", "below", "exact"])
def test_hierarchies_are_refused(modifier: str, criterion: Callable[[str, str], Criterion]) -> None:
    with pytest.raises(Invalid) as refusal:
        criterion("ValueSet", f"url:{modifier}={URL}")

    assert refusal.value.code == "not-supported"


def test_a_uri_may_be_missing(matches: Judge) -> None:
    assert matches("ValueSet", "url:missing=true", {})
    assert matches("ValueSet", "version=1.0A", {"version": "1.0a"}), "a token over a string has no case"
