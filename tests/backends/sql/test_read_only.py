"""The backend cannot write, whatever the site's user may do."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import DBAPIError

from fhir_facade.backends.sql.engine import open_engine
from tests.backends.sql.conftest import Run


@pytest.fixture
def engine(url: str, run: Run) -> Iterator[Engine]:
    run("CREATE TABLE t (number INTEGER)", "INSERT INTO t VALUES (1)")
    engine = open_engine(url, 2, 2)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("statement", ["INSERT INTO t VALUES (2)", "DELETE FROM t", "CREATE TABLE u (a INTEGER)"])
def test_writing_is_refused(engine: Engine, statement: str) -> None:
    with pytest.raises(DBAPIError, match=r"(?i)read.?only"), engine.begin() as connection:
        connection.execute(text(statement))


def test_two_statements_of_one_answer_see_one_moment(engine: Engine, run: Run) -> None:
    if engine.dialect.name == "sqlite":
        run("PRAGMA journal_mode = WAL")  # else a reader would keep the writer out, which is the same to it
    with engine.begin() as connection:
        before = connection.execute(text("SELECT count(*) FROM t")).scalar_one()
        run("INSERT INTO t VALUES (2)")
        assert connection.execute(text("SELECT count(*) FROM t")).scalar_one() == before
    with engine.begin() as connection:
        assert connection.execute(text("SELECT count(*) FROM t")).scalar_one() == before + 1


def test_parameters_are_not_in_the_text_of_errors(engine: Engine) -> None:
    with pytest.raises(DBAPIError) as error, engine.begin() as connection:
        connection.execute(text("SELECT * FROM nowhere WHERE number = :patient"), {"patient": 77001})
    assert "77001" not in str(error.value)
