"""Backends with one fault each, and the behaviours that must notice it."""

from __future__ import annotations

import datetime as dt
import itertools
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, ClassVar

from msgspec.structs import replace

from fhir_facade.backends.memory import MemoryBackend
from fhir_facade.backends.port import Probe
from fhir_facade.errors import Unreachable
from fhir_facade.keys import SourceKey
from fhir_facade.records import Account, AccountLink, Bill, Kind, Payment, Person, Place, Record, Visit
from tests.backends.sample import ANNA, BORIS

FAULTS: dict[type[MemoryBackend], str] = {}


def noticed_by(behaviours: str) -> Callable[[type[MemoryBackend]], type[MemoryBackend]]:
    """The behaviours, by number, that this backend must fail."""

    def note(backend: type[MemoryBackend]) -> type[MemoryBackend]:
        FAULTS[backend] = behaviours
        return backend

    return note


class OneBillChanged(MemoryBackend):
    """One of Anna's bills is not as it should be."""

    change: ClassVar[Mapping[str, Any]] = {}

    def bills(self, patient: SourceKey) -> Sequence[Bill]:
        return [replace(bill, **self.change) if bill.number == "9301" else bill for bill in super().bills(patient)]


def changed(**change: Any) -> type[MemoryBackend]:
    """A backend whose first bill has these fields."""
    return type("changed " + ", ".join(change), (OneBillChanged,), {"change": change})


FAULTS |= {
    changed(due=12.5): "5a 5b",  # money as a float
    changed(due="85.50"): "5b",  # money as text
    changed(due=85): "5b",  # money as an int
    changed(due=Decimal("NaN")): "5a",
    changed(created=dt.datetime(2026, 1, 1)): "5a",  # noqa: DTZ001  a naive time
    changed(created="2026-01-01"): "5b",
    changed(state="owed"): "5b",
    changed(charges=[]): "5b",
    changed(description="Office visit "): "5b",
    changed(patient="01001"): "2c",
    changed(number=""): "4a",
    changed(number=" 9301"): "4a 3a",
    changed(place="77"): "4b",
    changed(practitioner="77"): "4b",
    changed(account=AccountLink(number="77")): "4c",
    changed(account=AccountLink(number="1", parts={"provider_group": "2"})): "4c",
    changed(parts={"provider_group": "2"}): "4d 6c",
    changed(currency="usd"): "5c",
    changed(due=Decimal("-1")): "5d",
    changed(due=Decimal(0)): "5d",
}


@noticed_by("2b 2c 3a")
class Leaky(MemoryBackend):
    """Answers with everybody's bills."""

    def bills(self, patient: SourceKey) -> Sequence[Bill]:
        return self._all(Bill)


@noticed_by("2b 2c")
class OneTooMany(MemoryBackend):
    """Answers with one payment of another patient's."""

    def payments(self, patient: SourceKey) -> Sequence[Payment]:
        return self._all(Payment)[:1]


@noticed_by("2a")
class AnySystem(MemoryBackend):
    """Looks at the number alone."""

    def _of(self, type_: Any, patient: SourceKey) -> tuple[Any, ...]:
        return super()._of(type_, ANNA._replace(value=patient.value))


@noticed_by("2d")
class Lenient(MemoryBackend):
    """Takes 01001 and " 1001" for 1001, as a number would."""

    def _of(self, type_: Any, patient: SourceKey) -> tuple[Any, ...]:
        return super()._of(type_, patient._replace(value=patient.value.strip().lstrip("0")))


@noticed_by("2d")
class Prefixed(MemoryBackend):
    """Takes what a number begins with for the number, as LIKE would."""

    def _of(self, type_: Any, patient: SourceKey) -> tuple[Any, ...]:
        found = super()._of(type_, patient)
        return found or super()._of(type_, patient._replace(value=patient.value.rstrip("%_/?#,.")))


@noticed_by("2d")
class Strict(MemoryBackend):
    """Fails for a number that is not made of digits."""

    def person(self, patient: SourceKey) -> Person | None:
        return super().person(patient._replace(value=str(int(patient.value))))


@noticed_by("1a 2b 3a")
class Nobody(MemoryBackend):
    """Knows nobody."""

    def person(self, patient: SourceKey) -> Person | None:
        return None


@noticed_by("1b 1a 2a")
class Somebody(MemoryBackend):
    """Makes a person up for every number that it does not know."""

    def person(self, patient: SourceKey) -> Person | None:
        return super().person(BORIS)


@noticed_by("1b")
class Raising(MemoryBackend):
    """Fails where there is no such patient."""

    def bills(self, patient: SourceKey) -> Sequence[Bill]:
        if not self.person(patient):
            raise Unreachable("no such patient")
        return super().bills(patient)


@noticed_by("1c")
class Unmerged(MemoryBackend):
    """Forgets the numbers that were merged."""

    def person(self, patient: SourceKey) -> Person | None:
        person = super().person(patient)
        return person if person and person.number == patient.value else None


@noticed_by("3a")
class Empty(MemoryBackend):
    """Says that there are no bills."""

    def bills(self, patient: SourceKey) -> Sequence[Bill]:
        return ()


@noticed_by("3a")
class FirstPage(MemoryBackend):
    """Forgets that there is a next page."""

    def bills(self, patient: SourceKey) -> Sequence[Bill]:
        return super().bills(patient)[:3]


@noticed_by("3b")
class Undeclared(MemoryBackend):
    """Serves visits without saying so."""

    kinds = frozenset(Kind) - {Kind.VISITS}


@noticed_by("3b")
class Overdeclared(MemoryBackend):
    """Says that it has accounts, and has none."""

    def accounts(self, patient: SourceKey) -> Sequence[Account]:
        return ()


@noticed_by("3c")
class Restless(MemoryBackend):
    """Answers differently each time."""

    turn = itertools.count()

    def visits(self, patient: SourceKey) -> Sequence[Visit]:
        return [replace(visit, minutes=next(self.turn)) for visit in super().visits(patient)]


@noticed_by("4a")
class Twice(MemoryBackend):
    """Has each payment twice."""

    def payments(self, patient: SourceKey) -> Sequence[Payment]:
        return [*super().payments(patient), *super().payments(patient)]


@noticed_by("4d")
class VisitGone(MemoryBackend):
    """Names a visit that there is not."""

    def payments(self, patient: SourceKey) -> Sequence[Payment]:
        return [replace(payment, visit="77") for payment in super().payments(patient)]


@noticed_by("5d")
class Negative(MemoryBackend):
    """Counts payments as what they take off the debt."""

    def payments(self, patient: SourceKey) -> Sequence[Payment]:
        return [replace(payment, amount=-payment.amount) for payment in super().payments(patient)]


@noticed_by("4b")
class NoPlaces(MemoryBackend):
    """Does not list the places that its records name."""

    def places(self) -> Sequence[Place]:
        return ()


@noticed_by("6a")
class Indivisible(MemoryBackend):
    """Has parts that nothing can select by."""

    select_keys = frozenset({"department"})


@noticed_by("6a")
class Miscounted(MemoryBackend):
    """Lists divisions that its records are not in."""

    def divisions(self) -> Mapping[str, Mapping[str, str]]:
        return {"provider_group": {"9": "Nine"}}


@noticed_by("6b")
class Mislocating(MemoryBackend):
    """Finds the wrong patient."""

    def locate(self, kind: Kind, number: str) -> SourceKey | None:
        return BORIS if super().locate(kind, number) else None


@noticed_by("6b")
class Inventing(MemoryBackend):
    """Finds a patient for a number that nothing has."""

    def locate(self, kind: Kind, number: str) -> SourceKey | None:
        return ANNA


@noticed_by("6b")
class Unlocated(MemoryBackend):
    """Says that it can locate, and cannot."""

    def locate(self, kind: Kind, number: str) -> SourceKey | None:
        return None


@noticed_by("6c")
class HalfScan(MemoryBackend):
    """Lists some of what there is."""

    def scan(self, kind: Kind) -> Iterable[Record]:
        return list(super().scan(kind))[1:]


@noticed_by("7a")
class Unpingable(MemoryBackend):
    """Has no ping."""

    def ping(self) -> None:
        raise Unreachable("ping")


@noticed_by("7a")
class HalfWell(MemoryBackend):
    """Has a query that does not work."""

    def probe(self) -> Iterable[Probe]:
        return [Probe("visits", "refused")]


@noticed_by("7c")
class Schemaless(MemoryBackend):
    """Has a JSON Schema that is none."""

    settings_schema: ClassVar[Mapping[str, Any]] = {"type": "objekt"}


@noticed_by("7d")
class ThreadBound(MemoryBackend):
    """Answers only the thread that opened it, as a database connection may."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._home = threading.get_ident()

    def bills(self, patient: SourceKey) -> Sequence[Bill]:
        if threading.get_ident() != self._home:
            raise RuntimeError("made in another thread")
        return super().bills(patient)


@noticed_by("7e")
class CloseOnce(MemoryBackend):
    """Gives its connections back twice."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._connections = ["one"]

    def close(self) -> None:
        self._connections.pop()
