"""A transaction with a site's database, told as an event; so is what went wrong in it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Connection, Engine

from fhir_facade.backends.port import Context
from fhir_facade.backends.posting import Declined, NotSent, Unsure
from fhir_facade.backends.sql import probing
from fhir_facade.backends.sql.faults import translated
from fhir_facade.errors import SourceError, UnexpectedShape
from fhir_facade.events import Event

ENDED: Mapping[type[Exception], str] = {Declined: "refused", Unsure: "unknown", NotSent: "unreachable"}


@contextmanager
def answering(engine: Engine, context: Context, name: str) -> Iterator[Connection]:
    """One transaction of a query.  Its errors leave as ``SourceError``: class, column and what was expected."""
    with heard(context, name), translated(name), engine.begin() as connection:
        yield connection


@contextmanager
def heard(context: Context, name: str) -> Iterator[None]:
    """One event, with how long it took and how it ended."""
    started, status = time.monotonic(), "ok"
    facts = {"billing_system": context.name, "endpoint": name}
    try:
        yield
    except SourceError as fault:
        status = probing.outcome(fault)
        if isinstance(fault, UnexpectedShape):
            context.event(Event.SOURCE_SURPRISED, **facts, path=fault.path, expected=fault.expected)
        raise
    except tuple(ENDED) as ended:
        status = next(said for class_, said in ENDED.items() if isinstance(ended, class_))
        raise
    finally:
        took = round((time.monotonic() - started) * 1000)
        context.event(Event.SOURCE_CALLED, **facts, status=status, milliseconds=took, attempt=1)
