"""Which addresses stay on this machine, and which URLs may be asked: one rule for the settings and for every call."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import urlsplit


def is_loopback(host: str) -> bool:
    """``localhost`` and names under it (https://www.rfc-editor.org/rfc/rfc6761#section-6.3), 127.0.0.0/8 and ::1."""
    name = host.rstrip(".").lower()
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


def is_safe(url: str) -> bool:
    """https, or http that does not leave the machine; no user in it."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    return "@" not in parts.netloc and bool(host) and (parts.scheme == "https" or _is_local(parts.scheme, host))


def _is_local(scheme: str, host: str) -> bool:
    return scheme == "http" and is_loopback(host)
