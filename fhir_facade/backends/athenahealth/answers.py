"""An answer of athenahealth, read: a JSON value of the endpoint's shape, or the failure that it means.

The rule for *not found* (production rule B4): only a JSON error that names the record.  A plain-text 404, a 403 with
``error``, "Invalid practice" are faults of the site.  A 403 without JSON is throttling (reference section 3).  What the
vendor says stays here: neither a client nor a log reads it.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from fhir_facade.backends.athenahealth.endpoints import Endpoint
from fhir_facade.backends.athenahealth.scalars import text, truth
from fhir_facade.errors import Refused, SourceError, Throttled, TimedOut, Unreachable

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_NOT_JSON = object()
_MISSING = re.compile(r"does not exist|not found|could ?n[o']t be found|no such|no longer|invalid|not (a )?valid")
_SITE = re.compile(r"invalid practice|practice id|not enabled|permission|authori[sz]ed|gateway|subscription")
_SWITCHED_OFF = re.compile(r"not enabled|gateway|subscription")


@dataclass(frozen=True)
class Answer:
    """A status and the bytes of a body.  ``retry_after`` in seconds and ``date``, where the headers say so."""

    status: int
    body: bytes = b""
    retry_after: int | None = None
    date: dt.datetime | None = None


class NoSuchRecord(Exception):
    """athenahealth has no such record, and says so.  Never leaves the backend."""


class VendorThrottled(Throttled):
    """athenahealth itself asks us to wait (our own share of the quota is a plain ``Throttled``)."""


class Unauthorized(Refused):
    """401: the token, or the client's right to the practice."""


class SiteFault(Refused):
    """The endpoint is there for others: not enabled for this practice or client (``switched_off``), or refused."""

    def __init__(self, log: str, *, switched_off: bool) -> None:
        super().__init__(log)
        self.switched_off = switched_off


class Misrouted(Unreachable):
    """Something else than athenahealth answered, and would again."""


def decode(body: bytes) -> Any:
    """A JSON value with exact amounts (``Decimal`` for every number with a point), or ``ValueError``."""
    try:
        return _DECODER.decode(body.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.DecodeError, RecursionError):
        raise ValueError("not JSON") from None


def read(answer: Answer, endpoint: Endpoint) -> Any:
    """The JSON value of a good answer; else ``NoSuchRecord`` or the ``SourceError`` that it means."""
    body = _json(answer.body)
    if not 200 <= answer.status < 300:
        raise _fault(answer, body, endpoint)
    if body is _NOT_JSON:
        raise Unreachable(f"{endpoint.template} answered {answer.status} without JSON")
    if isinstance(body, dict) and truth(body.get("success")) is False:
        raise Refused(f"{endpoint.template} answered {answer.status} with success: false")
    endpoint.shape.judge(body)
    return body


def throttles(answer: Answer) -> bool:
    """Whether it asks us to wait, and so has not looked at the request (reference section 3)."""
    return answer.status == 429 or (answer.status == 403 and _json(answer.body) is _NOT_JSON)


def _json(body: bytes) -> Any:
    try:
        return decode(body)
    except ValueError:
        return _NOT_JSON


def _fault(answer: Answer, body: Any, endpoint: Endpoint) -> Exception:
    status = answer.status
    told = f"{endpoint.template} answered {status}"
    if status == 401:
        return Unauthorized(told)
    if throttles(answer):
        return VendorThrottled(told, retry_after=answer.retry_after or 0)
    if status in (400, 404) and _names_the_record(_said(body), endpoint, status):
        return NoSuchRecord(told)
    if status >= 500 or status == 408:
        return TimedOut(told) if status in (408, 504) else Unreachable(told)
    return _of_the_site(answer, body, told)


def _of_the_site(answer: Answer, body: Any, told: str) -> SourceError:
    """Every other refusal, and whatever is no answer of the API."""
    if body is not _NOT_JSON:
        return SiteFault(told, switched_off=bool(_SWITCHED_OFF.search(_said(body))))
    if answer.status == 404 and not answer.body.lstrip().startswith(b"<"):
        return SiteFault(f"{told}, in plain text", switched_off=True)
    return Misrouted(f"{told} without JSON")


def _names_the_record(said: str, endpoint: Endpoint, status: int) -> bool:
    """Inferred: no source shows the 404 of an unknown patient; the documents' one is "The requested ID ..."."""
    if _SITE.search(said) or not endpoint.names:
        return False
    if status == 400:
        return "does not exist in that department" in said
    named = "requested id" in said or any(re.search(rf"\b{name}\b", said) for name in endpoint.names)
    return named and bool(_MISSING.search(said))


def _said(body: Any) -> str:
    return f"{text(body.get('error'))} {text(body.get('detailedmessage'))}".lower() if isinstance(body, dict) else ""
