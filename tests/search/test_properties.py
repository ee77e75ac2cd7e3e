"""What holds for any input: parsing refuses or understands, and finding agrees with a slow, plain oracle."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal, localcontext
from fractions import Fraction

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fhir_facade.errors import Invalid
from fhir_facade.search.definitions import parameters
from fhir_facade.search.query import Query, parse
from tests.search.conftest import BASE_URL, TODAY, Resource

TYPES = ("Invoice", "Account", "Appointment", "PaymentNotice", "Patient", "SearchParameter")
CONTROLS = ("_sort", "_count", "_elements", "_summary", "_total")
CODES = sorted({code for type in TYPES for code in parameters(type)}.union(CONTROLS))
MODIFIERS = (
    "",
    ":not",
    ":missing",
    ":text",
    ":exact",
    ":contains",
    ":identifier",
    ":Patient",
    ":x",
    ".identifier",
    ".name",
)
PIECES = (
    "issued", "Patient/a", BASE_URL, "|", ",", "\\", "$", "gt", "ap", "2024", "-03", "-15", "T10:00", "Z", "+", "1e2",
    "100", "true", " ", "é", "\0", "\ud7ff", "/", ":", "_history",
)  # fmt: skip

names = st.one_of(st.builds(str.__add__, st.sampled_from(CODES), st.sampled_from(MODIFIERS)), st.text(max_size=12))
texts = st.one_of(st.lists(st.sampled_from(PIECES), max_size=6).map("".join), st.text(max_size=20))


def search(type: str, *pairs: tuple[str, str], strict: bool = False) -> Query:
    return parse(type, pairs, base_url=BASE_URL, strict=strict, now=lambda: TODAY)


def attempt(type: str, pairs: list[tuple[str, str]], *, strict: bool) -> tuple[Invalid | None, Query | None]:
    try:
        return None, search(type, *pairs, strict=strict)
    except Invalid as refusal:
        return refusal, None


def finds(type: str, code: str, value: str, body: Resource) -> bool:
    (criterion,) = search(type, (code, value)).criteria
    return criterion.admits(criterion.parameter.index(body))


@settings(max_examples=250, deadline=None)
@given(st.sampled_from(TYPES), st.lists(st.tuples(names, texts), max_size=5), st.booleans())
def test_parsing_raises_nothing_but_invalid_and_what_it_understands_can_be_judged(
    type: str, pairs: list[tuple[str, str]], strict: bool
) -> None:
    refusal, query = attempt(type, pairs, strict=strict)
    if query is None:
        assert refusal is not None
        assert refusal.code in {"invalid", "value", "not-supported"}
        assert refusal.expression in {name for name, _ in pairs}
        return
    for criterion in query.criteria:
        assert criterion.admits(criterion.parameter.index({})) in (True, False)
    assert search(type, *query.self_pairs(), strict=True).self_pairs() == query.self_pairs()
    assert not (strict and query.ignored)


# --- dates: the oracle works on datetimes and on R4's words -------------------------------------------------------

UTC = dt.UTC
DAYS = st.dates(min_value=dt.date(2023, 12, 30), max_value=dt.date(2024, 3, 2))
moments = st.builds(dt.datetime.combine, DAYS, st.times())
FORMS = {
    "%Y": dt.timedelta(days=366),
    "%Y-%m": dt.timedelta(days=31),
    "%Y-%m-%d": dt.timedelta(days=1),
    "%Y-%m-%dT%H:%MZ": dt.timedelta(minutes=1),
    "%Y-%m-%dT%H:%M:%SZ": dt.timedelta(seconds=1),
}
dates = st.builds(lambda moment, form: (moment, form), moments, st.sampled_from(sorted(FORMS)))


def span(moment: dt.datetime, form: str) -> tuple[dt.datetime, dt.datetime]:
    """The time that a text of this form covers, found by formatting times until the text changes."""
    start = dt.datetime.strptime(moment.strftime(form), form).replace(tzinfo=UTC)
    end = start + FORMS[form]
    while end > start and (end - dt.timedelta(microseconds=1)).strftime(form) != start.strftime(form):
        end -= dt.timedelta(days=1)
    return start, end


def by_the_book(prefix: str, asked: tuple[dt.datetime, dt.datetime], value: tuple[dt.datetime, dt.datetime]) -> bool:
    contains = asked[0] <= value[0] and value[1] <= asked[1]
    above, below = value[1] > asked[1], value[0] < asked[0]
    return {
        "": contains, "eq": contains, "ne": not contains, "gt": above, "lt": below, "ge": above or contains,
        "le": below or contains, "sa": value[0] >= asked[1], "eb": value[1] <= asked[0],
    }[prefix]  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"]), dates, dates)
def test_dates_are_found_as_the_book_says(
    prefix: str, asked: tuple[dt.datetime, str], value: tuple[dt.datetime, str]
) -> None:
    found = finds("Invoice", "date", prefix + asked[0].strftime(asked[1]), {"date": value[0].strftime(value[1])})

    assert found is by_the_book(prefix, span(*asked), span(*value))


@settings(deadline=None)
@given(dates, dates)
def test_prefixes_of_dates_divide_the_world(asked: tuple[dt.datetime, str], value: tuple[dt.datetime, str]) -> None:
    text, body = asked[0].strftime(asked[1]), {"date": value[0].strftime(value[1])}
    found = {
        p: finds("Invoice", "date", p + text, body) for p in ("eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap")
    }

    assert found["eq"] is not found["ne"]
    assert found["ge"] is (found["gt"] or found["eq"])
    assert found["le"] is (found["lt"] or found["eq"])
    assert found["gt"] >= found["sa"]
    assert found["lt"] >= found["eb"]
    assert found["ap"] >= found["eq"]
    assert not (found["sa"] and found["eb"])


# --- amounts: the oracle counts in fractions ---------------------------------------------------------------------

amounts = st.decimals(min_value=-1000, max_value=1000, allow_nan=False, places=2)
asked_amounts = st.one_of(amounts, st.integers(-1000, 1000).map(Decimal), st.decimals(-9, 9, places=1, allow_nan=False))


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(["", "eq", "ne", "gt", "lt", "ge", "le", "sa", "eb", "ap"]), asked_amounts, amounts)
def test_amounts_are_found_as_the_book_says(prefix: str, asked: Decimal, amount: Decimal) -> None:
    exponent = asked.as_tuple().exponent
    assert isinstance(exponent, int)
    goal, value, half = Fraction(asked), Fraction(amount), Fraction(10) ** exponent / 2
    equal = goal - half <= value < goal + half
    expected = {
        "": equal, "eq": equal, "ne": not equal, "gt": value > goal, "sa": value > goal, "lt": value < goal,
        "eb": value < goal, "ge": value >= goal, "le": value <= goal,
        "ap": equal or abs(value - goal) <= abs(goal) / 10,
    }[prefix]  # fmt: skip

    assert finds("Invoice", "totalnet", f"{prefix}{asked:f}", {"totalNet": {"value": amount}}) is expected


@settings(deadline=None)
@given(st.integers(-(10**28), 10**28), st.integers(0, 29))
def test_amounts_are_exact_whatever_the_context(digits: int, places: int) -> None:
    with localcontext() as context:
        context.prec = 6
        amount = Decimal((int(digits < 0), tuple(map(int, str(abs(digits)))), -places))
        body = {"totalNet": {"value": amount}}

        assert finds("Invoice", "totalnet", f"{amount:f}", body)
        assert finds("Invoice", "totalnet", f"ge{amount:f}", body)
        assert finds("Invoice", "totalnet", f"ap{amount:f}", body)
        assert not finds("Invoice", "totalnet", f"gt{amount:f}", body)


# --- tokens and strings ------------------------------------------------------------------------------------------

words = st.text(min_size=1, max_size=8)


def escaped(text: str) -> str:
    return "".join("\\" + character if character in ",|$\\" else character for character in text)


@settings(deadline=None)
@given(words, words, words)
def test_an_identifier_is_found_by_its_escaped_self_and_by_no_other(system: str, value: str, other: str) -> None:
    body = {"identifier": [{"system": system, "value": value}]}

    assert finds("Invoice", "identifier", f"{escaped(system)}|{escaped(value)}", body)
    assert finds("Invoice", "identifier", escaped(value), body)
    assert not finds("Invoice", "identifier", f"|{escaped(value)}", body)
    assume(other != value)
    assert not finds("Invoice", "identifier", f"{escaped(system)}|{escaped(other)}", body)


@settings(deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "c"]), max_size=3), st.lists(st.sampled_from(["a", "b", "c"]), min_size=1))
def test_not_is_the_complement_of_the_plain_token(codes: list[str], asked: list[str]) -> None:
    body = {"type": {"coding": [{"code": code} for code in codes]}}

    assert finds("Invoice", "type", ",".join(asked), body) is bool(set(codes) & set(asked))
    assert finds("Invoice", "type:not", ",".join(asked), body) is not bool(set(codes) & set(asked))


@settings(deadline=None)
@given(words, st.integers(1, 8))
def test_exact_is_a_beginning_and_a_beginning_is_contained(name: str, length: int) -> None:
    body = {"name": name}
    assert finds("Account", "name:exact", escaped(name), body)
    try:
        begins = finds("Account", "name", escaped(name[:length]), body)
        within = finds("Account", "name:contains", escaped(name[:length]), body)
    except Invalid:
        return
    assert within >= begins
