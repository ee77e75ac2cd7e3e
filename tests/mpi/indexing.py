"""A master person index on a loopback socket: searches of Patients, and IHE's cross-reference query."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from werkzeug.wrappers import Request, Response

from fhir_facade.sandbox.athenahealth.server import LoopbackServer

SEARCH, OPERATION, TOKEN = "_search", "$ihe-pix", "token"
PERSON = "urn:people"
USER = ("facade:1", "s e/c+ret")

Resource = dict[str, Any]


def patient(id: str, *identifiers: str, **more: Any) -> Resource:
    """A Patient with identifiers written ``system|value``."""
    pairs = (each.rpartition("|") for each in identifiers)
    found = [{"system": system, "value": value} for system, _, value in pairs]
    return {"resourceType": "Patient", "id": id, "identifier": found, **more}


def link(type: str, id: str) -> Resource:
    return {"type": type, "other": {"reference": f"Patient/{id}"}}


class IndexStub:
    """Its Patients are data that a test may change; ``urls`` are those it was asked by."""

    def __init__(self) -> None:
        self.server = LoopbackServer(self._answer)
        self.url = f"{self.server.url}/fhir"
        self.patients: list[Resource] = []
        self.extra: list[Resource] = []  # entries that come with every searchset
        self.domains: set[str] = set()  # identifier systems that the operation knows, beside those of the Patients
        self.token = ""  # that is asked for, where there is one
        self.replaced: dict[str, Response | Callable[[], Response]] = {}  # answers to give instead, by last path part
        self.urls: list[str] = []
        self.headers: list[dict[str, str]] = []
        self.bodies: list[bytes] = []

    @property
    def asked(self) -> list[str]:
        """The last part of each path."""
        return [url.rpartition("/")[2] for url in self.urls]

    def _answer(self, environ: Any, start: Any) -> Any:
        request = Request(environ)
        self.urls.append(request.full_path.rstrip("?"))
        self.headers.append(dict(request.headers))
        self.bodies.append(request.get_data())
        name = request.path.rpartition("/")[2]
        instead = self.replaced.get(name)
        if callable(instead) and not isinstance(instead, Response):
            instead = instead()
        return (instead or self._said(name, request))(environ, start)

    def _said(self, name: str, request: Request) -> Response:
        if request.method != "POST":
            return outcome(405, "not-supported")
        if name == TOKEN:
            return self._granted(request)
        if self.token and request.headers.get("Authorization") != f"Bearer {self.token}":
            return outcome(401, "login")
        return {SEARCH: self._searched, OPERATION: self._crossed}[name](request)

    def _granted(self, request: Request) -> Response:
        expected = "Basic " + base64.b64encode(b"facade%3A1:s+e%2Fc%2Bret").decode()
        if request.headers.get("Authorization") != expected or request.form["grant_type"] != "client_credentials":
            return said({"error": "invalid_client"}, 401)
        return said({"access_token": self.token, "token_type": "Bearer", "expires_in": "3600"})

    def _searched(self, request: Request) -> Response:
        unknown = request.form.keys() - {"identifier", "_id", "_count"}
        if unknown and "strict" in request.headers.get("Prefer", ""):
            return outcome(400, "not-supported")
        ids = [id for each in request.form.getlist("_id") for id in each.split(",")]
        tokens = [_token(text) for each in request.form.getlist("identifier") for text in re.split(r"(?<!\\),", each)]
        found = [each for each in self.patients if each["id"] in ids or any(token in _pairs(each) for token in tokens)]
        entries = [{"resource": each, "search": {"mode": "match"}} for each in found] + self.extra
        return said({"resourceType": "Bundle", "type": "searchset"} | ({"entry": entries} if entries else {}))

    def _crossed(self, request: Request) -> Response:
        (parameter,) = json.loads(request.data)["parameter"]
        source = _token(parameter["valueString"])
        found = [
            each for each in self.patients if source in _pairs(each) or source == (self.url, f"Patient/{each['id']}")
        ]
        if not found:
            known = {system for each in self.patients for system, _ in _pairs(each)} | self.domains | {self.url}
            return outcome(404, "not-found") if source[0] in known else outcome(400, "code-invalid")
        ids = {other["other"]["reference"].rpartition("/")[2] for each in found for other in each.get("link", ())}
        found += [each for each in self.patients if each["id"] in ids]
        identifiers = [
            {"name": "targetIdentifier", "valueIdentifier": each}
            for one in found
            for each in one["identifier"]
            if (each["system"], each["value"]) != source
        ]
        ones = [
            {"name": "targetId", "valueReference": {"reference": f"{self.url}/Patient/{each['id']}"}} for each in found
        ]
        return said({"resourceType": "Parameters", "parameter": identifiers + ones})


def _pairs(patient: Resource) -> list[tuple[str, str]]:
    return [(each["system"], each["value"]) for each in patient["identifier"]]


def _token(text: str) -> tuple[str, str]:
    """System and value.  https://hl7.org/fhir/R4/search.html#escaping"""
    system, value = re.split(r"(?<!\\)\|", text, maxsplit=1)
    return re.sub(r"\\(.)", r"\1", system), re.sub(r"\\(.)", r"\1", value)


@contextmanager
def indexing() -> Iterator[IndexStub]:
    """An index that is up."""
    stub = IndexStub()
    stub.server.open()
    with closing(stub.server):
        yield stub


def said(body: Any, status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type="application/fhir+json")


def outcome(status: int, code: str) -> Response:
    return said({"resourceType": "OperationOutcome", "issue": [{"severity": "error", "code": code}]}, status)
