"""The ledger's ids as gateways get them: sealed for each gateway, so that they mean nothing there or elsewhere."""

from __future__ import annotations

from collections.abc import Sequence

from fhir_facade.identity.alphabet import read, written
from fhir_facade.identity.seal import Seal
from fhir_facade.identity.subkeys import Secret, subkey


class PaymentIds:
    """Seals with the newest secret, opens with any.  A ledger id is 32 hexadecimal digits."""

    def __init__(self, keys: Sequence[Secret]) -> None:
        self._seals = [Seal(subkey(key, "payment ids", 32)) for key in keys]

    def sealed(self, gateway: str, payment: str) -> str:
        """The id as this gateway gets it: 43 characters, ``[A-Za-z0-9.-]``, the same each time."""
        return written(self._seals[0].close(bytes.fromhex(payment), gateway.encode()))

    def opened(self, gateway: str, text: str) -> str | None:
        """The ledger's id, or None for what was not sealed for this gateway."""
        raw = read(text)
        found = (None if raw is None else seal.open(raw, gateway.encode()) for seal in self._seals)
        return next((opened.hex() for opened in found if opened is not None), None)
