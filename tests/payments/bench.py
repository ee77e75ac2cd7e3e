"""A workshop with fakes, on any state database and a clock that is moved by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from fhir_facade.events import Event
from fhir_facade.payments.decision import Decide, wait
from fhir_facade.payments.engine import Engine
from fhir_facade.payments.pace import Pace
from fhir_facade.payments.payment import Payment
from fhir_facade.payments.results import apply
from fhir_facade.payments.states import State
from fhir_facade.payments.worker import Worker
from fhir_facade.payments.workshop import Workshop
from fhir_facade.state.database import Database
from fhir_facade.state.ledger import Ledger
from fhir_facade.state.standing import Standing
from fhir_facade.state.store import DatabaseStore
from tests.payments.conftest import payment
from tests.payments.fakes import FakeGateway, FakePoster, Fate, Killed, Mortal, Now

HOURS = 3_600.0


@dataclass
class Bench:
    """Everything around workers; ``events`` is what was logged."""

    database: Database
    now: Now = field(default_factory=Now)
    events: list[tuple[Event, dict[str, Any]]] = field(default_factory=list)
    kept: list[Any] = field(default_factory=list)
    decide: Decide = wait
    pace: Pace = field(default_factory=Pace)

    def __post_init__(self) -> None:
        self.ledger = Ledger(self.database, self.now)
        self.poster, self.gateway = FakePoster(), FakeGateway(self.now)
        self.store = DatabaseStore(self.database, lambda: self.now().timestamp(), self.now.advance)

    def shop(self) -> Workshop:
        return Workshop(
            ledger=self.ledger,
            standing=Standing(self.database),
            store=self.store,
            posters={"practice": self.poster},
            gateways={"main": self.gateway},
            apply=apply,
            now=self.now,
            decide=lambda payment: self.decide(payment),
            event=lambda code, **facts: self.events.append((code, facts)),
            pace=self.pace,
            jitter=lambda: 0.5,
        )

    def worker(self, name: str = "a", fate: Fate | None = None) -> Worker:
        """A worker; with a fate, one that is killed at some operation."""
        shop = self.shop()
        if fate is not None:
            mortal: dict[str, Any] = {
                "ledger": Mortal(shop.ledger, fate),
                "standing": Mortal(shop.standing, fate),
                "store": MortalStore(shop.store, fate, self.kept),
                "posters": {"practice": Mortal(self.poster, fate)},
                "gateways": {"main": Mortal(self.gateway, fate)},
            }
            shop = replace(shop, **mortal)
        return Worker(Engine(shop), shop.ledger, shop.pace, shop.event, name=name)

    def captured(self, id: str = "p1", **more: Any) -> Payment:
        """A payment that the gateway has taken."""
        given = {"state": State.CAPTURED, "captured": self.now(), "due": self.now(), "created": self.now()}
        return self.ledger.add(payment(id, **(given | more)), [], "caller")

    def state(self, id: str = "p1") -> State:
        found = self.ledger.get(id)
        assert found is not None
        return found.state

    def one(self, id: str = "p1") -> Payment:
        found = self.ledger.get(id)
        assert found is not None
        return found

    def settle(self, hours: float = 30, worker: Worker | None = None) -> None:
        """Let a worker work through so much time, whenever something is due."""
        worker = worker or self.worker("settling")
        end = self.now().timestamp() + hours * HOURS
        while self.now().timestamp() < end:
            for _ in range(200):
                if not worker.turn():
                    break
            else:
                raise AssertionError("a payment comes back at once, again and again")
            self.now.advance(min(self._pause(), max(1.0, end - self.now().timestamp())))

    def _pause(self) -> float:
        """Until something is due; half a minute where something is, and a dead worker's lease has not ended yet."""
        dues = [each.due for each in self.ledger.listed() if each.due is not None]
        pause = (min(dues) - self.now()).total_seconds() if dues else 30 * HOURS
        return max(pause, 30.0)

    def told(self) -> dict[str, int]:
        return dict(self.poster.told)


class MortalStore:
    """Locks that a killed holder does not let go of."""

    def __init__(self, inner: Any, fate: Fate, kept: list[Any]) -> None:
        self._inner, self._fate, self._kept = inner, fate, kept

    @contextmanager
    def lock(self, key: str, seconds: float) -> Iterator[None]:
        self._fate.tick()
        with ExitStack() as held:
            held.enter_context(self._inner.lock(key, seconds))
            try:
                self._fate.tick()
                yield
                self._fate.tick()
            except Killed:
                self._kept.append(held.pop_all())
                raise


@contextmanager
def bench(url: str = "sqlite:///:memory:", **more: Any) -> Iterator[Bench]:
    with closing(Database(url)) as database:
        database.create()
        yield Bench(database, **more)


def run_until_killed(worker: Worker, turns: int = 50) -> bool:
    """True if it was killed; else it has done all that is due."""
    try:
        for _ in range(turns):
            if not worker.turn():
                return False
    except Killed:
        return True
    raise AssertionError("a payment comes back at once, again and again")
