"""A literal reference taken apart: base, type, id and version.  https://hl7.org/fhir/R4/references.html#literal"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_TYPE = re.compile(r"[A-Z][A-Za-z]{1,63}")
_ID = re.compile(r"[A-Za-z0-9\-.]{1,64}")


class Literal(NamedTuple):
    """``base`` is empty for a relative reference and has no trailing slash; ``version`` is empty when unstated."""

    base: str
    type: str
    id: str
    version: str

    @property
    def key(self) -> str:
        """The reference without its version."""
        return f"{self.base}/{self.type}/{self.id}" if self.base else f"{self.type}/{self.id}"


def is_id(text: str) -> bool:
    """True for a logical id."""
    return _ID.fullmatch(text) is not None


def read(text: str) -> Literal | None:
    """The parts of ``Type/id``, ``Type/id/_history/version`` or of the same behind a base URL; None for all else."""
    parts = text.split("/")
    version = ""
    if len(parts) >= 4 and parts[-2] == "_history":
        version = parts[-1]
        parts = parts[:-2]
        if not is_id(version):
            return None
    if len(parts) < 2 or not _TYPE.fullmatch(parts[-2]) or not is_id(parts[-1]):
        return None
    base = "/".join(parts[:-2])
    if len(parts) > 2 and not base.startswith(("http://", "https://")):
        return None
    return Literal(base, parts[-2], parts[-1], version)


of_resource = lru_cache(maxsize=8192)(read)
"""The same for references in resources, which repeat; those in queries may be of any length and are not kept."""
