"""The memory backend's poster keeps the contract, when it shows at once and when it shows later."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

import pytest

from fhir_facade.backends.memory import MemoryBackend
from fhir_facade.backends.memory_posting import MemoryPoster, Mishap
from fhir_facade.backends.posting import Declined, NotSent, Poster, Posting, Told, Unsure, Verdict
from fhir_facade.testing.posting_fixtures import Settle
from tests.backends.sample import NAME, RECORDS
from tests.backends.sample_posting import SamplePosting


class Deaf(Poster):
    """Does what another poster does, and loses the answer."""

    def __init__(self, poster: MemoryPoster) -> None:
        self._poster = poster

    def snapshot(self, posting: Posting) -> Mapping[str, Any]:
        return self._poster.snapshot(posting)

    def tell(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        self._poster.mishaps.append(Mishap.AFTER)
        return self._poster.tell(posting, snapshot)

    def found(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        return self._poster.found(posting, snapshot)


class OnMemory(SamplePosting):
    @pytest.fixture
    def backend(self) -> MemoryBackend:
        return MemoryBackend(RECORDS, name=NAME)

    @pytest.fixture
    def deaf_poster(self, poster: MemoryPoster) -> Poster:
        return Deaf(poster)

    @pytest.fixture
    def sick_poster(self) -> Poster:
        poster = poster_of(MemoryBackend(RECORDS, name=NAME))
        poster.silent = True
        return poster


class TestAtOnce(OnMemory):
    __test__ = True


class TestLater(OnMemory):
    __test__ = True

    @pytest.fixture
    def backend(self) -> MemoryBackend:
        backend = MemoryBackend(RECORDS, name=NAME)
        poster_of(backend).late = True
        return backend

    @pytest.fixture
    def settle(self, poster: MemoryPoster) -> Settle:
        return poster.reveal

    def test_what_is_late_is_accepted_and_not_shown(
        self, backend: MemoryBackend, poster: MemoryPoster, posting: Posting
    ) -> None:
        before = backend.bills(posting.patient)
        assert poster.tell(posting, poster.snapshot(posting)).verdict is Verdict.ACCEPTED
        assert backend.bills(posting.patient) == before
        poster.reveal()
        assert backend.bills(posting.patient) != before


def poster_of(backend: MemoryBackend) -> MemoryPoster:
    poster = backend.poster()
    assert poster is not None
    return poster


@pytest.mark.parametrize(
    ("mishap", "raised", "verdict"),
    [
        (Mishap.BEFORE, NotSent, Verdict.ABSENT),
        (Mishap.AFTER, Unsure, Verdict.POSTED),
        (Mishap.VANISH, Unsure, Verdict.ABSENT),
        (Mishap.REFUSE, Declined, Verdict.ABSENT),
    ],
)
def test_a_mishap_happens_once(mishap: Mishap, raised: type[Exception], verdict: Verdict, one_bill: Posting) -> None:
    poster = poster_of(MemoryBackend(RECORDS, name=NAME))
    poster.mishaps.append(mishap)
    with pytest.raises(raised):
        poster.tell(one_bill, {})
    assert poster.found(one_bill, {}).verdict is verdict
    assert poster.tell(one_bill, {}).verdict is Verdict.POSTED


def test_a_bill_and_its_account_owe_less(one_bill: Posting) -> None:
    backend = MemoryBackend(RECORDS, name=NAME)
    poster_of(backend).tell(one_bill, {})
    (bill,) = [bill for bill in backend.bills(one_bill.patient) if bill.number == "9301"]
    (account,) = [account for account in backend.accounts(one_bill.patient) if account.number == "1"]
    assert (bill.due, bill.collectable, bill.state.value) == (Decimal(0), False, "settled")
    assert account.balance == Decimal(0)
