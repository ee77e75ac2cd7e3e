"""Schemathesis reads the OpenAPI document and asks what it allows and what it does not: answers keep to it."""

from __future__ import annotations

import copy
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from fhir_facade import wire
from fhir_facade.desk.openapi import openapi
from fhir_facade.search.definitions import parameters
from fhir_facade.specification.statement import declared
from tests.api.conftest import BASE
from tests.api.matrix import world
from tests.api.matrix.callers import Who
from tests.api.matrix.cases import BODIES, CALLERS, TYPES
from tests.api.matrix.oracle import sees
from tests.api.matrix.site import Site
from tests.api.matrix.world import facts

ANNA = next(who for who in CALLERS if str(who) == "anna with patient/*.rs")
NOBODY = next(who for who in CALLERS if who.claims is None)
CONFORMANCE = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)
DOCUMENT = openapi(BASE, declared(), smart=True)
OPERATIONS = [(method, path) for path, item in DOCUMENT["paths"].items() for method in item]
# By type of parameter, what has a meaning here: generated texts alone would find nothing.
SENSIBLE = {
    "token": [
        "active",
        "issued",
        "draft",
        "active",
        "booked",
        "true",
        "1001",
        "http://hl7.org/fhir/invoice-status|issued",
        "|",
    ],
    "date": ["ge2020", "2026-01-05", "lt2026-12-01T10:00:00Z", "ap2026", "2026-13", "ne1"],
    "quantity": ["gt1", "le12.50", "12.5|urn:iso:std:iso:4217|USD", "1e3"],
    "string": ["F1001", "Room", "Provider"],
    "uri": ["https://w3id.org/fhir-facade/SearchParameter/assigner", "urn:x"],
}
NOT_FOUND = wire.decode(BODIES[404])
bounded = settings(derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck))
EXAMPLES = {ANNA: 30, NOBODY: 8}


@pytest.fixture(scope="module")
def schemas(site: Site) -> tuple[Any, Any]:
    """The document that a site prints, and the same with hints at what is there."""
    document = openapi(BASE, site.facade.house.hall.router.declared, smart=True)
    return read(document, site), read(hinted(copy.deepcopy(document), site), site)


def read(document: dict[str, Any], site: Site) -> Any:
    found = schemathesis.openapi.from_dict(copy.deepcopy(document))
    found.app = site.facade.house.app
    return found


def hinted(document: dict[str, Any], site: Site) -> dict[str, Any]:
    """The document in which ids and values are some that the site has: a patient's own, and others'."""
    for path, item in document["paths"].items():
        type = path.split("/")[1]
        for operation in item.values() if type in TYPES else ():
            form = operation.get("requestBody", {}).get("content", {}).values()
            named = {parameter["name"]: parameter["schema"] for parameter in operation["parameters"]}
            named |= next((content["schema"]["properties"] for content in form), {})
            for name, values in hints(type, site).items():
                if name in named:
                    schema = named[name]
                    schema |= {"items": {"enum": values}} if "items" in schema else {"enum": values}
    return document


def hints(type: str, site: Site) -> dict[str, list[str]]:
    """By name of a parameter."""
    ids = [*(site.id(fact) for fact in facts(type)[:12]), "unknown"]  # Anna's are the first ones
    codes = parameters(type).items()
    found = {code: SENSIBLE.get(parameter.type, references(site)) for code, parameter in codes}
    return found | {"id": ids, "_id": ids, "identifier": [site.identifier(fact) for fact in facts(type)]}


def references(site: Site) -> list[str]:
    """To everybody, and to some of what is theirs."""
    patients = [f"Patient/{site.patient(key)}" for key in world.EVERYBODY]
    records = [f"{fact.type}/{site.id(fact)}" for type in TYPES for fact in facts(type)[::4]]
    return [*patients, *records, *world.AUTHORITIES, f"{BASE}/Organization/riverside", "x"]


@pytest.mark.parametrize("who", [ANNA, NOBODY], ids=["patient", "nobody"])
@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_what_is_answered_is_what_the_document_says(site: Site, schemas: Any, method: str, path: str, who: Who) -> None:
    plain, hinted = (schema[path][method] for schema in schemas)
    headers = {
        "Accept-Encoding": "identity",
        **({} if who.claims is None else {"Authorization": site.authorization(who)}),
    }

    @settings(bounded, max_examples=EXAMPLES[who])
    @given(st.one_of(hinted.as_strategy(), plain.as_strategy(), plain.as_strategy(GenerationMode.NEGATIVE)))
    def keeps_to_it(case: Any) -> None:
        response = case.call(headers=headers)
        case.validate_response(response, checks=list(CONFORMANCE))
        judged(site, path.split("/")[1], who, response)

    keeps_to_it()


def judged(site: Site, type: str, who: Who, response: Any) -> None:
    """What no document can say: whose it is, and that a failure says nothing."""
    assert response.headers["x-request-id"]
    if response.status_code == 304:
        assert response.content == b""
        return
    body = wire.decode(response.content)
    if response.status_code >= 400:
        assert body["resourceType"] == "OperationOutcome"
        assert response.status_code != 404 or body == NOT_FOUND or body["issue"][0]["code"] == "not-supported"
    elif type in TYPES:
        assert who is not NOBODY
        theirs = {site.id(fact) for fact in facts(type) if sees(who, fact, "r")}
        assert {each["id"] for each in matches(body)} <= theirs


def matches(body: Any) -> list[Any]:
    if body["resourceType"] != "Bundle":
        return [body]
    return [entry["resource"] for entry in body.get("entry", ()) if entry["search"]["mode"] == "match"]
