"""HTTP for Stripe's SDK: the house's time-outs, its reading of proxies and certificates, and bounded bodies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import stripe

from fhir_facade.gateways.calling import Caller
from fhir_facade.gateways.errors import GatewayError

_WORDS = frozenset({"balance_transactions", "cancel", "capture", "checkout", "disputes", "expire"}) | frozenset(
    {"payment_intents", "refunds", "sessions"}
)


class Transport(stripe.HTTPClient):
    """One call.  The SDK tries again where that is safe: each POST carries an idempotency key."""

    name = "fhir-facade"

    def __init__(self, caller: Caller) -> None:
        super().__init__()
        self._caller = caller

    def request(  # type: ignore[override]  # the SDK's own clients return bytes, too
        self, method: str, url: str, headers: Mapping[str, str] | None, post_data: Any = None, **_: Any
    ) -> tuple[bytes, int, Mapping[str, str]]:
        """Body, status and headers; the SDK's ``APIConnectionError``, caused by ours, where there is no answer."""
        try:
            reply = self._caller.call(endpoint(url), method.upper(), url, headers or {}, post_data)
        except GatewayError as failure:
            raise stripe.APIConnectionError(str(failure), should_retry=True) from failure  # type: ignore[no-untyped-call]
        return reply.body, reply.status, reply.headers

    def close(self) -> None:
        """Close every connection."""
        self._caller.close()


def endpoint(url: str) -> str:
    """``checkout/sessions/{id}``: a path without what is in it."""
    steps = urlsplit(url).path.strip("/").split("/")
    return "/".join(step if step in _WORDS else "{id}" for step in steps[1:])
