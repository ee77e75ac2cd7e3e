"""What is kept for good: secrets, long numbers, fingerprints of page keys."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Barrier

from sqlalchemy import Connection

from fhir_facade.state.database import Database
from fhir_facade.state.numbers import LongNumbers
from fhir_facade.state.page_keys import PageKeys
from fhir_facade.state.secrets import kept_secret
from tests.state.conftest import at_once, opened


def test_a_secret_is_made_once_and_kept(shared_url: str) -> None:
    with opened(shared_url) as first:
        made = kept_secret(first, "id_key")
    with opened(shared_url) as second:
        assert kept_secret(second, "id_key") == made
        assert kept_secret(second, "page_key") != made
    assert len(made) == 32


def test_workers_that_start_at_once_agree_on_the_secret(shared_url: str) -> None:
    all_have_looked = Barrier(4)

    class Late(Database):
        """A worker that finds no secret, and is overtaken before it makes one."""

        @contextmanager
        def reading(self) -> Iterator[Connection]:
            with super().reading() as connection:
                yield connection
            all_have_looked.wait(timeout=30)

    def start(_: int) -> bytes:
        database = Late(shared_url)
        try:
            return kept_secret(database, "id_key")
        finally:
            database.close()

    with opened(shared_url):
        assert len(set(at_once(4, start))) == 1


def test_a_long_number_is_found_again(database: Database) -> None:
    numbers, number = LongNumbers(database), "Ω\x00é".encode() * 50
    numbers.keep(b"digest", number)
    numbers.keep(b"digest", number)
    assert numbers.find(b"digest") == number
    assert numbers.find(b"another") is None


def test_a_key_once_used_is_known_for_good(database: Database) -> None:
    keys = PageKeys(database)
    keys.remember([b"one1", b"two2"])
    keys.remember([b"two2"])
    assert [keys.known(fingerprint) for fingerprint in (b"one1", b"two2", b"none")] == [True, True, False]
