"""What people see: signing in, giving consent, and starting an app as an EHR does.  No page needs a script."""

from __future__ import annotations

import secrets
from typing import Any
from urllib.parse import urlencode

from authlib.common.urls import add_params_to_uri
from authlib.oauth2 import OAuth2Error
from flask import Flask, Response, make_response, redirect, render_template, request, session

from fhir_facade.sandbox.authorization.loopback import loopback_url, origin, policy_source
from fhir_facade.sandbox.authorization.people import People, Person
from fhir_facade.sandbox.authorization.protocol import Protocol
from fhir_facade.sandbox.authorization.scopes import LAUNCH, meaning
from fhir_facade.sandbox.authorization.shortcut import DEMO_APP

_OWN = ("csrf", "person", "decision")  # fields of our own forms; all others are OAuth's
_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'{}"
_PAGE_METHODS = ["GET", "POST"]


class Pages:
    """Two steps, who and whether, and the launch page.  Each step is judged as if it were the first."""

    def __init__(self, protocol: Protocol, people: People) -> None:
        self._protocol, self._people = protocol, people

    def route(self, app: Flask) -> None:
        """Add the views."""
        app.add_url_rule("/", "start", lambda: redirect("/launch"))
        app.add_url_rule("/authorize", "authorize", self.authorize, methods=_PAGE_METHODS)
        app.add_url_rule("/launch", "launch", self.launch, methods=_PAGE_METHODS)

    def authorize(self) -> Response:
        """The authorization endpoint, by GET and by POST."""
        try:
            grant = self._protocol.get_consent_grant()
        except OAuth2Error as error:
            if error.redirect_uri:
                return self._protocol.handle_error_response(None, error)  # type: ignore[arg-type, return-value]
            return self._page("refused.html", 400, why=error.description or error.get_error_description())
        ours = request.form if _is_own_form() else {}
        person = self._launched() or self._people.by_id(ours.get("person", ""))
        if ours.get("decision") == "deny":
            return self._answered(grant, None)
        if person is None:
            return self._asked(grant, "sign-in.html", people=self._people.all())
        if ours.get("decision") == "allow":
            return self._answered(grant, person)
        scopes = [(scope, meaning(scope)) for scope in grant.request.scope.split()]
        return self._asked(grant, "consent.html", person=person, scopes=scopes, chosen=not self._launched())

    def launch(self) -> Response:
        """Starts an app with a patient, as a portal or an EHR would."""
        url, person = request.form.get("launch_url", "").strip(), self._people.by_id(request.form.get("person", ""))
        fault = ""
        if _is_own_form():
            if loopback_url(url) and person is not None:
                launch = self._protocol.launches.begin(person)
                return redirect(add_params_to_uri(url, {"iss": self._protocol.base_url, "launch": launch}))  # type: ignore[return-value]
            fault = "The launch URL must be an http or https URL on this machine, and somebody must be chosen."
        facts = {"base_url": self._protocol.base_url, "issuer": self._protocol.issuer, "client_id": DEMO_APP}
        return self._page("launch.html", 400 if fault else 200, fault=fault, launch_url=url, chosen=person,
                          people=self._people.all(), **facts)  # fmt: skip

    def _launched(self) -> Person | None:
        """The patient of the EHR that started the app."""
        if LAUNCH not in request.values.get("scope", "").split():
            return None
        return self._protocol.launches.person(request.values.get("launch", ""))

    def _answered(self, grant: Any, person: Person | None) -> Response:
        """Back to the app: with a code, or without one where nobody consents."""
        return self._protocol.create_authorization_response(grant_user=person, grant=grant)  # type: ignore[return-value]

    def _asked(self, grant: Any, page: str, **facts: Any) -> Response:
        asked = [(name, value) for name, value in request.values.items(multi=True) if name not in _OWN]
        here = f"/authorize?{urlencode(asked)}"
        return self._page(page, 200, leads_to=grant.redirect_uri, app=grant.client.name, here=here, **facts)

    def _page(self, page: str, status: int, leads_to: str = "", **facts: Any) -> Response:
        """``leads_to``: where the form's answer sends the browser on, which browsers count as its target, too."""
        session.setdefault("csrf", secrets.token_urlsafe(24))
        response = make_response(render_template(page, csrf=session["csrf"], **facts), status)
        targets = " http://localhost:* http://127.0.0.1:*" + (f" {policy_source(leads_to)}" if leads_to else "")
        response.headers["Content-Security-Policy"] = _POLICY.format(targets)
        return response


def _is_own_form() -> bool:
    """True for a form of ours, sent from a page of ours: cookies alone do not tell servers on this machine apart."""
    if request.method != "POST" or request.headers.get("Origin", request.host_url.rstrip("/")) != origin(request.url):
        return False
    return secrets.compare_digest(request.form.get("csrf", "").encode(), session.get("csrf", "-").encode())
