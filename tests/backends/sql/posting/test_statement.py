"""Posting by statement: what books nothing, what is refused, what is tried again, and what may have been booked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, event, make_url, text
from sqlalchemy.exc import DBAPIError, OperationalError

from fhir_facade.backends.posting import Declined, NotSent, Posting, Unsure, Verdict
from fhir_facade.backends.sql import SqlBackend
from fhir_facade.backends.sql.engine import open_writer
from fhir_facade.backends.sql.poster import SqlPoster
from tests.backends.sql.conftest import Heard, Open, Run
from tests.backends.sql.posting.conftest import ANNA, POSTING, SETTINGS, STATEMENT, booked

WHOLE = [("Zk3-payment_1", 1, "A1", None, 8547), ("Zk3-payment_1", 2, "A2", None, 10)]
INTO = STATEMENT["statement"]


def told(statement: str = INTO, found: str = STATEMENT["found"], **change: Any) -> Posting:
    """The payment, by another statement."""
    return replace(POSTING, settings={**STATEMENT, "statement": statement, "found": found}, **change)


def test_every_part_is_a_row(teller: SqlPoster, engine: Engine) -> None:
    answer = teller.tell(POSTING, teller.snapshot(POSTING))
    assert (answer.verdict, answer.external) == (Verdict.POSTED, POSTING.payment)
    assert booked(engine) == WHOLE
    with engine.connect() as connection:
        row = connection.execute(text("SELECT taken, method, last4 FROM online_payments WHERE part = 1")).one()
    assert tuple(row) == ("2026-11-23T22:30:00-06:00", "Visa", "4242")


@pytest.mark.parametrize(
    "statement",
    [
        INTO.replace(":amount", ":amount * 10"),
        INTO.replace(":amount", ":amount + 1"),
        INTO.replace(":bill,", "NULL,"),
        "DELETE FROM online_payments WHERE payment = :payment AND part = :part AND amount = :amount",
    ],
    ids=["ten times", "a cent more", "no bill", "nothing"],
)
def test_a_statement_that_does_not_do_what_was_meant_books_nothing(
    teller: SqlPoster, engine: Engine, statement: str
) -> None:
    with pytest.raises(Declined, match="does not record what"):
        teller.tell(told(statement), {})
    assert booked(engine) == []


def test_a_unique_key_alone_refuses_what_the_query_does_not_find(teller: SqlPoster, engine: Engine) -> None:
    teller.tell(POSTING, {})
    blind = told(found="SELECT bill, visit, amount FROM online_payments WHERE payment = 'x' || :payment")
    with pytest.raises(Declined, match=r"posting.statement: (IntegrityError|UniqueViolation 23505)$"):
        teller.tell(blind, {})
    assert booked(engine) == WHOLE


def test_without_a_unique_key_it_is_looked_for(teller: SqlPoster, engine: Engine, run: Run) -> None:
    run("CREATE TABLE loose (payment VARCHAR(64), part INTEGER, bill VARCHAR(20), visit VARCHAR(20), amount BIGINT)")
    loose = told(
        "INSERT INTO loose VALUES (:payment, :part, :bill, :visit, :amount)",
        "SELECT bill, visit, amount FROM loose WHERE payment = :payment",
    )
    assert [teller.tell(loose, {}).verdict for _ in range(2)] == [Verdict.POSTED, Verdict.POSTED]
    run("INSERT INTO loose SELECT * FROM loose")
    assert teller.found(loose, {}).verdict is Verdict.UNDECIDED
    with pytest.raises(Unsure):
        teller.tell(loose, {})


def test_on_conflict_do_nothing_is_as_good(teller: SqlPoster, engine: Engine) -> None:
    quiet = told(f"{INTO} ON CONFLICT DO NOTHING")
    assert [teller.tell(quiet, {}).verdict for _ in range(2)] == [Verdict.POSTED, Verdict.POSTED]
    assert booked(engine) == WHOLE


def test_what_is_there_otherwise_is_neither_told_nor_posted(teller: SqlPoster, engine: Engine) -> None:
    teller.tell(POSTING, {})
    less = replace(POSTING, bills={"A1": Decimal("85.47")}, other=Decimal("0.10"))
    assert teller.found(less, {}).verdict is Verdict.UNDECIDED
    with pytest.raises(Unsure, match="not as it is told now"):
        teller.tell(less, {})
    assert booked(engine) == WHOLE


def test_somebody_elses_row_is_not_this_payment(teller: SqlPoster, engine: Engine) -> None:
    teller.tell(POSTING, {})
    assert teller.found(replace(POSTING, patient=ANNA._replace(value="1002")), {}).verdict is Verdict.UNDECIDED
    with pytest.raises(Declined, match="another billing system's"):
        teller.found(replace(POSTING, patient=ANNA._replace(billing_system="elsewhere")), {})


@pytest.mark.parametrize(
    ("constraint", "statement"),
    [
        ("a bill that there is not", INTO.replace(":bill,", "'A9',")),
        ("a check", INTO.replace(":amount,", "-:amount,")),
        ("a value that is missing", INTO.replace(":captured,", "NULL,")),
    ],
)
def test_what_a_constraint_refuses_is_refused(
    teller: SqlPoster, engine: Engine, constraint: str, statement: str
) -> None:
    with pytest.raises(Declined, match=r"IntegrityError|Violation"):
        teller.tell(told(statement), {})
    assert booked(engine) == []


def test_a_value_that_does_not_fit_and_a_trigger_that_raises_are_refused(
    teller: SqlPoster, engine: Engine, run: Run
) -> None:
    if engine.dialect.name == "sqlite":
        run("CREATE TRIGGER no BEFORE INSERT ON online_payments BEGIN SELECT RAISE(ABORT, '1001 is barred'); END")
    else:
        with pytest.raises(Declined, match="StringDataRightTruncation 22001"):
            teller.tell(told(INTO.replace(":last4", "'four and more'")), {})
        run(
            "CREATE FUNCTION no() RETURNS trigger AS "
            "$$ BEGIN RAISE '% is barred', NEW.patient; END $$ LANGUAGE plpgsql",
            "CREATE TRIGGER no BEFORE INSERT ON online_payments FOR EACH ROW EXECUTE FUNCTION no()",
        )
    with pytest.raises(Declined) as refusal:
        teller.tell(POSTING, {})
    assert "1001" not in str(refusal.value)
    assert booked(engine) == []


@pytest.mark.parametrize(
    "broken",
    [
        told(INTO.replace("online_payments", "online_paymnts")),
        told(INTO.replace("taken,", "tken,")),
        told(INTO.replace("INSERT INTO", "INSERT IN")),
        told(found="SELECT bill, amount FROM online_payments WHERE payment = :payment"),
        told(found="SELECT bill, visit, amount * 1.5e0 AS amount FROM online_payments WHERE payment = :payment"),
    ],
    ids=["table", "column", "syntax", "no visit", "float"],
)
def test_what_the_site_has_to_mend_is_not_sent(teller: SqlPoster, engine: Engine, broken: Posting) -> None:
    with pytest.raises(NotSent, match=r"posting\.(statement|found)"):
        teller.tell(broken, {})
    assert booked(engine) == []


def test_a_user_that_may_not_write_has_told_nothing(
    site: str, at_site: Callable[..., SqlBackend], engine: Engine, run: Run
) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no users")
    run("DROP ROLE IF EXISTS facade_mere_reader", "CREATE ROLE facade_mere_reader LOGIN")
    try:
        with engine.begin() as connection:
            schema = connection.execute(text("SELECT current_schema()")).scalar_one()
            connection.execute(text(f"GRANT USAGE ON SCHEMA {schema} TO facade_mere_reader"))
            connection.execute(text("GRANT SELECT ON online_payments TO facade_mere_reader"))
        reader = make_url(site).set(username="facade_mere_reader").render_as_string(hide_password=False)
        teller = at_site(posting_url=reader).poster()
        with pytest.raises(NotSent, match="42501"):
            teller.tell(POSTING, {})
        assert [probe.outcome for probe in teller.fits(STATEMENT)] == ["refused", "ok"]
    finally:
        run("DROP OWNED BY facade_mere_reader", "DROP ROLE facade_mere_reader")
    assert booked(engine) == []


def test_reads_stay_read_only(backend: SqlBackend) -> None:
    with pytest.raises(DBAPIError, match=r"(?i)read.?only"), backend._engine.begin() as connection:
        connection.execute(text("DELETE FROM bills"))


def test_without_a_user_of_its_own_nothing_is_sent(site: str, open_with: Open) -> None:
    teller = open_with(**{name: value for name, value in SETTINGS.items() if name != "posting_url"} | {"url": site})
    for attempt in (teller.poster().snapshot, lambda posting: teller.poster().tell(posting, {})):
        with pytest.raises(NotSent, match=r"settings\.posting_url"):
            attempt(POSTING)


@contextmanager
def locked(engine: Engine) -> Iterator[None]:
    """Somebody else holds the table."""
    with engine.connect() as connection:
        begin = "BEGIN IMMEDIATE" if engine.dialect.name == "sqlite" else "LOCK TABLE online_payments"
        connection.exec_driver_sql(begin)
        yield
        connection.rollback()


def test_who_waits_too_long_has_told_nothing(at_site: Callable[..., SqlBackend], engine: Engine) -> None:
    teller = at_site(statement_timeout_seconds=0.2).poster()
    with locked(engine), pytest.raises(NotSent, match="posting"):
        teller.tell(POSTING, {})
    assert booked(engine) == []
    assert teller.tell(POSTING, {}).verdict is Verdict.POSTED


def test_readers_that_keep_a_commit_out_have_kept_it_out(at_site: Callable[..., SqlBackend], engine: Engine) -> None:
    if engine.dialect.name == "postgresql":
        pytest.skip("PostgreSQL's readers keep nobody out")
    teller = at_site(statement_timeout_seconds=0.2).poster()
    with engine.connect() as reader:
        reader.exec_driver_sql("BEGIN")
        reader.exec_driver_sql("SELECT * FROM bills").fetchall()
        with pytest.raises(NotSent):
            teller.tell(POSTING, {})
        reader.rollback()
    assert booked(engine) == []
    assert teller.tell(POSTING, {}).verdict is Verdict.POSTED


@pytest.mark.parametrize("cents", [10, 11], ids=["the same", "another"])
def test_who_comes_second_waits_and_sees_what_was_booked(teller: SqlPoster, engine: Engine, cents: int) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has one writer at a time: the second looks after the first")
    with ThreadPoolExecutor(1) as pool, engine.connect() as first:
        for part, bill, amount in ((1, "A1", 8547), (2, "A2", cents)):
            row = {"payment": POSTING.payment, "part": part, "patient": "1001", "bill": bill, "amount": amount}
            first.execute(text(INTO), row | {"visit": None, "captured": "now", "method": None, "last4": None})
        second = pool.submit(teller.tell, POSTING, {})
        waiting = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND pid <> pg_backend_pid()")
        with engine.connect() as watcher:
            while not second.done() and not watcher.execute(waiting).scalar_one():
                watcher.rollback()
        first.commit()
        if cents == 10:
            assert second.result().verdict is Verdict.POSTED
        else:
            with pytest.raises(Unsure):
                second.result()
    assert len(booked(engine)) == 2


@pytest.mark.parametrize("happened", [True, False], ids=["committed", "not committed"])
def test_a_commit_without_an_answer_may_have_happened(
    teller: SqlPoster, engine: Engine, happened: bool, backend: SqlBackend
) -> None:
    writer = teller._engines.writes
    assert writer is not None

    def cut(connection: Connection) -> None:
        if happened:
            connection.connection.commit()
        raise OperationalError("COMMIT", {}, OSError("server closed the connection"))

    event.listen(writer, "commit", cut)
    with pytest.raises(Unsure):
        teller.tell(POSTING, {})
    event.remove(writer, "commit", cut)
    assert teller.found(POSTING, {}).verdict is (Verdict.POSTED if happened else Verdict.ABSENT)
    assert booked(engine) == (WHOLE if happened else [])
    assert teller.tell(POSTING, {}).verdict is Verdict.POSTED
    assert booked(engine) == WHOLE


@pytest.mark.parametrize(
    ("at_the_end", "raised"),
    [
        ("PERFORM pg_terminate_backend(pg_backend_pid())", Unsure),
        ("RAISE SQLSTATE '40001'", NotSent),
        ("RAISE SQLSTATE '23514'", Declined),
    ],
    ids=["the connection is lost", "rolled back", "a constraint"],
)
def test_a_commit_that_fails_at_the_server(
    teller: SqlPoster, engine: Engine, run: Run, at_the_end: str, raised: type[Exception]
) -> None:
    if engine.dialect.name == "sqlite":
        pytest.skip("SQLite has no triggers that run at the end")
    run(
        f"CREATE FUNCTION late() RETURNS trigger AS $$ BEGIN {at_the_end}; RETURN NEW; END $$ LANGUAGE plpgsql",
        "CREATE CONSTRAINT TRIGGER late AFTER INSERT ON online_payments DEFERRABLE INITIALLY DEFERRED "
        "FOR EACH ROW EXECUTE FUNCTION late()",
    )
    with pytest.raises(raised):
        teller.tell(POSTING, {})
    assert booked(engine) == []
    run("DROP TRIGGER late ON online_payments")
    assert teller.tell(POSTING, {}).verdict is Verdict.POSTED
    assert booked(engine) == WHOLE


@pytest.mark.parametrize(
    ("status", "verdict"),
    [("'accepted'", Verdict.ACCEPTED), ("'posted'", Verdict.POSTED), ("NULL", Verdict.POSTED)],
)
def test_a_table_that_is_booked_from_later_says_so(teller: SqlPoster, status: str, verdict: Verdict) -> None:
    query = STATEMENT["found"].replace("SELECT", f"SELECT {status} AS status,")
    assert teller.tell(told(found=query), {}).verdict is verdict
    refused = query.replace(status, "'refused'")
    with pytest.raises(Declined, match="has refused it"):
        teller.found(told(found=refused), {})
    partly = query.replace(status, "CASE part WHEN 1 THEN 'refused' ELSE 'posted' END")
    strange = query.replace(status, "'done'")
    assert {teller.found(told(found=other), {}).verdict for other in (partly, strange)} == {Verdict.UNDECIDED}


@pytest.mark.parametrize("amount", ["0.01", "12.50", "0.30", "12345678901.23"])
def test_amounts_are_exact_in_dollars_too(
    at_site: Callable[..., SqlBackend], engine: Engine, run: Run, amount: str
) -> None:
    type_ = "TEXT" if engine.dialect.name == "sqlite" else "NUMERIC(14, 2)"
    run(f"CREATE TABLE dollars (payment TEXT, part INTEGER, bill TEXT, amount {type_}, PRIMARY KEY (payment, part))")
    teller = at_site(amount_unit="major").poster()
    posting = told(
        "INSERT INTO dollars VALUES (:payment, :part, :bill, :amount)",
        "SELECT bill, NULL AS visit, amount FROM dollars WHERE payment = :payment",
        bills={"A1": Decimal(amount)},
        amount=Decimal(amount),
    )
    assert teller.tell(posting, {}).verdict is Verdict.POSTED
    with engine.connect() as connection:
        assert str(connection.execute(text("SELECT amount FROM dollars")).scalar_one()) == amount


def test_half_a_cent_is_refused_where_cents_are_kept(teller: SqlPoster) -> None:
    with pytest.raises(Declined, match="more than two digits"):
        teller.tell(replace(POSTING, bills={"A1": Decimal("0.005")}, amount=Decimal("0.005")), {})


def test_events_tell_of_calls_and_of_nobody(teller: SqlPoster, heard: Heard) -> None:
    teller.tell(POSTING, {})
    with pytest.raises(Declined):
        teller.tell(told(INTO.replace(":bill,", "'A9',"), payment="another"), {})
    ended = [(facts["endpoint"], facts["status"]) for _, facts in heard]
    assert ended == [
        ("posting.statement", "ok"),
        ("posting.statement", "refused"),
        ("posting.found", "ok"),
    ]
    said = str(heard)
    assert not [value for value in ("1001", "85.47", "8547", POSTING.payment, "A1") if value in said]


def test_a_file_that_is_not_there_is_not_made(tmp_path: Any) -> None:
    engine = open_writer(f"sqlite:///{tmp_path / 'none.db'}", 1)
    with pytest.raises(DBAPIError):
        engine.connect()
    engine.dispose()
    assert list(tmp_path.iterdir()) == []
