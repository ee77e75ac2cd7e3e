"""Is the trail what was written?  Walks the chain from its oldest entry to its newest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import msgspec

from fhir_facade.audit.entry import decode
from fhir_facade.state.trail import End, Linked, Trail, link


@dataclass(frozen=True)
class Verdict:
    """``entries`` is how many were looked at; ``pruned`` up to where they were deleted for their age."""

    entries: int
    pruned: int
    head: End
    faults: tuple[str, ...]


def verify(trail: Trail, anchors: Mapping[int, str]) -> Verdict:
    """``anchors``: hashes, in hexadecimal, that the log once told for places in the chain."""
    head, tail = trail.head(), trail.tail()
    walk = _Walk(tail, anchors)
    faults = [fault for row in trail.entries(tail.seq) for fault in walk.faults(row)]
    if not walk.at.seq >= head.seq or (walk.at.seq == head.seq and walk.at.hash != head.hash):
        faults.append(f"entries after {walk.at.seq} are missing: there were {head.seq}")
    for seq, hash in sorted(anchors.items()):
        if seq > walk.at.seq or (seq == tail.seq and tail.hash.hex() != hash):
            faults.append(f"entry {seq}: it is not what the log told")
    return Verdict(walk.count, tail.seq, walk.at, tuple(faults))


class _Walk:
    """Where a walk along the chain is.  After a fault it goes on from there, so that one change is one fault."""

    def __init__(self, at: End, anchors: Mapping[int, str]) -> None:
        self.at, self.count, self._anchors = at, 0, anchors

    def faults(self, row: Linked) -> Iterator[str]:
        if row.seq != self.at.seq + 1:
            yield f"entries {self.at.seq + 1} to {row.seq - 1} are missing"
        elif link(self.at.hash, row.seq, row.entry) != row.hash:
            yield f"entry {row.seq}: it is not what was written there"
        if not _filed(row):
            yield f"entry {row.seq}: it is filed under another patient or time than it says"
        if row.seq in self._anchors and self._anchors[row.seq] != row.hash.hex():
            yield f"entry {row.seq}: it is not what the log told"
        self.at, self.count = End(row.seq, row.hash), self.count + 1


def _filed(row: Linked) -> bool:
    """What a patient's own entries are found by is what the entry itself says."""
    try:
        entry = decode(row.entry)
    except msgspec.MsgspecError:
        return row[1:4] == (0, "", b"")
    return row[1:4] == (entry.recorded, entry.authority, entry.number)
