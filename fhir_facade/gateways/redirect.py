"""Any hosted page: a signed URL to begin, signed notifications, and signed questions.

The protocol is ours, for a site's own checkout or an adapter in front of it.  ``docs/gateways.md`` has every field.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any, ClassVar

import msgspec

from fhir_facade import wire
from fhir_facade.gateways import signing, standing
from fhir_facade.gateways.calling import Caller, Reply
from fhir_facade.gateways.configuration import seconds, secret, secrets_of, url
from fhir_facade.gateways.errors import AmountNotTaken, GatewayBusy, GatewayError, GatewayRefused, GatewaySurprised
from fhir_facade.gateways.freshness import Freshness
from fhir_facade.gateways.port import Capability, Gateway, GatewayContext, Outcome, Result, Session, Started

VERSION = "1"
CHECKOUT, NOTIFICATION, STATUS, CAPTURED = "checkout", "notification", "status", "captured"
CAPTURE, RELEASE, REFUND = "capture", "release", "refund"
UNKNOWN = "unknown-session"
PING = "ping"  # a session that nobody has
_ACCEPT = {"Accept": "application/json"}

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "additionalProperties": False,
    "required": ["url", "secret"],
    "dependentRequired": {"capture_url": ["release_url"]},
    "properties": {
        "url": url("The hosted page to which patients are sent."),
        "secret": secret("The secret of 32 characters or more that signs both ways; a list is new, old.", 32),
        "status_url": url("Where it is asked how a session stands; if left out, url and /status."),
        "capture_url": url("Where a held amount is taken. Needs release_url; with both, amounts can be held."),
        "release_url": url("Where a hold is let go, or a session is ended."),
        "refund_url": url("Where a payment is given back."),
        "captured_url": url("Where it lists what it has captured."),
        "hold_days": {
            "description": "How many days it holds an amount.",
            "type": "number",
            "exclusiveMinimum": 0,
            "maximum": 31,
            "default": 7,
        },
        "timeout_seconds": seconds(5),
    },
}


class Redirect(Gateway):
    """A gateway that speaks the redirect protocol.  A session's reference is the payment that it is for."""

    settings_schema: ClassVar[Mapping[str, Any]] = SCHEMA

    @classmethod
    def open(cls, settings: Mapping[str, Any], context: GatewayContext) -> Redirect:
        """Makes no call."""
        return cls(settings, context, Caller(settings["url"], context, float(settings.get("timeout_seconds", 5))))

    def __init__(
        self,
        settings: Mapping[str, Any],
        context: GatewayContext,
        caller: Caller,
        nonce: Callable[[], str] = lambda: secrets.token_hex(16),
    ) -> None:
        self._secrets = secrets_of(settings["secret"])
        self._url = settings["url"]
        self._urls = {name: settings.get(f"{name}_url", "") for name in (CAPTURE, RELEASE, REFUND, CAPTURED)}
        self._urls[STATUS] = settings.get("status_url") or f"{self._url.rstrip('/')}/status"
        self._now, self._caller, self._nonce = context.now, caller, nonce
        self._freshness = Freshness(context)
        self.capabilities = frozenset(_capabilities(self._urls))
        self.hold_days = float(settings.get("hold_days", 7)) if Capability.HOLD in self.capabilities else 0.0

    def start(self, session: Session) -> Started:
        """No call: the URL says it all, and the gateway begins the session when the patient arrives."""
        parameters = {
            "version": VERSION,
            "session": session.payment,
            "amount": amount_text(session.amount),
            "currency": session.currency,
            "description": session.description,
            "capture": "manual" if session.hold else "automatic",
            "expires": wire.instant(session.expires),
            "return_url": session.return_url,
            "notify_url": session.notify_url,
            "nonce": self._nonce(),
        }
        return Started(signing.signed_url(self._url, self._secrets[0], CHECKOUT, parameters), session.payment)

    def ask(self, reference: str) -> Result:
        """A session that the gateway has never heard of is open: the patient has not gone there yet."""
        reply = self._get(STATUS, {"session": reference})
        if reply.status == 404 and standing.fault(reply.body) == UNKNOWN:
            return Result(payment=reference, reference=reference, outcome=Outcome.OPEN)
        return self._standing(STATUS, reference, reply)

    def notified(self, headers: Mapping[str, str], body: bytes) -> Iterable[Result]:
        """One notification is about one session."""
        header = headers.get(signing.HEADER, "")
        said = signing.parsed(header)
        if said is None:
            raise self._freshness.refused("bad-signature" if header else "no-signature")
        if not signing.header_is_signed(self._secrets, NOTIFICATION, said, body):
            raise self._freshness.refused("bad-signature")
        self._freshness.judge(said.time, said.nonce)
        try:
            return (standing.standing(body).result(),)
        except ValueError as error:
            raise self._freshness.unreadable() from error

    def capture(self, reference: str, amount: Decimal) -> Result:
        """Take what is held, or less."""
        return self._post(CAPTURE, reference, amount=amount_text(amount))

    def release(self, reference: str) -> Result:
        """Where the gateway has nothing to release with, a session ends by itself: how it stands."""
        return self._post(RELEASE, reference) if self._urls[RELEASE] else self.ask(reference)

    def void(self, reference: str) -> Result:
        """Give all of it back."""
        return self._post(REFUND, reference)

    def captured_since(self, since: dt.datetime) -> Iterable[Result]:
        """Page after page."""
        after = ""
        while True:
            reply = self._get(CAPTURED, {"since": wire.instant(since.astimezone(dt.UTC)), "after": after})
            page = self._read(CAPTURED, reply, standing.page)
            yield from (each.result() for each in page.sessions)
            if not page.next or page.next == after:
                return
            after = page.next

    def ping(self) -> None:
        """Ask about a session that nobody has."""
        self.ask(PING)

    def close(self) -> None:
        """Close every connection."""
        self._caller.close()

    def _get(self, endpoint: str, parameters: Mapping[str, str]) -> Reply:
        asked = {"version": VERSION, **parameters, "time": str(self._time()), "nonce": self._nonce()}
        signed = signing.signed_url(self._url_of(endpoint), self._secrets[0], endpoint, asked)
        return self._called(endpoint, "GET", signed, _ACCEPT, None)

    def _post(self, endpoint: str, reference: str, **more: str) -> Result:
        """A key makes a repetition of the same call one and the same for the gateway."""
        key = hashlib.sha256("\n".join([endpoint, reference, *more.values()]).encode()).hexdigest()
        body = msgspec.json.encode({"version": VERSION, "session": reference, **more, "key": key})
        signed = signing.signed_header(self._secrets, endpoint, self._time(), self._nonce(), body)
        headers = {**_ACCEPT, "Content-Type": "application/json", signing.HEADER: signed}
        return self._standing(
            endpoint, reference, self._called(endpoint, "POST", self._url_of(endpoint), headers, body)
        )

    def _called(
        self, endpoint: str, method: str, address: str, headers: Mapping[str, str], body: bytes | None
    ) -> Reply:
        try:
            return self._caller.call(endpoint, method, address, headers, body)
        except GatewayError as failure:
            raise self._caller.failed(endpoint, failure) from failure

    def _standing(self, endpoint: str, reference: str, reply: Reply) -> Result:
        result: Result = self._read(endpoint, reply, standing.standing).result()
        if result.reference != reference:
            raise self._caller.failed(endpoint, GatewaySurprised("$.session", "the session that was asked for"))
        return result

    def _read(self, endpoint: str, reply: Reply, read: Callable[[bytes], Any]) -> Any:
        """409 is a standing, too: what was asked for cannot be done, because it stands so."""
        if reply.status not in (200, 409):
            raise self._caller.failed(endpoint, _failure(reply.status))
        try:
            return read(reply.body)
        except ValueError as error:
            raise self._caller.failed(endpoint, GatewaySurprised("$", "the protocol's JSON")) from error

    def _url_of(self, endpoint: str) -> str:
        address: str = self._urls[endpoint]
        if not address:
            raise NotImplementedError(endpoint)
        return address

    def _time(self) -> int:
        return int(self._now().timestamp())


def amount_text(amount: Decimal) -> str:
    """``85.50``: no sign, no exponent.  ``AmountNotTaken`` for what the protocol cannot write."""
    exponent = amount.as_tuple().exponent
    if not isinstance(exponent, int) or not 0 < amount < 10**12 or exponent < -3:
        raise AmountNotTaken("an amount that is not positive, or too fine")
    return f"{amount:f}"


def _capabilities(urls: Mapping[str, str]) -> Iterable[Capability]:
    if urls[CAPTURE] and urls[RELEASE]:
        yield Capability.HOLD
    if urls[REFUND]:
        yield Capability.VOID
    if urls[CAPTURED]:
        yield Capability.CAPTURED_SINCE


def _failure(status: int) -> GatewayError:
    if status in (401, 403):
        return GatewayRefused(f"answered {status}")
    if status == 422:
        return AmountNotTaken("answered 422")
    return GatewayBusy("answered 429") if status == 429 else GatewayError(f"answered {status}")
