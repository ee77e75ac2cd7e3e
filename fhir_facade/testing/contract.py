"""The behaviours of a backend, numbered as in ``docs/custom-backend.md``, as a pytest class to inherit from.

    class TestAcme(BackendContract):
        @pytest.fixture
        def backend(self): ...      # what else must be given: ``ContractFixtures``

A fixture that may be left out makes its behaviours be skipped, with the reason in pytest's summary.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from jsonschema import Draft202012Validator

from fhir_facade.backends.exact import inexact, leaves
from fhir_facade.backends.port import Ability, BillingSystem
from fhir_facade.backends.typed import typed
from fhir_facade.errors import SourceError
from fhir_facade.keys import SourceKey
from fhir_facade.records import OF_KIND, Account, Bill, BillState, Kind, Payment, Visit
from fhir_facade.testing.asking import (
    LOCATES,
    OF_A_PATIENT,
    ask,
    by_mark,
    everything,
    locates,
    lookalikes,
    mark,
    plain,
)
from fhir_facade.testing.fixtures import ContractFixtures, Numbers


class BackendContract(ContractFixtures):
    """Inherit, give the fixtures of ``ContractFixtures``, and every behaviour is a test of your backend."""

    # 1. People

    def test_1a_a_known_patient_is_found(self, backend: BillingSystem, known: SourceKey) -> None:
        """A known patient is found, under the number asked for."""
        person = backend.person(known)
        assert person is not None
        assert person.number == known.value

    def test_1b_an_unknown_patient_is_nobody(self, backend: BillingSystem, unknown: SourceKey) -> None:
        """An unknown patient is None, and has no records; neither is an error."""
        assert backend.person(unknown) is None
        assert not any(ask(backend, kind, unknown) for kind in OF_A_PATIENT)

    def test_1c_a_merged_number_is_the_one_in_force(
        self, backend: BillingSystem, merged: SourceKey, known: SourceKey
    ) -> None:
        """A merged number answers with the person under the number in force, who lists it as previous."""
        person = backend.person(merged)
        assert person is not None
        assert person == backend.person(known)
        assert merged.value in person.previous

    # 2. The patient is exact

    def test_2a_the_same_number_elsewhere_is_another_person(self, backend: BillingSystem, known: SourceKey) -> None:
        """The same number at another billing system is another person: nobody here."""
        elsewhere = known._replace(billing_system=f"not-{known.billing_system}")
        assert not any(ask(backend, kind, elsewhere) for kind in OF_A_PATIENT)

    def test_2b_two_patients_share_no_record(
        self, backend: BillingSystem, known: SourceKey, stranger: SourceKey
    ) -> None:
        """Two patients have no record in common; only accounts may have equal numbers, those of financial groups."""
        assert backend.person(stranger) is not None
        for kind in OF_A_PATIENT:
            own, others = by_mark(ask(backend, kind, known)), by_mark(ask(backend, kind, stranger))
            assert not [number for number in own.keys() & others.keys() if own[number] == others[number]], kind
            assert kind is Kind.ACCOUNTS or not own.keys() & others.keys(), kind

    def test_2c_records_name_their_patient(self, backend: BillingSystem, known: SourceKey, stranger: SourceKey) -> None:
        """Every record names the patient who was asked for."""
        for patient in (known, stranger):
            for kind in OF_A_PATIENT[1:]:
                assert {getattr(record, "patient", "") for record in ask(backend, kind, patient)} <= {patient.value}

    def test_2d_a_lookalike_is_somebody_else(self, backend: BillingSystem, known: SourceKey) -> None:
        """A number that only looks like the known one has none of its records, and is no error."""
        own = {kind: by_mark(ask(backend, kind, known)).keys() for kind in OF_A_PATIENT}
        for number in lookalikes(known.value):
            other = known._replace(value=number)
            for kind in OF_A_PATIENT:
                assert not own[kind] & by_mark(ask(backend, kind, other)).keys(), ascii(number)

    # 3. All of it

    def test_3a_all_records_and_no_others(self, backend: BillingSystem, known: SourceKey, expected: Numbers) -> None:
        """The known patient's records are all there, and no others."""
        for kind in OF_A_PATIENT:
            assert kind not in backend.kinds or kind in expected, f"expected does not say which {kind.value} there are"
            assert set(by_mark(ask(backend, kind, known))) == set(expected.get(kind, ())), kind

    def test_3b_kinds_are_served_if_declared(self, backend: BillingSystem, known: SourceKey) -> None:
        """A kind is declared in ``kinds`` if, and only if, it is served; persons and bills always are."""
        assert {Kind.PERSONS, Kind.BILLS} <= backend.kinds
        for kind in Kind:
            served = bool(ask(backend, kind, known))
            assert not served or kind in backend.kinds, kind
            assert served or kind not in backend.kinds or kind not in OF_A_PATIENT, kind

    def test_3c_asking_again_gives_the_same(self, backend: BillingSystem, known: SourceKey) -> None:
        """Asking again gives equal records."""
        for kind in Kind:
            assert by_mark(ask(backend, kind, known)) == by_mark(ask(backend, kind, known)), kind

    # 4. Numbers and what they refer to

    def test_4a_numbers_are_unique(self, backend: BillingSystem, known: SourceKey) -> None:
        """Numbers are unique in their kind, are not empty, and have no blanks around them."""
        for kind, records in everything(backend, known).items():
            marks = [mark(record) for record in records]
            assert len(marks) == len(set(marks)), kind
            assert all(record.number and record.number == record.number.strip() for record in records), kind

    def test_4b_places_and_practitioners_exist(self, backend: BillingSystem, known: SourceKey) -> None:
        """Places and practitioners that a record names exist."""
        there = {"place": by_mark(backend.places()).keys(), "practitioner": by_mark(backend.practitioners()).keys()}
        for record in (*backend.bills(known), *backend.visits(known)):
            for name, numbers in there.items():
                assert getattr(record, name) in {"", *numbers}, name

    def test_4c_accounts_exist(self, backend: BillingSystem, known: SourceKey) -> None:
        """Accounts that a bill or a payment names exist, with the same parts."""
        parts = {account.number: account.parts for account in backend.accounts(known)}
        links = [record.account for record in backend.bills(known)]
        links += [record.account for record in backend.payments(known)]
        for link in links:
            assert link is None or parts.get(link.number) == link.parts

    def test_4d_payments_agree_with_visits_and_bills(self, backend: BillingSystem, known: SourceKey) -> None:
        """Visits that a payment names exist, and its shares have the parts and the state of their bills."""
        visits = by_mark(backend.visits(known)).keys()
        bills = {bill.number: bill for bill in backend.bills(known)}
        for payment in backend.payments(known):
            assert payment.visit in {"", *visits}
            for share in payment.shares:
                bill = bills.get(share.bill)
                assert bill is None or (share.parts == bill.parts and share.state in (None, bill.state))

    # 5. Exactness

    def test_5a_money_is_exact_and_times_have_offsets(self, backend: BillingSystem, known: SourceKey) -> None:
        """Money is a finite Decimal, never a float; a time has an offset."""
        assert not [fault for records in everything(backend, known).values() for fault in inexact(records)]

    def test_5b_records_have_the_declared_types(self, backend: BillingSystem, known: SourceKey) -> None:
        """Records have the types that ``fhir_facade.records`` declares, and texts without blanks at the end."""
        for kind, records in everything(backend, known).items():
            for record in records:
                assert repr(typed(plain(record), OF_KIND[kind])) == repr(record), kind
                for path, leaf in leaves(record):
                    assert not isinstance(leaf, str) or leaf == leaf.rstrip(), path

    def test_5c_currencies_are_codes(self, backend: BillingSystem, known: SourceKey) -> None:
        """A currency is three capital letters, or empty where it is the authority's."""
        for kinds in everything(backend, known).values():
            for record in kinds:
                if isinstance(record, Bill | Account | Visit | Payment):
                    assert re.fullmatch(r"([A-Z]{3})?", record.currency)

    def test_5d_amounts_have_the_right_sign(self, backend: BillingSystem, known: SourceKey) -> None:
        """An owed bill's amount due is positive, a credit's negative, where they are known; payments are positive."""
        for bill in backend.bills(known):
            due = bill.due or Decimal(0)
            assert bill.state is not BillState.OWED or bill.due is None or due > 0
            assert bill.state is not BillState.CREDIT or bill.due is None or due < 0
        for payment in backend.payments(known):
            assert payment.amount > 0

    # 6. Parts and abilities

    def test_6a_parts_can_be_selected(self, backend: BillingSystem, known: SourceKey) -> None:
        """Every part is one that can be selected, and that ``divisions`` lists."""
        divisions = backend.divisions()
        for records in everything(backend, known).values():
            for record in records:
                assert "*" in backend.select_keys or record.parts.keys() <= backend.select_keys
                assert all(value in divisions.get(key, {value}) for key, value in record.parts.items())

    def test_6b_locate_agrees_with_records(self, backend: BillingSystem, known: SourceKey) -> None:
        """A record's number locates its patient, or is ``Invalid`` where two have it; another number, nobody."""
        can = [kind for kind, ability in LOCATES.items() if ability in backend.abilities]
        for kind in can:
            assert backend.locate(kind, "no-such-number") is None
            assert all(locates(backend, kind, record.number, known) for record in ask(backend, kind, known)), kind
        if not can:
            pytest.skip("declares no locate ability")

    def test_6c_scan_covers_everybody(self, backend: BillingSystem, known: SourceKey, stranger: SourceKey) -> None:
        """What it can scan covers every patient, record by record as the patient's own answer has them."""
        if Ability.SCAN not in backend.abilities:
            pytest.skip("does not declare the ability scan")
        for kind in OF_A_PATIENT:
            listed = list(backend.scan(kind))
            for patient in (known, stranger):
                assert all(record in listed for record in ask(backend, kind, patient)), kind

    # 7. Health

    def test_7a_ping_and_probe_are_well(self, backend: BillingSystem) -> None:
        """It answers ``ping`` and each line of ``probe`` is ok."""
        backend.ping()
        assert [probe for probe in backend.probe() if not probe.ok] == []

    def test_7b_a_failure_is_never_an_empty_answer(self, sick_backend: BillingSystem, known: SourceKey) -> None:
        """A billing system that fails is a ``SourceError`` naming no patient, for every kind; never an empty answer."""
        for kind in [kind for kind in Kind if kind in sick_backend.kinds]:
            with pytest.raises(SourceError) as failure:
                ask(sick_backend, kind, known)
            said = f"{failure.value} {failure.value.diagnostics}"
            assert not re.search(rf"\b{re.escape(known.value)}\b", said)
        with pytest.raises(SourceError):
            sick_backend.ping()

    def test_7c_settings_have_a_schema(self, backend: BillingSystem) -> None:
        """The settings have a valid JSON Schema, of an object."""
        Draft202012Validator.check_schema(backend.settings_schema)
        assert backend.settings_schema.get("type") == "object"

    def test_7d_threads_do_not_mix(self, backend: BillingSystem, known: SourceKey, stranger: SourceKey) -> None:
        """Many threads may ask at once, and each gets its own answer."""
        patients = (known, stranger)
        alone = {patient: [by_mark(ask(backend, kind, patient)) for kind in OF_A_PATIENT] for patient in patients}
        with ThreadPoolExecutor(8) as pool:
            jobs = [
                (patient, [pool.submit(ask, backend, kind, patient) for kind in OF_A_PATIENT])
                for patient in patients * 8
            ]
            assert all([by_mark(job.result()) for job in asked] == alone[patient] for patient, asked in jobs)

    def test_7e_close_twice(self, backend: BillingSystem) -> None:
        """It may be closed twice."""
        backend.close()
        backend.close()
