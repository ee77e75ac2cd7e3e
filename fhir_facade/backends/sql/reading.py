"""Rows of a site's queries, read in one transaction: exactly the rows that were asked for, cell by cell."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import partial
from typing import Any

from sqlalchemy import Connection, Select

from fhir_facade.backends.sql.cells import Site, Surprise, part
from fhir_facade.backends.sql.columns import SELECT, Column
from fhir_facade.backends.sql.faults import translated
from fhir_facade.backends.sql.query import Query
from fhir_facade.errors import Invalid, UnexpectedShape

Cells = dict[str, Any]  # by column; what was NULL or empty is absent; "parts" is always there
AT_ONCE = 500  # values in one IN (…): some databases take no more than 1,000

Raw = tuple[Query, Sequence[Column], Sequence[Any]]  # a row, its columns first and its parts last
Lookup = Callable[[Connection, str], Query | None]
Narrowing = Callable[[Select[Any], Query], Select[Any]]


class Reading:
    """One answer.  ``lookup`` knows a query by name, or says None for one that the site did not write."""

    def __init__(self, connection: Connection, lookup: Lookup, site: Site) -> None:
        self._connection, self._lookup, self._site = connection, lookup, site

    def has(self, name: str, column: str) -> bool:
        """Whether the site's query of this name has the column."""
        query = self._lookup(self._connection, name)
        return query is not None and column in query.known

    def all(self, name: str, limit: int | None) -> list[Cells]:
        """Every row.  Raises ``Invalid`` when there are more than ``limit``."""
        rows = self._rows(name, lambda statement, query: statement.limit(None if limit is None else limit + 1), ())
        if limit is not None and len(rows) > limit:
            raise Invalid("Name a patient: the billing system holds too many records to list.", code="too-costly")
        return rows

    def where(self, name: str, column: str, values: Iterable[str], only: Collection[str] = ()) -> list[Cells]:
        """The rows whose ``column`` is one of ``values``, to the letter; of them the columns ``only``, or all."""
        wanted = sorted(set(values))
        found: list[Cells] = []
        for start in range(0, len(wanted), AT_ONCE):
            some = frozenset(wanted[start : start + AT_ONCE])
            rows = self._rows(name, partial(_matching, column, some), only)
            # A collation may find ANNA for anna, and an integer column 7 for 007.
            found += [cells for cells in rows if cells.get(column) in some]
        return found

    def containing(self, name: str, column: str, value: str) -> list[Cells]:
        """The rows whose list ``column`` has ``value`` among its items."""
        if not self.has(name, column):
            return []
        rows = self._rows(name, lambda statement, query: statement.where(query.containing(column, value)), ())
        return [cells for cells in rows if value in cells.get(column, ())]

    def verbatim(self, name: str, column: str, values: Collection[str]) -> list[tuple[Cells, Cells]]:
        """The same rows as ``where``, read, and beside each its cells as the database gave them, by column."""
        rows = self._raw(name, partial(_matching, column, values), ())
        both = [(self._cells(query, columns, row), _named(query, columns, row)) for query, columns, row in rows]
        return [(cells, raw) for cells, raw in both if cells.get(column) in values]

    def _rows(self, name: str, narrowed: Narrowing, only: Collection[str]) -> list[Cells]:
        return [self._cells(query, columns, row) for query, columns, row in self._raw(name, narrowed, only)]

    def _raw(self, name: str, narrowed: Narrowing, only: Collection[str]) -> list[Raw]:
        query = self._lookup(self._connection, name)
        if query is None:
            return []
        names = [column for column in query.known if not only or column in only]
        statement = narrowed(query.select(names), query)
        with translated(name):
            rows = self._connection.execute(statement).all()
        columns = [query.known[column][0] for column in names]
        return [(query, columns, row) for row in rows]

    def _cells(self, query: Query, columns: Sequence[Column], row: Sequence[Any]) -> Cells:
        cells: Cells = {}
        for column, cell in zip(columns, row, strict=False):
            try:
                value = None if cell is None else column.read(cell, self._site)
            except Surprise as surprise:
                raise UnexpectedShape(f"{query.name}.{column.name}", str(surprise)) from None
            if value is not None:
                cells[column.name] = value
            elif column.required:
                raise UnexpectedShape(f"{query.name}.{column.name}", f"a value ({column.purpose})")
        parts = zip(query.parts, row[len(columns) :], strict=True)
        cells["parts"] = {key: part(cell) for key, cell in parts if cell not in (None, "")}
        return cells


def _named(query: Query, columns: Sequence[Column], row: Sequence[Any]) -> Cells:
    names = [column.name for column in columns] + [f"{SELECT}{key}" for key in query.parts]
    return dict(zip(names, row, strict=True))


def _matching(column: str, values: Collection[str], statement: Select[Any], query: Query) -> Select[Any]:
    return statement.where(query.matching(column, values))
