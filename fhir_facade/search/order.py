"""The order of a search's results: ``_sort``.  https://hl7.org/fhir/R4/search.html#sort

The order is total: the keys, then the id.  What has no value comes last in both directions.  Of several values the one
that comes first in the direction counts.  A position is the sort keys of an item and its id, in texts and numbers, so
that a page link can carry it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from operator import itemgetter
from typing import Any, TypeVar

from fhir_facade.errors import Invalid
from fhir_facade.search.parameter import Parameter, Values

T = TypeVar("T")
ValuesOf = Callable[[T, str], Values]
IdOf = Callable[[T], str]


@dataclass(frozen=True)
class Key:
    """One sort key."""

    parameter: Parameter
    descending: bool = False

    def __str__(self) -> str:
        return f"-{self.parameter.code}" if self.descending else self.parameter.code

    def of(self, values: Values) -> Any:
        """What is compared, or None."""
        if not values:
            return None
        rank = self.parameter.kind.rank
        if len(values) == 1:
            return rank(values[0])
        return max(map(rank, values)) if self.descending else min(map(rank, values))

    def compare(self, left: Any, right: Any) -> int:
        """Below 0 if ``left`` comes first, above 0 if ``right`` does."""
        if left == right:
            return 0
        if left is None or right is None:
            return 1 if left is None else -1
        return 1 if (left > right) is not self.descending else -1


@dataclass(frozen=True)
class Order:
    """The sort keys, the first one first."""

    keys: tuple[Key, ...] = ()

    @property
    def codes(self) -> tuple[str, ...]:
        """The search parameters whose values sorting needs."""
        return tuple(key.parameter.code for key in self.keys)

    def __str__(self) -> str:
        return ",".join(map(str, self.keys))

    def sort(self, items: Sequence[T], values: ValuesOf[T], ids: IdOf[T]) -> list[T]:
        """The items in order."""
        rows = [(*self._keys(item, values), ids(item), item) for item in items]
        rows.sort(key=itemgetter(len(self.keys)))
        for position, key in reversed(list(enumerate(self.keys))):
            # Stable passes from the last key to the first: faster than comparing in Python.
            present = [row for row in rows if row[position] is not None]
            absent = [row for row in rows if row[position] is None]
            present.sort(key=itemgetter(position), reverse=key.descending)
            rows = present + absent
        return [row[-1] for row in rows]

    def position(self, item: T, values: ValuesOf[T], ids: IdOf[T]) -> tuple[Any, ...]:
        """Where an item stands, for a page link."""
        keys = (str(key) if isinstance(key, Decimal) else key for key in self._keys(item, values))
        return (*keys, ids(item))

    def after(self, items: Sequence[T], position: Sequence[Any], values: ValuesOf[T], ids: IdOf[T]) -> int:
        """The index of the first of the ordered items that stands behind a position."""
        return self._bisect(items, position, values, ids, behind=True)

    def before(self, items: Sequence[T], position: Sequence[Any], values: ValuesOf[T], ids: IdOf[T]) -> int:
        """How many of the ordered items stand before a position."""
        return self._bisect(items, position, values, ids, behind=False)

    def _bisect(
        self, items: Sequence[T], position: Sequence[Any], values: ValuesOf[T], ids: IdOf[T], *, behind: bool
    ) -> int:
        goal = self._restored(position)
        low, high = 0, len(items)
        while low < high:
            middle = (low + high) // 2
            standing = self._compare((*self._keys(items[middle], values), ids(items[middle])), goal)
            if standing < 0 or (behind and standing == 0):
                low = middle + 1
            else:
                high = middle
        return low

    def _keys(self, item: T, values: ValuesOf[T]) -> tuple[Any, ...]:
        return tuple(key.of(values(item, key.parameter.code)) for key in self.keys)

    def _compare(self, left: Sequence[Any], right: Sequence[Any]) -> int:
        for key, ours, theirs in zip(self.keys, left, right, strict=False):
            if standing := key.compare(ours, theirs):
                return standing
        ours, theirs = str(left[-1]), str(right[-1])
        return (ours > theirs) - (ours < theirs)

    def _restored(self, position: Sequence[Any]) -> tuple[Any, ...]:
        """A position with its keys comparable again; ``Invalid`` if it is of another order."""
        try:
            *carried, last = position
            pairs = zip(self.keys, carried, strict=True)
            keys = [None if one is None else key.parameter.kind.restore(one) for key, one in pairs]
        except (ValueError, TypeError, ArithmeticError) as mistake:
            raise Invalid("This page link does not belong to this search.", expression="_page") from mistake
        return (*keys, last)
