"""A hash that tells whether two machines have the same settings in force."""

from __future__ import annotations

import hashlib
import json

from fhir_facade.settings.document import Document
from fhir_facade.settings.quoting import without_secrets


def digest(document: Document) -> str:
    """SHA-256 over what all files say: comments and layout do not count, and no secret is in it."""
    said = json.dumps(without_secrets(document.values), sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(said.encode()).hexdigest()
