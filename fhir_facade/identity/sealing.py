"""Logical ids: who a record is about, sealed; then which record it is, hashed (production-rules.md A5).

    Patient, Location, Practitioner    seal(form, authority, number)
    all other types                    seal(form, authority, patient number) + hash(that, own number)

The type is part of the seal: an Invoice's id opens as nothing else.  The seal alone (a person, a place) says all; a
record is found by its id among the patient's records.  Holding an id grants nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from typing import NamedTuple

from fhir_facade.identity.alphabet import MOST_BYTES, read, written
from fhir_facade.identity.seal import OVERHEAD, Seal
from fhir_facade.identity.subkeys import Secret
from fhir_facade.keys import PatientKey
from fhir_facade.octets import octets, text_of
from fhir_facade.state.numbers import LongNumbers

WHOLE = frozenset({"Patient", "Location", "Practitioner"})
"""Types whose id is a seal alone."""

# The form byte.  Upper half: the number itself follows, or the hash that it is kept under in the state.  Lower half: a
# try that is not spelt with a full stop at either end, where it is lost when links are found in running text.
_WRITTEN_OUT, _KEPT, _TRIES = 0, 16, 16
_TAG, _TAIL = 4, 12
_ROOM = MOST_BYTES - OVERHEAD - 1 - _TAG - _TAIL  # bytes of a number that are written out: 15
_REMEMBERED = 16_384


class Opened(NamedTuple):
    """What an id says: an authority, and a number of its own (of the patient, or of the place or practitioner).

    ``current`` is False for an id that an older key sealed: its record has another id now (``Sealer.own_number``).
    """

    authority: str
    value: str
    current: bool = True


class Sealer:
    """Seals with the newest secret, opens with any.  Safe for threads; the same secrets give the same ids.

    Raises ``ValueError`` for no secret, and for two authorities that would look alike inside an id.
    """

    def __init__(self, keys: Sequence[Secret], authorities: Iterable[str], numbers: LongNumbers) -> None:
        if not keys:
            raise ValueError("ids need a secret to be sealed with")
        self._seals = [Seal(key) for key in keys]
        self._authorities = _tagged(authorities)
        self._numbers = numbers
        self._forms: Mapping[int, Callable[[bytes], bytes | None]] = {_WRITTEN_OUT: bytes, _KEPT: numbers.find}
        # The records of a patient share their seal, so a thousand bills seal once.
        self._sealed: Callable[[int, str, str, str], bytes] = lru_cache(_REMEMBERED)(self._seal)

    def patient(self, key: PatientKey) -> str:
        """The id of a local Patient."""
        return written(self._sealed(0, "Patient", *key))

    def support(self, type: str, authority: str, number: str) -> str:
        """The id of a Location or Practitioner."""
        return written(self._sealed(0, type, authority, number))

    def record(self, type: str, key: PatientKey, own: str) -> str:
        """The id of a patient's record with the number ``own``.  Of any type but ``WHOLE``."""
        return self._record(0, type, key, own)

    def open(self, type: str, id: str) -> Opened | None:
        """Whom an id of this type is about; None for any text that was not sealed here, or names no authority of ours.

        For a record this vouches for the patient only: whether there is such a record, the patient's file says.
        """
        raw = read(id)
        if raw is None:
            return None
        sealed = raw if type in WHOLE else raw[:-_TAIL]
        for age, seal in enumerate(self._seals):
            text = seal.open(sealed, octets(type))
            if text is not None:
                return self._understood(text, current=age == 0)
        return None

    def own_number(self, type: str, id: str, key: PatientKey, among: Iterable[str]) -> str | None:
        """Which of the numbers ``among`` the records of a patient an id is of, whatever key sealed it."""
        for own in among:
            if any(self._record(age, type, key, own) == id for age in range(len(self._seals))):
                return own
        return None

    def _record(self, age: int, type: str, key: PatientKey, own: str) -> str:
        sealed, seal, tail = self._sealed(age, type, *key), self._seals[age], octets(own)
        while True:
            tail = seal.hash(sealed, tail, length=_TAIL)
            id = written(sealed + tail)
            if id[-1] != ".":
                return id

    def _seal(self, age: int, type: str, authority: str, number: str) -> bytes:
        seal, (form, content) = self._seals[age], self._content(self._seals[age], number)
        context, text = octets(type), _tag(authority) + content
        tries = (seal.close(bytes([form + attempt]) + text, context) for attempt in range(_TRIES))
        return next(sealed for sealed in tries if "." not in (written(sealed)[0], written(sealed)[-1]))

    def _content(self, seal: Seal, number: str) -> tuple[int, bytes]:
        raw = octets(number)
        if len(raw) <= _ROOM:
            return _WRITTEN_OUT, raw
        digest = seal.hash(b"long number", raw, length=_ROOM)
        self._numbers.keep(digest, raw)
        return _KEPT, digest

    def _understood(self, text: bytes, *, current: bool) -> Opened | None:
        authority = self._authorities.get(text[1 : 1 + _TAG])
        numbered = self._forms.get(text[0] - text[0] % _TRIES)
        number = numbered(text[1 + _TAG :]) if authority is not None and numbered is not None else None
        if authority is None or number is None:
            return None
        return Opened(authority, text_of(number), current)


def _tag(authority: str) -> bytes:
    return blake2b(octets(authority), digest_size=_TAG, person=b"authority").digest()


def _tagged(authorities: Iterable[str]) -> dict[bytes, str]:
    tags: dict[bytes, str] = {}
    for authority in authorities:
        other = tags.setdefault(_tag(authority), authority)
        if other != authority:
            raise ValueError(f"the ids {other!r} and {authority!r} look alike inside sealed ids; change one of them")
    return tags
