"""The clients: those that are there from the start, and those that register themselves."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from authlib.oauth2.rfc6749 import ClientMixin
from cachetools import LRUCache
from joserfc.jwk import KeySet

from fhir_facade.sandbox.authorization.scopes import APP_LEVELS, granted

PUBLIC, PRIVATE_KEY = "none", "private_key_jwt"
SECRETS = ("client_secret_basic", "client_secret_post")
CODE, REFRESH, CLIENT_CREDENTIALS = "authorization_code", "refresh_token", "client_credentials"
_MOST_REGISTERED = 1_000


@dataclass(frozen=True)
class Client(ClientMixin):
    """A client; ``method`` is how it proves who it is, ``redirects`` tells where its users may be sent.

    ``levels`` are those of the scopes that it can be granted.
    """

    id: str
    name: str
    method: str = PUBLIC
    grants: tuple[str, ...] = (CODE, REFRESH)
    levels: frozenset[str] = APP_LEVELS
    redirects: Callable[[str], bool] = lambda _: False
    redirect_uris: tuple[str, ...] = ()
    secret: str = ""
    keys: KeySet | None = None

    def get_client_id(self) -> str:
        return self.id

    def get_default_redirect_uri(self) -> str:
        """None: an app says where to go, so that what it said can be compared when it redeems the code."""
        return ""

    def get_allowed_scope(self, scope: str | Iterable[str] | None) -> str:
        """None refuses what comes to nothing."""
        asked = scope if isinstance(scope, str) else " ".join(scope or ())
        return granted(asked, self.levels) or None  # type: ignore[return-value]  # as Authlib's callers expect

    def check_redirect_uri(self, redirect_uri: str) -> bool:
        return self.redirects(redirect_uri)

    def check_client_secret(self, client_secret: str) -> bool:
        return bool(self.secret) and secrets.compare_digest(self.secret.encode(), client_secret.encode())

    def check_endpoint_auth_method(self, method: str, endpoint: str) -> bool:
        """How it proves who it is, it does everywhere; a secret may come either way."""
        return method in SECRETS if self.method in SECRETS else method == self.method

    def check_response_type(self, response_type: str) -> bool:
        return response_type == "code" and CODE in self.grants

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in self.grants


class Clients:
    """Safe for threads.  Of those that registered themselves the ones used last are kept."""

    def __init__(self, known: Iterable[Client]) -> None:
        self._known = {client.id: client for client in known}
        self._registered: LRUCache[str, Client] = LRUCache(_MOST_REGISTERED)
        self._lock = threading.Lock()

    def find(self, id: str) -> Client | None:
        """The client with this id."""
        with self._lock:
            return self._known.get(id) or self._registered.get(id)

    def register(self, client: Client) -> None:
        """One more."""
        with self._lock:
            self._registered[client.id] = client
