"""Files without a billing system: the assigning authorities, and our own definitions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from fhir_facade import wire
from fhir_facade.files.patient_file import FileKey, PatientFile
from fhir_facade.files.rendering import Draft, Renderer
from fhir_facade.mappers import organization
from fhir_facade.mappers.judge import judge
from fhir_facade.records import Kind
from fhir_facade.settings.model import AssigningAuthority
from fhir_facade.specification.definitions import definitions

PUBLIC = ""  # stands for the authority of what belongs to none
_NOWHERE = FileKey("", Kind.PLACES)  # no billing system has it, so nothing is looked up by it


def own_files(
    authorities: Iterable[AssigningAuthority], renderer: Renderer, now: dt.datetime
) -> Mapping[str, PatientFile]:
    """Organizations and definitions by type."""
    drafts = {organization.TYPE: [_draft(each.id, organization.render(each)) for each in authorities]}
    drafts |= {type: [_draft(PUBLIC, body) for body in bodies] for type, bodies in definitions().items()}
    return {type: PatientFile(_NOWHERE, renderer.dated(those, now), as_of=now) for type, those in drafts.items()}


def _draft(authority: str, body: Mapping[str, Any]) -> Draft:
    ordered = {"resourceType": body["resourceType"], "id": body["id"], **body}
    judge(ordered)
    return Draft(
        body["resourceType"], body["id"], authority, None, wire.encode(ordered), _changed(body), body["id"], {}
    )


def _changed(body: Mapping[str, Any]) -> dt.datetime | None:
    """Definitions say when they changed."""
    written = body.get("date")
    return None if written is None else dt.datetime.fromisoformat(written).replace(tzinfo=dt.UTC)
