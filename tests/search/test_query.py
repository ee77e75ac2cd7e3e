"""A query string becomes a Query, or is refused by name."""

from __future__ import annotations

import pytest

from fhir_facade.errors import Invalid
from fhir_facade.search.query import parse, parse_subset
from tests.search.conftest import BASE_URL, Ask


class TestDefaults:
    def test_nothing_asked(self, ask: Ask) -> None:
        query = ask("Invoice")

        assert (query.type, query.criteria, query.count, query.summary, query.elements) == ("Invoice", (), 20, None, ())
        assert (query.total, query.ignored, query.warnings) == ("accurate", (), ())

    @pytest.mark.parametrize(
        ("type", "order"),
        [("Invoice", "-date"), ("Appointment", "-date"), ("PaymentNotice", "-created"), ("Account", "")],
    )
    def test_the_newest_date_comes_first_where_there_is_one(self, type: str, order: str, ask: Ask) -> None:
        assert str(ask(type).order) == order

    def test_pairs_may_be_a_tuple_and_the_clock_is_not_needed(self) -> None:
        query = parse("Invoice", (("date", "ap2024"),), base_url=BASE_URL, strict=False)

        assert query.criteria[0].admits(query.criteria[0].parameter.index({"date": "2024-06"}))


class TestCriteria:
    def test_repetition_is_and_and_keeps_the_order(self, ask: Ask) -> None:
        query = ask("Invoice", "date=ge2024", "patient=a", "date=lt2025")

        assert [criterion.name for criterion in query.criteria] == ["date", "patient", "date"]
        assert [criterion.text for criterion in query.criteria] == ["ge2024", "a", "lt2025"]

    def test_a_criterion_tells_its_parts(self, ask: Ask) -> None:
        typed, chained = ask("Invoice", "subject:Patient=a", "patient.identifier=x|1").criteria

        assert (typed.code, typed.modifier, typed.chain) == ("subject", "Patient", "")
        assert (chained.code, chained.modifier, chained.chain) == ("patient", "", "identifier")
        assert chained.parameter.definition == "http://hl7.org/fhir/SearchParameter/Invoice-patient"

    @pytest.mark.parametrize("pair", ["status=", "status=,", "status=,,", "status:not=", "patient.identifier="])
    def test_an_empty_value_is_ignored_in_silence(self, pair: str, ask: Ask) -> None:
        query = ask("Invoice", pair, "patient=a", strict=True)

        assert [criterion.name for criterion in query.criteria] == ["patient"]
        assert (query.ignored, query.warnings) == ((), ())
        assert ("patient", "a") in query.self_pairs()
        assert not any(name.startswith("status") for name, _ in query.self_pairs())

    def test_an_empty_value_excuses_no_modifier(self, ask: Ask) -> None:
        with pytest.raises(Invalid) as refusal:
            ask("Invoice", "status:below=")

        assert refusal.value.code == "not-supported"


UNKNOWN = [
    "foo=bar", "Patient=a", "PATIENT=a", "foo:exact=1", "foo.bar=1", "_include=Invoice:patient", "_revinclude=x:y",
    "_has:PaymentNotice:request:_id=1", "_contained=true", "_containedType=container", "_tag=x", "_profile=x",
    "_text=a",
    "_content=a", "_filter=a eq b", "_list=1", "_type=Invoice", "_totalMethod=count", "_include:iterate=x", "_ID=1",
    "=x", "guarantor=Patient/1", "totalNet=1", "_maxresults=5", "foo=",
]  # fmt: skip


class TestUnknownParameters:
    @pytest.mark.parametrize("pair", UNKNOWN)
    def test_lenient_ignores_and_says_so(self, pair: str, ask: Ask) -> None:
        query = ask("Invoice", pair, "status=issued")

        assert query.ignored == (pair.partition("=")[0],)
        assert query.self_pairs() == [("status", "issued"), ("_sort", "-date")]

    @pytest.mark.parametrize("pair", UNKNOWN)
    def test_strict_refuses(self, pair: str, ask: Ask) -> None:
        with pytest.raises(Invalid) as refusal:
            ask("Invoice", "status=issued", pair, strict=True)

        assert (refusal.value.code, refusal.value.expression) == ("not-supported", pair.partition("=")[0])
        assert "totalgross" in refusal.value.diagnostics, "the known ones are named"

    def test_one_warning_each(self, ask: Ask) -> None:
        assert ask("Invoice", "a=1", "b=2", "a=3").ignored == ("a", "b")

    def test_what_another_type_has_is_unknown_here(self, ask: Ask) -> None:
        assert ask("Account", "date=2024").ignored == ("date",)

    def test_a_named_query_is_always_refused(self, ask: Ask) -> None:
        """R4: servers SHALL refuse a _query that they do not recognise."""
        with pytest.raises(Invalid) as refusal:
            ask("Invoice", "_query=current")

        assert (refusal.value.code, refusal.value.expression) == ("not-supported", "_query")

    @pytest.mark.parametrize("pair", ["_format=json", "_pretty=true", "_format=", "_format=xml"])
    def test_what_the_door_reads_is_passed_over(self, pair: str, ask: Ask) -> None:
        query = ask("Account", pair, strict=True)

        assert (query.ignored, query.self_pairs()) == ((), [])


class TestSort:
    @pytest.mark.parametrize(
        ("value", "order"),
        [
            ("date", "date"),
            ("-date", "-date"),
            ("status,-date,_id", "status,-date,_id"),
            ("_id", "_id"),
            ("-_lastUpdated", "-_lastUpdated"),
            ("totalnet,patient,type", "totalnet,patient,type"),
            ("date,-date", "date"),
            (",date,", "date"),
            ("", "-date"),
        ],
    )
    def test_keys(self, value: str, order: str, ask: Ask) -> None:
        query = ask("Invoice", f"_sort={value}", strict=True)

        assert str(query.order) == order
        assert ("_sort", order) in query.self_pairs()

    def test_repeated_sorts_are_one(self, ask: Ask) -> None:
        assert str(ask("Invoice", "_sort=status", "_sort=-date").order) == "status,-date"

    @pytest.mark.parametrize("key", ["foo", "-foo", "patient.name", "Date", "-", "--date", "date:desc", "_score"])
    def test_an_unknown_key_is_an_unknown_parameter(self, key: str, ask: Ask) -> None:
        query = ask("Invoice", f"_sort={key},status")

        assert query.ignored == (f"_sort={key.removeprefix('-')}",)
        assert str(query.order) == "status"
        with pytest.raises(Invalid) as refusal:
            ask("Invoice", f"_sort={key}", strict=True)
        assert (refusal.value.code, refusal.value.expression) == ("not-supported", "_sort")


class TestCount:
    @pytest.mark.parametrize(("value", "count"), [("1", 1), ("20", 20), ("200", 200), ("007", 7), ("", 20)])
    def test_a_page_has_so_many_entries(self, value: str, count: int, ask: Ask) -> None:
        query = ask("Invoice", f"_count={value}")

        assert (query.count, query.warnings) == (count, ())

    @pytest.mark.parametrize("value", ["201", "1000", "9" * 300])
    def test_more_than_the_limit_is_the_limit_with_a_warning(self, value: str, ask: Ask) -> None:
        query = ask("Invoice", f"_count={value}", strict=True)

        assert query.count == 200
        assert len(query.warnings) == 1
        assert ("_count", "200") in query.self_pairs()

    def test_zero_is_the_total_alone(self, ask: Ask) -> None:
        query = ask("Invoice", "_count=0")

        assert (query.count, query.summary) == (0, "count")
        assert ("_count", "0") in query.self_pairs()

    @pytest.mark.parametrize("value", ["abc", "-1", "1.5", " 5", "+5", "٥", "1e1", "9" * 5000])
    def test_what_is_no_number_is_refused(self, value: str, ask: Ask) -> None:
        with pytest.raises(Invalid) as refusal:
            ask("Invoice", f"_count={value}")

        assert (refusal.value.code, refusal.value.expression) == ("value", "_count")

    def test_fhirpys_count_is_understood(self, ask: Ask) -> None:
        query = ask("Invoice", "_count=0", "_totalMethod=count", "patient=a")

        assert (query.summary, query.ignored) == ("count", ("_totalMethod",))


class TestSubsets:
    @pytest.mark.parametrize("value", ["true", "text", "data", "count", "false"])
    def test_summaries(self, value: str, ask: Ask) -> None:
        query = ask("Invoice", f"_summary={value}")

        assert query.summary == value
        assert ("_summary", value) in query.self_pairs()

    def test_elements(self, ask: Ask) -> None:
        query = ask("Invoice", "_elements=id,, status,id", "_summary=false")

        assert (query.elements, query.summary) == (("id", "status"), "false")

    @pytest.mark.parametrize("pair", ["_elements=", "_elements=,", "_summary=", "_total="])
    def test_empty_ones_are_ignored(self, pair: str, ask: Ask) -> None:
        query = ask("Account", pair, strict=True)

        assert (query.elements, query.summary, query.total, query.self_pairs()) == ((), None, "accurate", [])

    @pytest.mark.parametrize("summary", ["true", "text", "data", "count"])
    def test_both_together_are_refused(self, summary: str, ask: Ask) -> None:
        with pytest.raises(Invalid) as refusal:
            ask("Invoice", f"_summary={summary}", "_elements=id")

        assert refusal.value.status == 400

    @pytest.mark.parametrize(
        "pair", ["_summary=_count", "_summary=xyz", "_summary=True", "_total=foo", "_total=ACCURATE"]
    )
    def test_other_values_are_refused(self, pair: str, ask: Ask) -> None:
        with pytest.raises(Invalid) as refusal:
            ask("Invoice", pair)

        assert (refusal.value.code, refusal.value.expression) == ("value", pair.partition("=")[0])

    @pytest.mark.parametrize("total", ["accurate", "none", "estimate"])
    def test_totals(self, total: str, ask: Ask) -> None:
        assert ask("Invoice", f"_total={total}").total == total

    @pytest.mark.parametrize("name", ["_count", "_summary", "_total"])
    def test_a_control_is_given_once(self, name: str, ask: Ask) -> None:
        values = {"_count": ("1", "2"), "_summary": ("true", "text"), "_total": ("none", "accurate")}[name]
        with pytest.raises(Invalid):
            ask("Invoice", *(f"{name}={value}" for value in values))
        ask("Invoice", f"{name}={values[0]}", f"{name}={values[0]}")

    def test_repeated_elements_are_joined(self, ask: Ask) -> None:
        assert ask("Invoice", "_elements=id", "_elements=status,id").elements == ("id", "status")


class TestSubsetsOfReads:
    @pytest.mark.parametrize(
        ("pairs", "expected"),
        [
            ([], (None, ())),
            ([("_summary", "true")], ("true", ())),
            ([("_summary", "false")], (None, ())),
            ([("_summary", "")], (None, ())),
            ([("_elements", "status,date")], (None, ("status", "date"))),
            ([("_elements", "")], (None, ())),
            ([("_format", "json"), ("_count", "x"), ("foo", "bar")], (None, ())),
        ],
    )
    def test_they_are_read(self, pairs: list[tuple[str, str]], expected: tuple[str | None, tuple[str, ...]]) -> None:
        assert parse_subset(pairs) == expected

    @pytest.mark.parametrize(
        "pairs", [[("_summary", "count")], [("_summary", "x")], [("_summary", "text"), ("_elements", "id")]]
    )
    def test_they_are_refused(self, pairs: list[tuple[str, str]]) -> None:
        with pytest.raises(Invalid):
            parse_subset(pairs)


class TestSelf:
    def test_it_says_what_was_used(self, ask: Ask) -> None:
        query = ask(
            "Invoice", "status:not=draft", "foo=1", "patient.identifier=s|1", "_count=500", "_summary=text",
            "_total=none", "_sort=-date,bar", "_format=json", "date=",
        )  # fmt: skip

        assert query.self_pairs() == [
            ("status:not", "draft"),
            ("patient.identifier", "s|1"),
            ("_sort", "-date"),
            ("_count", "200"),
            ("_summary", "text"),
            ("_total", "none"),
        ]

    @pytest.mark.parametrize(
        "pairs",
        [
            ["patient=a,b", "date=ge2024", "date=lt2025-01-01T00:00 02:00", "_sort=status,-date", "_count=7"],
            [r"identifier=s\|x|1\,2", "_elements=id,status", "_total=estimate"],
            ["_count=0"],
            ["_count=999", "foo=bar", "_sort=foo"],
        ],
    )
    def test_asking_self_again_is_the_same_query(self, pairs: list[str], ask: Ask) -> None:
        query = ask("Invoice", *pairs)
        again = ask("Invoice", *(f"{name}={value}" for name, value in query.self_pairs()), strict=True)

        assert again.self_pairs() == query.self_pairs()
        assert again.criteria == query.criteria
        assert (again.order, again.count, again.summary, again.elements, again.total) == (
            query.order, query.count, query.summary, query.elements, query.total,
        )  # fmt: skip
