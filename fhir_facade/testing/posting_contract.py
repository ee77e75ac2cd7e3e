"""The behaviours of a poster, numbered as in ``docs/custom-backend.md``, as a pytest class to inherit from.

    class TestAcmePosting(PosterContract):
        @pytest.fixture
        def backend(self): ...      # what else must be given: ``PosterFixtures``

A fixture that may be left out makes its behaviours be skipped, with the reason in pytest's summary.
"""

from __future__ import annotations

import json
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from decimal import Decimal
from functools import partial

import pytest
from jsonschema import Draft202012Validator

from fhir_facade.backends.port import BillingSystem
from fhir_facade.backends.posting import Declined, NotSent, Poster, Posting, Unsure, Verdict
from fhir_facade.keys import SourceKey
from fhir_facade.testing.books import assert_booked, books, everything_of, new_payment
from fhir_facade.testing.posting_fixtures import PosterFixtures, Settle
from fhir_facade.testing.telling import CENT, TAKEN, near, outcome, told_or_refused


class PosterContract(PosterFixtures):
    """Inherit, give the fixtures of ``PosterFixtures``, and every behaviour is a test of your poster."""

    # 8. Told once, and found

    def test_8a_what_was_told_is_found(self, poster: Poster, posting: Posting, settle: Settle) -> None:
        """A payment that was told is found: accepted or posted at once, and posted when the billing system shows it."""
        snapshot = poster.snapshot(posting)
        assert poster.tell(posting, snapshot).verdict in TAKEN
        assert poster.found(posting, snapshot).verdict in TAKEN
        settle()
        assert poster.found(posting, snapshot).verdict is Verdict.POSTED

    def test_8b_what_was_not_told_is_not_found(self, poster: Poster, posting: Posting) -> None:
        """A payment that was not told is not found: where nothing has changed since the snapshot, nothing is posted."""
        snapshot = poster.snapshot(posting)
        assert poster.found(posting, snapshot).verdict not in TAKEN

    def test_8c_telling_twice_books_once(
        self, backend: BillingSystem, poster: Poster, posting: Posting, settle: Settle, knows_payments: bool
    ) -> None:
        """Telling twice books once, before and after it shows."""
        if not knows_payments:
            pytest.skip("the billing system does not keep the ledger's id: a payment is never told twice")
        before = books(backend, posting.patient)
        told_or_refused(poster, posting)
        told_or_refused(poster, posting)
        settle()
        told_or_refused(poster, posting)
        settle()
        assert_booked(posting, before, books(backend, posting.patient))

    def test_8d_a_cent_makes_the_difference(self, poster: Poster, posting: Posting, settle: Settle) -> None:
        """A share that differs by a cent is not the payment; nor is the same sum, otherwise divided."""
        snapshot = poster.snapshot(posting)
        poster.tell(posting, snapshot)
        settle()
        for other in near(posting):
            assert poster.found(other, snapshot).verdict not in TAKEN, ascii(dict(other.bills))

    def test_8e_another_payment_is_another(
        self, backend: BillingSystem, poster: Poster, posting: Posting, settle: Settle
    ) -> None:
        """The same amounts once more are another payment: not found before it is told, and then both are there."""
        before = books(backend, posting.patient)
        halves = replace(posting, bills=dict.fromkeys(posting.bills, CENT), amount=CENT * len(posting.bills))
        again = replace(halves, payment=f"{posting.payment}-again")
        poster.tell(halves, poster.snapshot(halves))
        settle()
        snapshot = poster.snapshot(again)
        assert poster.found(again, snapshot).verdict not in TAKEN
        poster.tell(again, snapshot)
        settle()
        assert poster.found(again, snapshot).verdict is Verdict.POSTED
        after = books(backend, posting.patient)
        assert after.received() - before.received() == halves.amount + again.amount

    def test_8f_a_lost_answer_is_reconciled(
        self, backend: BillingSystem, poster: Poster, deaf_poster: Poster, posting: Posting, settle: Settle
    ) -> None:
        """Where the answer was lost, telling is ``Unsure``, and then the payment is found, once."""
        before = books(backend, posting.patient)
        snapshot = poster.snapshot(posting)
        with pytest.raises(Unsure):
            deaf_poster.tell(posting, snapshot)
        assert poster.found(posting, snapshot).verdict in TAKEN
        settle()
        assert poster.found(posting, snapshot).verdict is Verdict.POSTED
        assert_booked(posting, before, books(backend, posting.patient))

    def test_8g_many_tell_at_once(
        self, backend: BillingSystem, poster: Poster, posting: Posting, settle: Settle, knows_payments: bool
    ) -> None:
        """Many threads that tell the same payment book it once."""
        if not knows_payments:
            pytest.skip("the billing system does not keep the ledger's id: a payment is never told twice")
        before = books(backend, posting.patient)
        snapshot = poster.snapshot(posting)
        with ThreadPoolExecutor(8) as pool:
            jobs = [pool.submit(outcome, partial(poster.tell, posting, snapshot)) for _ in range(8)]
            assert any(job.result() in TAKEN for job in jobs)
        settle()
        assert_booked(posting, before, books(backend, posting.patient))

    # 9. Exactly that

    def test_9a_money_goes_where_it_belongs(
        self, backend: BillingSystem, poster: Poster, posting: Posting, settle: Settle
    ) -> None:
        """Each bill owes less by exactly its share, and the payment has exactly these shares; nothing else changes."""
        before = books(backend, posting.patient)
        poster.tell(posting, poster.snapshot(posting))
        settle()
        assert_booked(posting, before, books(backend, posting.patient))

    def test_9b_a_visit_is_paid_before_it(
        self, backend: BillingSystem, poster: Poster, prepayment: Posting, settle: Settle
    ) -> None:
        """What was paid for a visit lowers its copay by exactly that, and is found, to the cent."""
        before = books(backend, prepayment.patient)
        snapshot = poster.snapshot(prepayment)
        assert poster.found(prepayment, snapshot).verdict not in TAKEN
        poster.tell(prepayment, snapshot)
        settle()
        assert_booked(prepayment, before, books(backend, prepayment.patient))
        assert poster.found(prepayment, snapshot).verdict is Verdict.POSTED
        more = replace(prepayment, amount=prepayment.amount + CENT, visit_amount=prepayment.visit_amount + CENT)
        assert poster.found(more, snapshot).verdict not in TAKEN

    def test_9c_the_rest_is_kept(
        self, backend: BillingSystem, poster: Poster, posting: Posting, settle: Settle, takes_other: bool
    ) -> None:
        """Money that is for neither bill nor visit is received with the rest, and pays no bill."""
        if not takes_other:
            pytest.skip("the billing system takes no such money")
        before = books(backend, posting.patient)
        more = replace(posting, amount=posting.amount + CENT, other=CENT)
        poster.tell(more, poster.snapshot(more))
        settle()
        assert_booked(more, before, books(backend, posting.patient))

    def test_9d_nobody_else_pays(
        self, backend: BillingSystem, poster: Poster, posting: Posting, stranger: SourceKey, settle: Settle
    ) -> None:
        """Nothing of another patient changes."""
        before = everything_of(backend, stranger)
        poster.tell(posting, poster.snapshot(posting))
        settle()
        assert everything_of(backend, stranger) == before

    def test_9e_the_number_is_the_payments(
        self, backend: BillingSystem, poster: Poster, posting: Posting, settle: Settle
    ) -> None:
        """The billing system's own number, where one is given, is that of the payment that it then shows."""
        before = books(backend, posting.patient)
        snapshot = poster.snapshot(posting)
        told = poster.tell(posting, snapshot)
        settle()
        number = new_payment(before, books(backend, posting.patient)).number
        assert told.external in ("", number)
        assert poster.found(posting, snapshot).external in ("", number)

    def test_9f_a_bill_that_is_not_the_patients_is_refused(
        self, backend: BillingSystem, poster: Poster, posting: Posting, stranger: SourceKey, settle: Settle
    ) -> None:
        """A payment of another patient's bill is refused whole, at once or when it is processed; nothing is booked."""
        before = [everything_of(backend, patient) for patient in (posting.patient, stranger)]
        foreign = next(bill.number for bill in backend.bills(stranger))
        wrong = replace(posting, bills={**posting.bills, foreign: CENT}, amount=posting.amount + CENT)
        snapshot = poster.snapshot(wrong)
        at_once = outcome(partial(poster.tell, wrong, snapshot))
        settle()
        assert Declined in (at_once, outcome(partial(poster.found, wrong, snapshot)))
        assert [everything_of(backend, patient) for patient in (posting.patient, stranger)] == before

    def test_9g_what_does_not_sum_is_refused(self, backend: BillingSystem, poster: Poster, posting: Posting) -> None:
        """A payment whose parts do not sum to its amount, or have no amount, is refused before it is sent."""
        before = everything_of(backend, posting.patient)
        first = next(iter(posting.bills))
        for wrong in (
            replace(posting, amount=posting.amount + CENT),
            replace(posting, bills={**posting.bills, first: Decimal(0)}, amount=posting.amount - posting.bills[first]),
            replace(posting, bills={}, amount=Decimal(0)),
        ):
            assert outcome(partial(poster.tell, wrong, poster.snapshot(posting))) is Declined
        assert everything_of(backend, posting.patient) == before

    # 10. Around it

    def test_10a_a_snapshot_is_plain_json(self, poster: Poster, posting: Posting, settle: Settle) -> None:
        """A snapshot is JSON: it is kept as text, and what comes back from there is as good."""
        snapshot = poster.snapshot(posting)
        kept = json.loads(json.dumps(snapshot))
        assert kept == snapshot
        poster.tell(posting, kept)
        settle()
        assert poster.found(posting, kept).verdict is Verdict.POSTED

    def test_10b_looking_changes_nothing(self, backend: BillingSystem, poster: Poster, posting: Posting) -> None:
        """Taking a snapshot and looking for a payment tell nothing."""
        before = everything_of(backend, posting.patient)
        poster.found(posting, poster.snapshot(posting))
        assert everything_of(backend, posting.patient) == before

    def test_10c_who_cannot_be_reached_was_not_told(self, sick_poster: Poster, posting: Posting) -> None:
        """A billing system that cannot be reached was surely not told; the fault names no patient and no amount."""
        look, tell = partial(sick_poster.found, posting, {}), partial(sick_poster.tell, posting, {})
        for attempt in (partial(sick_poster.snapshot, posting), tell, look):
            with pytest.raises(NotSent) as failure:
                attempt()
            for value in (posting.patient.value, *posting.bills, str(posting.amount)):
                assert not re.search(rf"(?<![\w.]){re.escape(value)}(?![\w.])", str(failure.value))

    def test_10d_settings_have_a_schema(self, backend: BillingSystem, poster: Poster, posting: Posting) -> None:
        """The ``posting`` table has a JSON Schema, of an object, which it keeps, and nothing that does not fit it."""
        schema = backend.posting_schema
        assert schema is not None
        Draft202012Validator.check_schema(schema)
        assert schema.get("type") == "object"
        assert list(Draft202012Validator(schema).iter_errors(dict(posting.settings))) == []
        assert [probe for probe in poster.fits(posting.settings) if not probe.ok] == []
