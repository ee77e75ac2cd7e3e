"""Billing systems by the name that ``type`` has in the settings: installed entry points, or a dotted path.

A package announces its backend in its own metadata, and nothing here changes for it:

    [project.entry-points."fhir_facade.backends"]
    acme = "acme_billing:AcmeBilling"
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint

from fhir_facade.backends.port import BillingSystem
from fhir_facade.plugins import Plugins


class UnknownBackend(LookupError):
    """``type`` names nothing that can be loaded; the text says what is installed, for the site's operator."""


_BACKENDS = Plugins("fhir_facade.backends", BillingSystem, UnknownBackend)


def installed() -> Mapping[str, EntryPoint]:
    """Every installed backend by name, without importing any."""
    return _BACKENDS.installed()


def load(name: str) -> type[BillingSystem]:
    """The backend class that ``name`` means.  Raises ``UnknownBackend``."""
    return _BACKENDS.load(name)
