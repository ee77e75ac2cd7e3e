"""The steps from one form of the state database to the next end where the tables are, and lose nothing on the way."""

from __future__ import annotations

import sqlite3
import stat
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from fhir_facade.state import schema
from fhir_facade.state.database import Database
from fhir_facade.state.schema import NEEDED, UNNUMBERED, SchemaMismatch
from fhir_facade.state.tables import METADATA
from tests.state.conftest import at_once, opened

NEWER = "9999"


@pytest.fixture
def empty(shared_url: str) -> Iterator[Database]:
    """A database without tables."""
    database = Database(shared_url)
    if database.file is not None:
        database._prepare_file()
    yield database
    database.close()


def test_all_steps_lead_to_the_tables(empty: Database) -> None:
    with empty.writing() as connection:
        schema.upgrade(connection)
    with empty.reading() as connection:
        assert schema.form(connection) == NEEDED
    with empty.writing() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []


def test_on_sqlite_they_lead_to_the_same_to_the_letter(tmp_path: Path) -> None:
    made, migrated = (f"sqlite:///{tmp_path / name}" for name in ("made.db", "migrated.db"))
    with opened(made):
        pass
    with closing(Database(migrated)) as database, database.writing() as connection:
        schema.upgrade(connection)
    assert _statements(tmp_path / "made.db") == _statements(tmp_path / "migrated.db")


def _statements(file: Path) -> dict[str, str]:
    with closing(sqlite3.connect(file)) as connection:
        found = connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL")
        return {name: " ".join(sql.split()) for name, sql in found if name != "alembic_version"}


def test_the_form_that_is_needed_is_the_last_step_and_steps_are_in_order() -> None:
    config = Config()
    config.set_main_option("script_location", str(schema._SCRIPTS))
    scripts = ScriptDirectory.from_config(config)
    steps = [step.revision for step in scripts.walk_revisions()]
    assert scripts.get_current_head() == NEEDED == steps[0]
    assert steps == sorted(steps, reverse=True)
    assert {len(step) for step in steps} == {4}


def earlier(database: Database) -> None:
    """As versions made it that had no payments, and no steps."""
    if database.file is not None:
        database._prepare_file()
    with database.writing() as connection:
        METADATA.create_all(connection, tables=[t for t in METADATA.tables.values() if "payment" not in t.name])
        connection.execute(text("INSERT INTO page_keys (fingerprint) VALUES (:f)"), {"f": b"abcd"})


def test_a_database_of_an_earlier_version_keeps_what_is_in_it(empty: Database) -> None:
    earlier(empty)
    with empty.reading() as connection:
        assert schema.form(connection) == UNNUMBERED
    assert empty.create() is True
    assert empty.create() is False
    empty.ping()
    with empty.writing() as connection:
        assert compare_metadata(MigrationContext.configure(connection), METADATA) == []
        assert connection.execute(text("SELECT fingerprint FROM page_keys")).scalars().all() == [b"abcd"]


def test_many_who_migrate_at_once_do_it_once(shared_url: str) -> None:
    with closing(Database(shared_url)) as database:
        earlier(database)

    def migrate(_: int) -> bool:
        with closing(Database(shared_url)) as database:
            return database.create()

    assert sum(at_once(4, migrate)) == 1


def test_a_sqlite_file_is_copied_before_it_is_changed(tmp_path: Path) -> None:
    file, copy = tmp_path / "state.db", tmp_path / f"state.db.before-{NEEDED}"
    with closing(Database(f"sqlite:///{file}")) as database:
        earlier(database)
        assert database.ready() is True
    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT fingerprint FROM page_keys").fetchall() == [(b"abcd",)]
    assert "payments" in _statements(file)
    assert "payments" not in _statements(copy)


def test_a_file_that_is_new_or_as_it_should_be_is_not_copied(tmp_path: Path) -> None:
    for _ in range(2):
        with closing(Database(f"sqlite:///{tmp_path / 'state.db'}")) as database:
            assert database.ready() is False
    assert [file.name for file in tmp_path.glob("*before*")] == []


def test_a_step_that_fails_changes_nothing(empty: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    earlier(empty)
    real = schema.upgrade

    def failing(connection: schema.Connection) -> None:
        real(connection)
        raise KeyError("on the way")

    monkeypatch.setattr(schema, "upgrade", failing)
    with pytest.raises(KeyError):
        empty.create()
    with empty.reading() as connection:
        assert schema.form(connection) == UNNUMBERED
        assert "payments" not in schema.inspect(connection).get_table_names()


def test_a_newer_form_is_refused_and_left_alone(empty: Database) -> None:
    empty.create()
    with empty.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :newer"), {"newer": NEWER})
    for refusing in (empty.create, empty.ready):
        with pytest.raises(SchemaMismatch, match=f"has form {NEWER}, and this version needs {NEEDED}: a newer version"):
            refusing()


def test_a_shared_database_is_changed_by_migrate_alone(empty: Database) -> None:
    if empty.file is not None:
        assert empty.ready() is False
        return
    with pytest.raises(SchemaMismatch, match=r"has no tables yet.* run fhir-facade migrate"):
        empty.ready()
    earlier(empty)
    with pytest.raises(SchemaMismatch, match=rf"has form {UNNUMBERED}.* run fhir-facade migrate"):
        empty.ready()
    empty.create()
    empty.ready()


def test_the_ledger_is_written_so_that_no_power_cut_undoes_it(tmp_path: Path) -> None:
    """https://www.sqlite.org/pragma.html#pragma_synchronous: 1 is NORMAL, 2 is FULL."""
    with opened(f"sqlite:///{tmp_path / 'state.db'}") as database:
        seen = []
        for durable in (False, True, True, False):
            with database.writing(durable=durable) as connection:
                seen.append(connection.execute(text("PRAGMA synchronous")).scalar())
    assert seen == [1, 2, 2, 1]
