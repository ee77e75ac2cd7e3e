"""What an answer to a write means: done, surely refused, or nobody knows (production rule F3).

HTTP 200 is no success by itself; the scalars are texts as often as not, and the row may come alone or in an array.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from fhir_facade.backends.athenahealth.answers import Answer, decode
from fhir_facade.backends.athenahealth.scalars import text, truth
from fhir_facade.backends.athenahealth.writes import Write
from fhir_facade.backends.posting import Declined, Unsure

_TEXTS = ("error", "detailedmessage", "errortext", "errormessage")
_NAMED = ("missingfields", "invalidfields")


class Duplicate(Declined):
    """It is there already, under the same ``externalrefid``."""


def done(answer: Answer, write: Write, duplicate: re.Pattern[str] | None = None) -> Mapping[str, Any]:
    """The row of a write that was done.  Raises ``Declined`` (``Duplicate`` where its words say so) or ``Unsure``."""
    row, told = _row(answer.body), f"{write.template} answered {answer.status}"
    if _refuses(answer, row):
        said = " ".join(text((row or {}).get(name)) for name in _TEXTS)
        kind = Duplicate if duplicate is not None and duplicate.search(said) else Declined
        raise kind(told + _fields(row or {}, write))
    if row is None or answer.status // 100 != 2 or truth(row.get("success")) is not True:
        raise Unsure(told)
    return row


def _refuses(answer: Answer, row: Mapping[str, Any] | None) -> bool:
    """Whether nothing was done for sure."""
    if 200 <= answer.status < 300:
        return row is not None and truth(row.get("success")) is False
    if row is not None:
        return 400 <= answer.status < 500 and answer.status != 408 and bool(text(row.get("error")))
    # The gateway's own plain text: the service is not enabled, and nobody behind it was asked.
    return (
        answer.status == 404 and bool(answer.body.strip()) and not answer.body.lstrip().startswith((b"<", b"{", b"["))
    )


def _row(body: bytes) -> Mapping[str, Any] | None:
    try:
        value = decode(body)
    except ValueError:
        return None
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    return value if isinstance(value, Mapping) else None


def _fields(row: Mapping[str, Any], write: Write) -> str:
    """The fields that the refusal names, of those that we know: never a value."""
    named = [text(each) for key in _NAMED if isinstance(row.get(key), list) for each in row[key]]
    known = sorted(write.fields.intersection(named))
    return f", and names {', '.join(known)}" if known else ""
