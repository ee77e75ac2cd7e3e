"""The simulator: a world served on a loopback socket, with its call log and its faults."""

from __future__ import annotations

from types import TracebackType
from typing import Any

from fhir_facade.sandbox.athenahealth.app import create_app
from fhir_facade.sandbox.athenahealth.calls import Call
from fhir_facade.sandbox.athenahealth.faults import Fault, Faults
from fhir_facade.sandbox.athenahealth.server import LoopbackServer
from fhir_facade.sandbox.athenahealth.till import Recorded
from fhir_facade.sandbox.athenahealth.tokens import Tokens
from fhir_facade.sandbox.athenahealth.world import World


class Simulator:
    """A context manager: inside it, ``base_url`` answers.  ``port`` 0 is any free one."""

    def __init__(self, world: World, port: int = 0) -> None:
        self.world = world
        self._faults = Faults()
        self._tokens = Tokens(world)
        self._server = LoopbackServer(create_app(world, self._faults, self._tokens), port)

    def __enter__(self) -> Simulator:
        self._server.open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.reset()
        self._server.close()

    @property
    def base_url(self) -> str:
        """``http://127.0.0.1:port``, without ``/v1``."""
        return self._server.url

    @property
    def calls(self) -> list[Call]:
        """Every call so far, the token's among them, in order of arrival."""
        return self.world.calls

    @property
    def recorded(self) -> list[Recorded]:
        """Every payment that any practice has recorded."""
        return [each for practice in self.world.all() for each in practice.till.recorded]

    def count(self, template: str, practice: str | None = None) -> int:
        """How many calls there were of a template (of one practice)."""
        return sum(call.template == template and practice in (None, call.practice) for call in list(self.calls))

    def fault(
        self,
        kind: str,
        *,
        template: str | None = None,
        practice: str | None = None,
        times: int | None = None,
        **options: Any,
    ) -> Fault:
        """Switch a fault on, for the next ``times`` matching calls or until ``reset``.

        Kinds and their options are the functions of ``faults.KINDS``: ``sim.fault("html", status=503, times=2)``,
        ``held = sim.fault("latency"); held.wait(); held.release()``.
        """
        return self._faults.add(kind, template, practice, times, options)

    def expire_tokens(self) -> None:
        """End every token that was issued."""
        self._tokens.revoke_all()

    def reset(self) -> None:
        """Switch every fault off and let go of the calls that are held."""
        self._faults.reset()

    def forget(self) -> None:
        """Empty the call log and the list of surprises."""
        self.world.calls.clear()
        self.world.surprises.clear()
