"""What a database says about the types of a query's columns, before any row is read for a patient."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, FromClause, Select, column, func, literal_column, select, text
from sqlalchemy.exc import DBAPIError

SAMPLE = 10_000  # rows of SQLite whose values are looked at, for its columns have no types of their own


class Nature(str, Enum):
    """What a column holds, as far as it matters here."""

    TEXT = "text"
    INTEGER = "integer"
    UUID = "uuid"
    FLOAT = "floating point"
    MONEY = "money"
    OTHER = "another type"
    UNKNOWN = "unknown"


# https://github.com/postgres/postgres/blob/master/src/include/catalog/pg_type.dat
POSTGRESQL: Mapping[int, Nature] = {
    **dict.fromkeys((19, 25, 1042, 1043), Nature.TEXT),
    **dict.fromkeys((20, 21, 23, 1700), Nature.INTEGER),
    **dict.fromkeys((700, 701), Nature.FLOAT),
    790: Nature.MONEY,
    2950: Nature.UUID,
}
PYTHON: Mapping[type, Nature] = {
    str: Nature.TEXT,
    int: Nature.INTEGER,
    Decimal: Nature.INTEGER,
    float: Nature.FLOAT,
    UUID: Nature.UUID,
}


def natures(connection: Connection, query: str, wrapped: FromClause) -> dict[str, Nature]:
    """The columns that ``wrapped`` (``query`` as a subquery) answers with, in order, and their natures."""
    look = BY_DIALECT.get(connection.dialect.name, _by_sample)
    return look(connection, query, wrapped)


def _described(connection: Connection, wrapped: FromClause, rows: int) -> tuple[Sequence[Any], Any]:
    statement: Select[Any] = select(literal_column("q.*")).select_from(wrapped).limit(rows)
    with connection.execute(statement) as result:
        return result.cursor.description, result.first()


def _by_oid(connection: Connection, query: str, wrapped: FromClause) -> dict[str, Nature]:
    described, _ = _described(connection, wrapped, 0)
    return {name: POSTGRESQL.get(oid, Nature.OTHER) for name, oid, *_ in described}


def _by_sample(connection: Connection, query: str, wrapped: FromClause) -> dict[str, Nature]:
    described, row = _described(connection, wrapped, 1)
    cells = row or [None] * len(described)
    return {name: PYTHON.get(type(cell), Nature.UNKNOWN) for (name, *_), cell in zip(described, cells, strict=True)}


def _by_affinity(connection: Connection, query: str, wrapped: FromClause) -> dict[str, Nature]:
    """SQLite: a column is floating point when it is declared so, or when a value of it is.

    A number in any other column may be text or integer from row to row, so it is ``UNKNOWN``.
    """
    described, _ = _described(connection, wrapped, 0)
    names = [name for name, *_ in described]
    rows = select(*(column(name) for name in names)).select_from(wrapped).limit(SAMPLE).subquery("q")
    real = [func.coalesce(func.max(func.typeof(rows.c[name]) == "real"), 0) for name in names]
    held = connection.execute(select(*real)).one()
    declared = _declared_real(connection, query)
    return {
        name: Nature.FLOAT if is_real or name in declared else Nature.UNKNOWN
        for name, is_real in zip(names, held, strict=True)
    }


def _declared_real(connection: Connection, query: str) -> frozenset[str]:
    """Columns of REAL affinity: https://sqlite.org/datatype3.html#determination_of_column_affinity"""
    try:
        connection.execute(text(f"CREATE TEMP VIEW fhir_facade_look AS {query}"))
    except DBAPIError:  # no temporary view here (query_only): the values have been looked at
        return frozenset()
    try:
        described = connection.execute(text("PRAGMA temp.table_info(fhir_facade_look)")).all()
    finally:
        connection.execute(text("DROP VIEW temp.fhir_facade_look"))
    return frozenset(name for _, name, declared, *_ in described if _is_real(declared.upper()))


def _is_real(declared: str) -> bool:
    earlier = ("INT", "CHAR", "CLOB", "TEXT", "BLOB")
    return not any(word in declared for word in earlier) and any(word in declared for word in ("REAL", "FLOA", "DOUB"))


BY_DIALECT: Mapping[str, Callable[[Connection, str, FromClause], dict[str, Nature]]] = {
    "postgresql": _by_oid,
    "sqlite": _by_affinity,
}
