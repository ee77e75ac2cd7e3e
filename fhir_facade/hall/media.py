"""Which media type a client wants, and which it sends.  https://hl7.org/fhir/R4/http.html#mime-type"""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from werkzeug.datastructures import MIMEAccept
from werkzeug.http import parse_accept_header, parse_options_header

from fhir_facade.errors import NotAcceptable, UnsupportedMediaType
from fhir_facade.hall.exchange import FHIR_JSON, Request
from fhir_facade.specification.statement import statement

FORM = "application/x-www-form-urlencoded"
JSON = ("application/fhir+json", "application/json", "text/json")
_VERSIONS = frozenset({"", "4.0", "4.0.1"})
_FORMATS = {name: name if "/" in name else FHIR_JSON for name in statement()["format"]} | {"*/*": FHIR_JSON}


def wanted(request: Request) -> str:
    """The media type to answer with: ``_format`` decides, else ``Accept``; ``NotAcceptable`` if it cannot be given."""
    if request.method == "OPTIONS":  # answered without a body
        return FHIR_JSON
    chosen = [value for name, value in request.query if name == "_format" and value]
    return _by_format(chosen[0]) if chosen else _by_accept(request.headers.get("accept", ""))


@lru_cache(maxsize=512)
def _by_format(value: str) -> str:
    # "application/fhir+json" arrives with a space where the client did not encode its plus sign.
    name, options = parse_options_header(value.replace("fhir json", "fhir+json"))
    if name not in _FORMATS or not _speakable(options):
        raise NotAcceptable
    return _FORMATS[name]


@lru_cache(maxsize=512)
def _by_accept(value: str) -> str:
    if not value:
        return FHIR_JSON
    for offered, quality in parse_accept_header(value, MIMEAccept):
        name, options = parse_options_header(offered)
        if quality > 0 and name in (*_FORMATS, "application/*") and _speakable(options):
            return _FORMATS.get(name, FHIR_JSON)
    raise NotAcceptable


def _speakable(options: dict[str, str]) -> bool:
    return options.get("fhirVersion", options.get("fhirversion", "")) in _VERSIONS and options.get(
        "charset", "utf-8"
    ).lower() in ("utf-8", "utf8")


def require(request: Request, media_types: Iterable[str]) -> None:
    """Refuse a body of another media type, or in another character set than UTF-8."""
    name, options = parse_options_header(request.headers.get("content-type", ""))
    if name not in media_types or options.get("charset", "utf-8").lower() not in ("utf-8", "utf8"):
        raise UnsupportedMediaType
