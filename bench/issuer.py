"""An authorization server as the facade sees it: metadata, a key, and tokens that the key signed."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from joserfc import jwk, jwt

CLIENT = "bench"
_HOURS = 12


@dataclass(frozen=True)
class Issuer:
    """Where it is, and what it signs with."""

    url: str
    key: jwk.RSAKey

    def token(self, audience: str, **claims: str) -> str:
        """A token for the facade with this FHIR base; it outlives the measurements."""
        now = int(time.time())
        good = {"iss": self.url, "aud": audience, "sub": CLIENT, "iat": now, "exp": now + _HOURS * 3600, "jti": "1"}
        return jwt.encode({"alg": "RS256", "kid": self.key.kid}, good | claims, self.key)


@contextlib.contextmanager
def running() -> Iterator[Issuer]:
    """An issuer on a port of its own."""
    pages: dict[str, Any] = {}

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = pages.get(self.path)
            self.send_response(404 if body is None else 200)
            self.end_headers()
            self.wfile.write(json.dumps(body).encode())

        def log_message(self, *_: Any) -> None:
            """Nobody reads it."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Pages)
    url, key = f"http://127.0.0.1:{server.server_port}", jwk.RSAKey.generate_key(2048, {"kid": "bench"})
    pages["/.well-known/openid-configuration"] = {"issuer": url, "jwks_uri": f"{url}/jwks"}
    pages["/jwks"] = {"keys": [key.as_dict(private=False)]}
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield Issuer(url, key)
    finally:
        server.shutdown()
        server.server_close()
