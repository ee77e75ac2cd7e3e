"""Files without a billing system: the assigning authorities, and our own definitions."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from fhir_facade import wire
from fhir_facade.files.patient_file import FileKey, PatientFile
from fhir_facade.files.rendering import Draft, Renderer
from fhir_facade.files.resource import Resource
from fhir_facade.mappers import organization
from fhir_facade.mappers.judge import judge
from fhir_facade.mappers.scene import Scene
from fhir_facade.records import Kind
from fhir_facade.settings.model import AssigningAuthority
from fhir_facade.specification.definitions import definitions

PUBLIC = ""  # stands for the authority of what belongs to none


def own_files(
    authorities: Iterable[AssigningAuthority], renderer: Renderer, now: dt.datetime
) -> Mapping[str, PatientFile]:
    """Organizations and definitions by type."""
    scenes = [Scene(authority=each, ids=renderer.ids, base_url=renderer.base_url, now=now) for each in authorities]
    drafts = {
        "Organization": [_draft(scene.authority.id, organization.render(scene.authority, scene)) for scene in scenes]
    }
    drafts |= {type: [_draft(PUBLIC, body) for body in bodies] for type, bodies in definitions().items()}
    return {type: _file(renderer.dated(those, now), now) for type, those in drafts.items()}


def _file(resources: Iterable[Resource], now: dt.datetime) -> PatientFile:
    by_authority: dict[str, list[Resource]] = {}
    for resource in resources:
        by_authority.setdefault(resource.authority, []).append(resource)
    return PatientFile(FileKey("", Kind.PLACES), by_authority, as_of=now)


def _draft(authority: str, body: Mapping[str, Any]) -> Draft:
    ordered = {"resourceType": body["resourceType"], "id": body["id"], **body}
    judge(ordered)
    return Draft(body["resourceType"], body["id"], authority, None, wire.encode(ordered), _changed(body), body["id"])


def _changed(body: Mapping[str, Any]) -> dt.datetime | None:
    """Definitions say when they changed."""
    written = body.get("date")
    return None if written is None else dt.datetime.fromisoformat(written).replace(tzinfo=dt.UTC)
