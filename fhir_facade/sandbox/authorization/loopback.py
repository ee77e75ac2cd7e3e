"""What counts as this machine: hosts that requests may name, and URLs that browsers may be sent to."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

_PLACE = r"(?:localhost|(?:[a-z0-9-]+\.)+localhost|127(?:\.\d{1,3}){3}|\[::1\])(?::\d{1,5})?"
_HOST = re.compile(_PLACE, re.IGNORECASE)
# Strict, because a browser must not read another host into it: no user, no backslash, no space, no fragment.
_URL = re.compile(rf"https?://{_PLACE}(?:[/?][!$-\[\]-~]*)?")


def loopback_host(host: str) -> bool:
    """True for the value of a Host header that names this machine."""
    return _HOST.fullmatch(host) is not None


def loopback_url(text: str) -> bool:
    """True for an http or https URL on this machine.  https://www.rfc-editor.org/rfc/rfc8252#section-7.3"""
    return _URL.fullmatch(text) is not None


def origin(url: str) -> str:
    """``scheme://host:port`` of a URL."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def policy_source(url: str) -> str:
    """How a Content-Security-Policy names where a URL leads: it has no words for an IPv6 address."""
    return f"{urlsplit(url).scheme}:" if "[" in url else origin(url)
