"""The audit trail: entries in a chain of hashes, so that what is changed, taken out or put in later shows.

The hash of an entry is SHA-256 of the hash before it, its place and its bytes.  Whoever can write to the database can
also make the chain anew: its head goes to the log now and then, and there it stays as it was.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Any, NamedTuple

from sqlalchemy import Connection, text

from fhir_facade.keys import PatientKey
from fhir_facade.octets import octets
from fhir_facade.state.database import Database
from fhir_facade.state.engine import marks

MOST_AT_ONCE = 1_000  # entries of six values: SQLite takes 32,766
_MOST_DELETED = 20_000  # in one transaction, for which whoever adds an entry waits: a tenth of a second
_PORTION = 2_000
_BEFORE_ALL = -(2**63)

_BEGIN = text("""
    INSERT INTO audit_ends (place, seq, hash) VALUES ('head', 0, :nothing), ('tail', 0, :nothing)
    ON CONFLICT (place) DO NOTHING
""")
_TAKE_TURN = text("UPDATE audit_ends SET seq = seq + :count WHERE place = 'head' RETURNING seq, hash")
_SET_END = text("UPDATE audit_ends SET seq = :seq, hash = :hash WHERE place = :place")
_END = text("SELECT seq, hash FROM audit_ends WHERE place = :place")
# In the driver's own words, and in one statement: each call of the driver gives the interpreter's lock away.
_WRITE = "INSERT INTO audit_events (seq, recorded, authority, number, entry, hash) VALUES {marks}"
_TAKEN = text("""
    INSERT INTO audit_spools (name, taken) VALUES (:name, :taken)
    ON CONFLICT (name) DO UPDATE SET taken = excluded.taken
""")
_HOW_FAR = text("SELECT taken FROM audit_spools WHERE name = :name")
_FORGET = text("DELETE FROM audit_spools WHERE name = :name")
_OF_PATIENT = text("""
    SELECT seq, entry FROM audit_events WHERE authority = :authority AND number = :number
    ORDER BY seq DESC LIMIT :most
""")
_AFTER = text("""
    SELECT seq, recorded, authority, number, entry, hash FROM audit_events WHERE seq > :seq ORDER BY seq LIMIT :most
""")
_LAST_OLD = text("""
    SELECT seq, hash FROM audit_events WHERE seq <= :last AND seq < COALESCE(
        (SELECT MIN(seq) FROM audit_events WHERE seq <= :last AND recorded >= :before), :last + 1
    ) ORDER BY seq DESC LIMIT 1
""")
_PRUNE = text("DELETE FROM audit_events WHERE seq <= :seq")

NOTHING = bytes(32)
"""What the first entry's hash begins with."""


class End(NamedTuple):
    """An end of the chain: how many entries there were up to here, and the hash of the last."""

    seq: int
    hash: bytes


class Written(NamedTuple):
    """An entry as it comes: when (milliseconds since 1970), about whom (empty: nobody), and its bytes."""

    recorded: int
    authority: str
    number: bytes
    entry: bytes


class Linked(NamedTuple):
    """An entry in its place."""

    seq: int
    recorded: int
    authority: str
    number: bytes
    entry: bytes
    hash: bytes


def link(before: bytes, seq: int, entry: bytes) -> bytes:
    """The hash of an entry in its place."""
    return sha256(before + seq.to_bytes(8, "big") + entry).digest()


class Trail:
    """The chain in the state database.  One process at a time adds to it."""

    def __init__(self, database: Database, most_deleted: int = _MOST_DELETED) -> None:
        self._database, self._most_deleted = database, most_deleted

    def append(self, entries: Sequence[Written], spool: str, taken: int) -> End:
        """Add these, which end at byte ``taken`` of a spool file: both, or neither.  The head from then on."""
        with self._database.writing() as connection:
            head = self._turn(connection, len(entries))
            values: list[Any] = []
            for written in entries:
                head = End(head.seq + 1, link(head.hash, head.seq + 1, written.entry))
                values += (head.seq, *written, head.hash)
            _write(connection, values)
            if entries:
                connection.execute(_SET_END, {"place": "head", **head._asdict()})
            connection.execute(_TAKEN, {"name": spool, "taken": taken})
        return head

    def taken(self, spool: str) -> int:
        """How much of a spool file is in the chain."""
        with self._database.reading() as connection:
            return int(connection.execute(_HOW_FAR, {"name": spool}).scalar() or 0)

    def forget(self, spool: str) -> None:
        """A spool file is no more."""
        with self._database.writing() as connection:
            connection.execute(_FORGET, {"name": spool})

    def of_patient(self, patient: PatientKey, most: int) -> list[tuple[int, bytes]]:
        """Place and bytes of a patient's newest entries, newest first."""
        wanted = {"authority": patient.authority, "number": octets(patient.value)}
        with self._database.reading() as connection:
            return [(seq, _bytes(entry)) for seq, entry in connection.execute(_OF_PATIENT, wanted | {"most": most})]

    def entries(self) -> Iterator[Linked]:
        """All that is kept, in order; also what stands in places that were never given."""
        after = _BEFORE_ALL
        while True:
            with self._database.reading() as connection:
                rows = connection.execute(_AFTER, {"seq": after, "most": _PORTION}).all()
            if not rows:
                return
            for seq, recorded, authority, number, entry, hash in rows:
                yield Linked(seq, recorded, authority, _bytes(number), _bytes(entry), _bytes(hash))
            after = rows[-1][0]

    def head(self) -> End:
        """Where the chain ends."""
        return self._end("head")

    def tail(self) -> End:
        """What the oldest kept entry follows: entries that are old enough have been deleted up to here."""
        return self._end("tail")

    def prune(self, before: int) -> int:
        """Delete the entries that are older (milliseconds since 1970); how many."""
        deleted = 0
        while portion := self._prune(before):
            deleted += portion
        return deleted

    def _prune(self, before: int) -> int:
        with self._database.writing() as connection:
            self._turn(connection, 0)
            tail = int(connection.execute(_END, {"place": "tail"}).scalar() or 0)
            last = connection.execute(_LAST_OLD, {"before": before, "last": tail + self._most_deleted}).first()
            if last is None:
                return 0
            connection.execute(_SET_END, {"place": "tail", "seq": last[0], "hash": bytes(last[1])})
            return int(connection.execute(_PRUNE, {"seq": last[0]}).rowcount)

    def _end(self, place: str) -> End:
        with self._database.reading() as connection:
            row = connection.execute(_END, {"place": place}).first()
        return End(0, NOTHING) if row is None else End(row[0], bytes(row[1]))

    @staticmethod
    def _turn(connection: Connection, count: int) -> End:
        """The head before these are added; whoever else wants to add waits until this transaction ends."""
        row = connection.execute(_TAKE_TURN, {"count": count}).first()
        if row is None:
            connection.execute(_BEGIN, {"nothing": NOTHING})
            row = connection.execute(_TAKE_TURN, {"count": count}).one()
        return End(row[0] - count, bytes(row[1]))


def _bytes(value: Any) -> bytes:
    """Nothing for what is no bytes, as SQLite allows in any column: it is not what was written, nor found by it."""
    return b"" if isinstance(value, str) else bytes(value)


def _write(connection: Connection, values: Sequence[Any]) -> None:
    """The fields of ``Linked``, row after row."""
    columns, most = len(Linked._fields), MOST_AT_ONCE * len(Linked._fields)
    for start in range(0, len(values), most):
        some = tuple(values[start : start + most])
        connection.exec_driver_sql(_WRITE.format(marks=marks(connection, len(some) // columns, columns)), some)
