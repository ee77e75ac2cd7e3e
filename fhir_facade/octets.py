"""Text as the bytes that are kept, hashed and sealed: UTF-8, whatever a database or a hash thinks of its characters."""

from __future__ import annotations


def octets(text: str) -> bytes:
    """Any text.  Lone surrogates come in from vendors' JSON; they are characters like others here."""
    return text.encode("utf-8", "surrogatepass")


def text_of(raw: bytes) -> str:
    """The text that ``octets`` made these bytes of."""
    return raw.decode("utf-8", "surrogatepass")
