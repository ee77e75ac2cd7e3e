"""Why a token is refused: a word for the log and a fixed sentence for the caller; nothing of the token is in either."""

from __future__ import annotations

from enum import Enum

from fhir_facade.errors import Unauthenticated


class Reason(Enum):
    """The word for the log, and the sentence that the caller reads."""

    def __init__(self, word: str, sentence: str) -> None:
        self.word, self.sentence = word, sentence

    NO_TOKEN = ("no-token", "")
    MALFORMED = ("malformed", "The token is malformed.")
    OPAQUE = ("opaque", "Tokens of this kind are not accepted here.")
    ALGORITHM = ("algorithm", "The token is not signed in a way that is accepted here.")
    UNKNOWN_KEY = ("unknown-key", "The token is signed with a key that the issuer does not publish.")
    SIGNATURE = ("signature", "The token's signature is wrong.")
    ISSUER = ("issuer", "The token is of another issuer.")
    AUDIENCE = ("audience", "The token is not meant for this server.")
    NO_END = ("no-end", "The token does not say when it expires.")
    EXPIRED = ("expired", "The token has expired.")
    EARLY = ("early", "The token is not valid yet.")
    INACTIVE = ("inactive", "The token is not active.")

    def error(self) -> Unauthenticated:
        """A new failure that says so; without a word on tokens where none was sent."""
        if self is Reason.NO_TOKEN:
            return Unauthenticated()
        code = "expired" if self is Reason.EXPIRED else "login"
        return Unauthenticated(self.sentence, error="invalid_token", code=code)


class Refusal(Exception):
    """Raised in this room where a token is judged bad; it does not leave the room."""

    def __init__(self, reason: Reason) -> None:
        super().__init__(reason.word)
        self.reason = reason
