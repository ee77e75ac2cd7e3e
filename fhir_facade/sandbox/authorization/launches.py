"""EHR launches: which patient was open when an app was started."""

from __future__ import annotations

import secrets
import threading
from collections.abc import Callable

from cachetools import TTLCache

from fhir_facade.sandbox.authorization.people import Person

SECONDS = 600.0  # from the start of an app to its authorization
_MOST = 1_000


class Launches:
    """By the value of ``launch``.  ``clock`` is in seconds of the epoch.  Safe for threads."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._people: TTLCache[str, Person] = TTLCache(_MOST, SECONDS, timer=clock)
        self._lock = threading.Lock()

    def begin(self, person: Person) -> str:
        """The value of ``launch`` for an app that is started with this patient."""
        launch = secrets.token_urlsafe(16)
        with self._lock:
            self._people[launch] = person
        return launch

    def person(self, launch: str) -> Person | None:
        """Whose records were open."""
        with self._lock:
            return self._people.get(launch)
