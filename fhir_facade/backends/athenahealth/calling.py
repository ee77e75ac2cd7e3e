"""One call as the log sees it: its own request id, how it ended, how long it took, and no value."""

from __future__ import annotations

import contextlib
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from fhir_facade.backends.port import Context
from fhir_facade.errors import TimedOut
from fhir_facade.events import Event


@dataclass
class Call:
    """``status`` is the status class of the answer, once there is one."""

    request_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    status: str = "unreachable"


@contextlib.contextmanager
def called(context: Context, template: str, attempt: int, clock: Callable[[], float]) -> Iterator[Call]:
    """Tell the log of one call, however it ends."""
    call, started = Call(), clock()
    try:
        yield call
    except TimedOut:
        call.status = "timed out"
        raise
    finally:
        context.event(
            Event.SOURCE_CALLED,
            billing_system=context.name,
            endpoint=template,
            status=call.status,
            milliseconds=round((clock() - started) * 1000),
            attempt=attempt,
            source_request_id=call.request_id,
        )
