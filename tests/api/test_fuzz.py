"""A hostile client: whatever is sent, the answer is FHIR, says nothing inner, and is not silently another one."""

from __future__ import annotations

import gzip
import io
import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from itertools import product
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from werkzeug.test import EnvironBuilder, run_wsgi_app

from fhir_facade import wire
from fhir_facade.errors import StateUnavailable
from fhir_facade.guard.caller import ANYBODY
from fhir_facade.identity.pages import PageTokens
from fhir_facade.search.definitions import parameters
from fhir_facade.settings.model import Secret
from fhir_facade.state.database import Database
from fhir_facade.state.page_keys import PageKeys
from tests.api.conftest import BASE, Facade, Facades, numbers, outcomes, parsed
from tests.people import ANNA, ANNA_AT_LAKESIDE, BORIS, NOT_ANNA

FORM = "application/x-www-form-urlencoded"
TYPES = (
    "Invoice", "Account", "Appointment", "PaymentNotice", "Patient", "Organization", "Location", "Practitioner",
    "SearchParameter", "ValueSet",
)  # fmt: skip
CODES = sorted({code for type in TYPES for code in parameters(type)})
CONTROLS = ("_count", "_sort", "_summary", "_elements", "_total", "_page", "_format", "_pretty")
STRANGE = (
    "_include", "_has", "_query", "_filter", "_text", "", "patient.", "_sort:asc", "\0", "\x0b", "\u2028", "\ufeff",
    "é", "x" * 3000,
)  # fmt: skip
SUFFIXES = (
    "", "", "", "", ":not", ":missing", ":text", ":exact", ":contains", ":identifier", ":Patient", ":above", ":x",
    ":", ".identifier", ".name", ".",
)  # fmt: skip
PIECES = (
    "", ",", "|", "\\", "$", "/", ":", "&", "\0", "\r\n", "\u202e", "\U0001f600", "' OR 1=1 --", "<script>", "%00",
    "../..", "gt", "ap", "ne", "2026", "0000", "2026-02-30", "9999-12-31T23:59:60.999999999999+14:00",
    "0001-01-01T00:00:00-14:00", "٢٠٢٦", "१", "1e99", "-1", "0.1", "9" * 4400, "x" * 5000, "true", "false",
    "Patient/", f"{BASE}/Patient/", "urn:", "http://x/Patient/x/_history/1", "Organization/riverside", "clinic",
    "1001", "date", "-_id", "count", "data", "json", "{anna}", "{boris}", "{nora}", "{invoice}", "{link}",
)  # fmt: skip
METHODS = (
    "GET", "GET", "GET", "POST", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT", "FOO", "\xff", "",
)  # fmt: skip
HEADERS = (
    "ACCEPT", "ACCEPT_ENCODING", "PREFER", "IF_NONE_MATCH", "IF_MODIFIED_SINCE", "X_REQUEST_ID", "HOST", "RANGE",
    "ORIGIN", "X_HTTP_METHOD_OVERRIDE", "EXPECT", "COOKIE", "AUTHORIZATION",
)  # fmt: skip
SAID = (
    "", "*/*", "text/html", "application/json;q=0,*/*", "*/*;q=nan", "*/*;q=1e999", '"', '"' * 3000, "W/" * 3000, "*",
    "\xff\xfe", "handling=strict", "handling=x", "handling*=utf-8''x", "gzip", "gzip;q=0",
    "Mon, 01 Jan 99999 00:00:00 GMT", "a\r\nb: c", "Mon, 01 Jan 0000 00:00:00 -9999", "x:99999999", "[::1",
    "9" * 4001, "=;=,=", "\0",
)  # fmt: skip
NOT_THERE = ("No such resource.", "Not offered by this server.")
BODIES = (b"", b"a=b", b"\xff\xfe", b"{}", b"%", b"a=%FF", b"\0", b"&" * 2000, b"_count=1", b"a" * 1_100_000)

values = st.one_of(st.lists(st.sampled_from(PIECES), max_size=5).map("".join), st.text(max_size=20))
names = st.builds(str.__add__, st.sampled_from((*CODES, *CONTROLS, *STRANGE)), st.sampled_from(SUFFIXES))
queries = st.one_of(
    st.lists(st.tuples(names, values), max_size=4).map(
        lambda pairs: "&".join(f"{quote(n)}={quote(v)}" for n, v in pairs)
    ),
    st.sampled_from(["%FF", "%", "&&&", "=", "a=b=c", "\x01", "\xff", "é=\xff", "_pretty=true&%ff"]),
)
paths = st.one_of(
    st.builds("/fhir/{}{}".format, st.sampled_from(TYPES), st.sampled_from(["", "", "", "/_search", "/"])),
    st.builds("/fhir/{}/{}".format, st.sampled_from(TYPES), values),
    st.builds("/fhir/{}".format, st.text(max_size=12)),
    st.sampled_from(["", "/", "*", "fhir", "\n", "//fhir/metadata", "/fhir/metadata", "http://x/fhir"]),
)
requests = st.fixed_dictionaries(
    {
        "method": st.sampled_from(METHODS),
        "path": paths,
        "query": queries,
        "headers": st.dictionaries(st.sampled_from(HEADERS), st.sampled_from(SAID), max_size=2),
        "type": st.sampled_from(
            [FORM, FORM, f"{FORM}; charset=latin-1", "application/json", "multipart/form-data", "\xff"]
        ),
        "body": st.sampled_from(BODIES),
    }
)
within_budget = settings(
    max_examples=250,
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


class Wild:
    """Sends what no client library would."""

    def __init__(self, facade: Facade) -> None:
        self._facade = facade
        people = {"{anna}": ANNA, "{boris}": BORIS, "{nora}": NOT_ANNA}
        self._known = {name: facade.patient(key) for name, key in people.items()}
        self._known["{invoice}"] = facade.record("Invoice", ANNA, "9301")
        bundle = facade.json(f"Invoice?patient={facade.patient(ANNA)}&_count=1")
        self._known["{link}"] = bundle["link"][-1]["url"].partition("_page=")[2]

    def send(
        self, *, method: str, path: str, query: str = "", headers: Mapping[str, str], type: str = "", body: bytes = b""
    ) -> tuple[int, Any, bytes]:
        """Status, headers and body (unpacked) of the answer."""
        for name, text in self._known.items():
            path, query = path.replace(name, text), query.replace(quote(name), text)
        environ = EnvironBuilder(method="GET").get_environ() | {
            "REQUEST_METHOD": method,
            "PATH_INFO": path.encode().decode("latin-1"),
            "QUERY_STRING": query.encode().decode("latin-1"),
            "CONTENT_TYPE": type,
            "CONTENT_LENGTH": str(len(body)),
            "wsgi.input": io.BytesIO(body),
            **{f"HTTP_{name}": value for name, value in headers.items()},
        }
        chunks, status, answered = run_wsgi_app(self._facade.house.app, environ, buffered=True)
        raw = b"".join(chunks)
        packed = answered.get("Content-Encoding") == "gzip" and raw
        return int(status.split()[0]), answered, gzip.decompress(raw) if packed else raw


@pytest.fixture
def wild(facade: Facade) -> Wild:
    return Wild(facade)


def judged(facade: Facade, method: str, status: int, headers: Mapping[str, str], body: bytes) -> None:
    """Any answer whatever: in FHIR, of the right media type, with nothing inner in it."""
    assert status < 500
    assert len(headers["X-Request-Id"]) <= 128
    if status in (204, 304):
        assert ("Content-Type" in headers, body) == (False, b"")
        return
    assert "json" in headers["Content-Type"]
    if method == "HEAD":
        return
    answer = wire.decode(body)
    facade.official(answer)
    assert status < 400 or answer["resourceType"] == "OperationOutcome"
    assert status != 404 or answer["issue"][0]["diagnostics"] in NOT_THERE  # nothing is echoed


def test_nothing_that_is_sent_breaks_the_house(facade: Facade, wild: Wild, capfd: pytest.CaptureFixture[str]) -> None:
    @within_budget
    @given(requests)
    def answers_in_fhir(request: dict[str, Any]) -> None:
        judged(facade, request["method"], *wild.send(**request))

    answers_in_fhir()
    assert "request.failed" not in written(capfd)


@pytest.mark.parametrize("type", ["Invoice", "Patient", "SearchParameter"])
def test_no_value_of_any_parameter_breaks_the_house(
    facade: Facade, wild: Wild, type: str, capfd: pytest.CaptureFixture[str]
) -> None:
    """These three have parameters of every type; each meets each value, and each suffix."""
    named = {"Invoice": "&patient={boris}", "Patient": "&_id={boris}", "SearchParameter": ""}[type]
    of_a_kind = {parameter.datatype: code for code, parameter in parameters(type).items()}.values()
    pairs = [(code, value) for code in (*of_a_kind, *CONTROLS) for value in PIECES]
    pairs += [(code + suffix, "x") for code in (*parameters(type), *STRANGE) for suffix in set(SUFFIXES)]
    for name, value in pairs:
        query = f"{quote(name)}={quote(value)}{quote(named, safe='&=')}"
        judged(facade, "GET", *wild.send(method="GET", path=f"/fhir/{type}", query=query, headers={}))
    assert "request.failed" not in written(capfd)


@pytest.mark.parametrize("path", ["Invoice/{invoice}", "Organization"])
def test_no_header_breaks_the_house(facade: Facade, wild: Wild, path: str, capfd: pytest.CaptureFixture[str]) -> None:
    for name, said in product(HEADERS, SAID):
        judged(facade, "GET", *wild.send(method="GET", path=f"/fhir/{path}", headers={name: said}))
    assert "request.failed" not in written(capfd)


def written(capfd: pytest.CaptureFixture[str]) -> str:
    """All that went to standard error: whole lines of JSON, and nothing else."""
    lines = capfd.readouterr().err.splitlines()
    assert lines
    return json.dumps([json.loads(line) for line in lines])


@pytest.mark.parametrize("path", ["", "/", "//", "\n", "*", "http://x/fhir/metadata"])
def test_a_path_that_is_none_is_told_so_in_fhir(wild: Wild, path: str) -> None:
    status, headers, body = wild.send(method="GET", path=path, headers={})
    assert (status, headers["Content-Type"]) == (404, "application/fhir+json")
    assert wire.decode(body)["issue"][0]["code"] == "not-supported"


@pytest.mark.parametrize("name", ["\x0b", "\u2028x", "x\ufeff", "\xa0", "a\0b", "\x1f"])
def test_names_that_are_no_fhir_text_are_repeated_without_it(facade: Facade, name: str) -> None:
    facade.json(f"Organization?{quote(name)}=1")
    facade.json(f"Organization?{quote(name)}=1", 400, Prefer="handling=strict")


def test_whatever_is_added_a_patients_search_stays_with_the_patient(facade: Facade, wild: Wild) -> None:
    patient = facade.patient(ANNA)
    bills = {facade.record("Invoice", ANNA, number) for number in ("9301", "9302", "9303", "9304")}

    @within_budget
    @given(queries)
    def keeps_to_the_patient(query: str) -> None:
        asked = f"patient={patient}&{query}"
        status, _, body = wild.send(method="GET", path="/fhir/Invoice", query=asked, headers={})
        if status == 200 and "_page" not in query:
            entries = wire.decode(body).get("entry", ())
            assert {entry["resource"]["id"] for entry in entries if entry["search"]["mode"] == "match"} <= bills

    keeps_to_the_patient()


sorts = st.lists(
    st.builds(str.__add__, st.sampled_from(["", "-"]), st.sampled_from(sorted(parameters("Invoice")))), max_size=3
)
filters = st.sampled_from(["", "&status=issued,draft", "&date=ge2026-01-03", "&totalgross=gt1", "&status:not=issued"])


def test_pages_join_to_the_total_in_any_order(facade: Facade) -> None:
    patients = ",".join(facade.patient(key) for key in (ANNA, ANNA_AT_LAKESIDE, BORIS, NOT_ANNA))

    @settings(within_budget, max_examples=60)
    @given(sorts, filters, st.integers(1, 4))
    def joins(sort: list[str], filter: str, count: int) -> None:
        asked = f"Invoice?patient={patients}&_sort={','.join(sort)}{filter}"
        whole = facade.json(asked)
        found = [number for bundle in pages(facade, f"{asked}&_count={count}") for number in numbers(bundle)]
        assert found == numbers(whole)
        assert len(found) == whole["total"] == len(set(found))

    joins()


def pages(facade: Facade, url: str) -> Iterator[Any]:
    for _ in range(10):  # more than all
        bundle = facade.json(url)
        yield bundle
        links = {link["relation"]: link["url"] for link in bundle["link"]}
        if "next" not in links:
            return
        url = links["next"].removeprefix(BASE + "/")
    pytest.fail("there is always a next page")


@pytest.mark.parametrize(
    "body",
    ["&".join(f"a{n}=1" for n in range(1001)), "a" * 1_000_001, "_id=" + "a," * 600_000],
    ids=["many", "one", "long"],
)
def test_a_monstrous_form_is_refused(facade: Facade, body: str) -> None:
    answer = facade.client.post("/fhir/Invoice/_search", data=body, content_type=FORM)
    assert (answer.status_code, parsed(answer)["issue"][0]["code"]) == (400, "too-costly")


def test_of_an_endless_body_no_more_is_read_than_shows_that_it_is_too_long(facade: Facade) -> None:
    environ = EnvironBuilder(path="/fhir/Invoice/_search", method="POST", content_type=FORM).get_environ()
    endless = io.BytesIO(b"a" * 5_000_000)
    environ |= {"wsgi.input": endless, "CONTENT_LENGTH": "5000000"}
    _, status, _ = run_wsgi_app(facade.house.app, environ, buffered=True)
    assert status.startswith("400")
    assert endless.tell() < 1_100_000


@pytest.mark.parametrize(("name", "value"), [("date", "٢٠٢٦"), ("totalgross", "١"), ("_count", "१")])
def test_digits_of_other_scripts_are_none(facade: Facade, name: str, value: str) -> None:
    refused = facade.json(f"Invoice?patient={facade.patient(ANNA)}&{name}={quote(value)}", 400)
    assert refused["issue"][0]["code"] == "value"


def test_a_body_that_breaks_off_is_no_failure_of_ours(facade: Facade, capfd: pytest.CaptureFixture[str]) -> None:
    environ = EnvironBuilder(path="/fhir/Invoice/_search", method="POST", content_type=FORM).get_environ()
    environ |= {"wsgi.input": io.BytesIO(b"patie"), "CONTENT_LENGTH": "500"}
    _, status, _ = run_wsgi_app(facade.house.app, environ, buffered=True)
    assert status.startswith("400")
    assert "failed" not in written(capfd)


def test_thousands_of_unknown_sort_keys_are_told_of_in_a_few_words(facade: Facade) -> None:
    asked = f"patient={facade.patient(ANNA)}&_sort=" + ",".join(f"k{n}" for n in range(5000))
    bundle = parsed(facade.client.post("/fhir/Invoice/_search", data=asked, content_type=FORM))
    assert len(outcomes(bundle)) < 30
    assert "4980" in outcomes(bundle)[-1]["diagnostics"]


def test_more_patients_than_a_source_takes_at_once_are_refused_and_not_half_answered(facade: Facade) -> None:
    many = ",".join(facade.patient(ANNA._replace(value=str(number))) for number in range(65))
    assert facade.json(f"Invoice?patient={many}", 400)["issue"][0]["code"] == "too-costly"
    assert facade.systems["practice"].asked == []


def test_what_stands_beside_a_page_link_is_not_taken_for_a_filter(facade: Facade) -> None:
    bundle = facade.json(f"Invoice?patient={facade.patient(ANNA)}&_count=1")
    link = bundle["link"][-1]["url"].removeprefix(BASE + "/")
    assert outcomes(facade.json(f"{link}&_format=json")) == []
    assert [told["expression"] for told in outcomes(facade.json(f"{link}&status=issued&_count=9"))] == [
        ["status"],
        ["_count"],
    ]
    assert facade.json(f"{link}&status=issued", 400, Prefer="handling=strict")["issue"][0]["expression"] == ["status"]
    assert facade.json(f"Invoice?patient={facade.patient(ANNA)}&_page=")["total"] == 4


@pytest.mark.parametrize("content", [[], {}, "x", ["Invoice", 1], None])
def test_a_page_link_of_another_version_has_expired(facades: Facades, content: object) -> None:
    key = "k" * 32
    facade = facades(server={"id_key": Secret((key,))})
    with closing(Database(facade.settings.server.state)) as database:
        token = PageTokens([key], PageKeys(database)).seal(content, ANYBODY.name)
    assert facade.json(f"Invoice?_page={token}", 400)["issue"][0]["code"] == "value"


@pytest.mark.parametrize(
    "surprise", [ValueError("Anna Example 1001"), KeyError("1001"), OSError("/patients/1001"), StateUnavailable("1001")]
)
def test_a_backends_own_exceptions_stay_inside(
    facade: Facade, capfd: pytest.CaptureFixture[str], surprise: Exception
) -> None:
    facade.systems["practice"].failure = surprise  # type: ignore[assignment]
    for path in (f"Invoice?patient={facade.patient(ANNA)}", f"Patient/{facade.patient(ANNA)}"):
        answer = facade.get(path, X_Request_Id="r")
        assert answer.status_code in (500, 503)
        assert "1001" not in answer.get_data(as_text=True)
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    told = json.dumps([{name: fact for name, fact in line.items() if name != "timestamp"} for line in lines])
    assert type(surprise).__name__ in told
    assert "1001" not in told
    assert "Anna" not in told
