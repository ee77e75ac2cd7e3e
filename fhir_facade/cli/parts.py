"""Whether authorities select parts that their billing system has, and which parts nobody selects."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from fhir_facade.cli.trial import Tried
from fhir_facade.settings.model import AssigningAuthority


def not_there(tried: Tried, authorities: Iterable[AssigningAuthority]) -> Iterator[str]:
    """A sentence for each selected part that the billing system says it does not have.

    Where any key selects, parts are only what records happen to be of, and a new one may have none: that is a note.
    """
    if not tried.any_key:
        yield from _unknown(tried, authorities)


def notes(tried: Tried, authorities: Iterable[AssigningAuthority]) -> Iterator[str]:
    """What may be meant so: parts without a record, and parts whose records nobody sees."""
    authorities = list(authorities)
    if tried.any_key:
        yield from _unknown(tried, authorities)
    selections = [authority.select for authority in _of(tried, authorities)]
    for key, parts in sorted(tried.divisions.items()):
        # An authority that does not select by the key sees all of its values.
        if selections and all(key in select for select in selections):
            for value in sorted(parts.keys() - frozenset().union(*(select[key] for select in selections))):
                name = "" if parts[value] == value else f" ({parts[value]})"
                yield f'nobody selects {key} "{value}"{name} of {tried.system.name}'


def _unknown(tried: Tried, authorities: Iterable[AssigningAuthority]) -> Iterator[str]:
    for authority in _of(tried, authorities):
        for key in sorted(authority.select.keys() & tried.divisions.keys()):
            for value in sorted(authority.select[key] - tried.divisions[key].keys()):
                yield f'{authority.id} selects {key} "{value}", which {tried.system.name} does not have'


def _of(tried: Tried, authorities: Iterable[AssigningAuthority]) -> list[AssigningAuthority]:
    return [authority for authority in authorities if authority.billing_system == tried.system.name]
