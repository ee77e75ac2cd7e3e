"""A worker: claims what is due, takes it a step further, and waits for an event when there is nothing to do."""

from __future__ import annotations

import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterable

from fhir_facade.backends.port import EventLog
from fhir_facade.boundary import guarded, place
from fhir_facade.errors import StateUnavailable
from fhir_facade.events import Event
from fhir_facade.payments.engine import Engine
from fhir_facade.payments.hold import held
from fhir_facade.payments.pace import Pace
from fhir_facade.state.ledger import Ledger

Chore = Callable[[], None]
"""What is to be done now and then; it knows itself when."""

_AFTER_A_FAILURE = 5.0  # seconds, where the state does not answer


def executor_id() -> str:
    """A name that no other process has, nor one that has the same number after a restart."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(4)}"


class Worker:
    """Threads that carry payments, each with its own name in the leases, and one for the chores."""

    def __init__(
        self,
        engine: Engine,
        ledger: Ledger,
        pace: Pace,
        event: EventLog,
        chores: Iterable[Chore] = (),
        name: str = "",
    ) -> None:
        self._engine, self._ledger, self._pace, self._event = engine, ledger, pace, event
        self._chores, self.name = tuple(chores), name or executor_id()

    def turn(self, owner: str = "") -> bool:
        """Take one payment a step further; False where none is due.  ``StateUnavailable`` where none can be claimed."""
        owner = owner or self.name
        claimed = self._ledger.claim(owner, self._pace.lease, 1)
        for payment in claimed:
            with held(self._ledger, payment, owner, self._pace.lease) as still:
                self._engine.work(payment, still)
        return bool(claimed)

    def run(self, over: threading.Event, threads: int = 4) -> None:
        """Work until ``over`` is set; the steps in hand are finished then."""
        owners = [f"{self.name}/{number}" for number in range(threads)]
        hands = [threading.Thread(target=self._carry, args=(over, owner), name="payments") for owner in owners]
        hands.append(threading.Thread(target=self._do_chores, args=(over,), name="chores"))
        for hand in hands:
            hand.start()
        for hand in hands:
            hand.join()

    def _carry(self, over: threading.Event, owner: str) -> None:
        while not over.is_set():
            pause = guarded(lambda: 0.0 if self.turn(owner) else self._pace.idle, self._failed)
            if pause:
                over.wait(pause)

    def _do_chores(self, over: threading.Event) -> None:
        while not over.is_set():
            for chore in self._chores:
                guarded(chore, self._failed)
            over.wait(min(self._pace.watch, self._pace.sweep))

    def _failed(self, failure: Exception) -> float:
        if isinstance(failure, StateUnavailable):
            self._event(Event.STATE_UNAVAILABLE, fault=type(failure).__name__)
        else:
            self._event(Event.WORKER_SURPRISED, fault=type(failure).__name__, where=place(failure))
        return _AFTER_A_FAILURE
