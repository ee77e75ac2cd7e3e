"""One patient's file of one kind: its resources by authority and by id, and when the source was asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from fhir_facade.audit.entry import AnyKind
from fhir_facade.files.resource import Resource

_RESOURCE_OVERHEAD = 1_500  # bytes of Python objects and index values beside a resource's own bytes, measured


class FileKey(NamedTuple):
    """Which file: ``patient`` is the billing system's own number; empty for reference data and for whole scans."""

    billing_system: str
    kind: AnyKind
    patient: str = ""


class PatientFile:
    """What a billing system answered, rendered for each of its authorities.

    ``as_of``: when the source was asked.  ``unrenderable``: authorities of which a record could not be rendered.
    ``number``: the patient's number in force, which differs from the number asked for after a merge.  ``answers`` are
    searches that found all they look for here, with what they found, in their order; ``page`` is the search that was
    answered last from this file alone, with its answer.
    """

    __slots__ = ("answers", "as_of", "by_authority", "by_id", "key", "number", "page", "unrenderable", "weight")

    def __init__(
        self,
        key: FileKey,
        resources: Iterable[Resource],
        *,
        as_of: dt.datetime,
        number: str = "",
        unrenderable: frozenset[str] = frozenset(),
    ) -> None:
        self.key, self.as_of, self.unrenderable = key, as_of, unrenderable
        self.number = number or key.patient
        self.by_authority: dict[str, list[Resource]] = {}
        self.by_id: dict[str, Resource] = {}
        for resource in resources:
            self.by_authority.setdefault(resource.authority, []).append(resource)
            self.by_id[resource.id] = resource
        self.answers: dict[object, Sequence[Resource]] = {}
        self.page: tuple[object, Any] = (None, None)
        # Twice the bytes: a page holds them again.
        self.weight = 500 + sum(2 * len(r.raw) + _RESOURCE_OVERHEAD for r in self.by_id.values())
