"""The server as a Flask app: what machines ask, answered in JSON; what people see is in ``pages``."""

from __future__ import annotations

import re
import secrets
from collections.abc import Callable
from typing import Any

from authlib.oauth2.rfc6749 import InvalidRequestError
from flask import Flask, Response, abort, json, request
from werkzeug.exceptions import HTTPException

from fhir_facade.sandbox.authorization.discovery import DOCUMENTS
from fhir_facade.sandbox.authorization.loopback import loopback_host
from fhir_facade.sandbox.authorization.pages import Pages
from fhir_facade.sandbox.authorization.people import People
from fhir_facade.sandbox.authorization.protocol import Protocol
from fhir_facade.sandbox.authorization.shortcut import Shortcut

_LARGEST_BODY = 64 * 1024
_CROSS_ORIGIN = ("/.well-known/", "/jwks", "/token", "/register", "/introspect", "/revoke")
_ALLOWED = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Allow-Methods": "GET, POST, OPTIONS",
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type",
    "Access-Control-Max-Age": "600",
}
_SECURE = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
_NO_PAGE = "default-src 'none'; frame-ancestors 'none'"
# https://www.rfc-editor.org/rfc/rfc6749#appendix-A, narrowed to what may stand in an error's description.
_PLAIN = re.compile(r"[ !#-\[\]-~]*")
_JUDGED = ("client_id", "redirect_uri", "response_type", "grant_type", "scope", "code", "refresh_token")


def create_app(protocol: Protocol, people: People) -> Flask:
    """The app; ``people`` are those who can sign in."""
    app = Flask(__name__)
    app.config.update(
        SECRET_KEY=secrets.token_bytes(32),
        SESSION_COOKIE_NAME=f"fhir-facade-{protocol.issuer.rpartition(':')[2]}",  # cookies know no ports
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=_LARGEST_BODY,
    )
    _route_machines(app, protocol)
    Pages(protocol, people).route(app)
    Shortcut(protocol, people).route(app)
    app.before_request(_refuse_strangers)
    app.before_request(_refuse_odd_characters)
    app.after_request(_secured)
    app.register_error_handler(HTTPException, _fault)
    app.register_error_handler(UnicodeError, lambda _: _fault(None))
    return app


def _route_machines(app: Flask, protocol: Protocol) -> None:
    endpoints: dict[str, Callable[[], Any]] = {
        "/token": protocol.create_token_response,
        "/introspect": lambda: protocol.create_endpoint_response("introspection"),
        "/revoke": lambda: protocol.create_endpoint_response("revocation"),
        "/register": lambda: protocol.create_endpoint_response("client_registration"),
    }
    for path, view in endpoints.items():
        app.add_url_rule(path, path, view, methods=["POST"])
    app.add_url_rule("/jwks", "/jwks", lambda: protocol.keys.as_dict(private=False))
    for name, document in DOCUMENTS.items():
        body = document(protocol.issuer)
        app.add_url_rule(f"/.well-known/{name}", name, lambda body=body: body)


def _refuse_strangers() -> None:
    """A name that leads here by somebody else's DNS is none of this server's."""
    if not loopback_host(request.host):
        abort(421)


def _refuse_odd_characters() -> Response | None:
    """What no OAuth parameter may hold would be a fault in an answer that repeats it."""
    if all(_PLAIN.fullmatch(value) for name in _JUDGED for value in request.values.getlist(name)):
        return None
    return _answered(InvalidRequestError("A parameter holds a character that it must not."))


def _answered(error: InvalidRequestError) -> Response:
    status, body, headers = error()
    return Response(json.dumps(body), status, dict(headers))


def _fault(fault: HTTPException | None) -> Response:
    """Errors of HTTP itself, in OAuth's form."""
    error = InvalidRequestError(fault.name if fault else "The request cannot be read.")
    error.status_code = (fault and fault.code) or 400
    return _answered(error)


def _secured(response: Response) -> Response:
    response.headers.setdefault("Content-Security-Policy", _NO_PAGE)
    for name, value in _SECURE.items():
        response.headers.setdefault(name, value)
    if request.path.startswith(_CROSS_ORIGIN):
        response.headers.update(_ALLOWED)
    return response
