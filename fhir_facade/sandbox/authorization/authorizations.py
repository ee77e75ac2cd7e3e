"""What was authorized: which client may act, for whom, within which scopes, and by which code and refresh token.

Codes, refresh tokens and the ``jti`` of access tokens begin with the id of their authorization, and end with it.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from authlib.oidc.core import AuthorizationCodeMixin
from cachetools import TTLCache

from fhir_facade.sandbox.authorization.clients import Client
from fhir_facade.sandbox.authorization.people import Person

CODE_SECONDS = 60.0
LONGEST = 24 * 3600.0  # seconds for which a refresh token can go on
_MOST = 10_000


@dataclass
class Authorization(AuthorizationCodeMixin):
    """``person`` is None where a client acts by itself; ``told`` is whether the app is told who the patient is."""

    id: str
    client_id: str
    scope: str
    at: float  # seconds of the epoch
    person: Person | None = None
    told: bool = False
    redirect_uri: str = ""
    code_challenge: str = ""
    nonce: str = ""
    code: str = ""
    refresh_token: str = ""
    ended: bool = False
    spent: set[str] = field(default_factory=set)
    code_challenge_method = "S256"

    def get_redirect_uri(self) -> str:
        return self.redirect_uri

    def get_scope(self) -> str:
        return self.scope

    def get_nonce(self) -> str:
        return self.nonce

    def get_auth_time(self) -> int:
        return int(self.at)

    def check_client(self, client: Client) -> bool:
        return client.id == self.client_id

    def get_user_id(self) -> str:
        """The subject of tokens."""
        return self.client_id if self.person is None else self.person.id


class Authorizations:
    """Those in force, a bounded number of them.  ``clock`` is in seconds of the epoch.  Safe for threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: TTLCache[str, Authorization] = TTLCache(_MOST, LONGEST, timer=clock)
        self._lock = threading.Lock()

    def begin(self, client_id: str, scope: str, person: Person | None = None, code: str = "") -> Authorization:
        """A new one, to which a code belongs where there is one."""
        id = token_start(code) or secrets.token_hex(12)
        new = Authorization(id, client_id, scope, self._clock(), person, code=code)
        with self._lock:
            self._kept[id] = new
        return new

    def of(self, token: str) -> Authorization | None:
        """The one in force that a code, a refresh token or a ``jti`` belongs to."""
        with self._lock:
            found = self._kept.get(token_start(token))
        return None if found is None or found.ended else found

    def redeem(self, code: str, client: Client) -> Authorization | None:
        """The authorization of a code of this client's, once, within a minute.

        A code that comes a second time is in other hands: everything that came of it ends.
        """
        found = self.of(code)
        if found is None or not found.check_client(client):
            return None
        with self._lock:
            good = secrets.compare_digest(found.code.encode(), code.encode())
            if good:
                found.code = ""
                found.spent.add(code)
        if not good:
            self._end_if_spent(found, code)
            return None
        return found if self._clock() < found.at + CODE_SECONDS else None

    def refreshable(self, refresh_token: str, client: Client) -> Authorization | None:
        """The authorization of a refresh token of this client's.  One that was spent before is in other hands, too."""
        found = self.of(refresh_token)
        if found is None or not found.check_client(client):
            return None
        if not secrets.compare_digest(found.refresh_token.encode(), refresh_token.encode()):
            self._end_if_spent(found, refresh_token)
            return None
        return found

    def spend(self, authorization: Authorization, refresh_token: str) -> bool:
        """Let a refresh token be of no more use; False where somebody was faster, which ends it all, too."""
        with self._lock:
            first = bool(refresh_token) and authorization.refresh_token == refresh_token
            if first:
                authorization.refresh_token = ""
                authorization.spent.add(refresh_token)
            else:
                authorization.ended = True
        return first

    @staticmethod
    def _end_if_spent(authorization: Authorization, token: str) -> None:
        """What never was a token is in no hands: its beginning is no secret, and stands in the audit trail."""
        if token in authorization.spent:
            authorization.ended = True

    def renew(self, authorization: Authorization) -> str:
        """The next refresh token."""
        token = new_token(authorization.id)
        with self._lock:
            authorization.refresh_token = token
        return token


def new_token(id: str = "") -> str:
    """A code, refresh token or ``jti`` of an authorization, or of one that is still to begin."""
    return f"{id or secrets.token_hex(12)}.{secrets.token_urlsafe(24)}"


def token_start(token: str) -> str:
    """The id of the authorization that a token belongs to."""
    return token.partition(".")[0] if "." in token else ""
