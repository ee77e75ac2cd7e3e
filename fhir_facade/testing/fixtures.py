"""What the conformance suite has to be given about a backend, and about two of its patients."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pytest

from fhir_facade.backends.port import BillingSystem
from fhir_facade.keys import SourceKey
from fhir_facade.records import Kind

Numbers = Mapping[Kind, Collection[str]]


class ContractFixtures:
    """Fixtures of ``BackendContract``: four that must be given, three that may."""

    # You must give these.

    @pytest.fixture
    def backend(self) -> BillingSystem:
        """The backend, open.  Close it after the test."""
        raise NotImplementedError("give a fixture: backend")

    @pytest.fixture
    def known(self) -> SourceKey:
        """A patient with bills, and with records of each other kind that the backend has."""
        raise NotImplementedError("give a fixture: known")

    @pytest.fixture
    def stranger(self) -> SourceKey:
        """Another patient of the same billing system, with records of their own."""
        raise NotImplementedError("give a fixture: stranger")

    @pytest.fixture
    def expected(self) -> Numbers:
        """The numbers of all of the known patient's records, by kind (of payments the key where they have one)."""
        raise NotImplementedError("give a fixture: expected")

    # You may give these.

    @pytest.fixture
    def unknown(self, known: SourceKey) -> SourceKey:
        """A number that no patient has; it has the form of the billing system's numbers."""
        return known._replace(value="9" * max(8, len(known.value) + 1))

    @pytest.fixture
    def merged(self) -> SourceKey:
        """A number that was merged into the known patient's."""
        pytest.skip("no fixture merged: merges are not proven")

    @pytest.fixture
    def sick_backend(self) -> BillingSystem:
        """The backend in front of a billing system that fails."""
        pytest.skip("no fixture sick_backend: failures are not proven")
