"""Records that machines share: exact, and unreadable for the store."""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Sequence

import pytest

from fhir_facade.backends.memory import MemoryBackend
from fhir_facade.files.pantry import Fetched, Pantry
from fhir_facade.files.patient_file import FileKey
from fhir_facade.keys import SourceKey
from fhir_facade.records import OF_KIND, Kind, Record
from fhir_facade.state.memory import MemoryStore
from tests.people import NOW, PRACTICE

KEY = b"k" * 32


def of_kind(kind: Kind) -> Sequence[Record]:
    return [record for record in PRACTICE if type(record) is OF_KIND[kind]]


class Spying(MemoryStore):
    """Keeps what was put, as the machine that runs the store could."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[bytes] = []

    def put(self, key: str, value: bytes, seconds: float) -> None:
        self.seen += [key.encode(), value]
        super().put(key, value, seconds)


@pytest.mark.parametrize("kind", list(Kind))
def test_records_come_back_exactly(kind: Kind) -> None:
    pantry, key = Pantry(MemoryStore(), KEY, 8), FileKey("practice", kind, "1001")
    assert pantry.get(key) is None
    pantry.put(key, Fetched(NOW, "1001", of_kind(kind)), 60)
    found = pantry.get(key)
    assert found is not None
    assert (found.as_of, found.number, list(found.records)) == (NOW, "1001", list(of_kind(kind)))


def test_another_key_another_patient_another_kind_find_nothing() -> None:
    store = MemoryStore()
    key = FileKey("practice", Kind.BILLS, "1001")
    Pantry(store, KEY, 8).put(key, Fetched(NOW, "1001", of_kind(Kind.BILLS)), 60)
    assert Pantry(store, b"x" * 32, 8).get(key) is None
    assert Pantry(store, KEY, 8).get(key._replace(patient="1002")) is None
    assert Pantry(store, KEY, 8).get(key._replace(kind=Kind.VISITS)) is None
    assert Pantry(store, KEY, 8).get(key._replace(billing_system="clinic")) is None


def test_the_store_sees_nobody() -> None:
    store = Spying()
    Pantry(store, KEY, 8).put(
        FileKey("practice", Kind.PERSONS, "1001"), Fetched(NOW, "1001", of_kind(Kind.PERSONS)), 60
    )
    assert not [
        secret for secret in (b"1001", b"Anna", b"Example", b"practice") if any(secret in s for s in store.seen)
    ]


def test_one_machine_fetches_and_the_others_find_it() -> None:
    store, key, asked = MemoryStore(), FileKey("practice", Kind.BILLS, "1001"), []
    backend, together = MemoryBackend(PRACTICE, name="practice"), threading.Barrier(4)

    def machine() -> None:
        pantry = Pantry(store, KEY, 8)
        together.wait()
        with pantry.fetching(key):
            if pantry.get(key) is None:
                asked.append(1)
                bills = backend.bills(SourceKey("practice", "1001"))
                pantry.put(key, Fetched(dt.datetime.now(dt.UTC), "1001", bills), 60)

    machines = [threading.Thread(target=machine) for _ in range(4)]
    for thread in machines:
        thread.start()
    for thread in machines:
        thread.join()
    assert asked == [1]
