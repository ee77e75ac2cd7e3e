"""Patient numbers that are too long to be sealed into an id, kept under a keyed hash of themselves."""

from __future__ import annotations

from sqlalchemy import text

from fhir_facade.state.database import Database

_KEEP = text("INSERT INTO long_numbers (digest, number) VALUES (:digest, :number) ON CONFLICT (digest) DO NOTHING")
_FIND = text("SELECT number FROM long_numbers WHERE digest = :digest")


class LongNumbers:
    """Keyed hash → number.  Numbers are bytes: any text in UTF-8, whatever the database thinks of its characters."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def keep(self, digest: bytes, number: bytes) -> None:
        """Keep ``number`` for good.  A digest is of one number, so keeping it twice changes nothing."""
        if self.find(digest) is None:
            with self._database.writing() as connection:
                connection.execute(_KEEP, {"digest": digest, "number": number})

    def find(self, digest: bytes) -> bytes | None:
        """The number kept under ``digest``, or None."""
        with self._database.reading() as connection:
            number = connection.execute(_FIND, {"digest": digest}).scalar()
        return None if number is None else bytes(number)
