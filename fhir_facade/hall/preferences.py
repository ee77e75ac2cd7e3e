"""The ``Prefer`` header.  https://hl7.org/fhir/R4/search.html#errors"""

from __future__ import annotations

from functools import lru_cache

from werkzeug.http import parse_dict_header

from fhir_facade.errors import Invalid


@lru_cache(maxsize=128)
def strict(prefer: str) -> bool:
    """True for ``handling=strict``, False for ``lenient`` and where nothing is said."""
    handling = parse_dict_header(prefer.replace(";", ",")).get("handling", "lenient")
    if handling not in ("strict", "lenient"):
        raise Invalid("Prefer: handling is either strict or lenient.", code="value", expression="http.Prefer")
    return handling == "strict"
