"""The demo gateway as a Flask app: the page for patients, the protocol's endpoints for the facade, and a test's own."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Flask, Response, abort, json, request

from fhir_facade.gateways import redirect as protocol
from fhir_facade.gateways import standing
from fhir_facade.gateways.port import Outcome, Result
from fhir_facade.sandbox.authorization.loopback import loopback_host
from fhir_facade.sandbox.gateway import pages
from fhir_facade.sandbox.gateway.actions import ACTIONS, act
from fhir_facade.sandbox.gateway.ask import Judge, amount
from fhir_facade.sandbox.gateway.faults import Faults
from fhir_facade.sandbox.gateway.notices import Notices
from fhir_facade.sandbox.gateway.sessions import Hosted, Refusal, Sessions

CHECKOUT = "/checkout"
_PAGE = 50
_JSON = "application/json"


class Endpoints:
    """The views."""

    def __init__(self, judge: Judge, sessions: Sessions, notices: Notices, faults: Faults) -> None:
        self._judge, self._sessions, self._notices, self._faults = judge, sessions, notices, faults

    def route(self, app: Flask) -> None:
        """Add them.  Each endpoint of the protocol meets the faults that are on for its name."""
        app.add_url_rule(CHECKOUT, "checkout", partial(self._page, self._ask), methods=["GET"])
        app.add_url_rule(CHECKOUT, "chosen", partial(self._page, self._chosen), methods=["POST"])
        questions: Mapping[str, Callable[[], Response]] = {
            protocol.STATUS: self._status,
            protocol.CAPTURED: self._captured,
        }
        for name, view in questions.items():
            app.add_url_rule(f"{CHECKOUT}/{name}", name, partial(self._told, name, view), methods=["GET"])
        orders: Mapping[str, Callable[[Mapping[str, str]], Result]] = {
            protocol.CAPTURE: lambda told: self._sessions.capture(told["session"], told["key"], amount(told)),
            protocol.RELEASE: lambda told: self._sessions.release(told["session"], told["key"]),
            protocol.REFUND: lambda told: self._sessions.refund(told["session"], told["key"]),
        }
        for name, order in orders.items():
            view = partial(self._ordered, name, order)
            app.add_url_rule(f"{CHECKOUT}/{name}", name, partial(self._told, name, view), methods=["POST"])

    def _page(self, view: Callable[[Hosted], Response]) -> Response:
        try:
            hosted = self._sessions.begin(self._judge.checkout(request))
            return self._faults.around("checkout", lambda: view(self._sessions.find(hosted.session)))
        except Refusal as refusal:
            return pages.refused(refusal.status)

    def _ask(self, hosted: Hosted) -> Response:
        return pages.checkout(hosted)

    def _chosen(self, hosted: Hosted) -> Response:
        action = request.form.get("action", "")
        if action not in ACTIONS:
            return pages.refused(400)
        act(action, hosted, self._sessions, self._notices)
        return pages.back(hosted)

    def _told(self, name: str, view: Callable[[], Response]) -> Response:
        return self._faults.around(name, view)

    def _status(self) -> Response:
        try:
            told = self._judge.question(request, protocol.STATUS)
            return _says(self._sessions.find(told["session"]).standing())
        except Refusal as refusal:
            return _refused(refusal)

    def _captured(self) -> Response:
        try:
            told = self._judge.question(request, protocol.CAPTURED)
        except Refusal as refusal:
            return _refused(refusal)
        start = int(told.get("after") or 0)
        found = self._sessions.captured(dt.datetime.fromisoformat(told["since"]))
        more = str(start + _PAGE) if len(found) > start + _PAGE else ""
        rows = [json.loads(standing.written(each.standing())) for each in found[start : start + _PAGE]]
        return _json({"sessions": rows, "next": more})

    def _ordered(self, name: str, order: Callable[[Mapping[str, str]], Result]) -> Response:
        try:
            told = self._judge.order(request, name)
        except Refusal as refusal:
            return _refused(refusal)
        try:
            return _says(order(told))
        except Refusal as refusal:
            if refusal.word:
                return _refused(refusal)
            return _says(self._sessions.find(told["session"]).standing(), refusal.status)


class Admin:
    """What a test reads and does: JSON only, so that no page of somebody else's can."""

    def __init__(self, sessions: Sessions, notices: Notices, faults: Faults) -> None:
        self._sessions, self._notices, self._faults = sessions, notices, faults

    def route(self, app: Flask) -> None:
        """Add the views."""
        app.add_url_rule("/admin/captures", "captures", self.captures, methods=["GET"])
        app.add_url_rule("/admin/faults", "faults", self.fault, methods=["POST", "DELETE"])
        app.add_url_rule("/admin/deliver", "deliver", self.deliver, methods=["POST"])
        app.add_url_rule("/admin/sessions/<session>", "later", self.later, methods=["POST"])

    def captures(self) -> Response:
        """All that was captured, to the cent, and what of it was given back."""
        return _json({"captures": [_row(each) for each in self._sessions.all() if each.taken]})

    def fault(self) -> Response:
        """``{"kind": "error-after", "endpoint": "capture", "times": 1}`` switches one on, DELETE all off."""
        if request.method == "DELETE":
            self._faults.reset()
            return _json({})
        told = _told()
        try:
            self._faults.add(told.get("kind", ""), told.get("endpoint", ""), told.get("times"))
        except ValueError as wrong:
            return _json({"error": str(wrong)}, 400)
        return _json({}, 201)

    def deliver(self) -> Response:
        """Send the notifications that are held."""
        return _json({"sent": self._notices.deliver()})

    def later(self, session: str) -> Response:
        """``{"outcome": "disputed"}``: what a bank does later; the facade is notified."""
        try:
            result = self._sessions.later(session, Outcome(_told().get("outcome")))
            hosted = self._sessions.find(session)
        except (Refusal, ValueError):
            return _json({"error": "no such session, or nothing was captured"}, 409)
        self._notices.send(self._notices.made(hosted.notify_url, result))
        return _says(result)


def create_app(judge: Judge, sessions: Sessions, notices: Notices, faults: Faults) -> Flask:
    """The app, for this machine alone."""
    app = Flask(__name__, static_folder="../authorization/static")
    app.before_request(_refuse_strangers)
    Endpoints(judge, sessions, notices, faults).route(app)
    Admin(sessions, notices, faults).route(app)
    return app


def _refuse_strangers() -> None:
    if not loopback_host(request.host):
        abort(421)
    if request.path.startswith("/admin/") and request.method == "POST" and not request.is_json:
        abort(415)


def _told() -> Mapping[str, Any]:
    told: Mapping[str, Any] = request.get_json()
    return told


def _row(hosted: Hosted) -> Mapping[str, str]:
    at = hosted.captured.isoformat() if hosted.captured else ""
    amounts = {"amount": f"{hosted.taken:f}", "back": f"{hosted.back:f}"}
    return {"session": hosted.session, **amounts, "currency": hosted.currency, "at": at}


def _refused(refusal: Refusal) -> Response:
    return _json({"error": refusal.word}, refusal.status)


def _says(result: Result, status: int = 200) -> Response:
    return Response(standing.written(result), status, content_type=_JSON)


def _json(body: Mapping[str, Any], status: int = 200) -> Response:
    return Response(json.dumps(body), status, content_type=_JSON)
