"""The WSGI application: FHIR below the path of the base URL, the operators' pages outside of it."""

from __future__ import annotations

import gzip
import itertools
import re
import uuid
from collections.abc import Callable, Iterator, Mapping
from functools import cache, lru_cache
from typing import Any
from urllib.parse import urlsplit

import flask
from werkzeug.datastructures import Headers
from werkzeug.http import parse_accept_header

from fhir_facade.door.body import read
from fhir_facade.hall.exchange import Answer, Body, Request
from fhir_facade.telemetry.log import in_request

Answering = Callable[[Request], Answer]

_REQUEST_ID = re.compile(r"[A-Za-z0-9._:\-]{1,128}")
# A request's id where the client sends none: unique, and made without asking the system for randomness each time.
_PROCESS, _COUNT = uuid.uuid4().hex[:16], itertools.count(1)
# Nothing here is a page: should a browser show an answer all the same, it runs, frames and tells nothing.
_SECURE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Referrer-Policy": "no-referrer",
}
_NONE = Body()
_COMPRESSED_FROM = 1_400  # bytes; below one packet compressing saves nothing
_LEVEL = 4
_CROSS_ORIGIN = {
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


class _Door(flask.Flask):
    """One view for every path and method: what they mean the hall knows, so that no URL is matched here."""

    def __init__(self, view: Callable[[], flask.Response]) -> None:
        super().__init__("fhir_facade", static_folder=None)
        self._view = view

    def create_url_adapter(self, request: flask.Request | None) -> None:
        """None: Flask's own routing took as long as all that the hall does for a warm read."""

    def dispatch_request(self) -> flask.Response:
        return self._view()


def create_app(fhir: Answering, outside: Answering, base_url: str) -> flask.Flask:
    """The application: ``fhir`` answers below the path of ``base_url``, ``outside`` everywhere else."""
    base = urlsplit(base_url).path.rstrip("/") + "/"

    def answer() -> flask.Response:
        environ = flask.request.environ
        path = environ["PATH_INFO"].encode("latin-1").decode(errors="replace")
        below = f"{path}/".startswith(base)
        request = _request(environ, path[len(base) :] if below else path)
        with in_request(request.id):
            return _response((fhir if below else outside)(request), request)

    return _Door(answer)


class _Headers(Mapping[str, str]):
    """Request headers by lower-case name, read from the WSGI environment when they are asked for."""

    def __init__(self, environ: Mapping[str, Any]) -> None:
        self._environ = environ

    def __getitem__(self, name: str) -> str:
        value: str = self._environ[_variable(name)]
        return value

    def __iter__(self) -> Iterator[str]:
        return (name[5:].replace("_", "-").lower() for name in self._environ if name.startswith("HTTP_"))

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def bytes(self) -> int:
        """How long they are together."""
        return sum(len(name) + len(value) for name, value in self._environ.items() if name.startswith("HTTP_"))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and _variable(name) in self._environ

    def get(self, name: str, default: Any = None) -> Any:
        return self._environ.get(_variable(name), default)


@cache
def _variable(name: str) -> str:
    """https://peps.python.org/pep-3333/#environ-variables"""
    variable = name.replace("-", "_").upper()
    return variable if variable in ("CONTENT_TYPE", "CONTENT_LENGTH") else f"HTTP_{variable}"


def _request(environ: Mapping[str, Any], path: str) -> Request:
    headers, method = _Headers(environ), environ["REQUEST_METHOD"]
    given = headers.get("x-request-id", "")
    id = given if _REQUEST_ID.fullmatch(given) else f"{_PROCESS}-{next(_COUNT):x}"
    incoming = flask.request
    sent = _NONE if method in ("GET", "HEAD") else Body(lambda: read(incoming.stream, incoming.content_length))
    query, peer = environ.get("QUERY_STRING", "").encode("latin-1"), environ.get("REMOTE_ADDR", "")
    return Request(method, path.strip("/"), query, headers, headers.bytes(), sent, id, peer)


class _Sent(Headers):
    """Headers of an answer, of which each is there once: looked through together, for a line's end in a value."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        if "\n" in (values := "".join(headers.values())) or "\r" in values:
            raise ValueError("a header's value has the end of a line in it")
        self._list = list(headers.items())


class _Response(flask.Response):
    """An answer whose headers are complete: they are sent as they are."""

    default_mimetype = None

    def get_wsgi_headers(self, environ: Any) -> Headers:
        return self.headers


@lru_cache(maxsize=512)
def _unpacks(accepted: str) -> bool:
    """True for a client that takes gzip; ``gzip;q=0`` says that it does not."""
    return parse_accept_header(accepted)["gzip"] > 0


def _response(answer: Answer, request: Request) -> flask.Response:
    body, headers = answer.body, {**_SECURE, "X-Request-Id": request.id, **answer.headers}
    if "origin" in request.headers:
        headers |= _CROSS_ORIGIN
    if request.method == "OPTIONS":
        headers |= _CROSS_ORIGIN | _PREFLIGHT
    if len(body) >= _COMPRESSED_FROM and _unpacks(request.headers.get("accept-encoding", "")):
        body = gzip.compress(body, _LEVEL, mtime=0)
        headers["Content-Encoding"] = "gzip"
    headers["Vary"] = f"{headers['Vary']}, Accept-Encoding" if "Vary" in headers else "Accept-Encoding"
    return _Response(body or None, answer.status, _Sent(headers))
