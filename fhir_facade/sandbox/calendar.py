"""Days and instants relative to the day the sample is made, so that it never grows old."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True)
class Calendar:
    """``now`` has an offset."""

    now: dt.datetime

    def day(self, days: int) -> dt.date:
        """The date so many days from now; negative is past."""
        return self.now.date() + dt.timedelta(days=days)

    def moment(self, days: int, hour: int = 15, minute: int = 40) -> dt.datetime:
        """An instant so many days from now, at a time of day in UTC."""
        moment = self.now.astimezone(dt.UTC) + dt.timedelta(days=days)
        return moment.replace(hour=hour, minute=minute, second=34, microsecond=0)
