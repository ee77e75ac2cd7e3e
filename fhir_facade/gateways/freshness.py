"""A signed message is believed once, and near the time that it was signed at."""

from __future__ import annotations

import hashlib

from fhir_facade.events import Event
from fhir_facade.gateways.errors import BadNotification, UnsignedNotification
from fhir_facade.gateways.port import GatewayContext

WINDOW = 300  # seconds before and after
_REMEMBERED = 2 * WINDOW + 60.0


class Freshness:
    """Remembers what was here in the store that all machines of the site share."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context

    def judge(self, time: int, mark: str) -> None:
        """``time``: Unix seconds of signing; ``mark``: what no other message has.  The signature was verified before.

        Raises ``UnsignedNotification``.
        """
        age = self._context.now().timestamp() - time
        if abs(age) > WINDOW:
            raise self.refused("too-old" if age > 0 else "too-new")
        key = f"gateway/{self._context.name}/heard/{hashlib.sha256(mark.encode()).hexdigest()}"
        if self._context.store.add(key, 1, _REMEMBERED) > 1:
            raise self.refused("replayed")

    def refused(self, reason: str) -> UnsignedNotification:
        """The failure to raise for a message that is not believed, after it is logged."""
        self._tell(reason)
        return UnsignedNotification(reason)

    def unreadable(self) -> BadNotification:
        """The failure to raise for a message that is believed, and says nothing."""
        self._tell("unreadable")
        return BadNotification("unreadable")

    def _tell(self, reason: str) -> None:
        self._context.event(Event.NOTIFICATION_REFUSED, gateway=self._context.name, reason=reason)
