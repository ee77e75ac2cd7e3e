"""Posting by file: what is dropped, that it is dropped once, and what comes back about it."""

from __future__ import annotations

import fcntl
from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from fhir_facade.backends.posting import Declined, NotSent, Posting, Unsure, Verdict
from fhir_facade.backends.sql.batch import name_of
from fhir_facade.backends.sql.drop import Drop, NotDropped, Stage
from fhir_facade.backends.sql.poster import SqlPoster
from tests.backends.sql.conftest import Heard
from tests.backends.sql.posting.conftest import STATEMENT, TakeIn, booked

NAME = "Zk3-payment_1.csv"
HEAD = "payment,part,patient,bill,visit,amount,total,currency,captured,method,last4\r\n"
BATCH = (
    HEAD
    + "Zk3-payment_1,1,1001,A1,,8547,8557,USD,2026-11-23T22:30:00-06:00,Visa,4242\r\n"
    + "Zk3-payment_1,2,1001,A2,,10,8557,USD,2026-11-23T22:30:00-06:00,Visa,4242\r\n"
)


@pytest.fixture
def out(folders: Mapping[str, Any]) -> Path:
    return Path(folders["folder"])


@pytest.fixture
def back(folders: Mapping[str, Any]) -> Path:
    return Path(folders["acknowledgements"])


def dropped(out: Path) -> list[str]:
    return [file.name for file in out.iterdir() if file.is_file()]


def acknowledge(
    back: Path, *lines: str, name: str = "ack-1.csv", head: str = "payment,part,status,number,reason"
) -> None:
    (back / name).write_text("\n".join([head, *lines]) + "\n")


def test_a_payment_is_one_file_with_a_line_for_each_part(teller: SqlPoster, by_file: Posting, out: Path) -> None:
    assert teller.tell(by_file, teller.snapshot(by_file)).verdict is Verdict.ACCEPTED
    assert dropped(out) == [NAME]
    assert (out / NAME).read_bytes().decode() == BATCH
    assert sorted(file.name for file in (out / ".sent").iterdir()) == [".lock", NAME]


def test_what_was_taken_away_is_not_dropped_again(teller: SqlPoster, by_file: Posting, out: Path) -> None:
    teller.tell(by_file, {})
    (out / NAME).unlink()
    assert teller.found(by_file, {}).verdict is Verdict.ACCEPTED
    assert teller.tell(by_file, {}).verdict is Verdict.ACCEPTED
    assert dropped(out) == []


def test_the_same_payment_told_otherwise_is_dropped_once(teller: SqlPoster, by_file: Posting, out: Path) -> None:
    teller.tell(by_file, {})
    (out / NAME).unlink()
    other = replace(by_file, bills={"A1": Decimal("85.47")}, other=Decimal("0.10"))
    with pytest.raises(Unsure, match="not as it is told now"):
        teller.tell(other, {})
    assert teller.found(other, {}).verdict is Verdict.UNDECIDED
    assert dropped(out) == []


def test_a_tender_that_was_renamed_since_is_the_same_payment(teller: SqlPoster, by_file: Posting) -> None:
    teller.tell(by_file, {})
    renamed = replace(by_file, settings={**by_file.settings, "methods": {"visa": "VISA CARD"}})
    assert teller.found(renamed, {}).verdict is Verdict.ACCEPTED


@pytest.mark.parametrize("payment", ["../../etc/passwd", "a/b", "", ".hidden", "-x", "a" * 65, "ö"])
def test_a_files_name_stays_in_its_folder(payment: str) -> None:
    assert len(name_of(payment)) == 64 + len(".csv")
    assert name_of("Zk3-payment_1") == NAME


def test_a_share_that_is_not_mounted_is_no_empty_folder(teller: SqlPoster, by_file: Posting, out: Path) -> None:
    (out / ".sent").rmdir()
    for attempt in (
        teller.snapshot,
        lambda posting: teller.tell(posting, {}),
        lambda posting: teller.found(posting, {}),
    ):
        with pytest.raises(NotSent, match=r"posting\.folder: FileNotFoundError$"):
            attempt(by_file)
    assert dropped(out) == []


def test_who_cannot_read_acknowledgements_drops_nothing(
    teller: SqlPoster, by_file: Posting, out: Path, back: Path
) -> None:
    back.rmdir()
    with pytest.raises(NotSent, match=r"posting\.acknowledgements: FileNotFoundError$"):
        teller.tell(by_file, {})
    assert dropped(out) == []


def test_a_rename_that_fails_may_have_been_done(teller: SqlPoster, by_file: Posting, out: Path) -> None:
    (out / NAME).mkdir()  # a folder cannot be replaced by a file
    with pytest.raises(Unsure, match=r"posting\.folder: IsADirectoryError$"):
        teller.tell(by_file, {})
    assert teller.found(by_file, {}).verdict is Verdict.ABSENT
    (out / NAME).rmdir()
    assert teller.tell(by_file, {}).verdict is Verdict.ACCEPTED
    assert (out / NAME).read_bytes().decode() == BATCH


def test_who_drops_holds_a_lock(out: Path) -> None:
    with (out / ".sent" / ".lock").open("w") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        with pytest.raises(NotDropped, match=r"^BlockingIOError$"):
            Drop(out, patience=0.0).put(NAME, b"x")
        with pytest.raises(NotDropped, match=r"^BlockingIOError$"):
            Drop(out, patience=0.0).look(NAME)
    assert dropped(out) == []
    assert Drop(out).put(NAME, b"x") == b"x"
    assert Drop(out).look(NAME) == (Stage.DROPPED, b"x")


P = "Zk3-payment_1"


@pytest.mark.parametrize(
    ("lines", "verdict"),
    [
        ([f"{P},,OK,77,"], Verdict.POSTED),
        ([f"{P},1,OK,77,", f"{P},2,OK,77,"], Verdict.POSTED),
        ([f"{P},1,OK,77,"], Verdict.ACCEPTED),
        ([f"{P},,QUEUED,,"], Verdict.ACCEPTED),
        ([f"{P},,QUEUED,,", f"{P},,OK,77,"], Verdict.POSTED),
        ([f"{P},1,OK,77,", f"{P},2,NAK,,closed"], Verdict.UNDECIDED),
        ([f"{P},2,NAK,,closed"], Verdict.UNDECIDED),
        ([f"{P},,OK,77,", f"{P},,NAK,,bounced"], Verdict.UNDECIDED),
        ([f"{P},,DONE,77,"], Verdict.UNDECIDED),
        ([f"{P},,posted,77,"], Verdict.UNDECIDED),  # the site has words of its own
        ([f"{P},,,77,"], Verdict.UNDECIDED),
        (["another,,OK,1,", f"x{P},,NAK,,", f"{P}0,,NAK,,"], Verdict.ACCEPTED),
    ],
)
def test_what_comes_back(teller: SqlPoster, by_file: Posting, back: Path, lines: list[str], verdict: Verdict) -> None:
    teller.tell(by_file, {})
    acknowledge(back, *lines)
    answer = teller.found(by_file, {})
    assert answer.verdict is verdict
    assert answer.external == ("77" if verdict is Verdict.POSTED else answer.external)


def test_what_was_refused_says_where(teller: SqlPoster, by_file: Posting, back: Path) -> None:
    teller.tell(by_file, {})
    acknowledge(back, "another,,OK,1,", f"{P},1,NAK,,Anna is barred", f"{P},2,NAK,,", name="batch 7.csv")
    for attempt in (teller.found, teller.tell):
        with pytest.raises(Declined, match=r"has refused it: batch 7\.csv, line 3$"):
            attempt(by_file, {})


@pytest.mark.parametrize(
    ("amounts", "verdict"),
    [
        (("8547", "10"), Verdict.POSTED),
        (("8547.00", ""), Verdict.POSTED),
        (("8548", "10"), Verdict.UNDECIDED),
        (("85.47", "0.10"), Verdict.UNDECIDED),
        (("all", "10"), Verdict.UNDECIDED),
    ],
)
def test_an_amount_that_comes_back_is_compared(
    teller: SqlPoster, by_file: Posting, back: Path, amounts: tuple[str, str], verdict: Verdict
) -> None:
    teller.tell(by_file, {})
    lines = [f"{P},{part},OK,{amount}" for part, amount in enumerate(amounts, start=1)]
    acknowledge(back, *lines, head="Payment,Part,Status,Amount")
    assert teller.found(by_file, {}).verdict is verdict
    acknowledge(back, f"{P},,OK,{8557 if verdict is Verdict.POSTED else 8556}", head="payment,part,status,amount")
    assert teller.found(by_file, {}).verdict is verdict


def test_words_of_our_own_are_understood_as_they_are(teller: SqlPoster, by_file: Posting, back: Path) -> None:
    plain = replace(by_file, settings={name: value for name, value in by_file.settings.items() if name != "statuses"})
    teller.tell(plain, {})
    acknowledge(back, f"{P},,posted,77,")
    assert teller.found(plain, {}).verdict is Verdict.POSTED
    acknowledge(back, f"{P},,OK,77,")
    assert teller.found(plain, {}).verdict is Verdict.UNDECIDED


def test_a_file_from_a_spreadsheet_is_read(teller: SqlPoster, by_file: Posting, back: Path) -> None:
    teller.tell(by_file, {})
    (back / "ack.csv").write_bytes(f"\ufeffPAYMENT,Status\r\n{P}, OK \r\n".encode())
    (back / "ack.part").write_text(f"payment,status\n{P},NAK\n")  # somebody is writing it
    (back / "junk.csv").write_bytes(b"\xff\x00,\n" * 3)
    assert teller.found(by_file, {}).verdict is Verdict.POSTED


def test_an_acknowledgement_of_what_was_never_dropped_is_for_people(
    teller: SqlPoster, by_file: Posting, out: Path, back: Path
) -> None:
    acknowledge(back, f"{P},,OK,77,")
    assert teller.found(by_file, {}).verdict is Verdict.UNDECIDED
    with pytest.raises(Unsure):
        teller.tell(by_file, {})
    assert dropped(out) == []


def test_the_database_may_say_it_instead(
    teller: SqlPoster, by_file: Posting, take_in: TakeIn, back: Path, engine: Engine
) -> None:
    asked = replace(by_file, settings={**by_file.settings, "found": STATEMENT["found"]})
    assert teller.tell(asked, {}).verdict is Verdict.ACCEPTED
    take_in()
    for acknowledgement in back.iterdir():
        acknowledgement.unlink()
    assert teller.found(by_file, {}).verdict is Verdict.ACCEPTED
    answer = teller.found(asked, {})
    assert (answer.verdict, answer.external) == (Verdict.POSTED, P)
    assert len(booked(engine)) == 2


def test_the_examples_intake_books_a_file_once(
    teller: SqlPoster, by_file: Posting, take_in: TakeIn, out: Path, engine: Engine
) -> None:
    teller.tell(by_file, {})
    content = (out / NAME).read_bytes()
    take_in()
    (out / NAME).write_bytes(content)  # it died before it had taken the file away
    take_in()
    assert len(booked(engine)) == 2
    assert teller.found(by_file, {}).verdict is Verdict.POSTED


def test_events_tell_of_no_payment(teller: SqlPoster, by_file: Posting, heard: Heard) -> None:
    teller.tell(by_file, {})
    assert {(facts["endpoint"], facts["status"]) for _, facts in heard} == {("posting.file", "ok")}
    assert not [value for value in ("1001", "8547", P, "A1") if value in str(heard)]
