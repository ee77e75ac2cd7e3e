"""Fetched records that several machines share, in Redis: each file is fetched once for all of them.

What lies there is encrypted (AES-GCM) under names that tell nobody anything (a keyed hash): the store sees neither
who has bills nor what they say.
"""

from __future__ import annotations

import datetime as dt
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from fhir_facade.backends.port import SharedStore
from fhir_facade.backends.typed import typed
from fhir_facade.files.patient_file import FileKey
from fhir_facade.records import OF_KIND, Kind, Record

_NONCE = 12


@dataclass(frozen=True)
class Fetched:
    """What a billing system answered, when, and the patient's number in force."""

    as_of: dt.datetime
    number: str
    records: Sequence[Record]


class Pantry:
    """Records by file, encrypted with ``key`` (32 bytes), in a store that all machines share."""

    def __init__(self, store: SharedStore, key: bytes, deadline: float) -> None:
        self._store, self._cipher, self._deadline = store, AESGCM(key), deadline
        self._names = blake2b(b"names", key=key, digest_size=32).digest()

    def get(self, key: FileKey) -> Fetched | None:
        """What another machine fetched, or None; what cannot be read (another key, another version) is None, too."""
        name = self._name(key)
        sealed = self._store.get(name)
        if sealed is None:
            return None
        try:
            raw = self._cipher.decrypt(sealed[:_NONCE], sealed[_NONCE:], name.encode())
            as_of, number, records = msgspec.msgpack.decode(raw)
            typed_records = [typed(record, OF_KIND[Kind(key.kind)]) for record in records]
        except (InvalidTag, ValueError):
            return None
        return Fetched(dt.datetime.fromisoformat(as_of), number, typed_records)

    def put(self, key: FileKey, fetched: Fetched, seconds: float) -> None:
        """Keep for ``seconds``."""
        nonce, name = os.urandom(_NONCE), self._name(key)
        raw = msgspec.msgpack.encode((fetched.as_of.isoformat(), fetched.number, list(fetched.records)))
        self._store.put(name, nonce + self._cipher.encrypt(nonce, raw, name.encode()), seconds)

    @contextmanager
    def fetching(self, key: FileKey) -> Iterator[None]:
        """One machine fetches, the others wait and then find it."""
        with self._store.lock(self._name(key), self._deadline):
            yield

    def _name(self, key: FileKey) -> str:
        text = "\0".join((key.billing_system, key.kind.value, key.patient))
        return "file:" + blake2b(text.encode(), key=self._names, digest_size=16).hexdigest()
