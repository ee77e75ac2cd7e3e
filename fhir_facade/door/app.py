"""The WSGI application: FHIR below the path of the base URL, the operators' pages outside of it."""

from __future__ import annotations

import gzip
import re
import uuid
from collections.abc import Callable
from urllib.parse import urlsplit

import flask
from werkzeug.exceptions import HTTPException

from fhir_facade.hall.exchange import Answer, Request
from fhir_facade.telemetry.log import in_request

Answering = Callable[[Request], Answer]

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
_REQUEST_ID = re.compile(r"[A-Za-z0-9._:\-]{1,128}")
_COMPRESSED_FROM = 1_400  # bytes; below one packet compressing saves nothing
_LEVEL = 4
_EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Last-Modified, Location, Content-Location, WWW-Authenticate, "
    "Retry-After, X-Request-Id",
}
_PREFLIGHT = {
    "Access-Control-Allow-Methods": "GET, HEAD, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, If-Modified-Since, If-None-Match, Prefer, "
    "X-Request-Id",
    "Access-Control-Max-Age": "1440",
}


def create_app(fhir: Answering, outside: Answering, base_url: str) -> flask.Flask:
    """The application: ``fhir`` answers below the path of ``base_url``, ``outside`` everywhere else."""
    app = flask.Flask("fhir_facade", static_folder=None)
    app.url_map.merge_slashes = False
    base = urlsplit(base_url).path.rstrip("/") + "/"

    def answer(**_: str) -> flask.Response:
        path = flask.request.path
        below = f"{path}/".startswith(base)
        request = _request(path[len(base) :] if below else path)
        with in_request(request.headers["x-request-id"]):
            return _response((fhir if below else outside)(request), request)

    for rule in ("/", "/<path:path>"):
        app.add_url_rule(rule, rule, answer, methods=_METHODS, provide_automatic_options=False)
    # What the framework turns away by itself, such as a method it has not heard of, is answered in FHIR, too.
    app.register_error_handler(HTTPException, lambda _: answer())
    return app


def _request(path: str) -> Request:
    incoming = flask.request
    headers = {name.lower(): value for name, value in incoming.headers.items()}
    given = headers.get("x-request-id", "")
    headers["x-request-id"] = given if _REQUEST_ID.fullmatch(given) else str(uuid.uuid4())
    return Request(incoming.method, path.strip("/"), incoming.query_string, headers, incoming.get_data(cache=False))


def _response(answer: Answer, request: Request) -> flask.Response:
    headers = _EVERYWHERE | {"X-Request-Id": request.headers["x-request-id"]} | dict(answer.headers)
    if request.method == "OPTIONS":
        headers |= _PREFLIGHT
    body = answer.body
    if len(body) >= _COMPRESSED_FROM and "gzip" in request.headers.get("accept-encoding", ""):
        body = gzip.compress(body, _LEVEL, mtime=0)
        headers["Content-Encoding"] = "gzip"
    headers["Vary"] = ", ".join(filter(None, (headers.get("Vary"), "Accept-Encoding")))
    return flask.Response(body, answer.status, headers)
