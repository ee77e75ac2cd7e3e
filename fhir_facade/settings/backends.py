"""The backends that the settings may name, and what each declares about its settings."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from fhir_facade.backends import registry
from fhir_facade.backends.port import BillingSystem


@dataclass(frozen=True)
class Backends:
    """How a type becomes a class (``registry.UnknownBackend`` when it does not), and the names that are installed."""

    load: Callable[[str], type[BillingSystem]] = registry.load
    names: Callable[[], Iterable[str]] = registry.installed
    # Looking up an entry point reads every package's metadata, and hundreds of authorities ask for the same one.
    _found: dict[str, type[BillingSystem]] = field(default_factory=dict, compare=False, repr=False)

    def declared(self, type_: str) -> type[BillingSystem] | None:
        """The class, for what it declares; None when there is none, which only one rule has to say."""
        try:
            return self._found.get(type_) or self._found.setdefault(type_, self.load(type_))
        except registry.UnknownBackend:
            return None
