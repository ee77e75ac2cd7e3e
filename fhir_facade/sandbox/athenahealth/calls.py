"""What was asked of the simulator: one entry a call, in order of arrival."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass
class Call:
    """A call.  ``query`` and ``form`` have lower-case names; ``path`` is as it came; ``status`` is None while
    held or when dropped.

    ``template`` is the path below ``/v1/{practice}`` with ``{id}`` for numbers (``/patients/{id}``), or
    ``/oauth2/v1/token``, or "" for a path that is not simulated.  ``headers``: X-Request-Id, Accept, Content-Type,
    User-Agent, in lower case, and ``authorization`` reduced to its scheme.
    """

    method: str
    template: str
    practice: str | None
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    status: int | None = None
    form: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
