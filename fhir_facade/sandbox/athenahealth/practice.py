"""A practice: its provider groups, departments, providers and patients, built by hand with the ``add_`` methods."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from fhir_facade.sandbox.athenahealth.bills import Amount, Claim
from fhir_facade.sandbox.athenahealth.patients import Patient
from fhir_facade.sandbox.athenahealth.receipts import Receipt
from fhir_facade.sandbox.athenahealth.till import Till
from fhir_facade.sandbox.athenahealth.visits import Visit

Number = str | int


@dataclass
class Department:
    """A department (reference 8.5).  ``zone`` is its ``timezonename``; ``hidden`` from the portal."""

    number: str
    name: str = "Main Street"
    group: str = "1"
    zone: str | None = "US/Eastern"
    observes_dst: bool = True
    hidden: bool = False
    address: str | None = None
    city: str | None = None
    state: str | None = None
    zip: str | None = None
    phone: str | None = None
    takes_cards: bool = True


@dataclass
class Provider:
    """A provider (reference 8.5).  ``npi`` and ``display`` are often missing."""

    number: str
    first: str = "Dana"
    last: str = "Doctor"
    display: str | None = None
    npi: str | None = None
    specialty: str | None = None
    type: str | None = "MD"
    groups: tuple[str, ...] = ("1",)


@dataclass
class Practice:
    """A practice and its switches.

    ``groups``: name by provider group id.  ``proper_json``: the practice's setting ``properjsonencoding``; off, the
    scalars come mixed as recorded.  ``not_enabled``: templates that answer "not enabled in production".
    ``receipts_by_department``: whether ``departmentid`` filters receipts (undocumented).  ``restrict_everywhere``:
    whether restricted patients are hidden on every patient endpoint (inferred) or only where parameters about it are
    documented.  ``authorized``: whether the client may use the practice.  ``vendors``: payment methods by the code of a
    patient pay vendor.  ``assigns_copays``: whether a recorded copay counts for its appointment, or for none.
    """

    number: str
    name: str = "athenahealth MDP Sandbox"
    groups: dict[str, str] = field(default_factory=lambda: {"1": "athenahealth MDP Sandbox"})
    proper_json: bool = False
    not_enabled: set[str] = field(default_factory=set)
    receipts_by_department: bool = False
    restrict_everywhere: bool = True
    authorized: bool = True
    departments: dict[str, Department] = field(default_factory=dict)
    providers: dict[str, Provider] = field(default_factory=dict)
    patients: dict[str, Patient] = field(default_factory=dict)
    claims: dict[str, Claim] = field(default_factory=dict)
    visits: dict[str, Visit] = field(default_factory=dict)
    merged: dict[str, str] = field(default_factory=dict)
    vendors: dict[str, Mapping[str, str]] = field(default_factory=dict)
    assigns_copays: bool = True
    till: Till = field(default_factory=Till)
    card_methods: Mapping[str, str] = field(
        default_factory=lambda: {
            "AMEX": "American Express",
            "MC/VISA": "MasterCard and Visa",
            "DISCOVER": "Discover",
            "DEBIT": "Debit Card",
            "OTHER": "Other",
        }
    )

    def add_department(self, number: Number, name: str = "Main Street", **fields: Any) -> Department:
        """Add a department; ``fields`` are those of ``Department``."""
        department = Department(str(number), name, **fields)
        self.departments[department.number] = department
        return department

    def add_provider(self, number: Number, **fields: Any) -> Provider:
        """Add a provider; ``fields`` are those of ``Provider``."""
        provider = Provider(str(number), **fields)
        self.providers[provider.number] = provider
        return provider

    def add_patient(self, number: Number, **fields: Any) -> Patient:
        """Add a patient; ``fields`` are those of ``Patient``."""
        patient = Patient(str(number), **fields)
        self.patients[patient.number] = patient
        return patient

    def add_claim(
        self, patient: Number, number: Number, amount: Amount, patient_balance: Amount = 0, **fields: Any
    ) -> Claim:
        """Add a claim of a patient; ``fields`` are those of ``Claim``.  Without charges it gets one of the amount."""
        claim = Claim(str(number), str(patient), amount, patient_balance, **fields)
        self.patients[claim.patient].claims.append(claim)
        self.claims[claim.number] = claim
        return claim

    def add_visit(self, patient: Number | None, number: Number, **fields: Any) -> Visit:
        """Add an appointment (``patient`` None: an open slot); ``fields`` are those of ``Visit``."""
        visit = Visit(str(number), None if patient is None else str(patient), **fields)
        if visit.patient is not None:
            self.patients[visit.patient].visits.append(visit)
        self.visits[visit.number] = visit
        return visit

    def add_receipt(self, patient: Number, number: Number, amount: Amount, **fields: Any) -> Receipt:
        """Add a receipt of a patient; ``fields`` are those of ``Receipt``."""
        receipt = Receipt(str(number), str(patient), amount, **fields)
        self.patients[receipt.patient].receipts.append(receipt)
        return receipt

    def remove_claim(self, number: Number) -> None:
        """Take a claim away: it is gone from every answer."""
        claim = self.claims.pop(str(number))
        self.patients[claim.patient].claims.remove(claim)

    def merge(self, old: Number, into: Number) -> None:
        """Merge a patient into another: the old number answers with the new patient from now on."""
        gone, kept = self.patients.pop(str(old)), self.patients[str(into)]
        kept.previous += [gone.number, *gone.previous]
        for number in (gone.number, *gone.previous):
            self.merged[number] = kept.number
        moved: list[Claim | Visit | Receipt] = [*gone.claims, *gone.visits, *gone.receipts]
        for record in moved:
            record.patient = kept.number
        kept.claims += gone.claims
        kept.visits += gone.visits
        kept.receipts += gone.receipts

    def find(self, number: str, department: str | None = None) -> Patient | None:
        """The patient who answers to a number: merged ones included, and local ones of the department's group."""
        known = self.patients.get(self.merged.get(number, number))
        if known is None and department is not None:
            group = self.group_of(department)
            known = next((each for each in self.patients.values() if each.local.get(group) == number), None)
        return known

    def group_of(self, department: str) -> str:
        """The provider group of a department; an unknown department belongs to the first group."""
        known = self.departments.get(department)
        return known.group if known else next(iter(self.groups))
