"""What a source said, to the letter: as JSON, so that "7" is told from 7, and an empty text from nothing."""

from __future__ import annotations

import msgspec

NOT_SAID = "not said"

_ENCODER = msgspec.json.Encoder(decimal_format="number", enc_hook=str)


def verbatim(value: object) -> str:
    """A value of a source as JSON, digit by digit; what JSON does not have is the text that it prints as."""
    return _ENCODER.encode(value).decode()
