"""What is asked of athenahealth about one patient, and whose it is that comes back (production rule B1).

Bills take two calls at once, accounts one, visits one and its pages, payments the patient and their receipts.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from functools import partial

from cachetools import LRUCache

from fhir_facade.backends.athenahealth import payments, persons
from fhir_facade.backends.athenahealth.answers import NoSuchRecord, SiteFault
from fhir_facade.backends.athenahealth.claims import claim_balances, own_claims
from fhir_facade.backends.athenahealth.client import Client, Query
from fhir_facade.backends.athenahealth.configuration import Configuration
from fhir_facade.backends.athenahealth.deadline import Deadline
from fhir_facade.backends.athenahealth.directory import Department, Directory, Names
from fhir_facade.backends.athenahealth.endpoints import APPOINTMENT, CLAIMS, PATIENT, PATIENTS_APPOINTMENTS, RECEIPTS
from fhir_facade.backends.athenahealth.persons import Chart, Row
from fhir_facade.backends.athenahealth.pool import Pool
from fhir_facade.backends.athenahealth.scalars import text

BALANCES = {"showbalancedetails": "true", "showallclaims": "true"}
MERGES = {"showpreviouspatientids": "true"}
ALL_VISITS = {"showpast": "true", "showcancelled": "true", "showcopay": "true"}
MOST_DEPARTMENTS, AT_ONCE = 10, 4
REMEMBERED_MERGES = 10_000


class Asking:
    """Asks for a patient's rows, and answers None where there is nobody whom a patient may be shown.

    ``number`` is digits, as asked for; a merged one answers for the one in force.
    """

    def __init__(self, configuration: Configuration, client: Client, directory: Directory, pool: Pool) -> None:
        self._configuration, self._client = configuration, client
        self._directory, self._pool = directory, pool
        department, kind = configuration.department, configuration.patient_number
        self._copy: Query = {"departmentid": department} if department else {}
        self._local: Query = {} if kind == "practice" else {"showlocalpatientid": "true"}
        self._merged: LRUCache[str, str] = LRUCache(REMEMBERED_MERGES)
        self._merging = threading.Lock()

    def person(self, number: str) -> tuple[Chart, str] | None:
        """The chart with what was merged into it, and the number asked for."""
        chart = self._chart(number, self._client.deadline(), MERGES)
        return None if chart is None else (chart, number)

    def bills(self, number: str) -> tuple[Chart, Mapping[str, Row], Names] | None:
        """The chart with balances, and the patient's rows of ``/claims`` by number: asked for at once."""
        deadline = self._client.deadline()
        chart, rows = self._pool.both(
            partial(self._chart, number, deadline, BALANCES), partial(self._claims, number, deadline)
        )
        if chart is None:
            return None
        if chart.number != number and not rows:
            rows = self._claims(chart.number, deadline)  # merged, and the list does not follow merges
        claims = own_claims(chart, rows, partial(self._client.surprised, CLAIMS))
        return chart, claims, self._directory.names(deadline)

    def accounts(self, number: str) -> tuple[Chart, Mapping[str, Department]] | None:
        """The chart, which has balances unasked."""
        deadline = self._client.deadline()
        chart = self._chart(number, deadline)
        return None if chart is None else (chart, self._directory.departments(deadline))

    def visits(self, number: str) -> tuple[Sequence[Row], str, Names] | None:
        """Appointments past, future and cancelled, and the number in force as far as it is known."""
        deadline = self._client.deadline()
        if self._configuration.visits_ask_patient:
            chart, rows = self._pool.both(
                partial(self._chart, number, deadline), partial(self._appointments, number, deadline)
            )
            if chart is None:
                return None
        else:
            rows = self._appointments(number, deadline)
        own = self._own_visits(number, rows, deadline)
        return own, self._in_force(number), self._directory.names(deadline)

    def payments(self, number: str) -> tuple[Chart, Sequence[Row], Names] | None:
        """The chart with balances, and the receipts of the patient's departments."""
        deadline = self._client.deadline()
        chart = self._chart(number, deadline, BALANCES)
        if chart is None:
            return None
        tasks = [
            partial(self._receipts, chart.number, department, deadline)
            for department in self._departments_of(chart, deadline)
        ]
        receipts = payments.union(self._pool.in_batches(tasks, AT_ONCE))
        return chart, receipts, self._directory.names(deadline)

    def standing(self, number: str) -> Chart | None:
        """The chart with balances and transactions, as it stands before or after a payment."""
        return self._chart(number, self._client.deadline(), BALANCES)

    def visit(self, number: str, chart: Chart) -> Row | None:
        """The patient's appointment in full, which alone tells what was collected; None where it cannot be had."""
        query = {"confidentialitycode": "N", "showcopay": "true"}
        try:
            rows: list[Row] = self._client.get(APPOINTMENT, self._client.deadline(), number, query)
        except (NoSuchRecord, SiteFault):
            return None
        return rows[0] if rows and chart.owns(rows[0]) else None

    def _chart(self, number: str, deadline: Deadline, query: Query | None = None) -> Chart | None:
        sent = {"confidentialitycode": "N", **(query or {}), **self._copy, **self._local}
        try:
            rows = self._client.get(PATIENT, deadline, number, sent)
        except NoSuchRecord:
            return None
        with self._client.telling(PATIENT):
            chart = persons.chart(rows, number, enterprise=bool(self._local))
        if chart is not None and chart.number != number:
            with self._merging:
                self._merged[number] = chart.number
        return chart

    def _claims(self, number: str, deadline: Deadline) -> list[Row]:
        try:
            return self._client.rows(CLAIMS, deadline, query={"patientid": number, **self._local})
        except NoSuchRecord:
            return []

    def _appointments(self, number: str, deadline: Deadline) -> list[Row]:
        try:
            return self._client.rows(PATIENTS_APPOINTMENTS, deadline, number, ALL_VISITS)
        except NoSuchRecord:
            return []

    def _receipts(self, number: str, department: str, deadline: Deadline) -> list[Row]:
        try:
            rows: list[Row] = self._client.get(RECEIPTS, deadline, number, {"departmentid": department})
        except NoSuchRecord:
            return []  # "does not exist in that department"
        return rows

    def _in_force(self, number: str) -> str:
        with self._merging:
            return self._merged.get(number, number)

    def _own_visits(self, number: str, rows: Sequence[Row], deadline: Deadline) -> list[Row]:
        """Rows seldom say whose they are; one that names another number is theirs only after a merge."""
        strange = {said for row in rows if (said := text(row.get("patientid")))} - {number, self._in_force(number)}
        if not strange:
            return list(rows)
        chart = self._chart(number, deadline)
        aliases = {number} | (chart.aliases if chart is not None else frozenset())
        own = [row for row in rows if text(row.get("patientid")) in aliases | {""}]
        for _ in range(len(rows) - len(own)):
            self._client.surprised(PATIENTS_APPOINTMENTS, "$.appointments[*].patientid", "the patient asked for")
        return own

    def _departments_of(self, chart: Chart, deadline: Deadline) -> list[str]:
        """Where receipts are asked for: at home; with ``receipts = "each"`` also where the patient was seen."""
        home = [self._configuration.department, text(chart.row.get("primarydepartmentid"))]
        known = [*home, text(chart.row.get("departmentid"))]
        first = next(filter(None, known), "") or next(iter(self._directory.departments(deadline)), "")
        found = [first]
        if self._configuration.each_department:
            rows = self._appointments(chart.number, deadline)
            found += [*known, *(claim.department for claim in claim_balances(chart))]
            found += [text(row.get("departmentid")) for row in rows]
        return list(dict.fromkeys(filter(None, found)))[:MOST_DEPARTMENTS]
