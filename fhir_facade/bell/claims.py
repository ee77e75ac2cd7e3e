"""What a token says of itself, judged: whose it is, for whom, and for how long.

https://www.rfc-editor.org/rfc/rfc7519#section-4.1 and, for introspection, https://www.rfc-editor.org/rfc/rfc7662#section-2.2
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from fhir_facade.bell.refusal import Reason, Refusal

Claims = Mapping[str, Any]


@dataclass(frozen=True)
class Expected:
    """What good claims say.  ``leeway`` is how many seconds clocks may differ."""

    issuer: str
    audiences: frozenset[str]
    leeway: float

    def of_jwt(self, claims: Claims, now: float) -> float:
        """When it expires, in seconds of the epoch; refuses claims that are not good."""
        if claims.get("iss") != self.issuer:
            raise Refusal(Reason.ISSUER)
        return self._judged(claims, now)

    def of_introspection(self, answer: Claims, now: float) -> float:
        """The same of the issuer's own answer about a token, which need not say whose it is."""
        if answer.get("iss", self.issuer) != self.issuer:
            raise Refusal(Reason.ISSUER)
        return self._judged(answer, now)

    def _judged(self, claims: Claims, now: float) -> float:
        said = claims.get("aud")
        named = said if isinstance(said, list) else [said]
        if not any(isinstance(audience, str) and audience in self.audiences for audience in named):
            raise Refusal(Reason.AUDIENCE)
        expires = _seconds(claims, "exp")
        if expires is None:
            raise Refusal(Reason.NO_END)
        if now >= expires + self.leeway:
            raise Refusal(Reason.EXPIRED)
        for name in ("nbf", "iat"):
            start = _seconds(claims, name)
            if start is not None and start > now + self.leeway:
                raise Refusal(Reason.EARLY)
        return expires


def _seconds(claims: Claims, name: str) -> float | None:
    """A NumericDate; refuses what stands in its place and is no finite number."""
    if name not in claims:
        return None
    said = claims[name]
    if isinstance(said, bool) or not isinstance(said, int | float | Decimal):
        raise Refusal(Reason.MALFORMED)
    try:
        value = float(said)
    except OverflowError:
        raise Refusal(Reason.MALFORMED) from None
    if not math.isfinite(value):
        raise Refusal(Reason.MALFORMED)
    return value
