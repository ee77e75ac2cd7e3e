"""The practice's departments and providers: kept for hours; a record names no other (reference 8.5)."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from fhir_facade.backends import local_time
from fhir_facade.backends.athenahealth import times
from fhir_facade.backends.athenahealth.answers import SiteFault
from fhir_facade.backends.athenahealth.client import Client
from fhir_facade.backends.athenahealth.deadline import Deadline
from fhir_facade.backends.athenahealth.endpoints import DEPARTMENTS, PROVIDERS
from fhir_facade.backends.athenahealth.kept import Kept
from fhir_facade.backends.athenahealth.scalars import text, truth
from fhir_facade.errors import SourceError, UnexpectedShape
from fhir_facade.records import Address, Place, Practitioner

LIFE = 6 * 3600.0
LIFE_WHILE_OFF = 600.0  # of an empty list of providers, where the endpoint is not enabled
NAMING_SECONDS = 2.0  # that a patient's records wait for the providers' names
NAMELESS_FOR = 30.0  # seconds in which they do not ask again


@dataclass(frozen=True)
class Department:
    """A department as a place, its provider group, and its time zone's name; not all change their clocks.

    ``row`` is what was said of it.
    """

    place: Place
    group: str
    group_name: str
    zone_name: str
    saves_daylight: bool = True
    row: Mapping[str, Any] = field(default_factory=dict, repr=False)

    def zone(self) -> dt.tzinfo:
        """Its time zone; an unknown one is a fault of the site's data (``UnexpectedShape``)."""
        try:
            zone = local_time.zone(self.zone_name)
        except ValueError:
            raise UnexpectedShape("$.departments[*].timezonename", "a time zone") from None
        return zone if self.saves_daylight else times.without_saving(zone)


@dataclass(frozen=True)
class Names:
    """Departments and practitioners by number, as far as they are listed."""

    departments: Mapping[str, Department]
    practitioners: Mapping[str, Practitioner]

    def place(self, number: str) -> str:
        """The number of a listed place, else nothing."""
        return number if number in self.departments else ""

    def practitioner(self, *numbers: str) -> str:
        """The first of the numbers that is a listed practitioner's, else nothing."""
        return next((number for number in numbers if number in self.practitioners), "")

    def parts(self, department: str, group: str = "") -> dict[str, str]:
        """The part of the practice that a record of this department belongs to."""
        known = self.departments.get(department)
        said = {"provider_group": group or (known.group if known else ""), "departments": department}
        return {key: value for key, value in said.items() if value}


class Directory:
    """Departments and providers, read once for everybody."""

    def __init__(self, client: Client, clock: Callable[[], float] = time.monotonic) -> None:
        self._client, self._clock = client, clock
        self._departments = Kept(self._read_departments, clock)
        self._providers = Kept(self._read_providers, clock)
        self._nameless_until = 0.0

    def departments(self, deadline: Deadline) -> Mapping[str, Department]:
        """All departments, those hidden in the portal too, by number."""
        return self._departments.get(deadline)

    def practitioners(self, deadline: Deadline) -> Mapping[str, Practitioner]:
        """All providers by number; none where the endpoint is not enabled."""
        return self._providers.get(deadline)

    def names(self, deadline: Deadline) -> Names:
        """What records may name.  Without departments there is no answer; without providers records name none."""
        return Names(self.departments(deadline), self._practitioners_if_any(deadline))

    def _practitioners_if_any(self, deadline: Deadline) -> Mapping[str, Practitioner]:
        if self._clock() < self._nameless_until:
            return {}
        try:
            return self._providers.get(deadline.within(NAMING_SECONDS))
        except SourceError:
            self._nameless_until = self._clock() + NAMELESS_FOR
            return {}

    def _read_departments(self, deadline: Deadline) -> tuple[Mapping[str, Department], float]:
        rows = self._client.rows(DEPARTMENTS, deadline, query={"showalldepartments": "true"})
        found = [department(row) for row in rows]
        return {each.place.number: each for each in found}, LIFE

    def _read_providers(self, deadline: Deadline) -> tuple[Mapping[str, Practitioner], float]:
        try:
            rows = self._client.rows(PROVIDERS, deadline)
        except SiteFault:
            return {}, LIFE_WHILE_OFF
        practitioners = [_practitioner(row) for row in rows]
        return {each.number: each for each in practitioners}, LIFE


def department(row: Mapping[str, Any]) -> Department:
    """A row of ``/departments``."""
    number, group = text(row["departmentid"]), text(row.get("providergroupid"))
    parts = {"provider_group": group, "departments": number} if group else {"departments": number}
    place = Place(
        number=number,
        parts=parts,
        name=text(row.get("patientdepartmentname")) or text(row.get("name")) or number,
        phone=text(row.get("phone")),
        address=address(row, "address", "address2"),
    )
    return Department(
        place,
        group,
        group_name=text(row.get("providergroupname")),
        zone_name=text(row.get("timezonename")),
        saves_daylight=truth(row.get("doesnotobservedst")) is not True,
        row=row,
    )


def _practitioner(row: Mapping[str, Any]) -> Practitioner:
    first = text(row.get("firstname"))
    return Practitioner(
        number=text(row["providerid"]),
        name=text(row.get("displayname")),
        family=text(row.get("lastname")),
        given=(first,) if first else (),
        npi=text(row.get("npi")),
    )


def address(row: Mapping[str, Any], *lines: str) -> Address | None:
    """A US postal address; None where nothing of it is said."""
    found = Address(
        lines=tuple(said for line in lines if (said := text(row.get(line)))),
        city=text(row.get("city")),
        state=text(row.get("state")),
        postal_code=text(row.get("zip")),
        country=text(row.get("countrycode3166")) or text(row.get("countrycode")),
    )
    return None if found == Address() else found
