"""Billing systems by the name that ``type`` has in the settings: installed entry points, or a dotted path.

A package announces its backend in its own metadata, and nothing here changes for it:

    [project.entry-points."fhir_facade.backends"]
    acme = "acme_billing:AcmeBilling"
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint, entry_points

from fhir_facade.backends.port import BillingSystem

GROUP = "fhir_facade.backends"


class UnknownBackend(LookupError):
    """``type`` names nothing that can be loaded; the text says what is installed, for the site's operator."""


def installed() -> Mapping[str, EntryPoint]:
    """Every installed backend by name, without importing any."""
    return {point.name: point for point in sorted(entry_points(group=GROUP), key=lambda point: point.name)}


def load(name: str) -> type[BillingSystem]:
    """The backend class that ``name`` means: an installed name, or ``package.module:Class``.

    Raises ``UnknownBackend`` when there is none, when it cannot be imported, or when it is not a ``BillingSystem``.
    """
    point = EntryPoint(name, name, GROUP) if ":" in name else installed().get(name)
    if point is None:
        names = ", ".join(installed()) or "none"
        raise UnknownBackend(f'type = "{name}": installed are {names}; or write "package.module:Class"')
    try:
        found = point.load()
    except (ImportError, AttributeError, ValueError) as error:
        raise UnknownBackend(f'type = "{name}": cannot import {point.value}: {error}') from error
    if not (isinstance(found, type) and issubclass(found, BillingSystem)):
        raise UnknownBackend(f'type = "{name}": {point.value} is not a fhir_facade.backends.port.BillingSystem')
    return found
