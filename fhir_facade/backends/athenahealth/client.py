"""Calls to athenahealth: admitted, counted, tried again where that can help, and told to the event log.

Reads are tried three times at most within their deadline, with growing, jittered pauses, and only where nothing or
nothing sensible answered; a 4xx never is.  Writes are sent once, and only those that ``writes`` lists.  ``tenacity``
does the pausing: its sleep can be injected, and unlike ``stamina`` it logs nothing by itself (stamina's instrumentation
writes the failed call's arguments, patients' numbers among them, into the log).
"""

from __future__ import annotations

import contextlib
import copy
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from tenacity import RetryCallState, Retrying, retry_if_exception, wait_random_exponential

from fhir_facade.backends.athenahealth.answers import (
    Answer,
    Misrouted,
    NoSuchRecord,
    SiteFault,
    Unauthorized,
    VendorThrottled,
    read,
    throttles,
)
from fhir_facade.backends.athenahealth.breaker import Breaker, Pause
from fhir_facade.backends.athenahealth.calling import called
from fhir_facade.backends.athenahealth.configuration import Configuration
from fhir_facade.backends.athenahealth.deadline import Deadline
from fhir_facade.backends.athenahealth.endpoints import PING, Endpoint
from fhir_facade.backends.athenahealth.quota import Quota, for_posting
from fhir_facade.backends.athenahealth.scalars import integer, text
from fhir_facade.backends.athenahealth.seats import Seats
from fhir_facade.backends.athenahealth.token import Tokens
from fhir_facade.backends.athenahealth.wire import Wire
from fhir_facade.backends.athenahealth.writes import Write, permitted
from fhir_facade.backends.port import Context
from fhir_facade.backends.posting import NotSent, Unsure
from fhir_facade.errors import FacadeError, Refused, TimedOut, UnexpectedShape, Unreachable
from fhir_facade.events import Event

TRIES = 3
PROBE_SECONDS = 4.0
MOST_PAGES = 200

Query = Mapping[str, str]


class Client:
    """The calls of one practice."""

    def __init__(
        self,
        configuration: Configuration,
        context: Context,
        wire: Wire | None = None,
        pause: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._configuration, self._context = configuration, context
        self._wire = wire or Wire(configuration.base_url, configuration.calls_in_flight)
        self._sleep, self._clock = pause, clock
        self.tokens = Tokens(configuration, context, self._wire)
        self.quota = Quota(configuration, context, pause)
        self._breaker, self._pause = Breaker(context, clock), Pause(context, clock)
        self._seats = Seats(configuration.calls_in_flight)
        self.ahead: float | None = None  # seconds that our clock was ahead of the practice's at the last answer

    def deadline(self) -> Deadline:
        """The deadline of a fetch that begins now."""
        return Deadline(self._configuration.deadline, self._clock)

    def get(self, endpoint: Endpoint, deadline: Deadline, number: str = "", query: Query | None = None) -> Any:
        """The judged JSON value.  Raises ``NoSuchRecord``, or the ``SourceError`` of the failure."""
        return self._admitted(endpoint, endpoint.path(self._configuration.practice, number), query, deadline)

    def pages(
        self, endpoint: Endpoint, deadline: Deadline, number: str = "", query: Query | None = None
    ) -> Iterator[Any]:
        """The judged pages of a list: ``next`` is followed while there is one."""
        path = endpoint.path(self._configuration.practice, number)
        page, seen = self._admitted(endpoint, path, query, deadline), {""}
        while True:
            yield page
            link = text(page.get("next"))
            if not link:
                return
            with self.telling(endpoint):
                if link in seen or len(seen) > MOST_PAGES or link.partition("?")[0] != path:
                    raise UnexpectedShape("$.next", "the next page of the same list")
            seen.add(link)
            page = self._admitted(endpoint, link, None, deadline)

    def rows(self, endpoint: Endpoint, deadline: Deadline, number: str = "", query: Query | None = None) -> list[Any]:
        """The rows of all pages; fewer than the source counts are told to the log."""
        rows: list[Any] = []
        for page in self.pages(endpoint, deadline, number, query):
            rows += page[endpoint.rows]
        if len(rows) < (integer(page.get("totalcount")) or 0):
            self.surprised(endpoint, "$.totalcount", "as many rows as are counted")
        return rows

    def surprised(self, endpoint: Endpoint, path: str, expected: str) -> None:
        """Tell the log of something in an answer that was left out or passed over."""
        facts = {"billing_system": self._context.name, "endpoint": endpoint.template}
        self._context.event(Event.SOURCE_SURPRISED, **facts, path=path, expected=expected)

    @contextlib.contextmanager
    def telling(self, endpoint: Endpoint) -> Iterator[None]:
        """Tell the log of an answer that cannot be read after all."""
        try:
            yield
        except UnexpectedShape as fault:
            self.surprised(endpoint, fault.path, fault.expected)
            raise

    def ping(self, deadline: Deadline) -> None:
        """Return if the practice answers, whatever the circuit breaker thinks."""
        with self._seats.seat(deadline):
            self._counted(PING, PING.path(self._configuration.practice), None, deadline)

    def for_posting(self) -> Client:
        """The same client with the whole of the quota: reads leave it a tenth."""
        other = copy.copy(self)
        other.quota = Quota(self._configuration, self._context, self._sleep, for_posting)
        return other

    def post(self, write: Write, form: Mapping[str, str], **numbers: str) -> Answer:
        """Tell athenahealth, once: neither tried again nor counted by the circuit breaker.

        Raises ``NotAllowed`` for what is not on the list; ``NotSent`` or ``Unsure`` where there is no answer to judge.
        """
        letter, deadline = permitted(write, self._configuration.practice, form, numbers), self.deadline()
        try:
            self._pause.admit()
            with self._seats.seat(deadline):
                self.quota.spend(deadline)
                token = self.tokens.get(deadline)
                with called(self._context, write.template, 1, self._clock) as call:
                    patience = Deadline(self._configuration.posting_deadline, self._clock)
                    answer = self._wire.tell(letter, token, call.request_id, patience)
                    call.status = f"{answer.status // 100}xx"
        except FacadeError as fault:
            raise (Unsure if letter.form.begun else NotSent)(str(fault)) from None
        return self._taken(answer, token)

    def close(self) -> None:
        """Close every connection."""
        self._wire.close()

    def _admitted(self, endpoint: Endpoint, path: str, query: Query | None, deadline: Deadline) -> Any:
        self._breaker.admit(lambda: self.ping(deadline.within(PROBE_SECONDS)))
        self._pause.admit()
        with self._seats.seat(deadline):
            return self._counted(endpoint, path, query, deadline)

    def _counted(self, endpoint: Endpoint, path: str, query: Query | None, deadline: Deadline) -> Any:
        """One answer after all its tries, counted by the circuit breaker and told to the log if it is a surprise."""
        try:
            body = self._tried(endpoint, path, query, deadline)
        except (Unreachable, TimedOut) as fault:
            self._breaker.failed()
            self._tell(endpoint, fault)
            raise
        except (NoSuchRecord, Refused, UnexpectedShape) as fault:  # it answers, all the same
            self._breaker.succeeded()
            self._tell(endpoint, fault)
            raise
        self._breaker.succeeded()
        self._pause.ended()
        return body

    def _tried(self, endpoint: Endpoint, path: str, query: Query | None, deadline: Deadline) -> Any:
        def enough(state: RetryCallState) -> bool:
            return state.attempt_number >= TRIES or deadline.left() <= state.upcoming_sleep

        tries = Retrying(
            retry=retry_if_exception(_worth_another_try),
            wait=wait_random_exponential(multiplier=0.1, max=1.0),
            stop=enough,
            sleep=self._sleep,
            reraise=True,
        )
        for attempt in tries:
            with attempt:
                return self._authorized(endpoint, path, query, deadline, attempt.retry_state.attempt_number)
        raise AssertionError("tenacity returns or raises")

    def _authorized(self, endpoint: Endpoint, path: str, query: Query | None, deadline: Deadline, attempt: int) -> Any:
        """A call with the token; with a new one, once, where the token has ended before its time."""
        try:
            token = self.tokens.get(deadline)
            try:
                return read(self._once(endpoint, path, query, token, deadline, attempt), endpoint)
            except Unauthorized:
                if not self.tokens.forget(token):
                    raise
            token = self.tokens.get(deadline)
            return read(self._once(endpoint, path, query, token, deadline, attempt), endpoint)
        except VendorThrottled as fault:
            raise self._pause.throttled(fault) from None

    def _once(
        self, endpoint: Endpoint, path: str, query: Query | None, token: str, deadline: Deadline, attempt: int
    ) -> Answer:
        self.quota.spend(deadline)
        with called(self._context, endpoint.template, attempt, self._clock) as call:
            answer = self._wire.get(path, query, token, call.request_id, deadline)
            call.status = f"{answer.status // 100}xx"
        if answer.date is not None:
            self.ahead = (self._context.now() - answer.date).total_seconds()
        return answer

    def _taken(self, answer: Answer, token: str) -> Answer:
        """The answer to a write; ``NotSent`` where it says that the write was not looked at."""
        if throttles(answer):
            raise NotSent(str(self._pause.throttled(VendorThrottled("throttled", retry_after=answer.retry_after or 0))))
        if answer.status == 401 and self.tokens.forget(token):
            raise NotSent("the token has ended before its time")
        return answer

    def _tell(self, endpoint: Endpoint, fault: Exception) -> None:
        facts = {"billing_system": self._context.name, "endpoint": endpoint.template}
        if isinstance(fault, UnexpectedShape):
            self.surprised(endpoint, fault.path, fault.expected)
        elif isinstance(fault, SiteFault) and endpoint.optional:
            self._context.event(Event.ENDPOINT_NOT_ENABLED, **facts)
        elif isinstance(fault, Refused | Misrouted):
            self._context.event(Event.SOURCE_MISCONFIGURED, **facts, said=str(fault))


def _worth_another_try(fault: BaseException) -> bool:
    return isinstance(fault, Unreachable | TimedOut) and not isinstance(fault, Misrouted)
