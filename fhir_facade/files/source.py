"""One enabled billing system as the files room uses it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from fhir_facade.audit.entry import AnyKind
from fhir_facade.backends.port import LOCATES, Ability, BillingSystem
from fhir_facade.backends.posting import Poster
from fhir_facade.files.origin import Origin
from fhir_facade.keys import SourceKey
from fhir_facade.records import Kind, Record
from fhir_facade.settings.model import AssigningAuthority, BillingSystemSettings

# Seconds of life by kind (production-rules.md D).
LIFE: Mapping[AnyKind, float] = {
    Kind.PERSONS: 60,
    Kind.BILLS: 60,
    Kind.ACCOUNTS: 60,
    Kind.VISITS: 60,
    Kind.PAYMENTS: 300,
    Kind.PLACES: 86_400,
    Kind.PRACTITIONERS: 86_400,
}
REFERENCE_DATA = frozenset({Kind.PLACES, Kind.PRACTITIONERS})


class Source(Origin):
    """A billing system in use."""

    def __init__(
        self, settings: BillingSystemSettings, backend: BillingSystem, authorities: Iterable[AssigningAuthority]
    ) -> None:
        super().__init__(settings, authorities)
        paid = any({"bills.pay", "prepay"} & authority.switches() for authority in self.authorities)
        self.backend, self.kinds = backend, backend.kinds | ({Kind.PAYMENTS} if paid else frozenset())
        self.tells = isinstance(backend, Poster)
        self.one_number_is_one_person = backend.one_number_is_one_person

    def life(self, kind: AnyKind) -> float:
        return self.settings.life.get(kind.value, LIFE[kind])

    def fetch(self, kind: AnyKind, patient: str) -> Iterable[Record]:
        if kind is Kind.PLACES:
            return self.backend.places()
        if kind is Kind.PRACTITIONERS:
            return self.backend.practitioners()
        if kind not in self.backend.kinds:  # the ledger alone has any
            return ()
        if not patient:
            return self.backend.scan(Kind(kind))
        if kind is Kind.PERSONS:
            person = self.backend.person(SourceKey(self.name, patient))
            return () if person is None else (person,)
        return self._of_patient(kind)(SourceKey(self.name, patient))

    def _of_patient(self, kind: AnyKind) -> Callable[[SourceKey], Iterable[Record]]:
        methods: Mapping[AnyKind, Callable[[SourceKey], Iterable[Record]]] = {
            Kind.BILLS: self.backend.bills,
            Kind.ACCOUNTS: self.backend.accounts,
            Kind.VISITS: self.backend.visits,
            Kind.PAYMENTS: self.backend.payments,
        }
        return methods[kind]

    def in_force(self, patient: str) -> str:
        person = self.backend.person(SourceKey(self.name, patient))
        return patient if person is None else person.number

    def scans(self) -> bool:
        return Ability.SCAN in self.backend.abilities

    def locates(self, kind: AnyKind) -> bool:
        return LOCATES.get(Kind(kind)) in self.backend.abilities

    def locate(self, kind: AnyKind, number: str) -> str | None:
        key = self.backend.locate(Kind(kind), number)
        return None if key is None else key.value

    def close(self) -> None:
        super().close()
        self.backend.close()
