"""What a file leaves out when it cannot vouch for it, and that it says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from itertools import count

from fhir_facade.events import Event
from fhir_facade.files.patient_file import FileKey
from fhir_facade.files.rendering import Renderer
from fhir_facade.keys import PatientKey
from fhir_facade.records import Bill, BillState, Kind
from fhir_facade.settings.model import AssigningAuthority, Bills
from tests.mappers.cases import OpenIds
from tests.people import NOW

RIVERSIDE = AssigningAuthority("riverside", "Riverside", "urn:oid:1.2", "practice", bills=Bills(view=True))
BILLS = [Bill(number="9301", patient="1001", state=BillState.OWED)]


class Wandering(OpenIds):
    """Names a patient differently each time, as a mapper would that took somebody else's number."""

    def __init__(self) -> None:
        self._count = count()

    def patient(self, patient: PatientKey) -> str:
        return f"{super().patient(patient)}.{next(self._count)}"


class AlwaysNow:
    """Has seen nothing before."""

    def first_seen(self, items: Sequence[tuple[bytes, bytes]], now: dt.datetime) -> Sequence[dt.datetime]:
        return [now] * len(items)


def test_a_resource_that_names_another_patient_than_its_record_is_not_shown() -> None:
    heard: list[Event] = []
    key = FileKey("practice", Kind.BILLS, "1001")
    for ids, shown in ((OpenIds(), 1), (Wandering(), 0)):
        renderer = Renderer(ids, "http://127.0.0.1/fhir", AlwaysNow(), lambda code, **_: heard.append(code))
        file = renderer.file(key, BILLS, [RIVERSIDE], as_of=NOW)
        assert len(file.by_id) == shown
        assert file.unrenderable == (frozenset() if shown else {"riverside"})
    assert heard == [Event.RECORD_UNRENDERABLE]
