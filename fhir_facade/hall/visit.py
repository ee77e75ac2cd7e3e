"""A request on its way through the hall: what it is aimed at and who sent it, as far as that is known."""

from __future__ import annotations

import msgspec

from fhir_facade.guard.caller import UNKNOWN, Caller
from fhir_facade.hall.exchange import Request
from fhir_facade.hall.routes import NOWHERE, Target
from fhir_facade.specification import definitions

_PUBLIC = frozenset({"none", "options", "capabilities", "smart-configuration"})


class Visit(msgspec.Struct):
    """``caller`` is unknown until it is told who it is; definitions are for anybody (fhir-contract.md §8)."""

    request: Request
    target: Target = NOWHERE
    caller: Caller = UNKNOWN

    @property
    def audited(self) -> bool:
        """True for what is not the same for everybody: it asks who is there, and leaves a trace."""
        return self.target.interaction not in _PUBLIC and self.target.type not in definitions.TYPES
