"""The access token of a client id: one for all processes and practices, renewed early, by one caller at a time.

Kept in the shared store under the token URL and the client id, sealed with a key made from the client secret: whoever
reads the store does not hold a token that opens every chart of the practice.  Reference section 2.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass

import msgspec
from cryptography.fernet import Fernet, InvalidToken

from fhir_facade.backends.athenahealth.answers import Answer, VendorThrottled, decode
from fhir_facade.backends.athenahealth.configuration import Configuration
from fhir_facade.backends.athenahealth.deadline import Deadline
from fhir_facade.backends.athenahealth.scalars import integer
from fhir_facade.backends.athenahealth.shapes import TOKEN
from fhir_facade.backends.athenahealth.wire import Wire
from fhir_facade.backends.port import Context
from fhir_facade.errors import Refused, Throttled, TimedOut, Unreachable
from fhir_facade.events import Event

EARLY = 60.0  # seconds before its end at which a token is renewed, and at most a tenth of its life
UNTOLD_LIFE = 300  # seconds that a token is taken to live where the answer does not say
REFUSED_FOR = 10.0  # seconds for which a refusal of the credentials is believed
RENEWALS = 2  # 401s a practice may answer with a new token, in a minute; preview allows 5 token requests a minute
TEMPLATE = "/oauth2/v1/token"


class Token(msgspec.Struct, frozen=True):
    """A bearer token, when to renew it and when it ends, in seconds of the epoch."""

    text: str
    renew: float
    expires: float


@dataclass
class _Keys:
    token: str
    lock: str
    refused: str
    renewals: str


class Tokens:
    """Where calls get their token."""

    def __init__(self, configuration: Configuration, context: Context, wire: Wire) -> None:
        self._configuration, self._context, self._wire = configuration, context, wire
        self._current: Token | None = None
        self._renewing, self._forgetting = threading.Lock(), threading.Lock()
        base = "athenahealth/" + client_digest(configuration)
        self._keys = _Keys(
            f"{base}/token", f"{base}/renewing", f"{base}/refused", f"{base}/renewals/{configuration.practice}"
        )
        self._seal = Fernet(_key(configuration.secrets[0]))

    def get(self, deadline: Deadline) -> str:
        """A token that is good for a while."""
        token = self._current
        if token is None or self._now() >= token.expires:
            return self._renewed(deadline).text
        if self._now() >= token.renew and not self._renewing.locked():
            return self._renewed(deadline).text
        return token.text  # where another caller renews it, the old one still serves

    def seconds_left(self, deadline: Deadline) -> int:
        """Until the end of the token; one is asked for where there is none."""
        self.get(deadline)
        token = self._current
        return 0 if token is None else int(token.expires - self._now())

    def forget(self, text: str) -> bool:
        """Drop a token that was answered with 401.  False where that was done too often to be the token's fault."""
        store = self._context.store
        with self._forgetting:
            if self._current is None or self._current.text != text:
                return True  # another caller was faster
            if store.add(self._keys.renewals, 1, 60) > RENEWALS:
                return False
            kept = self._kept()
            if kept is not None and kept.text == text:
                store.put(self._keys.token, b"", 1)
            self._current = None
            return True

    def _now(self) -> float:
        return self._context.now().timestamp()

    def _renewed(self, deadline: Deadline) -> Token:
        with self._turn(deadline), self._context.store.lock(self._keys.lock, max(0.5, deadline.left() / 2)):
            kept = self._kept()
            if kept is None or self._now() >= kept.renew:
                kept = self._replacement(kept, deadline)
            self._current = kept
            return kept

    @contextlib.contextmanager
    def _turn(self, deadline: Deadline) -> Iterator[None]:
        if not self._renewing.acquire(timeout=max(0.0, deadline.left())):
            raise TimedOut("waited for a token")
        try:
            yield
        finally:
            self._renewing.release()

    def _kept(self) -> Token | None:
        sealed = self._context.store.get(self._keys.token)
        if not sealed:
            return None
        try:
            return msgspec.json.decode(self._seal.decrypt(sealed), type=Token)
        except (InvalidToken, msgspec.DecodeError):
            return None  # of another secret

    def _replacement(self, old: Token | None, deadline: Deadline) -> Token:
        """A new token; the old one while it lasts, where there is none to be had."""
        try:
            new = self._requested(deadline)
        except (Refused, Throttled, TimedOut, Unreachable):
            if old is not None and self._now() < old.expires:
                return old
            raise
        seconds = max(1.0, new.expires - self._now())
        sealed = self._seal.encrypt(msgspec.json.encode(new))
        self._context.store.put(self._keys.token, sealed, seconds)
        self._context.event(Event.TOKEN_REFRESHED, billing_system=self._context.name, seconds=int(seconds))
        return new

    def _requested(self, deadline: Deadline) -> Token:
        if self._context.store.get(self._keys.refused):
            raise Refused("the credentials were refused a moment ago")
        for secret in self._configuration.secrets:
            answer = self._wire.post(
                TEMPLATE,
                {"grant_type": "client_credentials", "scope": self._configuration.scope},
                (self._configuration.client_id, secret),
                deadline,
            )
            if answer.status not in (400, 401):
                return self._read(answer)
        self._context.store.put(self._keys.refused, b"1", REFUSED_FOR)
        self._context.event(Event.TOKEN_REFUSED, billing_system=self._context.name)
        raise Refused("the credentials were refused")

    def _read(self, answer: Answer) -> Token:
        now = self._context.now()
        if answer.status == 429:
            raise VendorThrottled("too many token requests", retry_after=60 - now.second)
        if answer.status != 200:
            raise Unreachable(f"{TEMPLATE} answered {answer.status}")
        try:
            body = decode(answer.body)
        except ValueError:
            raise Unreachable(f"{TEMPLATE} answered 200 without JSON") from None
        TOKEN.judge(body)
        life = integer(body.get("expires_in")) or UNTOLD_LIFE
        end = now.timestamp() + life
        return Token(body["access_token"], end - min(EARLY, life / 10), end)


def client_digest(configuration: Configuration) -> str:
    """What names a client id in the shared store, whatever practice uses it."""
    return hashlib.sha256(f"{configuration.token_url}\n{configuration.client_id}".encode()).hexdigest()[:32]


def _key(secret: str) -> bytes:
    return base64.urlsafe_b64encode(hashlib.sha256(b"fhir-facade athenahealth token\n" + secret.encode()).digest())
