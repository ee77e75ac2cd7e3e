"""Whatever is changed, taken out, put in or filed elsewhere in the trail shows, and where."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from fhir_facade.audit.verification import verify
from fhir_facade.state.database import Database
from fhir_facade.state.trail import End, Linked, Trail, link
from tests.audit.conftest import Carriers, entry
from tests.people import ANNA


@pytest.fixture
def ten(carriers: Carriers, trail: Trail) -> End:
    """A trail of ten entries."""
    carrier = carriers()
    for number in range(10):
        carrier.append(entry(str(number)))
    carrier.close()
    return trail.head()


_VALUES = {"zeros": bytes(32), "one": b"1", "other": entry("other")[:-1], "torn": b'["\xff'}


def changed(database: Database, *statements: str) -> None:
    with database.writing() as connection:
        for statement in statements:
            connection.execute(text(statement), _VALUES)


def test_an_untouched_trail_is_whole(trail: Trail, ten: End) -> None:
    verdict = verify(trail, {ten.seq: ten.hash.hex()})
    assert (verdict.entries, verdict.pruned, verdict.head, verdict.faults) == (10, 0, ten, ())


def test_an_empty_trail_is_whole(trail: Trail) -> None:
    assert verify(trail, {}).faults == ()


@pytest.mark.parametrize(
    ("statements", "faults"),
    [
        (["UPDATE audit_events SET entry = :other WHERE seq = 4"], 1),
        (["UPDATE audit_events SET hash = :zeros WHERE seq = 4"], 2),
        (["UPDATE audit_events SET number = :one WHERE seq = 4"], 1),
        (["UPDATE audit_events SET recorded = 1 WHERE seq = 4"], 1),
        (["DELETE FROM audit_events WHERE seq = 4"], 1),
        (["DELETE FROM audit_events WHERE seq <= 4"], 1),
        (["DELETE FROM audit_events WHERE seq = 10"], 1),
        (["DELETE FROM audit_events"], 1),
        (["UPDATE audit_events SET seq = 99 WHERE seq = 4"], 3),
        (["UPDATE audit_events SET seq = -4 WHERE seq = 4"], 2),
        (["UPDATE audit_events SET entry = :torn WHERE seq = 4"], 2),
        (["UPDATE audit_ends SET hash = :zeros WHERE place = 'head'"], 1),
        (["UPDATE audit_ends SET seq = 7 WHERE place = 'head'"], 2),
        (["DELETE FROM audit_ends WHERE place = 'head'"], 1),
        (["DELETE FROM audit_events WHERE seq > 7", "DELETE FROM audit_ends WHERE place = 'head'"], 1),
        (["UPDATE audit_ends SET seq = 4 WHERE place = 'tail'"], 5),
        (["DELETE FROM audit_events WHERE seq <= 4", "UPDATE audit_ends SET seq = 4 WHERE place = 'tail'"], 1),
    ],
)
def test_a_change_is_found(trail: Trail, ten: End, database: Database, statements: list[str], faults: int) -> None:
    changed(database, *statements)
    assert len(verify(trail, {}).faults) == faults


@pytest.mark.parametrize("column", ["number", "entry"])
@pytest.mark.parametrize("database", ["file"], indirect=True)  # only SQLite takes any value in any column
def test_a_text_in_the_place_of_bytes_is_found(trail: Trail, ten: End, database: Database, column: str) -> None:
    changed(database, f"UPDATE audit_events SET {column} = CAST({column} AS TEXT) WHERE seq = 4")  # noqa: S608
    assert "entry 4: it is" in "".join(verify(trail, {}).faults)
    assert len(trail.of_patient(ANNA, 99)) == (9 if column == "number" else 10)


def test_a_chain_made_anew_is_found_by_what_the_log_told(trail: Trail, ten: End, database: Database) -> None:
    changed(database, "DELETE FROM audit_events WHERE seq > 8")
    rows = list(trail.entries())
    before = rows[3].hash
    with database.writing() as connection:
        for row in rows[4:]:
            forged = row.entry.replace(b'"4"', b'"X"')
            before = link(before, row.seq, forged)
            values = {"seq": row.seq, "entry": forged, "hash": before}
            connection.execute(text("UPDATE audit_events SET entry = :entry, hash = :hash WHERE seq = :seq"), values)
        connection.execute(text("UPDATE audit_ends SET seq = 8, hash = :hash WHERE place = 'head'"), {"hash": before})
    assert verify(trail, {}).faults == ()
    assert verify(trail, {ten.seq: ten.hash.hex()}).faults == ("entry 10: it is not what the log told",)
    assert verify(trail, {6: rows[5].hash.hex()}).faults == ("entry 6: it is not what the log told",)


def test_a_beginning_deleted_as_if_it_were_old_is_found_by_what_the_log_told(
    trail: Trail, ten: End, database: Database
) -> None:
    eighth = list(trail.entries())[7]
    changed(database, "DELETE FROM audit_events WHERE seq <= 8")
    with database.writing() as connection:
        values = {"seq": 8, "hash": eighth.hash}
        connection.execute(text("UPDATE audit_ends SET seq = :seq, hash = :hash WHERE place = 'tail'"), values)
    assert verify(trail, {}).pruned == 8
    assert verify(trail, {ten.seq: ten.hash.hex(), 8: eighth.hash.hex()}).faults == ()
    told = {5: "00", 8: "00"}
    assert verify(trail, told).faults == (
        "entry 5: it is deleted, and cannot be held against what the log told",
        "entry 8: it is not what the log told",
    )


def test_an_entry_put_in_before_the_beginning_is_found(trail: Trail, ten: End, database: Database) -> None:
    trail.prune(list(trail.entries())[-1].recorded + 1)
    with database.writing() as connection:
        for seq in (-7, 0, 3):
            connection.execute(
                text("INSERT INTO audit_events VALUES (:seq, 0, '', :zeros, :zeros, :zeros)"), {"seq": seq} | _VALUES
            )
    assert verify(trail, {}).faults == tuple(
        f"entry {seq}: it is none of the chain, which begins after 10" for seq in (-7, 0, 3)
    )
    changed(database, "UPDATE audit_ends SET hash = :zeros WHERE place = 'head'")
    assert "entry 10: it is not what the chain ended with" in verify(trail, {}).faults


def test_deleting_and_adding_meanwhile_are_no_faults(
    trail: Trail, ten: End, carriers: Carriers, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, read = list(trail.entries())[-1].recorded + 1, trail.entries

    def meanwhile() -> Iterator[Linked]:
        if trail.tail().seq == 0 and trail.prune(before):
            carrier = carriers()
            carrier.append(entry("new"))
            carrier.close()
        return read()

    monkeypatch.setattr(trail, "entries", meanwhile)
    assert (verify(trail, {}).entries, verify(trail, {}).faults) == (1, ())


def test_many_are_deleted_a_portion_at_a_time(database: Database, ten: End) -> None:
    trail = Trail(database, most_deleted=3)
    assert trail.prune(list(trail.entries())[-1].recorded) == 0
    assert trail.prune(list(trail.entries())[-1].recorded + 1) == 10
    assert (trail.tail(), verify(trail, {}).faults) == (ten, ())


def test_deleting_for_age_leaves_a_whole_trail_that_says_so(trail: Trail, ten: End, carriers: Carriers) -> None:
    last = list(trail.entries())[-1]
    assert trail.prune(last.recorded + 1) == 10
    verdict = verify(trail, {ten.seq: ten.hash.hex()})
    assert (verdict.entries, verdict.pruned, verdict.faults) == (0, 10, ())
    carrier = carriers()
    carrier.append(entry("new"))
    carrier.close()
    assert (verify(trail, {}).entries, verify(trail, {}).faults) == (1, ())
