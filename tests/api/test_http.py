"""Media types, methods, headers: what every path and method answers."""

from __future__ import annotations

import gzip
import json
import re

import pytest

from tests.api.conftest import Facade, parsed
from tests.people import ANNA

NOT_THERE = [
    "/",
    "/nowhere",
    "/fhir",
    "/fhir/",
    "/fhir/Nonsense",
    "/fhir/Nonsense/1",
    "/fhir/invoice",
    "/fhir/_history",
    "/fhir/Invoice/_history",
    "/fhir/Invoice/1/_history/1",
    "/fhir/Invoice/1/_history",
    "/fhir/Patient/1/Invoice",
    "/fhir/Invoice/$stats",
    "/fhir/Invoice/1/$pay",
    "/fhir//Invoice/1/2/3",
    "/fhirInvoice",
    "/static/x",
]
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "TRACE", "FOO", "PROPFIND"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("path", [*NOT_THERE, "/fhir/metadata", "/fhir/Invoice", "/fhir/Invoice/1", "/livez"])
def test_every_path_and_method_answers_json(facade: Facade, path: str, method: str) -> None:
    response = facade.client.open(path, method=method)
    assert response.status_code < 500
    assert "json" in response.headers["Content-Type"]
    body = parsed(response)
    if response.status_code >= 400:
        assert body["resourceType"] == "OperationOutcome"
        assert "html" not in response.get_data(as_text=True).lower()


@pytest.mark.parametrize("path", NOT_THERE)
def test_what_is_not_there_is_not_supported(facade: Facade, path: str) -> None:
    response = facade.get(path)
    assert (response.status_code, parsed(response)["issue"][0]["code"]) == (404, "not-supported")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "POST", "FOO"])
def test_a_read_only_server_says_what_it_allows(facade: Facade, method: str) -> None:
    known = facade.record("Invoice", ANNA, "9301")
    answers = [facade.client.open(f"/fhir/Invoice/{id}", method=method) for id in (known, "unknown")]
    assert [a.status_code for a in answers] == [405, 405]
    assert [a.headers["Allow"] for a in answers] == ["GET, HEAD, OPTIONS"] * 2
    assert answers[0].get_data() == answers[1].get_data()


@pytest.mark.parametrize(
    ("accept", "answered"),
    [
        ("application/fhir+json", "application/fhir+json"),
        ("application/fhir+json; fhirVersion=4.0", "application/fhir+json"),
        ("application/fhir+json;charset=utf-8", "application/fhir+json"),
        ("application/json", "application/json"),
        ("*/*", "application/fhir+json"),
        ("application/fhir+json, */*; q=0.1", "application/fhir+json"),
        ("application/fhir+xml, application/fhir+json;q=0.5", "application/fhir+json"),
        ("text/html,application/xhtml+xml,*/*;q=0.8", "application/fhir+json"),
    ],
)
def test_media_types_that_are_given(facade: Facade, accept: str, answered: str) -> None:
    response = facade.get("metadata", Accept=accept)
    assert response.status_code == 200
    assert response.headers["Content-Type"].split(";")[0] == answered


@pytest.mark.parametrize(
    "accept", ["application/fhir+xml", "text/turtle", "application/fhir+json; fhirVersion=3.0", "text/html"]
)
def test_media_types_that_cannot_be_given(facade: Facade, accept: str) -> None:
    response = facade.get("metadata", Accept=accept)
    assert (response.status_code, parsed(response)["issue"][0]["code"]) == (406, "not-supported")


@pytest.mark.parametrize(
    ("format", "status"),
    [("json", 200), ("application/fhir+json", 200), ("application/json", 200), ("xml", 406), ("nonsense", 406)],
)
def test_format_decides_over_accept(facade: Facade, format: str, status: int) -> None:
    assert facade.get(f"metadata?_format={format}", Accept="text/html").status_code == status


def test_pretty(facade: Facade) -> None:
    url = f"Invoice/{facade.record('Invoice', ANNA, '9301')}"
    pretty = facade.get(f"{url}?_pretty=true").get_data(as_text=True)
    assert pretty.startswith('{\n  "resourceType": "Invoice"')
    assert '"value": 12.50' in pretty
    assert json.loads(pretty) == json.loads(facade.get(url).get_data())
    assert facade.get("Invoice/unknown?_pretty=true").get_data().count(b"\n") > 3


def test_head_is_get_without_a_body(facade: Facade) -> None:
    for path in (
        f"Invoice/{facade.record('Invoice', ANNA, '9301')}",
        f"Invoice?patient={facade.patient(ANNA)}",
        "metadata",
    ):
        got, head = facade.get(path), facade.client.head(f"/fhir/{path}")
        assert (head.status_code, head.get_data()) == (200, b"")
        assert head.headers["Content-Length"] == str(len(got.get_data()))
        assert head.headers.get("ETag") == got.headers.get("ETag")


def test_preflight(facade: Facade) -> None:
    response = facade.client.options("/fhir/Invoice", headers={"Origin": "https://app.example.org"})
    assert (response.status_code, response.get_data()) == (204, b"")
    assert response.headers["Access-Control-Allow-Origin"] == "*"
    assert "Authorization" in response.headers["Access-Control-Allow-Headers"]


def test_whoever_asks_for_options_need_not_read_json(facade: Facade) -> None:
    assert facade.client.options("/fhir/Invoice", headers={"Accept": "text/html"}).status_code == 204


def test_what_scripts_in_browsers_may_read(facade: Facade) -> None:
    exposed = (
        facade.get("metadata", Origin="https://app.example.org").headers["Access-Control-Expose-Headers"].split(", ")
    )
    assert {"ETag", "Last-Modified", "Location", "Content-Location", "WWW-Authenticate"} <= set(exposed)
    assert {"Retry-After", "X-Request-Id"} <= set(exposed)


def test_gzip_when_asked_and_worth_it(facade: Facade) -> None:
    plain = facade.get("metadata").get_data()
    packed = facade.get("metadata", Accept_Encoding="gzip")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.get_data()) == plain
    assert "Content-Encoding" not in facade.get("Invoice/unknown", Accept_Encoding="gzip").headers
    for refused in ("gzip;q=0", "identity", "x-gzip"):
        assert facade.get("metadata", Accept_Encoding=refused).get_data() == plain


def test_a_request_id_comes_back(facade: Facade) -> None:
    assert facade.get("metadata", X_Request_Id="abc-123").headers["X-Request-Id"] == "abc-123"
    made = facade.get("metadata", X_Request_Id="two words\x01").headers["X-Request-Id"]
    assert made != facade.get("metadata").headers["X-Request-Id"]
    assert re.fullmatch(r"[0-9a-f]{16}-[0-9a-f]+", made)


def test_a_query_that_is_no_text(facade: Facade) -> None:
    assert facade.json("Invoice?patient=%FF%FE", 400)["issue"][0]["code"] == "structure"


def test_operators_pages(facade: Facade) -> None:
    assert facade.json("/livez") == {"status": "ok"}
    assert facade.json("/readyz")["status"] == "ok"
    assert b"# TYPE" in facade.get("/metrics").get_data()
    assert facade.systems["practice"].asked == []


@pytest.mark.parametrize("said", ["1 Jan 2020 99999999999999999999:0:0", "1 Jan 2020 00:00:00 +999999999999", "x"])
def test_a_date_that_no_calendar_has_is_no_condition(facade: Facade, said: str) -> None:
    assert facade.get("SearchParameter/assigner", If_Modified_Since=said).status_code == 200


def test_a_search_for_too_many_values_is_refused(facade: Facade) -> None:
    many = ",".join(map(str, range(2_001)))
    response = facade.client.post("/fhir/Invoice/_search", data={"_id": many})
    assert (response.status_code, response.json["issue"][0]["code"]) == (400, "too-costly")
