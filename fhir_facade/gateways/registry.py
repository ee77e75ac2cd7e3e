"""Payment gateways by the name that ``type`` has in the settings: installed entry points, or a dotted path.

[project.entry-points."fhir_facade.gateways"]
acme = "acme_pay:AcmePay"
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib.metadata import EntryPoint

from fhir_facade.gateways.port import Gateway
from fhir_facade.plugins import Plugins


class UnknownGateway(LookupError):
    """``type`` names nothing that can be loaded; the text says what is installed, for the site's operator."""


_GATEWAYS = Plugins("fhir_facade.gateways", Gateway, UnknownGateway)


def installed() -> Mapping[str, EntryPoint]:
    """Every installed gateway by name, without importing any."""
    return _GATEWAYS.installed()


def load(name: str) -> type[Gateway]:
    """The gateway class that ``name`` means.  Raises ``UnknownGateway``."""
    return _GATEWAYS.load(name)
