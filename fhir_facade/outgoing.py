"""HTTP for what the facade asks: pooled sessions without cookies, silent about paths, and bodies within bounds."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import HTTPAdapter

logging.getLogger("urllib3").setLevel(logging.CRITICAL)  # its lines hold paths, its warnings, too

_CHUNK = 256 * 1024


class TooLarge(OSError):
    """An answer of more bytes than are read."""


def session(base_url: str, connections: int) -> requests.Session:
    """A session for one server, for any number of threads.

    The machine's proxies and certificates are read here, once: the library does it at every call, and for long.
    """
    made = requests.Session()
    found = made.merge_environment_settings(base_url, {}, None, None, None)
    made.proxies, made.verify = dict(found["proxies"]), found["verify"]
    made.trust_env = False
    made.headers["User-Agent"] = "fhir-facade"
    made.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_connections=2, pool_maxsize=connections)
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    return made


Left = Callable[[], float]
"""Seconds that are left, possibly negative."""


def countdown(seconds: float) -> Left:
    """``seconds`` from now, on a clock that does not run back."""
    end = time.monotonic() + seconds
    return lambda: end - time.monotonic()


def body(response: requests.Response, largest: int, left: Left) -> bytes:
    """The whole body of a response that is streamed.

    ``TooLarge`` beyond ``largest`` bytes.  A peer that drips cannot outlast what is ``left``, and one that stops not by
    long: ``TimeoutError``, or the library's.
    """
    raw, chunks, size = response.raw, [], 0
    while chunk := raw.read1(_CHUNK, decode_content=True):
        chunks.append(chunk)
        size += len(chunk)
        if size > largest:
            raise TooLarge("an answer of more bytes than are read")
        if not raw.isclosed():
            seconds = left()
            if seconds <= 0:
                raise TimeoutError("an answer that takes too long")
            if (connection := raw.connection) is not None and connection.sock is not None:
                connection.sock.settimeout(seconds)
    return b"".join(chunks)
