"""The demo's clinic is told of payments: its payments, balances and copays follow."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from fhir_facade.backends.port import Context
from fhir_facade.backends.posting import Poster, Posting
from fhir_facade.backends.sql import SqlBackend
from fhir_facade.keys import SourceKey
from fhir_facade.records import BillState
from fhir_facade.sandbox.clinic import POSTING, clinic_settings, create_clinic
from fhir_facade.state.memory import MemoryStore
from fhir_facade.testing import PosterContract


class TestClinic(PosterContract):
    """Boris pays before his visit, and two invoices: the sample's, and one that is added."""

    @pytest.fixture
    def backend(self, tmp_path: Path) -> Iterator[SqlBackend]:
        path = tmp_path / "clinic.db"
        create_clinic(path)
        with closing(sqlite3.connect(path)) as connection, connection:
            connection.execute(
                "INSERT INTO invoices (invoice_no, patient_no, stage, open_cents) VALUES ('H-1', 1001, 'OPEN', 5)"
            )
        with closing(SqlBackend.open(clinic_settings(path), Context("clinic", MemoryStore()))) as backend:
            yield backend

    @pytest.fixture
    def known(self) -> SourceKey:
        return SourceKey("clinic", "1001")

    @pytest.fixture
    def stranger(self) -> SourceKey:
        return SourceKey("clinic", "2001")

    @pytest.fixture
    def paid_bills(self) -> Mapping[str, Decimal]:
        return {"H-5001": Decimal("45.49"), "H-1": Decimal("0.05")}

    @pytest.fixture
    def paid_visit(self) -> tuple[str, Decimal]:
        return "302", Decimal("24.99")

    @pytest.fixture
    def posting_settings(self) -> Mapping[str, Any]:
        return POSTING

    def test_the_account_and_the_payment_follow(self, backend: SqlBackend, poster: Poster, posting: Posting) -> None:
        more = replace(posting, amount=posting.amount + 1, other=Decimal(1))
        told = poster.tell(more, {})
        (account,) = backend.accounts(more.patient)
        states = {bill.number: (bill.due, bill.state) for bill in backend.bills(more.patient)}
        payment = next(it for it in backend.payments(more.patient) if it.number == told.external)
        assert account.balance == Decimal("0.01") - 1
        assert states["H-5001"] == (Decimal("0.01"), BillState.OWED)
        assert states["H-1"] == (Decimal("0.00"), BillState.SETTLED)
        assert (payment.amount, payment.method, payment.last4) == (more.amount, "Visa", "4242")
