"""What a trial of a billing system finds: a line of ``fhir-facade check``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Probe:
    """One line of ``fhir-facade check``: an endpoint (or query), whether it works, and what to do if not.

    ``outcome``: "ok", "not enabled", "refused", "unreachable", "timed out", "throttled", "unexpected answer" or
    "misconfigured".  ``optional``: answers only gain by it, so that a site may leave it "not enabled".
    """

    endpoint: str
    outcome: str
    detail: str = ""
    optional: bool = False

    @property
    def ok(self) -> bool:
        return self.outcome == "ok" or (self.optional and self.outcome == "not enabled")
