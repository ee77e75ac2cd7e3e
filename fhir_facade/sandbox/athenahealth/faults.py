"""Faults that a test switches on for the calls of a template or a practice, so many times or until reset."""

from __future__ import annotations

import inspect
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from fhir_facade.sandbox.athenahealth.answers import (
    BAD_AUTH,
    FORBIDDEN_TEXT,
    INVALID_PRACTICE,
    LEGACY_UNAUTHORIZED,
    NOT_REGISTERED,
    OVER_QUOTA,
    Answer,
    error,
    html,
)
from fhir_facade.sandbox.athenahealth.ask import Ask
from fhir_facade.sandbox.athenahealth.calls import Call

Go = Callable[[Ask], Answer]
_TITLES = {404: "Not Found", 500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable"}


@dataclass
class Fault:
    """A fault that is on.  ``times`` None: until reset.  Calls that it holds go on at ``release``."""

    kind: str
    template: str | None
    practice: str | None
    times: int | None
    options: dict[str, Any]
    _met: int = 0
    _changed: threading.Condition = field(default_factory=threading.Condition)
    _released: threading.Event = field(default_factory=threading.Event)

    def take(self, call: Call) -> bool:
        """Whether this call meets the fault; counts it if so."""
        if self.template not in (None, call.template) or self.practice not in (None, call.practice):
            return False
        with self._changed:
            if self.times is not None and self._met >= self.times:
                return False
            self._met += 1
            self._changed.notify_all()
            return True

    @property
    def met(self) -> int:
        """How many calls have met the fault."""
        return self._met

    def wait(self, calls: int = 1, timeout: float = 10.0) -> bool:
        """Wait until so many calls have met the fault; False if they did not within ``timeout`` seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: self._met >= calls, timeout)

    def release(self) -> None:
        """Let go of every call that is held, and hold no more."""
        self._released.set()

    def hold(self, seconds: float | None = None) -> None:
        """Keep the calling thread for ``seconds``, or until released."""
        self._released.wait(seconds)


def latency(fault: Fault, ask: Ask, go: Go, *, seconds: float | None = None) -> Answer:
    """The answer takes ``seconds``, or until ``fault.release()`` where none are given."""
    fault.hold(seconds)
    return go(ask)


def hang(fault: Fault, ask: Ask, go: Go) -> Answer:
    """No answer; the connection breaks when the fault is released."""
    fault.hold()
    return Answer(200, b"", cut=0)


def drop(fault: Fault, ask: Ask, go: Go, *, after: int = 0) -> Answer:
    """The connection breaks after so many bytes of the body; 0 is before the status line."""
    return replace(go(ask), cut=after)


def token_expired(fault: Fault, ask: Ask, go: Go) -> Answer:
    """The token of this call has just ended: it is refused now and later."""
    return go(replace(ask, revoke_token=True))


def malformed(fault: Fault, ask: Ask, go: Go) -> Answer:
    """JSON that breaks off in the middle, with status 200 and a right Content-Length."""
    answer = go(ask)
    content = answer.content()
    return replace(answer, body=content[: max(1, len(content) // 2)])


def mutate(fault: Fault, ask: Ask, go: Go, *, change: Callable[[Any], Any]) -> Answer:
    """The body is what ``change`` makes of it (a JSON value in, a JSON value out)."""
    answer = go(ask)
    return replace(answer, body=change(answer.body))


def short_pages(fault: Fault, ask: Ask, go: Go, *, size: int) -> Answer:
    """Pages hold at most ``size`` rows, whatever ``limit`` says."""
    return go(replace(ask, largest_page=size))


def throttled(fault: Fault, ask: Ask, go: Go, *, retry_after: int | None = None) -> Answer:
    """429; ``Retry-After`` is not documented and comes only when given."""
    return OVER_QUOTA if retry_after is None else replace(OVER_QUOTA, headers={"Retry-After": str(retry_after)})


def unauthorized(fault: Fault, ask: Ask, go: Go, *, legacy: bool = False) -> Answer:
    """401, as JSON or as the retired gateway's XML; the token stays good."""
    return LEGACY_UNAUTHORIZED if legacy else BAD_AUTH


def html_page(fault: Fault, ask: Ask, go: Go, *, status: int = 502) -> Answer:
    """An HTML page of a machine in between."""
    return html(status, _TITLES.get(status, "Error"))


def json_error(
    fault: Fault, ask: Ask, go: Go, *, status: int = 500, text: str = "Internal error.", detail: str | None = None
) -> Answer:
    """A JSON error of the API."""
    return error(status, text, detail)


def failure(fault: Fault, ask: Ask, go: Go, *, text: str = "Appointment is already frozen.") -> Answer:
    """200 with a business failure."""
    return Answer(200, {"success": False, "errormessage": text})


def anything(
    fault: Fault, ask: Ask, go: Go, *, status: int = 200, body: Any = b"", content_type: str = "application/json"
) -> Answer:
    """Whatever the test says."""
    return Answer(status, body, content_type)


def recorded(fault: Fault, ask: Ask, go: Go, *, then: str = "html", **options: Any) -> Answer:
    """All is done as asked, and the answer is that of another kind: ``then="hang"``, ``then="html", status=503``."""
    answer = go(ask)
    return KINDS[then](fault, ask, lambda _: answer, **options)


KINDS: dict[str, Callable[..., Answer]] = {
    "answer": anything,
    "drop": drop,
    "failure": failure,
    "forbidden": lambda fault, ask, go: error(403, "Access denied."),
    "forbidden-text": lambda fault, ask, go: FORBIDDEN_TEXT,
    "hang": hang,
    "html": html_page,
    "invalid-practice": lambda fault, ask, go: INVALID_PRACTICE,
    "json-error": json_error,
    "latency": latency,
    "malformed": malformed,
    "mutate": mutate,
    "not-registered": lambda fault, ask, go: NOT_REGISTERED,
    "recorded": recorded,
    "short-pages": short_pages,
    "throttled": throttled,
    "token-expired": token_expired,
    "unauthorized": unauthorized,
}


class Faults:
    """The faults that are on; the one switched on last is the outermost."""

    def __init__(self) -> None:
        self._on: list[Fault] = []

    def add(
        self, kind: str, template: str | None, practice: str | None, times: int | None, options: dict[str, Any]
    ) -> Fault:
        """Switch a fault on; ValueError for a kind or an option that there is not."""
        if kind not in KINDS:
            raise ValueError(f"no fault {kind!r}; there are {', '.join(KINDS)}")
        try:
            inspect.signature(KINDS[kind]).bind(None, None, None, **options)
        except TypeError as wrong:
            raise ValueError(f"fault {kind!r}: {wrong}") from wrong
        fault = Fault(kind, template, practice, times, options)
        self._on = [*self._on, fault]
        return fault

    def reset(self) -> None:
        """Switch all off and let go of what they hold."""
        faults, self._on = self._on, []
        for fault in faults:
            fault.release()

    def around(self, ask: Ask, go: Go) -> Answer:
        """The answer to a call with the faults that it meets."""
        for fault in [fault for fault in self._on if fault.take(ask.call)]:
            go = _wrapped(fault, go)
        return go(ask)


def _wrapped(fault: Fault, go: Go) -> Go:
    return lambda ask: KINDS[fault.kind](fault, ask, go, **fault.options)
