"""The facts that a log line may state, by name.  What is not in this table is not logged."""

from __future__ import annotations

from collections.abc import Mapping

Fact = str | int | float

FACTS: Mapping[str, str] = {
    "attempt": "Which try of the same call this was; the first is 1.",
    "authorities": "How many assigning authorities are released.",
    "authority": "The id of an assigning authority in the settings.",
    "billing_system": "The name of a billing system in the settings.",
    "bytes": "The size of an answer, or of what is kept, in bytes.",
    "count": "How many of what the event is about.",
    "digest": "The hash of the settings in force, secrets left out.",
    "endpoint": "An endpoint's template (`/patients/{id}`), a query's name, or an issuer's or person index's endpoint.",
    "expected": "What shape was expected, in words of the documentation.",
    "failures": "How many answers in a row were failures.",
    "fault": "The class of a failure, as in `fhir_facade/errors.py`, or of a Python exception.",
    "faults": "How many faults the settings have.",
    "gateway": "The name of a payment gateway in the settings.",
    "interaction": "The FHIR interaction: `read`, `search-type`, `capabilities`, or an operation's name.",
    "kind": "The kind of record: `bills`, `visits`, as in `fhir_facade/records.py`.",
    "limit": "The limit that was reached, as the settings give it.",
    "milliseconds": "How long it took.",
    "mode": "`security.mode`.",
    "operator": "The login name of whoever ran an operator's command.",
    "path": "The JSON path or column of a surprise, or the element of a resource; never a value.",
    "reason": "Why a token was refused, as in `fhir_facade/bell/refusal.py`; nothing of the token.",
    "said": "What an answer was like, in words of this project (`answered 403, in plain text`); never its own text.",
    "seconds": "How long a pause, a token or an age is.",
    "source_request_id": "The `X-Request-Id` that was sent to the billing system.",
    "state": "The state of a payment, as in `docs/operating-payments.md`.",
    "status": "An HTTP status (`200`), a class of them (`2xx`), or what came instead of one (`timed out`).",
    "type": "A FHIR type that is offered here; empty for any other word in its place.",
    "version": "The version of fhir-facade.",
    "where": "File and line in this project.",
    "window": "The window of a quota: `second` or `day`.",
}


def status_class(status: Fact) -> str:
    """``2xx`` of 200; words and classes as they are."""
    return f"{status // 100}xx" if isinstance(status, int) else str(status)
