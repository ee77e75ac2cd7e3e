"""Tries billing systems, all at once, and waits for none of them longer than a deadline."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from fhir_facade.backends import registry
from fhir_facade.backends.port import BillingSystem, Context, Probe, SharedStore
from fhir_facade.errors import SourceError
from fhir_facade.settings.model import AssigningAuthority, BillingSystemSettings, Settings

ANY = "*"


@dataclass(frozen=True)
class Tried:
    """What came of one billing system.  ``divisions`` as in the port; empty where they were not told.

    ``any_key``: the backend selects by whatever keys its records have.
    """

    system: BillingSystemSettings
    probes: tuple[Probe, ...]
    divisions: Mapping[str, Mapping[str, str]]
    any_key: bool = False

    @property
    def ok(self) -> bool:
        return all(probe.ok for probe in self.probes)


class Trial(threading.Thread):
    """One billing system being tried.  A daemon: one that hangs does not keep the command from ending."""

    def __init__(
        self,
        system: BillingSystemSettings,
        store: SharedStore,
        load: Callable[[str], type[BillingSystem]],
        paid: Iterable[AssigningAuthority],
    ) -> None:
        super().__init__(name=f"trial of {system.name}", daemon=True)
        self._system, self._store, self._load = system, store, load
        self._paid = [authority for authority in paid if authority.billing_system == system.name]
        self._probes: list[Probe] = []
        self._divisions: Mapping[str, Mapping[str, str]] = {}
        self._stage, self._ended, self._any_key = "settings", False, False

    def run(self) -> None:
        try:
            self._try()
        except SourceError as error:
            self._probes.append(Probe(self._stage, error.outcome, str(error)))
        except (registry.UnknownBackend, ValueError) as error:  # what a site's settings cannot be right about
            self._probes.append(Probe(self._stage, "misconfigured", str(error)))
        self._ended = True

    def _try(self) -> None:
        system = self._system
        backend = self._load(system.type).open(system.settings, Context(system.name, self._store))
        self._any_key = ANY in backend.select_keys
        try:
            self._stage = "ping"
            for probe in backend.probe():
                self._probes.append(probe)
                self._stage = f"after {probe.endpoint}"
            if all(probe.ok for probe in self._probes):
                self._stage = "divisions"
                self._divisions = backend.divisions()
            self._stage = "posting"
            self._probes += (probe for authority in self._paid for probe in told(backend, authority))
        finally:
            backend.close()

    def result(self, seconds: float) -> Tried:
        """What has come of it until now; ``seconds`` is how long it was waited for."""
        alive, ended = self.is_alive(), self._ended
        probes, stage = tuple(self._probes), self._stage
        if alive:
            probes += (Probe(stage, "timed out", f"no answer within {seconds:g} s"),)
        elif not ended:
            probes += (Probe(stage, "failed", "the backend broke; its traceback is on standard error"),)
        return Tried(self._system, probes, self._divisions, self._any_key)


def told(backend: BillingSystem, authority: AssigningAuthority) -> Iterator[Probe]:
    """Whether an authority's payments can be told: what its ``posting`` table names is there."""
    poster = backend.poster()
    for probe in poster.fits(authority.posting) if poster else ():
        yield dataclasses.replace(probe, endpoint=f"{authority.id}: {probe.endpoint}")


def tried(
    settings: Settings, store: SharedStore, seconds: float, load: Callable[[str], type[BillingSystem]] = registry.load
) -> list[Tried]:
    """Every enabled billing system's endpoints, tried in parallel for at most ``seconds`` in all."""
    paid = [it for it in settings.authorities if it.posting or it.bills.pay or it.prepay]
    trials = [Trial(system, store, load, paid) for system in settings.billing_systems if system.enabled]
    end = time.monotonic() + seconds
    for trial in trials:
        trial.start()
    for trial in trials:
        trial.join(max(0.0, end - time.monotonic()))
    return [trial.result(seconds) for trial in trials]
