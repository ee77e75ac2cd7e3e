"""What is written down of an access, or of an attempt at one."""

from __future__ import annotations

from enum import Enum

import msgspec

from fhir_facade.keys import PatientKey
from fhir_facade.octets import octets, text_of
from fhir_facade.records import Kind, Personal


class OwnKind(str, Enum):
    """The kinds of record that the facade itself keeps about a patient; no billing system has them."""

    ACCESSES = "accesses"


AnyKind = Kind | OwnKind


class Entry(msgspec.Struct, frozen=True, array_like=True):
    """One access to one patient's records, or to nobody's.

    ``recorded``: milliseconds since 1970.  ``id``: what a read asked for, as it came; ``query``: what a search sent,
    encoded.  ``caller`` is ``Caller.name``, ``token`` the token's ``jti``, ``peer`` the address that the request came
    from.  ``authority`` and ``number`` are the patient's; empty where the answer was about nobody, as a refusal is.
    """

    recorded: int
    request_id: str
    interaction: str
    type: str
    id: str
    query: str
    status: int
    caller: str
    token: str
    peer: str
    authority: str = ""
    number: bytes = b""

    @property
    def patient(self) -> PatientKey | None:
        """Whose records were shown."""
        return PatientKey(self.authority, text_of(self.number)) if self.authority else None

    def about(self, patient: PatientKey) -> Entry:
        """The same access, as far as it is about one patient."""
        return msgspec.structs.replace(self, authority=patient.authority, number=octets(patient.value))


class Access(Personal, frozen=True, kw_only=True):
    """An entry as a patient's record; ``number`` is its place in the chain."""

    entry: Entry


encode = msgspec.json.Encoder().encode
decode = msgspec.json.Decoder(Entry).decode


def read(line: bytes) -> Entry | None:
    """The entry that a line is; None for one of another version of this program, or of none."""
    try:
        return decode(line)
    except (ValueError, RecursionError):
        return None
