"""A schema's errors become sentences that say what to write."""

from __future__ import annotations

import pytest

from fhir_facade.settings.judge import facade_schema, judged
from tests.settings.conftest import Refuse, changed


@pytest.mark.parametrize(
    ("old", "new", "message", "advice"),
    [
        ("view = true", 'view = "yes"', 'view = "yes" must be true or false', "write view = true"),
        ("view = true", 'view = "no"', 'view = "no" must be true or false', "write view = false"),
        ('provider_group = "1"', "provider_group = 1", "must be a text in quotes or a list", 'provider_group = "1"'),
        ("[[gateway]]", "[gateway]", "must be a list", "write [[gateway]] in double brackets"),
        (
            '["riverside"]',
            '"riverside"',
            'authorities = "riverside" must be a list',
            'write authorities = ["riverside"]',
        ),
        ("[server]", '[server]\ncache_megabytes = "64"', "must be a whole number", "write cache_megabytes = 64"),
        ("[server]", "[server]\ncache_megabytes = 0", "must be at least 1", "write for example cache_megabytes = 128"),
        (
            "[server]",
            "[server]\ndeadline_seconds = nan",
            "must be a number",
            "write for example deadline_seconds = 8.0",
        ),
        ("[server]", "[server]\ndeadline_seconds = 0", "must be more than 0", "deadline_seconds = 8.0"),
        ("[server]", '[server]\ncache = "memroy"', 'must be "memory" or a Redis URL', 'cache = "memory"'),
        ("[server]", '[server]\nstate = "mysql://db/x"', "SQLite or PostgreSQL", "sqlite:///facade.db"),
        ("[security]", '[security]\nmode = "smrt"', 'mode = "smrt" must be "smart" or "open"', 'did you mean "smart"?'),
        ("[security]", '[security]\npatient_means = "mrn"', 'must be "local", "person" or', "patient_means"),
        ('name = "Riverside Medical Group"\n', "", "name is missing", 'name = "Riverside Medical Group"'),
        ('name = "Lakeside Dental"', 'name = " "', "must not be empty", "name"),
        ('id = "lakeside"', 'id = "lake_side"', "must be a FHIR id", 'id = "riverside"'),
        ("https://lakeside.example.org/numbers", "lakeside", "absolute URI", "urn:oid:1.3.6.1.4.1.99999.1"),
        ("https://lakeside.example.org/numbers", "urn:oid:1.02", "absolute URI", "urn:oid:1.3.6.1.4.1.99999.1"),
        ('"2", "3"', "", "must not be empty", "leave the key out"),
        ('id = "lakeside"', 'id = "lakeside"\ncurrency = "usd"', "must be an ISO 4217 code", 'currency = "USD"'),
        (
            'id = "lakeside"',
            'id = "lakeside"\nnotices = { e_n = "x" }',
            "is under a key that must be a language",
            "settings.md",
        ),
        ("preview", "prevew", 'must be "preview" or "production"', 'did you mean "preview"?'),
        ('"195900"', '"195900", practise = 1', "practise = 1 is no setting", "the keys here are client_id"),
    ],
)
def test_what_is_wrong_and_what_to_write(refused: Refuse, old: str, new: str, message: str, advice: str) -> None:
    (fault,) = refused(changed(old, new))
    assert message in fault.message
    assert advice in fault.advice


def test_a_rule_that_has_no_words_is_named_without_the_value() -> None:
    (finding,) = judged({"x": 3}, {"properties": {"x": {"multipleOf": 2, "description": "An even number."}}}, ("top",))
    assert (finding.path, finding.message) == (("top", "x"), "breaks the rule multipleOf of its schema")
    assert finding.advice == "it means: An even number"


def test_keys_that_a_pattern_allows_are_settings() -> None:
    schema = {"properties": {"a": {}}, "patternProperties": {"^x-": {}}, "additionalProperties": False}
    assert [finding.path for finding in judged({"a": 1, "x-b": 1, "c": 1}, schema)] == [("c",)]


def test_the_schema_alone_accepts_the_smallest_file() -> None:
    assert list(judged({"server": {"base_url": "https://a.example.org"}}, facade_schema())) == []
