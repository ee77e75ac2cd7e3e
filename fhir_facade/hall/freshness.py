"""Conditional read: has the client already got this?  https://hl7.org/fhir/R4/http.html#cread"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from functools import lru_cache

from werkzeug.http import http_date, parse_date, parse_etags


@lru_cache(maxsize=8192)
def validators(version: str, last_updated: dt.datetime) -> Mapping[str, str]:
    """The headers that a client sends back later."""
    return {"ETag": f'W/"{version}"', "Last-Modified": http_date(last_updated)}


def unchanged(headers: Mapping[str, str], version: str, last_updated: dt.datetime) -> bool:
    """True for 304.  ``If-None-Match`` decides where it is given (RFC 9110, 13.2.2)."""
    if "if-none-match" in headers:
        return parse_etags(headers["if-none-match"]).contains_weak(version)
    since = _instant(headers.get("if-modified-since"))
    return since is not None and last_updated.replace(microsecond=0) <= since


def _instant(said: str | None) -> dt.datetime | None:
    """None for what is no date, or one that no calendar has."""
    try:
        return parse_date(said)
    except (OverflowError, ValueError):
        return None
