"""A billing system that holds its records in memory: given by a program, or read from a file or the settings."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import Any, ClassVar, TypeVar, cast

import msgspec

from fhir_facade.backends.memory_posting import POSTING, MemoryPoster, Shelf
from fhir_facade.backends.port import Ability, BillingSystem, Context, Ground
from fhir_facade.backends.typed import typed
from fhir_facade.backends.verbatim import verbatim
from fhir_facade.errors import Invalid
from fhir_facade.keys import SourceKey
from fhir_facade.owner import own_number, patient_of
from fhir_facade.records import OF_KIND, Account, Bill, Kind, Payment, Person, Place, Practitioner, Record, Visit

R = TypeVar("R", bound=Record)


class MemoryBackend(BillingSystem):
    """Records in memory.  ``name`` is the billing system's name in the settings; another system's numbers are nobody's.

    The records are taken as they are: the conformance suite (``fhir_facade.testing``) judges them, ``open`` does too.
    """

    settings_schema: ClassVar[Mapping[str, Any]] = {
        "type": "object",
        "properties": {
            "file": {"type": "string", "minLength": 1, "examples": ["records.json"]},
            "records": {"type": "object", "writeOnly": True},
        },
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }
    posting_schema: ClassVar[Mapping[str, Any] | None] = POSTING
    select_keys: ClassVar[frozenset[str]] = frozenset({"*"})  # whatever keys the records' parts have
    abilities = frozenset(Ability)
    kinds = frozenset(Kind)

    def __init__(self, records: Iterable[Record] = (), *, name: str = "memory") -> None:
        self._name = name
        self._put(records)
        self._poster = MemoryPoster(Shelf(name, self._everything, self._put))

    @classmethod
    def open(cls, settings: Mapping[str, Any], context: Context) -> MemoryBackend:
        """Read ``file`` (JSON or TOML) or the inline ``records``.  Raises ``ValueError`` for what is no record."""
        key = "file" if "file" in settings else "records"
        try:
            records = _records(_read(Path(settings["file"])) if key == "file" else settings["records"])
        except (OSError, ValueError) as error:
            raise ValueError(f"settings.{key}: {error}") from error
        return cls(records, name=context.name)

    def ping(self) -> None:
        """Memory always answers."""

    def person(self, patient: SourceKey) -> Person | None:
        in_force = self._in_force.get(patient.value, patient.value)
        return next(iter(self._of(Person, SourceKey(patient.billing_system, in_force))), None)

    def bills(self, patient: SourceKey) -> Sequence[Bill]:
        return self._of(Bill, patient)

    def accounts(self, patient: SourceKey) -> Sequence[Account]:
        return self._of(Account, patient)

    def visits(self, patient: SourceKey) -> Sequence[Visit]:
        return self._of(Visit, patient)

    def payments(self, patient: SourceKey) -> Sequence[Payment]:
        return self._of(Payment, patient)

    def places(self) -> Sequence[Place]:
        return self._all(Place)

    def practitioners(self) -> Sequence[Practitioner]:
        return self._all(Practitioner)

    def scan(self, kind: Kind) -> Iterable[Record]:
        return self._all(OF_KIND[kind])

    def locate(self, kind: Kind, number: str) -> SourceKey | None:
        owners = {patient_of(record) for record in self._all(OF_KIND[kind]) if record.number == number}
        if len(owners) > 1:
            raise Invalid("Name a patient, too: two patients have this number.", code="too-costly")
        return SourceKey(self._name, owners.pop()) if owners else None

    def divisions(self) -> Mapping[str, Mapping[str, str]]:
        found: dict[str, dict[str, str]] = {}
        for record in self._everything():
            for key, value in record.parts.items():
                found.setdefault(key, {})[value] = value
        return found

    def explain(self, kind: Kind, patient: SourceKey, number: str) -> Iterable[Ground]:
        """The records are the source: each field says itself."""
        whose = {"", self._in_force.get(patient.value, patient.value)}
        for record in self._all(OF_KIND[kind]):
            if own_number(record) == number and patient_of(record) in whose and patient.billing_system == self._name:
                for field, value in msgspec.structs.asdict(record).items():
                    yield Ground(field, f"{kind.value}[].{field}", verbatim(value))

    def poster(self) -> MemoryPoster | None:
        """It tells this backend, until the process ends: for tests and trials."""
        return self._poster

    def _put(self, records: Iterable[Record]) -> None:
        """These are the records now.  Whoever is reading has read the earlier ones."""
        kept: dict[type[Record], list[Record]] = {}
        of_patient: dict[tuple[type[Record], str], list[Record]] = {}
        for record in records:
            kept.setdefault(type(record), []).append(record)
            of_patient.setdefault((type(record), patient_of(record)), []).append(record)
        self._records, self._of_patient = kept, of_patient
        self._in_force = dict(self._numbers())

    def _everything(self) -> Iterable[Record]:
        return chain.from_iterable(self._records.values())

    def _all(self, type_: type[R]) -> tuple[R, ...]:
        return cast(tuple[R, ...], tuple(self._records.get(type_, ())))

    def _of(self, type_: type[R], patient: SourceKey) -> tuple[R, ...]:
        if patient.billing_system != self._name:
            return ()
        return cast(tuple[R, ...], tuple(self._of_patient.get((type_, patient.value), ())))

    def _numbers(self) -> Iterable[tuple[str, str]]:
        """Every number of every person, with the number in force; a number in force wins over a previous one."""
        persons = self._all(Person)
        yield from ((old, person.number) for person in persons for old in person.previous)
        yield from ((person.number, person.number) for person in persons)


def _read(path: Path) -> Any:
    """A file's values; a number is taken digit by digit, never through a float."""
    text = path.read_bytes()
    if path.suffix == ".toml":
        return tomllib.loads(text.decode(), parse_float=Decimal)
    return msgspec.json.Decoder(float_hook=Decimal).decode(text)


def _records(values: Any) -> list[Record]:
    """A list for each kind, ``{"bills": [{"number": …}]}``; the items have the fields of ``fhir_facade.records``."""
    kinds = {kind.value: type_ for kind, type_ in OF_KIND.items()}
    if not isinstance(values, Mapping) or not values.keys() <= kinds.keys():
        raise ValueError(f"$: expected an object with the keys {', '.join(kinds)}")
    found: list[Record] = []
    for kind, items in values.items():
        if not isinstance(items, list | tuple):
            raise ValueError(f"$.{kind}: expected a list")  # noqa: TRY004  callers catch one class
        found += [typed(item, kinds[kind], f"$.{kind}[{index}]") for index, item in enumerate(items)]
    return found
