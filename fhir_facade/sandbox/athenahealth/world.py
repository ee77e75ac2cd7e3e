"""Everything the simulator serves: practices, the client's credentials, and what was asked that should not be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import InitVar, dataclass, field
from typing import Any

from fhir_facade.clock import utcnow
from fhir_facade.sandbox.athenahealth.calls import Call
from fhir_facade.sandbox.athenahealth.practice import Number, Practice


@dataclass
class World:
    """The data and the gateway's switches.

    ``token_seconds``: a token's life; ``expires_as_text``: ``expires_in`` comes as a string.
    ``tokens_per_minute``: None is no limit (preview has 5, production 50; over it 429 until the minute ends).
    ``legacy_unauthorized``: a bad token is answered by the retired gateway's ``text/xml`` instead of JSON.
    ``next_with_limit``: whether ``next`` keeps ``limit`` (both were recorded).
    ``frozen``: the data will not change, so an answer is rendered once and then sent again: for measuring others.
    ``surprises``: unknown parameters, paths that are not simulated and calls that the facade must never make.
    """

    practices: InitVar[Iterable[Practice]] = ()
    client_id: str = "sandbox-client"
    client_secret: str = "sandbox-secret"
    now: Callable[[], dt.datetime] = utcnow
    token_seconds: int = 3600
    expires_as_text: bool = False
    tokens_per_minute: int | None = None
    legacy_unauthorized: bool = False
    next_with_limit: bool = False
    frozen: bool = False
    calls: list[Call] = field(default_factory=list)
    surprises: list[str] = field(default_factory=list)

    def __post_init__(self, practices: Iterable[Practice]) -> None:
        self._practices = {practice.number: practice for practice in practices}

    def practice(self, number: Number) -> Practice:
        """A practice of this world; KeyError if there is none."""
        return self._practices[str(number)]

    def find_practice(self, number: str) -> Practice | None:
        """A practice of this world, or None."""
        return self._practices.get(number)

    def all(self) -> Iterable[Practice]:
        """Every practice of this world."""
        return tuple(self._practices.values())

    def add_practice(self, number: Number, **fields: Any) -> Practice:
        """Add a practice; ``fields`` are those of ``Practice``."""
        practice = Practice(str(number), **fields)
        self._practices[practice.number] = practice
        return practice
