"""Is the trail what was written?  Walks the chain from its oldest entry to its newest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from fhir_facade.audit.entry import read
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
    tail, head = trail.tail(), trail.head()
    walk = _Walk(tail, head, anchors)
    faults = [fault for row in trail.entries() for fault in walk.faults(row)]
    if trail.tail() != tail:  # old entries were deleted meanwhile
        return verify(trail, anchors)
    faults += [*walk.faults_of_ends(trail.head()), *walk.faults_of_anchors()]
    return Verdict(walk.count, tail.seq, walk.at, tuple(faults))


class _Walk:
    """Where a walk along the chain is.  After a fault it goes on from there, so that one change is one fault."""

    def __init__(self, tail: End, head: End, anchors: Mapping[int, str]) -> None:
        self.at, self.count = tail, 0
        self._tail, self._head, self._anchors = tail, head, anchors

    def faults(self, row: Linked) -> Iterator[str]:
        if row.seq <= self.at.seq:
            yield f"entry {row.seq}: it is none of the chain, which begins after {self.at.seq}"
            return
        if row.seq != self.at.seq + 1:
            yield f"entries {self.at.seq + 1} to {row.seq - 1} are missing"
        elif link(self.at.hash, row.seq, row.entry) != row.hash:
            yield f"entry {row.seq}: it is not what was written there"
        if not _filed(row):
            yield f"entry {row.seq}: it is filed under another patient or time than it says"
        if row.seq in self._anchors and self._anchors[row.seq] != row.hash.hex():
            yield f"entry {row.seq}: it is not what the log told"
        self.at, self.count = End(row.seq, row.hash), self.count + 1
        yield from self._fault_of_head()

    def faults_of_ends(self, now: End) -> Iterator[str]:
        """The head from before the walk has been reached; the head of ``now`` has not been passed."""
        if self.at == self._tail:
            yield from self._fault_of_head()
        if self.at.seq < self._head.seq:
            yield f"entries after {self.at.seq} are missing: there were {self._head.seq}"
        if self.at.seq > now.seq:
            yield f"entries after {now.seq} are none of the chain, which ends there"

    def faults_of_anchors(self) -> Iterator[str]:
        for seq, hash in sorted(self._anchors.items()):
            if seq < self._tail.seq:
                yield f"entry {seq}: it is deleted, and cannot be held against what the log told"
            elif seq > self.at.seq or (seq == self._tail.seq and self._tail.hash.hex() != hash):
                yield f"entry {seq}: it is not what the log told"

    def _fault_of_head(self) -> Iterator[str]:
        if self.at.seq == self._head.seq and self.at.hash != self._head.hash:
            yield f"entry {self.at.seq}: it is not what the chain ended with"


def _filed(row: Linked) -> bool:
    """What a patient's own entries are found by is what the entry itself says."""
    entry = read(row.entry)
    if entry is None:
        return row[1:4] == (0, "", b"")
    return row[1:4] == (entry.recorded, entry.authority, entry.number)
