"""Tries payment gateways, all at once, and waits for none of them longer than a deadline."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from fhir_facade.backends.port import Probe, SharedStore
from fhir_facade.gateways import registry
from fhir_facade.gateways.errors import GatewayError
from fhir_facade.gateways.port import Gateway, GatewayContext
from fhir_facade.settings.model import Gateway as Registration

PING = "ping"


@dataclass(frozen=True)
class TriedGateway:
    """What came of one gateway: its ``probe`` names the call, the outcome and what to do."""

    gateway: Registration
    probe: Probe


class _Trial(threading.Thread):
    """A daemon: a gateway that hangs does not keep the command from ending."""

    def __init__(self, gateway: Registration, store: SharedStore, load: Callable[[str], type[Gateway]]) -> None:
        super().__init__(name=f"trial of {gateway.name}", daemon=True)
        self.gateway = gateway
        self.probe: Probe | None = None
        self._store, self._load = store, load

    def run(self) -> None:
        try:
            self._ping()
        except GatewayError as error:
            self.probe = Probe(PING, error.outcome, str(error))
        except (registry.UnknownGateway, ValueError) as error:
            self.probe = Probe("settings", "misconfigured", str(error))
        else:
            self.probe = Probe(PING, "ok")

    def _ping(self) -> None:
        registered = self.gateway
        context = GatewayContext(registered.name, self._store)
        gateway = self._load(registered.type).open(registered.settings, context)
        try:
            gateway.ping()
        finally:
            gateway.close()

    def result(self, seconds: float) -> TriedGateway:
        """What has come of it until now."""
        late = Probe(PING, "timed out", f"no answer within {seconds:g} s")
        broken = Probe(PING, "failed", "the gateway broke; its traceback is on standard error")
        return TriedGateway(self.gateway, self.probe or (late if self.is_alive() else broken))


def tried_gateways(
    gateways: Iterable[Registration],
    store: SharedStore,
    seconds: float,
    load: Callable[[str], type[Gateway]] = registry.load,
) -> list[TriedGateway]:
    """Every gateway, asked without moving money, in parallel for at most ``seconds`` in all."""
    trials = [_Trial(gateway, store, load) for gateway in gateways]
    end = time.monotonic() + seconds
    for trial in trials:
        trial.start()
    for trial in trials:
        trial.join(max(0.0, end - time.monotonic()))
    return [trial.result(seconds) for trial in trials]
