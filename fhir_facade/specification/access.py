"""Whose a record is, and which search parameters say so: ``capability/access.json``."""

from __future__ import annotations

from functools import cache

import msgspec

from fhir_facade.specification.files import document


class Access(msgspec.Struct, frozen=True, kw_only=True):
    """The access rule of one type.

    ``patient`` is the FHIRPath of the patient that a resource belongs to: where it leads elsewhere, the resource is not
    shown.  It is empty for types that belong to nobody (organizations, places, practitioners).  ``named_by`` are
    reference parameters that name the patient, ``through`` those that name another record of the patient's,
    ``authority`` those that name the assigning authority.  ``referenced_by``: a caller who is bound to patients sees a
    resource of this type where a record that they see refers to it, by these types' reference parameters.
    ``confined``: nobody else sees any.
    """

    patient: str = ""
    named_by: tuple[str, ...] = ()
    through: tuple[str, ...] = ()
    authority: tuple[str, ...] = ()
    referenced_by: dict[str, tuple[str, ...]] = {}
    confined: bool = False

    @property
    def personal(self) -> bool:
        return bool(self.patient)


@cache
def rules() -> dict[str, Access]:
    """The access rule of every type."""
    return msgspec.convert(document("access.json"), dict[str, Access])


@cache
def personal_types() -> tuple[str, ...]:
    """The types whose records belong to a patient."""
    return tuple(name for name, rule in rules().items() if rule.personal)
