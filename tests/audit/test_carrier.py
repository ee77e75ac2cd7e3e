"""From the spool into the trail: every entry once, in order, whoever dies meanwhile."""

from __future__ import annotations

import datetime as dt
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from fhir_facade.audit.entry import decode
from fhir_facade.audit.spool import Spool
from fhir_facade.errors import StateUnavailable
from fhir_facade.events import Event
from fhir_facade.state.database import Database
from fhir_facade.state.trail import Trail
from tests.audit.conftest import Carriers, entry
from tests.people import ANNA, BORIS, NOW
from tests.state.conftest import at_once


def ids(trail: Trail) -> list[str]:
    return [decode(row.entry).id for row in trail.entries()]


def test_what_is_written_down_is_carried_once_and_in_order(carriers: Carriers, trail: Trail, folder: Path) -> None:
    carrier = carriers()
    names = [str(number) for number in range(200)]  # more than one file holds
    for name in names:
        carrier.append(entry(name))
    assert ids(trail) == []
    carrier.carry()
    carrier.carry()
    assert ids(trail) == names
    assert len(list(folder.glob("*.spool"))) == 1
    carrier.close()
    assert list(folder.iterdir()) == []


def test_lines_that_come_together_stay_together_and_a_long_one_has_room(carriers: Carriers, trail: Trail) -> None:
    carrier = carriers(size=64)
    carrier.append(entry("a") + entry("b", BORIS) + entry("c" * 900))
    carrier.close()
    assert ids(trail) == ["a", "b", "c" * 900]


def test_many_threads_write_and_nothing_is_mixed_or_lost(carriers: Carriers, trail: Trail) -> None:
    carrier = carriers()
    at_once(8, lambda worker: [carrier.append(entry(f"{worker}.{number}")) for number in range(100)])
    carrier.close()
    assert sorted(ids(trail)) == sorted(f"{worker}.{number}" for worker in range(8) for number in range(100))


def test_workers_share_one_chain(carriers: Carriers, trail: Trail) -> None:
    workers = [carriers() for _ in range(4)]
    at_once(4, lambda number: [(workers[number].append(entry(str(number))), workers[number].carry()) for _ in range(9)])
    assert [row.seq for row in trail.entries()] == list(range(1, 37))


DYING = """
import os, signal, sys
from pathlib import Path
from fhir_facade.audit.spool import Spool
from tests.audit.conftest import entry
spool = Spool(Path(sys.argv[1]), 4096)
for number in range(50):
    spool.append(entry(str(number)))
torn = entry("torn")
end = spool.current.written
spool.current._memory[end : end + 9] = torn[:9]
spool.current._memory[end + 20 : end + 21] = b"\\n"
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_a_killed_workers_entries_are_carried_by_another(carriers: Carriers, trail: Trail, folder: Path) -> None:
    died = subprocess.run([sys.executable, "-c", DYING, str(folder)], cwd=Path(__file__).parents[2], check=False)
    assert died.returncode == -signal.SIGKILL
    assert len(list(folder.glob("*.spool"))) > 1
    carrier = carriers()
    carrier.keep_house()
    assert sorted(ids(trail), key=int) == [str(number) for number in range(50)]
    assert len(list(folder.glob("*.spool"))) == 1


def test_a_living_workers_files_are_its_own(carriers: Carriers, trail: Trail) -> None:
    living, other = carriers(), carriers()
    living.append(entry("mine"))
    other.keep_house()
    assert ids(trail) == []
    living.carry()
    assert ids(trail) == ["mine"]


def test_what_was_carried_before_a_worker_died_is_not_carried_again(
    carriers: Carriers, trail: Trail, folder: Path
) -> None:
    spool = Spool(folder, 4_096)
    spool.append(entry("before"))
    segment = spool.current
    lines, end = segment.lines(10)
    carrier = carriers()
    assert [decode(line).id for line in lines] == ["before"]
    trail.append([], segment.name, end)  # as if it had been carried, and the worker killed before it knew
    spool.append(entry("after"))
    segment.close(remove=False)
    carrier.keep_house()
    assert ids(trail) == ["after"]


def test_a_state_that_is_down_delays_and_loses_nothing(
    carriers: Carriers, trail: Trail, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    carrier = carriers()
    carrier.append(entry("a"))
    with monkeypatch.context() as down:
        down.setattr(database, "writing", unavailable)
        with pytest.raises(StateUnavailable):
            carrier.carry()
        carrier.append(entry("b"))
    carrier.carry()
    assert ids(trail) == ["a", "b"]


def test_nothing_is_written_down_after_the_last_was_carried(carriers: Carriers, trail: Trail) -> None:
    carrier = carriers()
    carrier.append(entry("a"))
    carrier.close()
    with pytest.raises(StateUnavailable):
        carrier.append(entry("b"))
    assert ids(trail) == ["a"]


def test_a_state_that_stays_down_leaves_the_spool_to_whoever_comes_next(
    carriers: Carriers, trail: Trail, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    carrier = carriers()
    carrier.append(entry("a"))
    with monkeypatch.context() as down:
        down.setattr(database, "writing", unavailable)
        carrier.close()
    carriers().keep_house()
    assert ids(trail) == ["a"]


def test_a_line_of_another_version_is_kept_as_it_is(carriers: Carriers, trail: Trail) -> None:
    carrier = carriers()
    carrier.append(b'{"quite":"different"}\n')
    carrier.carry()
    assert [row.entry for row in trail.entries()] == [b'{"quite":"different"}']


def test_old_entries_are_deleted_and_the_log_is_told_the_head(carriers: Carriers, trail: Trail) -> None:
    told: list[tuple[Event, dict[str, object]]] = []
    carrier = carriers(event=lambda code, **facts: told.append((code, facts)))
    for days in (20, 10, 8, 0):
        carrier.append(entry(str(days), recorded=NOW - dt.timedelta(days=days)))
    carrier.keep_house()
    assert ids(trail) == ["8", "0"]
    assert trail.tail().seq == 2
    head = trail.head()
    assert told == [
        (Event.AUDIT_PRUNED, {"count": 2}),
        (Event.AUDIT_ANCHORED, {"count": 4, "digest": head.hash.hex()}),
    ]


def test_the_spool_is_its_owners_alone(carriers: Carriers, folder: Path) -> None:
    carriers()
    assert folder.stat().st_mode & 0o077 == 0
    assert [path.stat().st_mode & 0o077 for path in folder.iterdir()] == [0]


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o1777])
def test_a_folder_that_others_can_write_to_is_refused(folder: Path, mode: int) -> None:
    folder.mkdir()
    folder.chmod(mode)
    with pytest.raises(StateUnavailable, match="others can write"):
        Spool(folder)


def test_what_cannot_be_opened_is_told_and_stops_nothing(
    carriers: Carriers, trail: Trail, folder: Path, tmp_path: Path
) -> None:
    told: list[tuple[Event, dict[str, object]]] = []
    carrier = carriers(event=lambda code, **facts: told.append((code, facts)))
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(entry("not from here"))
    (folder / "a.spool").symlink_to(elsewhere)
    (folder / "b.spool").mkdir()
    left = Spool(folder, 4_096)
    left.append(entry("left"))
    left.current.close(remove=False)
    carrier.append(entry("mine", recorded=NOW - dt.timedelta(days=20)))
    carrier.keep_house()
    assert ids(trail) == ["left", "mine"]
    assert [code for code, _ in told] == [Event.AUDIT_WAITING, Event.AUDIT_ANCHORED]
    assert told[0][1] == {"count": 2}


def test_a_folder_that_cannot_be_written_to_is_said_at_the_start(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StateUnavailable, match="audit spool"):
        Spool(tmp_path / "file" / "spool")


def test_a_full_disk_is_said_before_anything_is_answered(carriers: Carriers, monkeypatch: pytest.MonkeyPatch) -> None:
    carrier = carriers(size=100)

    def full(descriptor: int, _: bytes) -> int:
        raise OSError(28, "No space left on device")

    carrier.append(entry("a"))
    monkeypatch.setattr(os, "write", full)
    with pytest.raises(StateUnavailable, match="No space left"):
        carrier.append(entry("b"))


def test_a_patient_finds_their_own_entries_newest_first(carriers: Carriers, trail: Trail) -> None:
    carrier = carriers()
    for id, whose in (("1", ANNA), ("2", BORIS), ("3", ANNA)):
        carrier.append(entry(id, whose))
    carrier.carry()
    assert [decode(raw).id for _, raw in trail.of_patient(ANNA, 10)] == ["3", "1"]
    assert [seq for seq, _ in trail.of_patient(ANNA, 1)] == [3]


def unavailable() -> None:
    raise StateUnavailable("down")
