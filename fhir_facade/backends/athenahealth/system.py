"""The athenahealth backend: the port's questions, asked of one practice."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from fhir_facade.backends.athenahealth.answers import NoSuchRecord, SiteFault
from fhir_facade.backends.athenahealth.asking import Asking
from fhir_facade.backends.athenahealth.client import Client
from fhir_facade.backends.athenahealth.configuration import SCHEMA, Configuration, configure
from fhir_facade.backends.athenahealth.directory import Directory
from fhir_facade.backends.athenahealth.endpoints import APPOINTMENT, CLAIM
from fhir_facade.backends.athenahealth.fitting import fits
from fhir_facade.backends.athenahealth.pool import Pool
from fhir_facade.backends.athenahealth.poster import Telling
from fhir_facade.backends.athenahealth.probing import probes
from fhir_facade.backends.athenahealth.reading import Reading
from fhir_facade.backends.athenahealth.scalars import text
from fhir_facade.backends.athenahealth.ways import POSTING_SCHEMA, takes
from fhir_facade.backends.port import Ability, BillingSystem, Context, Ground, Probe
from fhir_facade.backends.posting import Poster, Posting, Told
from fhir_facade.keys import SourceKey
from fhir_facade.records import Account, Bill, Kind, Payment, Person, Place, Practitioner, Visit

MOST_THREADS = 256
_NUMBER = re.compile(r"[1-9][0-9]{0,17}")  # what is none was never issued, and must not get into a path
_ACCOUNT = re.compile(rf"({_NUMBER.pattern})-[0-9]+")


class AthenaHealth(BillingSystem, Poster):
    """One practice.  ``parts`` of records: ``provider_group`` and ``departments``; accounts have the first alone."""

    settings_schema = SCHEMA
    posting_schema = POSTING_SCHEMA
    select_keys = frozenset({"provider_group", "departments"})
    one_number_is_one_person = True  # production-rules.md A3
    abilities = frozenset({Ability.LOCATE_BILLS, Ability.LOCATE_ACCOUNTS, Ability.LOCATE_VISITS})
    kinds = frozenset(Kind)

    def __init__(self, configuration: Configuration, context: Context, client: Client | None = None) -> None:
        self._name = context.name
        self._client = client or Client(configuration, context)
        self._directory = Directory(self._client)
        self._pool = Pool(min(MOST_THREADS, configuration.calls_in_flight))
        asking = Asking(configuration, self._client, self._directory, self._pool)
        self._practice = configuration.practice
        posting = self._client.for_posting()
        self._telling = Telling(configuration, posting, Asking(configuration, posting, self._directory, self._pool))
        self._reading = Reading(asking, self._client, configuration.clean_is_collectable)
        if configuration.patient_number != "practice":
            self.abilities = frozenset()  # whether a claim names its patient by the authority's number is not known

    @classmethod
    def open(cls, settings: Mapping[str, Any], context: Context) -> AthenaHealth:
        return cls(configure(settings), context)

    def ping(self) -> None:
        self._client.ping(self._client.deadline())

    def person(self, patient: SourceKey) -> Person | None:
        return self._reading.person(patient.value) if self._knows(patient) else None

    def bills(self, patient: SourceKey) -> Sequence[Bill]:
        return self._reading.bills(patient.value) if self._knows(patient) else ()

    def accounts(self, patient: SourceKey) -> Sequence[Account]:
        return self._reading.accounts(patient.value) if self._knows(patient) else ()

    def visits(self, patient: SourceKey) -> Sequence[Visit]:
        return self._reading.visits(patient.value) if self._knows(patient) else ()

    def payments(self, patient: SourceKey) -> Sequence[Payment]:
        return self._reading.payments(patient.value) if self._knows(patient) else ()

    def places(self) -> Sequence[Place]:
        return [each.place for each in self._directory.departments(self._client.deadline()).values()]

    def practitioners(self) -> Sequence[Practitioner]:
        return list(self._directory.practitioners(self._client.deadline()).values())

    def locate(self, kind: Kind, number: str) -> SourceKey | None:
        """By ``/claims/{id}`` and ``/appointments/{id}`` (nobody where the latter is not enabled); accounts by name."""
        if kind is Kind.ACCOUNTS:
            account = _ACCOUNT.fullmatch(number)
            return SourceKey(self._name, account[1]) if account else None
        endpoint = {Kind.BILLS: CLAIM, Kind.VISITS: APPOINTMENT}[kind]
        if not _NUMBER.fullmatch(number):
            return None
        query = {"confidentialitycode": "N"} if endpoint is APPOINTMENT else None
        try:
            found = self._client.get(endpoint, self._client.deadline(), number, query)
        except NoSuchRecord:
            return None
        except SiteFault:
            if endpoint.optional:
                return None
            raise
        return self._owner(found)

    def divisions(self) -> Mapping[str, Mapping[str, str]]:
        departments = self._directory.departments(self._client.deadline()).values()
        return {
            "provider_group": {each.group: each.group_name for each in departments if each.group},
            "departments": {each.place.number: each.place.name for each in departments},
        }

    def probe(self) -> Iterable[Probe]:
        return probes(self._client, self._directory)

    def explain(self, kind: Kind, patient: SourceKey, number: str) -> Iterable[Ground]:
        return self._reading.explain(kind, patient.value, number) if self._knows(patient) else ()

    def snapshot(self, posting: Posting) -> Mapping[str, Any]:
        return self._telling.snapshot(posting) if self._knows(posting.patient) else self._telling.nobody(posting)

    def tell(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        return self._telling.tell(posting, snapshot)

    def found(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        return self._telling.found(posting, snapshot)

    def fits(self, posting: Mapping[str, Any]) -> Iterable[Probe]:
        return fits(posting, self._client, self._directory)

    def takes(self, posting: Mapping[str, Any], tender: str, brand: str = "") -> bool:
        return takes(posting, tender, brand)

    def lock_key(self, patient: SourceKey) -> str:
        """By the practice: several registrations may share it."""
        return f"athenahealth/{self._practice}/posting/{patient.value}"

    def close(self) -> None:
        self._pool.close()
        self._client.close()

    def _knows(self, patient: SourceKey) -> bool:
        """Whether the number is one that this practice may have issued."""
        return patient.billing_system == self._name and _NUMBER.fullmatch(patient.value) is not None

    def _owner(self, found: Any) -> SourceKey | None:
        """Whose a claim (an object) or an appointment (in an array; an open slot is nobody's) is."""
        rows = found if isinstance(found, list) else [found]
        number = text(rows[0].get("patientid")) if rows else ""
        return SourceKey(self._name, number) if _NUMBER.fullmatch(number) else None
