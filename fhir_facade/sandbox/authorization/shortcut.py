"""A token without a browser, for lines that are pasted into a shell: development only, like the whole server."""

from __future__ import annotations

from flask import Flask, Response, request

from fhir_facade.sandbox.authorization.clients import CLIENT_CREDENTIALS, CODE, Client
from fhir_facade.sandbox.authorization.people import People, Person
from fhir_facade.sandbox.authorization.protocol import Protocol

DEMO_APP = "demo-app"
_APP_SCOPES, _SYSTEM_SCOPES = "openid fhirUser launch/patient patient/*.rs", "system/*.rs"


class Shortcut:
    """``/demo-token?patient=riverside|1001`` or ``?client=ID``; ``scope`` asks for others than all that can be read."""

    def __init__(self, protocol: Protocol, people: People) -> None:
        self._protocol, self._people = protocol, people

    def route(self, app: Flask) -> None:
        """Add the view."""
        app.add_url_rule("/demo-token", "demo-token", self.token)

    def token(self) -> Response:
        """The token as plain text.  No other origin may read it."""
        find = self._protocol.clients.find
        if "client" in request.args:
            client, person = find(request.args["client"]), None
            grant, scopes = CLIENT_CREDENTIALS, _SYSTEM_SCOPES
        else:
            client, person = find(DEMO_APP), self._people.by_patient(request.args.get("patient", ""))
            grant, scopes = CODE, _APP_SCOPES
        known = client is not None and client.check_grant_type(grant) and (grant != CODE or person is not None)
        token = self._made(client, grant, request.args.get("scope", scopes), person) if client and known else ""
        said = "Nobody here: name a patient=AUTHORITY|NUMBER, or the id of a client that calls by itself."
        return Response(token or said, 200 if token else 404, content_type="text/plain; charset=utf-8")

    def _made(self, client: Client, grant: str, asked: str, person: Person | None) -> str:
        scope = client.get_allowed_scope(asked)
        if not scope:
            return ""
        user = None if person is None else self._protocol.authorizations.begin(client.id, scope, person)
        return str(self._protocol.tokens.generate(grant, client, user, scope)["access_token"])
