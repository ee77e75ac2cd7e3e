"""Where a worker writes entries down at once: files that the memory is mapped to, so that it costs no system call.

What is written is the operating system's from then on: a worker that is killed loses nothing.  A file begins with its
full size in zeros; a line ends with a newline, and one with a zero in it was never finished, nor its request
answered.  The lock on a file lasts as long as its process, so that others find what a dead one has left.
"""

from __future__ import annotations

import fcntl
import mmap
import os
import secrets
import stat
import threading
from pathlib import Path

from fhir_facade.errors import StateUnavailable

_SIZE = 4 << 20  # bytes: some fifteen thousand entries
_SUFFIX = ".spool"
_OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


class Segment:
    """One file: of this process, or left by one that is no more.

    ``written``: where it goes on.  ``taken``: bytes that the state has already, None where only the state knows.
    """

    def __init__(self, path: Path, descriptor: int, written: int, taken: int | None) -> None:
        self.path, self.written, self.taken = path, written, taken
        self._descriptor = descriptor
        self._memory = mmap.mmap(descriptor, 0)

    @property
    def name(self) -> str:
        return self.path.stem

    def room(self, line: bytes) -> bool:
        return self.written + len(line) <= len(self._memory)

    def write(self, line: bytes) -> None:
        end = self.written + len(line)
        self._memory[self.written : end] = line
        self.written = end

    def lines(self, most: int) -> tuple[list[bytes], int]:
        """Up to so many lines that the state does not have yet, and where they end."""
        lines: list[bytes] = []
        end = self.taken or 0
        while len(lines) < most and (after := self._memory.find(b"\n", end, self.written) + 1):
            if b"\0" not in (line := self._memory[end : after - 1]):
                lines.append(line)
            end = after
        return lines, end

    def close(self, *, remove: bool) -> None:
        """Give the file back; a file that still holds something stays."""
        self._memory.close()
        if remove:
            self.path.unlink(missing_ok=True)
        os.close(self._descriptor)


class Spool:
    """The files of this process in a folder that only its owner reads.

    ``StateUnavailable`` where nothing can be written down: then nothing is to be answered, either.
    """

    def __init__(self, folder: Path, size: int = _SIZE) -> None:
        self._folder, self._size, self._mutex = folder, size, threading.Lock()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            if folder.stat().st_mode & _OTHERS_WRITE:
                raise StateUnavailable("audit spool: others can write to the folder; name one of its own below it")
            self._segment = self._new()
        except OSError as error:
            raise StateUnavailable(f"audit spool: {error.strerror}") from error
        self._full: list[Segment] = []
        self._shut = False

    def append(self, lines: bytes) -> None:
        """Write down whole lines, one after the other without a gap."""
        with self._mutex:
            if self._shut:
                raise StateUnavailable("audit spool: shut")
            if not self._segment.room(lines):
                try:
                    following = self._new(len(lines))
                except OSError as error:
                    raise StateUnavailable(f"audit spool: {error.strerror}") from error
                self._full.append(self._segment)
                self._segment = following
            self._segment.write(lines)

    def full(self) -> list[Segment]:
        """The files that nothing is written to any more."""
        with self._mutex:
            full, self._full = self._full, []
        return full

    def shut(self) -> list[Segment]:
        """The last files: from now on nothing can be written down, nor is answered."""
        with self._mutex:
            self._shut = True
        return [*self.full(), self._segment]

    @property
    def current(self) -> Segment:
        """The file that is written to."""
        return self._segment

    def left(self) -> tuple[list[Segment], int]:
        """Files of processes that are no more, each now this process's to carry away; how many it cannot open."""
        left, shut = [], 0
        for path in sorted(self._folder.glob(f"*{_SUFFIX}")):
            try:
                descriptor = _locked(path)
            except OSError:
                shut += 1
                continue
            if descriptor is not None:
                left.append(Segment(path, descriptor, written=os.fstat(descriptor).st_size, taken=None))
        return left, shut

    def _new(self, least: int = 0) -> Segment:
        """A file has its name only once it is locked, so that nobody takes it for one that was left."""
        name = secrets.token_hex(12)
        making = self._folder / f"{name}.new"
        descriptor = os.open(making, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600)
        try:
            os.write(descriptor, bytes(max(self._size, least)))  # a full disk is found here, not in the memory
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            path = making.rename(self._folder / f"{name}{_SUFFIX}")
            return Segment(path, descriptor, written=0, taken=0)
        except OSError:
            os.close(descriptor)
            making.unlink(missing_ok=True)
            raise


def _locked(path: Path) -> int | None:
    """A descriptor with the lock, or None where a living process has it or the file is gone."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if os.fstat(descriptor).st_nlink and os.fstat(descriptor).st_size:
            return descriptor
    except BlockingIOError:
        os.close(descriptor)
        return None
    os.close(descriptor)
    return None
