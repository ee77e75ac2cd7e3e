"""When a payment is looked at again: every pause of the workers, in one place."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, fields
from typing import Any

MINUTE, HOUR, DAY = 60.0, 3_600.0, 86_400.0


@dataclass(frozen=True)
class Pace:
    """All in seconds.

    ``lease``: whoever dies loses a payment after it, and renews three times within it.  ``looks``: after an attempt
    whose outcome is unknown; ``later``: between further looks for one that was accepted, or where looking failed;
    ``patience``: how long those go on.  ``again_first`` doubles up to ``again_most`` while a billing system cannot be
    told.  ``ask_first`` and ``ask_most``: between questions to a gateway that has not said anything; ``late``: the
    questions after a session has ended.  ``stuck``: unposted for so long is told.
    """

    lease: float = 2 * MINUTE
    idle: float = 0.5
    looks: tuple[float, ...] = (MINUTE, 5 * MINUTE, 15 * MINUTE, HOUR)
    later: float = HOUR
    patience: float = 3 * DAY
    again_first: float = 5.0
    again_most: float = 10 * MINUTE
    turn: float = 15.0  # another payment of the same person is in hand
    ask_first: float = MINUTE
    ask_most: float = 5 * MINUTE
    late: tuple[float, ...] = (HOUR, DAY)
    silent: float = DAY
    hold_margin: float = DAY
    holding: float = 15 * MINUTE
    stuck: float = 15 * MINUTE
    watch: float = MINUTE
    sweep: float = HOUR
    overlap: float = HOUR
    first_sweep: float = 3 * DAY

    def hurried(self, factor: float) -> Pace:
        """The same, so many times shorter: for trials."""
        shorter: dict[str, Any] = {field.name: _shorter(getattr(self, field.name), factor) for field in fields(self)}
        return Pace(**shorter)

    def again(self, attempts: int, jitter: float) -> dt.timedelta:
        """The pause after so many attempts that did not come through; ``jitter`` is 0 to 1."""
        pause = min(self.again_most, self.again_first * 2 ** min(attempts, 30))
        return dt.timedelta(seconds=pause * (0.5 + jitter / 2))

    def next_look(self, tried: dt.datetime, now: dt.datetime) -> dt.datetime | None:
        """The next look after an attempt; None after the last."""
        return _following(self.looks, tried, now)

    def next_late_question(self, ended: dt.datetime, now: dt.datetime) -> dt.datetime | None:
        """The next question about a session that has ended; None after the last."""
        return _following(self.late, ended, now)


def _following(pauses: tuple[float, ...], since: dt.datetime, now: dt.datetime) -> dt.datetime | None:
    return next((at for pause in pauses if (at := since + dt.timedelta(seconds=pause)) > now), None)


def _shorter(pause: float | tuple[float, ...], factor: float) -> float | tuple[float, ...]:
    return tuple(each / factor for each in pause) if isinstance(pause, tuple) else pause / factor
