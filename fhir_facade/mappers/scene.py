"""What every mapper shares while one authority's records are rendered: ids, identifiers, references, money.

Parts that repeat (the assigner, a patient's reference) are made once and appear in many bodies: a body is written to
the wire or replaced at its top level, and never changed further in.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Protocol

from fhir_facade.keys import PatientKey
from fhir_facade.mappers.elements import URI_SYSTEM, Body
from fhir_facade.mappers.judge import Unrenderable
from fhir_facade.settings.model import AssigningAuthority

# the last part of an identifier system, and the key of the settings' ``identifiers`` that overrides it
SERIES: Mapping[str, str] = {
    "Invoice": "invoice",
    "Account": "account",
    "Appointment": "appointment",
    "PaymentNotice": "payment",
    "Location": "location",
    "Practitioner": "practitioner",
}


class Ids(Protocol):
    """Logical ids, ``[A-Za-z0-9.-]{1,64}``, that show nothing of whom they name."""

    def patient(self, patient: PatientKey) -> str:
        """Of the local Patient."""

    def record(self, type: str, patient: PatientKey, own: str) -> str:
        """Of a patient's record; ``own`` makes it unique among the patient's records of the type."""

    def support(self, type: str, authority: str, number: str) -> str:
        """Of a Location or a Practitioner as an authority knows it."""


def series_system(authority: AssigningAuthority, series: str, base_url: str) -> str:
    """``Identifier.system`` of a series of an authority's numbers: the settings' own, or one below ``base_url``."""
    return authority.identifiers.get(series) or f"{base_url}/identifiers/{authority.id}/{series}"


@dataclass(frozen=True)
class Scene:
    """One authority at one moment.  ``base_url`` has no trailing slash; ``now`` has an offset."""

    authority: AssigningAuthority
    ids: Ids
    base_url: str
    now: dt.datetime

    @cached_property
    def assigner(self) -> Body:
        """``Identifier.assigner`` of all that the authority issues."""
        identifier = {"system": URI_SYSTEM, "value": self.authority.system}
        return {"reference": f"Organization/{self.authority.id}", "identifier": identifier}

    @cached_property
    def organization(self) -> Body:
        """The reference to the authority as issuer, owner or recipient."""
        return self.assigner | {"display": self.authority.name}

    @cached_property
    def _systems(self) -> dict[str, str]:
        return {}

    @cached_property
    def _references(self) -> dict[tuple[str, ...], Body]:
        """The references made so far: a patient's bills name the same few people, places and accounts."""
        return {}

    def system(self, series: str) -> str:
        """The identifier system of a series of numbers, such as ``invoice``."""
        if series not in self._systems:
            self._systems[series] = series_system(self.authority, series, self.base_url)
        return self._systems[series]

    def identifier(self, type: str, number: str) -> list[Body]:
        """The source's own number of a record, unchanged, with who issued it."""
        return [{"system": self.system(SERIES[type]), "value": number, "assigner": self.assigner}]

    def patient_identifier(self, number: str) -> list[Body]:
        """A patient number, with who issued it."""
        return [{"system": self.authority.system, "value": number, "assigner": self.assigner}]

    def key(self, patient: str) -> PatientKey:
        """The pair that a patient number of this authority is."""
        return PatientKey(self.authority.id, patient)

    def id(self, type: str, patient: str, own: str) -> str:
        """The logical id of a patient's record."""
        return self.ids.record(type, PatientKey(self.authority.id, patient), own)

    def patient(self, number: str) -> Body:
        """The reference to a local Patient; carries the number, never a name."""
        known = self._references.get((number,))
        if known is None:
            reference = f"Patient/{self.ids.patient(self.key(number))}"
            known = self._references[(number,)] = self._refer(reference, self.authority.system, number)
        return known

    def reference(self, type: str, patient: str, number: str) -> Body:
        """The reference to a record of a patient's, by its number."""
        known = self._references.get((type, patient, number))
        if known is None:
            reference = f"{type}/{self.id(type, patient, number)}"
            known = self._refer(reference, self.system(SERIES[type]), number)
            self._references[type, patient, number] = known
        return known

    def support(self, type: str, number: str) -> Body:
        """The reference to a Location or a Practitioner."""
        known = self._references.get((type, number))
        if known is None:
            id = self.ids.support(type, self.authority.id, number)
            known = self._references[type, number] = self._refer(f"{type}/{id}", self.system(SERIES[type]), number)
        return known

    @staticmethod
    def _refer(reference: str, system: str, number: str) -> Body:
        return {"reference": reference, "identifier": {"system": system, "value": number}}

    def money(self, amount: Decimal, currency: str) -> Body:
        """Money, exact; the authority's currency where the record names none.  A float or NaN is refused."""
        if not isinstance(amount, Decimal) or not amount.is_finite():
            raise Unrenderable("Money", "value")
        return {"value": amount, "currency": currency or self.authority.currency}
