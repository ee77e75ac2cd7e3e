"""What an answer lacks because a billing system did not answer, and how that is said (fhir-contract.md, "Partial")."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from fhir_facade.errors import Incomplete, SourceError, TimedOut
from fhir_facade.files.cabinet import Opening
from fhir_facade.outcome import issue
from fhir_facade.settings.model import AssigningAuthority


@dataclass(frozen=True)
class Gaps:
    """``opening`` is what happened this time; ``missing`` are billing systems that were so on the first page already.

    ``concerned`` are those of the ``released`` authorities that the search is about.
    """

    opening: Opening
    missing: Sequence[str]
    released: Sequence[AssigningAuthority]
    concerned: frozenset[str]

    @property
    def lost(self) -> tuple[str, ...]:
        """Billing systems without an answer, now or since the first page."""
        return tuple(sorted({*self.missing, *(key.billing_system for key in self.opening.failures)}))

    @property
    def unknown_total(self) -> bool:
        """True if there may be more matches than were found."""
        return bool(self.lost or self.spoilt)

    @property
    def spoilt(self) -> frozenset[str]:
        """Of the authorities concerned, those of which a record could not be shown."""
        return self.concerned.intersection(name for file in self.opening.files for name in file.unrenderable)

    @property
    def as_of(self) -> dt.datetime | None:
        """When the oldest of the files used was fetched."""
        return min((file.as_of for file in self.opening.files), default=None)

    def refuse(self, *, counting: bool, later: bool) -> None:
        """Raise where what there is would mislead: nothing at all, a count, a later page with one source less."""
        failures = list(self.opening.failures.values())
        if failures and not self.opening.files and not self.missing:
            raise failures[0]
        if counting and self.unknown_total:
            raise next((f for f in failures if isinstance(f, TimedOut)), None) or Incomplete()
        if later and failures:
            raise Incomplete()

    def issues(self) -> Iterable[dict[str, Any]]:
        """One issue for each authority that is missing, incomplete or stale."""
        stale = {file.key.billing_system for file in self.opening.stale}
        spoilt = self.spoilt
        if not (stale or spoilt or self.lost):
            return
        for authority in (each for each in self.released if each.id in self.concerned):
            whose = f"{authority.name} (Organization/{authority.id})"
            if authority.billing_system in self.lost:
                yield issue("error", "incomplete", f"{whose} is missing from this answer: {self._why(authority)}")
            elif authority.id in spoilt:
                yield issue("error", "incomplete", f"{whose} has records that could not be shown.")
            elif authority.billing_system in stale:
                yield issue("warning", "incomplete", f"{whose} did not answer; what is shown of it may be outdated.")

    def _why(self, authority: AssigningAuthority) -> str:
        causes: Iterable[SourceError] = (
            failure for key, failure in self.opening.failures.items() if key.billing_system == authority.billing_system
        )
        return next((cause.diagnostics for cause in causes), "its billing system did not answer.")
