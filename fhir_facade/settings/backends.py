"""The backends and gateways that the settings may name, and what each declares about its settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from fhir_facade.backends import registry
from fhir_facade.backends.port import BillingSystem
from fhir_facade.gateways import registry as gateways
from fhir_facade.gateways.port import Gateway

Declared = TypeVar("Declared")


@dataclass(frozen=True)
class Types(Generic[Declared]):
    """How a type becomes a class (``unknown`` is raised when it does not), and the names that are installed."""

    load: Callable[[str], type[Declared]]
    names: Callable[[], Iterable[str]]
    unknown: type[LookupError]
    # Looking up an entry point reads every package's metadata, and hundreds of authorities ask for the same one.
    _found: dict[str, type[Declared]] = field(default_factory=dict, compare=False, repr=False)

    def declared(self, type_: str) -> type[Declared] | None:
        """The class, for what it declares; None when there is none, which only one rule has to say."""
        try:
            return self._found.get(type_) or self._found.setdefault(type_, self.load(type_))
        except self.unknown:
            return None


@dataclass(frozen=True)
class Backends(Types[BillingSystem]):
    """The billing systems' types; as a rule those that are installed."""

    load: Callable[[str], type[BillingSystem]] = registry.load
    names: Callable[[], Iterable[str]] = registry.installed
    unknown: type[LookupError] = registry.UnknownBackend


@dataclass(frozen=True)
class Gateways(Types[Gateway]):
    """The payment gateways' types; as a rule those that are installed."""

    load: Callable[[str], type[Gateway]] = gateways.load
    names: Callable[[], Iterable[str]] = gateways.installed
    unknown: type[LookupError] = gateways.UnknownGateway
