"""The backend port: what a billing system must answer for the facade to speak FHIR in front of it.

The rule: **too much is filtered, too little is a bug, and the patient is exact.**  A method answers with *all* the
records of one kind that the billing system has for one patient, and with nobody else's.  The facade filters, sorts,
counts and pages.  A failure is a ``SourceError`` (``fhir_facade.errors``), never an empty answer.
"""

from __future__ import annotations

import datetime as dt
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar, Protocol

from fhir_facade.backends.posting import Poster
from fhir_facade.backends.probe import Probe as Probe
from fhir_facade.clock import utcnow
from fhir_facade.events import Event
from fhir_facade.keys import SourceKey
from fhir_facade.records import Account, Bill, Kind, Payment, Person, Place, Practitioner, Record, Visit


class SharedStore(Protocol):
    """A small store that all processes and machines of a site share.  A backend puts no patient's records there."""

    def get(self, key: str) -> bytes | None:
        """The live value, or None."""

    def put(self, key: str, value: bytes, seconds: float) -> None:
        """Keep ``value`` for ``seconds``."""

    def add(self, key: str, amount: int, seconds: float) -> int:
        """Add to a counter and return its new value; a new counter starts at 0 and lives ``seconds``."""

    def lock(self, key: str, seconds: float) -> AbstractContextManager[None]:
        """One holder at a time among all processes; a holder that dies loses it after ``seconds``."""


class EventLog(Protocol):
    """Where a backend tells what happened: a code of the catalogue and facts, never a person."""

    def __call__(self, code: Event, **facts: str | int | float) -> None: ...


def unheard(code: Event, **facts: str | int | float) -> None:
    """An event log that nobody reads, for backends that are used on their own."""


@dataclass(frozen=True)
class Context:
    """What the house lends a backend when it opens it.  ``name`` is the billing system's name in the settings."""

    name: str
    store: SharedStore
    now: Callable[[], dt.datetime] = utcnow
    event: EventLog = unheard


class Ability(str, Enum):
    """What not every billing system can do; what a backend does not declare is refused by name."""

    SCAN = "scan"  # list all records of a kind, without a patient
    LOCATE_BILLS = "locate-bills"  # find the patient of a bill by the bill's number
    LOCATE_ACCOUNTS = "locate-accounts"
    LOCATE_VISITS = "locate-visits"
    LOCATE_PAYMENTS = "locate-payments"


LOCATES: Mapping[Kind, Ability] = {
    Kind.BILLS: Ability.LOCATE_BILLS,
    Kind.ACCOUNTS: Ability.LOCATE_ACCOUNTS,
    Kind.VISITS: Ability.LOCATE_VISITS,
    Kind.PAYMENTS: Ability.LOCATE_PAYMENTS,
}
"""The ability that ``locate`` needs for each kind it can be asked for."""


@dataclass(frozen=True)
class Ground:
    """Why a record's field is what it is: a field of the source's own, and what it said.  For operators only."""

    field: str  # of the record: "state", "due", "collectable"
    source: str  # the source's own name for it, a JSON path or a column
    said: str


class BillingSystem(ABC):
    """A billing system.  ``person`` and ``bills`` are required; what else it has, it overrides.

    ``settings_schema`` is the JSON Schema of the ``settings`` table in ``facade.toml``; ``select_keys`` are the keys
    that an authority's ``select`` may use, each a key of the records' ``parts``.  ``posting_schema`` is the JSON Schema
    of an authority's ``posting`` table; None where the billing system cannot be told of payments.
    """

    settings_schema: ClassVar[Mapping[str, Any]] = {"type": "object"}
    posting_schema: ClassVar[Mapping[str, Any] | None] = None
    select_keys: ClassVar[frozenset[str]] = frozenset()
    one_number_is_one_person: ClassVar[bool] = False  # at all the authorities that share the billing system
    abilities: frozenset[Ability] = frozenset()
    kinds: frozenset[Kind] = frozenset({Kind.PERSONS, Kind.BILLS})

    @classmethod
    @abstractmethod
    def open(cls, settings: Mapping[str, Any], context: Context) -> BillingSystem:
        """Open with the site's settings, already judged by ``settings_schema``.  Makes no call that can hang."""

    @abstractmethod
    def ping(self) -> None:
        """Return if the billing system answers; raise a ``SourceError`` if not.  Cheap, and touches no patient."""

    @abstractmethod
    def person(self, patient: SourceKey) -> Person | None:
        """The patient, or None when the billing system says that there is none (restricted ones are none, too).

        A number that was merged into another answers with the person under the number in force.
        """

    @abstractmethod
    def bills(self, patient: SourceKey) -> Sequence[Bill]:
        """All of the patient's bills, in any order.  No such patient: none."""

    def accounts(self, patient: SourceKey) -> Sequence[Account]:
        """The patient's accounts, one for each financial group."""
        return ()

    def visits(self, patient: SourceKey) -> Sequence[Visit]:
        """All of the patient's appointments: past, future and cancelled."""
        return ()

    def payments(self, patient: SourceKey) -> Sequence[Payment]:
        """All of the patient's own payments."""
        return ()

    def places(self) -> Sequence[Place]:
        """Every place that a record names."""
        return ()

    def practitioners(self) -> Sequence[Practitioner]:
        """Every practitioner that a record names."""
        return ()

    def scan(self, kind: Kind) -> Iterable[Record]:
        """All records of a kind (``Ability.SCAN``)."""
        raise NotImplementedError(kind)

    def locate(self, kind: Kind, number: str) -> SourceKey | None:
        """The patient of the record with this number (``Ability.LOCATE_*``), or None."""
        raise NotImplementedError(kind)

    def divisions(self) -> Mapping[str, Mapping[str, str]]:
        """Every value that a select key can take, with its name: ``{"provider_group": {"1": "Riverside"}}``."""
        return {}

    def probe(self) -> Iterable[Probe]:
        """Try everything the backend will need, without touching a patient, for ``check`` and ``doctor``."""
        self.ping()
        yield Probe("ping", "ok")

    def explain(self, kind: Kind, patient: SourceKey, number: str) -> Iterable[Ground]:
        """What the source says that made the record with this number what it is, for ``fhir-facade explain``."""
        return ()

    def poster(self) -> Poster | None:
        """Who tells the billing system of payments; None where that cannot be done."""
        return None

    def close(self) -> None:
        """Give back connections, the poster's too."""
        return
