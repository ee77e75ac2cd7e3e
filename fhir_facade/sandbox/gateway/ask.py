"""What the facade sends to the demo gateway, judged as the protocol asks: signature, time, and never twice."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import Request, json

from fhir_facade.gateways import signing
from fhir_facade.gateways.freshness import WINDOW
from fhir_facade.gateways.redirect import CHECKOUT, VERSION
from fhir_facade.sandbox.gateway.sessions import Refusal


class Judge:
    """Raises ``Refusal`` for what is not signed, too old, or was here before."""

    def __init__(self, keys: Sequence[str], now: Callable[[], dt.datetime]) -> None:
        self._keys, self._now = keys, now
        self._nonces: set[str] = set()

    def checkout(self, request: Request) -> Mapping[str, str]:
        """The parameters of a patient's URL, which may be opened again: a session takes one payment."""
        return self._signed(request, CHECKOUT)

    def question(self, request: Request, purpose: str) -> Mapping[str, str]:
        """The parameters of a signed GET."""
        parameters = self._signed(request, purpose)
        self._fresh(parameters.get("time", ""), parameters.get("nonce", ""))
        return parameters

    def order(self, request: Request, purpose: str) -> Mapping[str, str]:
        """The members of a signed POST."""
        body = request.get_data()
        said = signing.parsed(request.headers.get(signing.HEADER, ""))
        if said is None or not signing.header_is_signed(self._keys, purpose, said, body):
            raise Refusal(401, "signature")
        self._fresh(str(said.time), said.nonce)
        members: Any = json.loads(body)
        return {str(name): str(value) for name, value in members.items()}

    def _signed(self, request: Request, purpose: str) -> Mapping[str, str]:
        parameters = request.args.to_dict()
        if not signing.url_is_signed(self._keys, purpose, parameters) or parameters.get("version") != VERSION:
            raise Refusal(403 if purpose == CHECKOUT else 401, "signature")
        return parameters

    def _fresh(self, time: str, nonce: str) -> None:
        if not time.isdigit() or abs(self._now().timestamp() - int(time)) > WINDOW:
            raise Refusal(401, "time")
        if not nonce or nonce in self._nonces:
            raise Refusal(401, "nonce")
        self._nonces.add(nonce)


def amount(members: Mapping[str, str]) -> Decimal:
    """Decimal text."""
    try:
        return Decimal(members.get("amount", ""))
    except InvalidOperation:
        raise Refusal(422, "amount") from None
