"""The OpenAPI document: valid by somebody else's validator, and of what is routed and answered, no more and no less."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from fhir_facade import wire
from fhir_facade.desk.openapi import openapi
from fhir_facade.errors import FacadeError
from fhir_facade.hall.routes import ROUTES
from fhir_facade.search.definitions import parameters
from fhir_facade.specification.definitions import TYPES as DEFINITIONS
from fhir_facade.specification.statement import declared
from tests.api.conftest import BASE, Facade
from tests.people import ANNA


@pytest.fixture(scope="module")
def document() -> Any:
    """As it is printed."""
    return json.loads(wire.encode(openapi(BASE, declared(), smart=True)))


def test_it_is_valid(document: Any) -> None:
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []


def test_a_fault_in_it_would_be_found(document: Any) -> None:
    broken = {**document, "paths": {"/Invoice/{id}": {"get": {"responses": {"200": {}}}}}}
    assert list(OpenAPIV31SpecValidator(broken).iter_errors())


def test_it_has_every_route_and_no_other(document: Any) -> None:
    routed = {
        (method, "/" + "/".join(shape).replace("type", type, 1).replace("/id", "/{id}"))
        for shape, methods in ROUTES
        for type in (declared() if shape[0] == "type" else [""])
        for method, interaction in methods.items()
        if not type or interaction in declared()[type]
    }
    assert {(method.upper(), path) for path, item in document["paths"].items() for method in item} == routed


@pytest.mark.parametrize("type", declared())
def test_it_has_every_search_parameter(document: Any, type: str) -> None:
    named = {each["name"] for each in document["paths"][f"/{type}"]["get"]["parameters"] if each["in"] == "query"}
    body = document["paths"][f"/{type}/_search"]["post"]["requestBody"]["content"]
    (form,) = body.values()
    assert named == form["schema"]["properties"].keys()
    assert {name for name in named if not name.startswith("_")} == parameters(type).keys() - {"_id", "_lastUpdated"}


def test_no_parameter_of_it_is_unknown_to_the_server(document: Any, facade: Facade) -> None:
    for path, item in document["paths"].items():
        for each in item["get"]["parameters"] if path.count("/") == 1 and path != "/metadata" else ():
            if each["in"] == "query" and each["name"] not in parameters(path[1:]):
                facade.json(f"{path[1:]}?_id=x&{each['name']}=", Prefer="handling=strict")


def test_every_failure_has_its_status(document: Any) -> None:
    for item in document["paths"].values():
        for operation in item.values():
            for status, response in operation["responses"].items():
                if "$ref" in response:
                    name = response["$ref"].rpartition("/")[2]
                    assert named(name).status == int(status)


def named(name: str) -> type[FacadeError]:
    known: list[type[FacadeError]] = [FacadeError, *subclasses(FacadeError)]
    return next(each for each in known if each.__name__ == name)


def subclasses(of: type[FacadeError]) -> Iterator[type[FacadeError]]:
    for direct in of.__subclasses__():
        yield direct
        yield from subclasses(direct)


def test_tokens_are_asked_for_where_they_are(document: Any) -> None:
    for path, item in document["paths"].items():
        type = path.split("/")[1]
        for operation in item.values():
            public = type in (*DEFINITIONS, "metadata", ".well-known")
            assert bool(operation["security"]) is not public
            assert ("401" in operation["responses"]) is not public
    open_mode = openapi(BASE, declared(), smart=False)
    assert "/.well-known/smart-configuration" not in open_mode["paths"]
    assert not any(item["get"]["security"] for item in open_mode["paths"].values() if "get" in item)


def test_schemas_are_those_that_answers_keep_to(document: Any, facade: Facade) -> None:
    """The rest is asked by schemathesis; this is that a schema refuses at all."""
    jsonschema_rs = pytest.importorskip("jsonschema_rs")
    validator = jsonschema_rs.validator_for(
        {"$ref": "#/components/schemas/Invoice", "components": document["components"]}
    )
    invoice = facade.json(f"Invoice/{facade.record('Invoice', ANNA, '9301')}")
    assert validator.is_valid(invoice)
    assert not validator.is_valid(invoice | {"status": "unpaid"})
    assert not validator.is_valid({name: value for name, value in invoice.items() if name != "status"})
