"""Which addresses stay on this machine, and which URLs may be asked: one rule for the settings and for every call."""

from __future__ import annotations

from ipaddress import ip_address
from urllib.parse import unquote, urlsplit

_MISREAD = frozenset('\\<>"`{}|^')  # no URL has them, and browsers make something of them


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


def leads_below(url: str, allowed: str) -> bool:
    """True for a safe URL at the same place as ``allowed`` or under it; its query is its own."""
    if not is_safe(url) or set(url) & _MISREAD or any(not 0x20 < ord(each) < 0x7F for each in url):
        return False
    asked, base = urlsplit(url), urlsplit(allowed)
    segments = unquote(asked.path).split("/")
    same = (asked.scheme, asked.netloc.lower()) == (base.scheme, base.netloc.lower())
    below = asked.path == base.path or asked.path.startswith(base.path.rstrip("/") + "/")
    return same and below and not asked.fragment and not {".", ".."} & set(segments)


def _is_local(scheme: str, host: str) -> bool:
    return scheme == "http" and is_loopback(host)
