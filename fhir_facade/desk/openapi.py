"""The OpenAPI document of a site: what ``capability/`` declares, in the words of https://spec.openapis.org/oas/v3.1.0.

It is for generators of clients and for tools that test; FHIR's own answer to the same question is ``/metadata``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from fhir_facade import errors
from fhir_facade.desk.schemas import SCHEMAS, schemas, searchset
from fhir_facade.search.definitions import parameters
from fhir_facade.search.parameter import Parameter
from fhir_facade.specification import definitions
from fhir_facade.specification.statement import statement

Json = dict[str, Any]

_FORM = "application/x-www-form-urlencoded"
_SEARCH = "_search"

# Statuses, and the failures that are told by them.
_FAILURES: Mapping[int, type[errors.FacadeError]] = {
    each.status: each
    for each in (
        errors.Invalid,
        errors.Unauthenticated,
        errors.Forbidden,
        errors.NotFound,
        errors.NotAcceptable,
        errors.Gone,
        errors.UriTooLong,
        errors.UnsupportedMediaType,
        errors.TooManyRequests,
        errors.TooLong,
        errors.FacadeError,
        errors.SourceError,
        errors.StateUnavailable,
        errors.TimedOut,
    )
}
_ANYWHERE = (400, 406, 414, 431, 500)
_OF_TOKENS = (401, 403, 429, 503)
_OF_SOURCES = (502, 503, 504)

_TEXT: Json = {"type": "string"}
_FORMATS = [each for each in statement()["format"] if "xml" not in each]
_COMMON: dict[str, Json] = {
    "_elements": {**_TEXT, "description": "The elements that are wanted, between commas."},
    "_format": {"enum": _FORMATS, "description": "The media type, instead of Accept."},
    "_pretty": {"enum": ["true", "false"], "description": "Whether the answer is laid out for reading."},
}
_OF_READS = {"_summary": {"enum": ["true", "text", "data", "false"], "description": "A part of the resource."}}
_OF_SEARCHES: dict[str, Json] = {
    "_summary": {"enum": ["true", "text", "data", "count", "false"], "description": "A part of each resource."},
    "_count": {"type": "integer", "minimum": 0, "description": "Entries on a page; 0: the total alone."},
    "_sort": {**_TEXT, "description": "Search parameters, between commas; with - before those that descend."},
    "_total": {"enum": ["accurate", "estimate", "none"], "description": "Whether the total is wanted."},
    "_page": {**_TEXT, "description": "A page, as a link of a Bundle names it; it takes no other parameters."},
}
_SENT: dict[str, Json] = {
    "Prefer": {**_TEXT, "description": "handling=strict: unknown parameters are refused; else they are ignored."},
    "If-None-Match": {**_TEXT, "description": "An ETag: 304 where nothing has changed since."},
    "If-Modified-Since": {**_TEXT, "description": "An HTTP date: 304 where nothing has changed since."},
    "X-Request-Id": {**_TEXT, "description": "Comes back with the answer, and stands in the log."},
}
_RECEIVED: dict[str, Json] = {
    "X-Request-Id": {"schema": _TEXT, "required": True},
    "ETag": {"schema": _TEXT},
    "Last-Modified": {"schema": _TEXT},
    "WWW-Authenticate": {"schema": _TEXT},
    "Retry-After": {"schema": {"type": "string", "pattern": "^[0-9]+$"}, "description": "Seconds."},
}


def openapi(base_url: str, declared: Mapping[str, Iterable[str]], *, smart: bool) -> Json:
    """The document of a server that offers these interactions of each type; ``smart``: to those who have tokens."""
    written = statement()
    paths: Json = {"/metadata": {"get": _public("capabilities", "What this server can do", "CapabilityStatement")}}
    if smart:
        paths["/.well-known/smart-configuration"] = {"get": _smart_configuration()}
    for type, interactions in declared.items():
        paths |= dict(_paths(type, frozenset(interactions), smart=smart))
    return {
        "openapi": "3.1.0",
        "info": {
            "title": written["title"],
            "version": written["software"]["version"],
            "description": written["description"],
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": base_url}],
        "paths": paths,
        "components": {
            "schemas": schemas(("CapabilityStatement", *declared)),
            "responses": {each.__name__: _told(each) for each in _FAILURES.values()},
            "securitySchemes": {"smart": _BEARER} if smart else {},
        },
    }


_BEARER: Json = {
    "type": "http",
    "scheme": "bearer",
    "description": "A token of the issuer that /.well-known/smart-configuration names; scopes are SMART's.",
}


def _paths(type: str, interactions: frozenset[str], *, smart: bool) -> Iterator[tuple[str, Json]]:
    if "search-type" in interactions:
        yield f"/{type}", {"get": _search(type, smart=smart)}
        yield f"/{type}/{_SEARCH}", {"post": _posted(type, smart=smart)}
    if "read" in interactions:
        yield f"/{type}/{{id}}", {"get": _read(type, smart=smart)}


def _search(type: str, *, smart: bool) -> Json:
    criteria = [_parameter(code, "query", _criterion(each)) for code, each in parameters(type).items()]
    controls = [_parameter(name, "query", schema) for name, schema in {**_OF_SEARCHES, **_COMMON}.items()]
    return {
        "operationId": f"search{type}",
        "summary": f"Search {type}",
        "tags": [type],
        "parameters": [*criteria, *controls, *_headers("Prefer", "X-Request-Id")],
        "responses": {"200": _given(searchset(type)), **_failures(type, 410, smart=smart)},
        **_security(type, "s", smart=smart),
    }


def _posted(type: str, *, smart: bool) -> Json:
    """The same search, its parameters in the body: better for what should stand in no proxy's log."""
    criteria = {code: _criterion(each) for code, each in parameters(type).items()}
    form = {"type": "object", "properties": {**criteria, **_OF_SEARCHES, **_COMMON}}
    return {
        "operationId": f"search{type}ByPost",
        "summary": f"Search {type}, by a form",
        "tags": [type],
        "parameters": _headers("Prefer", "X-Request-Id"),
        "requestBody": {"content": {_FORM: {"schema": form}}},
        "responses": {"200": _given(searchset(type)), **_failures(type, 410, 415, 503, smart=smart)},
        **_security(type, "s", smart=smart),
    }


def _read(type: str, *, smart: bool) -> Json:
    id = {"type": "string", "pattern": r"^[A-Za-z0-9\-.]{1,64}$"}
    controls = [_parameter(name, "query", schema) for name, schema in {**_OF_READS, **_COMMON}.items()]
    sent = _headers("If-None-Match", "If-Modified-Since", "X-Request-Id")
    return {
        "operationId": f"read{type}",
        "summary": f"Read {type}",
        "tags": [type],
        "parameters": [_parameter("id", "path", id) | {"required": True}, *controls, *sent],
        "responses": {
            "200": _given({"$ref": SCHEMAS + type}, "ETag", "Last-Modified"),
            "304": {"description": "Nothing has changed since.", "headers": _received("ETag", "Last-Modified")},
            **_failures(type, 404, smart=smart),
        },
        **_security(type, "r", smart=smart),
    }


def _public(id: str, summary: str, type: str) -> Json:
    controls = [_parameter(name, "query", _COMMON[name]) for name in ("_format", "_pretty")]
    return {
        "operationId": id,
        "summary": summary,
        "parameters": [*controls, *_headers("X-Request-Id")],
        "responses": {"200": _given({"$ref": SCHEMAS + type}), **_failures("", smart=False)},
        "security": [],
    }


def _smart_configuration() -> Json:
    """https://hl7.org/fhir/smart-app-launch/conformance.html"""
    found = {"type": "object", "required": ["capabilities", "code_challenge_methods_supported"]}
    return {
        "operationId": "smartConfiguration",
        "summary": "Who issues tokens",
        "responses": {
            "200": {
                "description": "As asked for.",
                "headers": _received(),
                "content": {"application/json": {"schema": found}},
            },
            **_failures("", 503, smart=False),
        },
        "security": [],
    }


def _criterion(parameter: Parameter) -> Json:
    """Values between commas are alternatives; a parameter that is repeated narrows further."""
    modifiers = ", ".join(sorted({"missing", *parameter.modifiers}))
    said = f"{parameter.type}, {parameter.definition}; modifiers: {modifiers}"
    return {"type": "array", "items": _TEXT, "description": said}


def _parameter(name: str, place: str, schema: Json) -> Json:
    described = {"description": schema["description"]} if "description" in schema else {}
    bare = {key: value for key, value in schema.items() if key != "description"}
    return {"name": name, "in": place, **described, "schema": bare}


def _headers(*names: str) -> list[Json]:
    return [_parameter(name, "header", _SENT[name]) for name in names]


def _received(*names: str) -> Json:
    return {name: _RECEIVED[name] for name in ("X-Request-Id", *names)}


def _given(schema: Json, *headers: str) -> Json:
    media = [each for each in _FORMATS if "/" in each]
    return {
        "description": "As asked for.",
        "headers": _received(*headers),
        "content": {each: {"schema": schema} for each in media},
    }


def _failures(type: str, *others: int, smart: bool) -> Json:
    """References to the failures of an operation, by status.  Definitions are public, and have no source."""
    asked_for = bool(type) and type not in definitions.TYPES
    statuses = {*_ANYWHERE, *others, *(_OF_SOURCES if asked_for else ()), *(_OF_TOKENS if asked_for and smart else ())}
    return {str(each): {"$ref": f"#/components/responses/{_FAILURES[each].__name__}"} for each in sorted(statuses)}


def _told(failure: type[errors.FacadeError]) -> Json:
    named = {401: ["WWW-Authenticate"], 429: ["Retry-After"], 503: ["Retry-After"]}.get(failure.status, [])
    return _given({"$ref": f"{SCHEMAS}OperationOutcome"}, *named) | {"description": failure.template}


def _security(type: str, letter: str, *, smart: bool) -> Json:
    """Any of these scopes; ``read`` and conditions are SMART's other ways to say so."""
    if not smart or type in definitions.TYPES:
        return {"security": []}
    return {"security": [{"smart": [f"{level}/{type}.{letter}"]} for level in ("patient", "user", "system")]}
