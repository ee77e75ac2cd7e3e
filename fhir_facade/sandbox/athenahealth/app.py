"""The gateway as a Flask app: each call is logged, meets its faults, is judged, and goes to its endpoint."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING

from flask import Flask, Request, Response, request

from fhir_facade.sandbox.athenahealth.answers import (
    BAD_AUTH,
    DEVELOPER_INACTIVE,
    INVALID_PRACTICE,
    JSON,
    LEGACY_UNAUTHORIZED,
    NOT_ENABLED,
    NOT_REGISTERED,
    Answer,
    Refusal,
)
from fhir_facade.sandbox.athenahealth.ask import Ask
from fhir_facade.sandbox.athenahealth.calls import Call
from fhir_facade.sandbox.athenahealth.endpoints import ENDPOINTS, FIELDS, PARAMETERS, VIOLATIONS, WRITES
from fhir_facade.sandbox.athenahealth.faults import Faults
from fhir_facade.sandbox.athenahealth.server import ConnectionCut
from fhir_facade.sandbox.athenahealth.tokens import Tokens
from fhir_facade.sandbox.athenahealth.world import World

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

TOKEN = "/oauth2/v1/token"
RECORDED = "/sandbox/recorded"  # no path of athenahealth's
_METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]
_HEADERS = ("X-Request-Id", "Accept", "Content-Type", "User-Agent")


def create_app(world: World, faults: Faults, tokens: Tokens) -> Flask:
    """The app.  ``{id}`` in a template is any text without a slash."""
    app = Flask(__name__)
    app.url_map.merge_slashes = False
    gateway = Gateway(world, faults, tokens)
    app.add_url_rule(TOKEN, TOKEN, gateway.token, methods=["POST"], provide_automatic_options=False)
    for template in ENDPOINTS:
        app.add_url_rule(_rule(template), template, gateway.api, methods=["GET"], provide_automatic_options=False)
    for template in WRITES:
        app.add_url_rule(_rule(template), template, gateway.write, methods=["POST"], provide_automatic_options=False)
    app.add_url_rule(RECORDED, RECORDED, gateway.recorded, methods=["GET"], provide_automatic_options=False)
    for rule in ("/", "/<path:rest>"):
        app.add_url_rule(rule, "elsewhere", gateway.elsewhere, methods=_METHODS, provide_automatic_options=False)
    return app


class Gateway:
    """The views: request in, response out; everything between is plain values."""

    def __init__(self, world: World, faults: Faults, tokens: Tokens) -> None:
        self._world, self._faults, self._tokens = world, faults, tokens
        self._answers: dict[Hashable, Answer] = {}

    def token(self) -> Response:
        """The token endpoint."""
        call = self._log(TOKEN, None)
        ask = Ask(self._world, call, authorization=_authorization(request), form=request.form)
        return self._respond(ask, self._faults.around(ask, self._tokens.answer))

    def api(self, practice: str, number: str = "", vendor: str = "") -> Response:
        """An endpoint below ``/v1/{practice}`` that is read."""
        template = request.url_rule.endpoint if request.url_rule else ""
        call = self._log(template, practice)
        self._note_surprises(call)
        ask = Ask(self._world, call, number, vendor, authorization=_authorization(request))
        return self._respond(ask, self._faults.around(ask, self._judge))

    def write(self, practice: str, number: str = "", vendor: str = "", payment: str = "") -> Response:
        """An endpoint below ``/v1/{practice}`` that takes a form."""
        template = request.url_rule.endpoint if request.url_rule else ""
        call = self._log(template, practice)
        call.form = {name.lower(): value for name, value in request.form.items() if value}
        strange = sorted(call.form.keys() - FIELDS[template])
        self._world.surprises.extend(f"violation: {name} sent to {template}" for name in [*call.query, *strange])
        ask = Ask(self._world, call, number, vendor, payment, _authorization(request), call.form)
        return self._respond(ask, self._faults.around(ask, self._judge))

    def recorded(self) -> Response:
        """Every payment that was recorded, by practice, without being asked for a token: for whoever counts."""
        rows = {practice.number: [each.plain() for each in practice.till.recorded] for practice in self._world.all()}
        return Response(Answer(200, rows).content(), content_type=JSON)

    def elsewhere(self, rest: str = "") -> Response:
        """Anything that is not simulated: writes among it, which the facade must not make by reading."""
        call = self._log("", None)
        self._world.surprises.append(f"not simulated: {request.method} {request.path}")
        ask = Ask(self._world, call)
        return self._respond(ask, self._faults.around(ask, lambda _: NOT_REGISTERED))

    def _judge(self, ask: Ask) -> Answer:
        if ask.revoke_token:
            self._tokens.revoke(ask.token)
        if not ask.token:
            return DEVELOPER_INACTIVE
        if not self._tokens.accepts(ask.token):
            return LEGACY_UNAUTHORIZED if self._world.legacy_unauthorized else BAD_AUTH
        practice = self._world.find_practice(ask.call.practice or "")
        if practice is None:
            return INVALID_PRACTICE
        if not practice.authorized:
            return BAD_AUTH
        if ask.call.template in practice.not_enabled:
            return NOT_ENABLED
        return self._remembered(ask) if self._world.frozen and ask.call.method == "GET" else _rendered(ask)

    def _remembered(self, ask: Ask) -> Answer:
        key = (ask.call.path, frozenset(ask.call.query.items()), ask.largest_page)
        if key not in self._answers:
            answer = _rendered(ask)
            self._answers[key] = replace(answer, body=answer.content())
        return self._answers[key]

    def _log(self, template: str, practice: str | None) -> Call:
        headers = {name.lower(): request.headers[name] for name in _HEADERS if name in request.headers}
        headers["authorization"] = _authorization(request).partition(" ")[0]
        call = Call(request.method, template, practice, request.path, _query(request), headers=headers)
        self._world.calls.append(call)
        return call

    def _note_surprises(self, call: Call) -> None:
        for name in call.query:
            if name in VIOLATIONS:
                self._world.surprises.append(f"violation: {name} sent to {call.template}")
            elif name not in PARAMETERS[call.template]:
                self._world.surprises.append(f"unknown parameter: {name} sent to {call.template}")

    def _respond(self, ask: Ask, answer: Answer) -> Response:
        response = Response(answer.content(), answer.status, dict(answer.headers), content_type=answer.content_type)
        if answer.cut is not None:
            return CutResponse(response, answer.cut)
        ask.call.status = answer.status
        return response


def _rule(template: str) -> str:
    """``{id}`` is any text without a slash."""
    return "/v1/<practice>" + template.replace("{id}", "{number}").replace("{", "<").replace("}", ">")


def _rendered(ask: Ask) -> Answer:
    try:
        return Answer(200, {**ENDPOINTS, **WRITES}[ask.call.template](ask), escaped=not ask.practice.proper_json)
    except Refusal as refusal:
        return refusal.answer


class CutResponse(Response):
    """A response of which only the beginning is sent; ``after`` 0 is nothing at all."""

    def __init__(self, whole: Response, after: int) -> None:
        super().__init__()
        lines = [f"HTTP/1.1 {whole.status}", *(f"{name}: {value}" for name, value in whole.headers.items())]
        head = "\r\n".join([*lines, "", ""]).encode()
        self._start = head + whole.get_data()[:after] if after else b""

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        raise ConnectionCut(self._start)


def _authorization(request: Request) -> str:
    return request.headers.get("Authorization", "")


def _query(request: Request) -> Mapping[str, str]:
    names: dict[str, str] = {}
    for name, values in request.args.lists():
        key = name.lower()
        names[key] = ",".join([names[key], *values] if key in names else values)
    return names
