"""What the vendor's machines answer: JSON of the API, and the gateways' texts (reference 6)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec

JSON = "application/json"
_ENCODER = msgspec.json.Encoder(decimal_format="number")


@dataclass(frozen=True)
class Answer:
    """An answer before it is bytes.  ``body`` is a JSON value, or bytes that are sent as they are.

    ``escaped``: slashes come as ``\\/``, as recorded.  ``blank``: two newlines come first, as some errors were
    recorded.  ``cut``: the connection breaks after so many bytes of the body; 0 is before the status line.
    """

    status: int
    body: Any
    content_type: str = JSON
    headers: Mapping[str, str] = field(default_factory=dict)
    escaped: bool = False
    blank: bool = False
    cut: int | None = None

    def content(self) -> bytes:
        """The bytes of the body."""
        if isinstance(self.body, bytes):
            return self.body
        encoded = _ENCODER.encode(self.body)
        if self.escaped:
            encoded = encoded.replace(b"/", b"\\/")
        return b"\n\n" + encoded if self.blank else encoded


class Refusal(Exception):
    """The API refuses; carries the answer."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(str(answer.status))
        self.answer = answer


def error(status: int, text: str, detail: str | None = None, **more: Any) -> Answer:
    """A JSON error of the API: ``error`` for people, ``detailedmessage`` for developers."""
    detailed = {} if detail is None else {"detailedmessage": detail}
    return Answer(status, {**more, **detailed, "error": text}, blank=True)


def missing(*names: str) -> Answer:
    """400: required parameters are not there."""
    return error(400, "Additional fields are required.", missingfields=list(names))


def not_expected(form: str, value: str) -> Answer:
    """400: a value of the wrong form (``integer``, ``date``)."""
    noun = "type" if form == "integer" else "format"
    return error(400, "The data provided is invalid.", f"Expecting {noun} {form}, but value is {value}")


def html(status: int, title: str) -> Answer:
    """A page of some machine in between."""
    page = f"<html><head><title>{status} {title}</title></head><body><h1>{title}</h1></body></html>"
    return Answer(status, page.encode(), "text/html")


BAD_AUTH = error(401, "Incorrect permissions.", "Bad auth.")
LEGACY_UNAUTHORIZED = Answer(
    401,
    b"<h1>Not Authorized</h1>",
    "text/xml",
    {
        "WWW-Authenticate": 'Bearer realm="api.athenahealth.com", error="invalid_token"',
        "X-Mashery-Error-Code": "ERR_403_NOT_AUTHORIZED",
    },
)
DEVELOPER_INACTIVE = Answer(401, b"<h1>Developer Inactive</h1>", "text/xml")  # the text is documented, not its type
INVALID_PRACTICE = error(404, "Invalid practice.", "The practice ID does not exist.")
NO_SUCH_ID = error(404, "The requested ID does not exist.")  # for patients inferred from documents' recorded 404
NOT_REGISTERED = Answer(404, b"Service not registered with API gateway.")
NOT_ENABLED = error(  # inferred: what a permissioned rollout answers where it is off is not documented
    403, "This API is not enabled.", "The API relies on settings that are not enabled in athenaNet Production."
)
OVER_QUOTA = Answer(429, b"<h1>Developer Over Qps</h1>", "text/xml")  # 429 is documented for tokens; the body inferred
FORBIDDEN_TEXT = Answer(403, b"<h1>Developer Over Qps</h1>", "text/xml")
