"""A folder into which files are dropped for somebody else to take away, each at most once, whatever dies when.

``.sent`` in the folder is ours: it keeps a copy of each file that was ever to be dropped.  A file goes there first
(``name.part``), then its copy (``name``), and then it is renamed into the folder, which takes it out of ``.sent``.  So
``name`` without ``name.part`` was dropped, wherever the file is by now; both, and it is still to be dropped; without
``name`` it never was.  Whoever looks or drops holds a lock that dies with its process.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from enum import Enum
from pathlib import Path

OURS = ".sent"
BETWEEN_TRIES = 0.01  # seconds


class Stage(Enum):
    """How far a file has come."""

    NEVER = "never"
    STAGED = "staged"
    DROPPED = "dropped"


class NotDropped(Exception):
    """It was surely not dropped; the text names what failed and no file."""


class MaybeDropped(Exception):
    """The rename failed in a way that does not tell whether it was done."""


class Drop:
    """One folder.  ``.sent`` is made by the site, so that a disk that is not mounted is not taken for an empty one."""

    def __init__(self, folder: Path, patience: float = 5.0) -> None:
        self._folder, self._ours = folder, folder / OURS
        self._patience = patience  # seconds to wait for somebody else's look or drop

    def look(self, name: str) -> tuple[Stage, bytes]:
        """How far the file has come, and what is in it.  ``NotDropped`` where the folder cannot be looked at."""
        with self._locked():
            return self._stage(name), self._copy(name)

    def put(self, name: str, content: bytes) -> bytes:
        """Drop the file unless it was dropped; what was dropped under that name, now or before."""
        with self._locked():
            if self._stage(name) is Stage.NEVER:
                with _nothing_yet():
                    self._write(f"{name}.part", content)
                    self._write(f"{name}.new", content)
                    os.replace(self._ours / f"{name}.new", self._ours / name)
                    _sync(self._ours)
            kept = self._copy(name)
            if kept == content and self._stage(name) is Stage.STAGED:
                self._release(name)
            return kept

    def _release(self, name: str) -> None:
        try:
            os.replace(self._ours / f"{name}.part", self._folder / name)
            _sync(self._folder)
        except OSError as error:
            raise MaybeDropped(type(error).__name__) from None

    def _stage(self, name: str) -> Stage:
        if not (self._ours / name).exists():
            return Stage.NEVER
        return Stage.STAGED if (self._ours / f"{name}.part").exists() else Stage.DROPPED

    def _copy(self, name: str) -> bytes:
        with _nothing_yet():
            path = self._ours / name
            return path.read_bytes() if path.exists() else b""

    def _write(self, name: str, content: bytes) -> None:
        with (self._ours / name).open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())

    @contextmanager
    def _locked(self) -> Iterator[None]:
        with _nothing_yet():
            lock = os.open(self._ours / ".lock", os.O_RDWR | os.O_CREAT, 0o660)
        try:
            with _nothing_yet():
                _lock(lock, time.monotonic() + self._patience)
            yield
        finally:
            os.close(lock)


@contextmanager
def _nothing_yet() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise NotDropped(type(error).__name__) from None


def _lock(descriptor: int, until: float) -> None:
    """``BlockingIOError`` where somebody holds it for too long."""
    while True:
        try:
            return fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() > until:
                raise
        time.sleep(BETWEEN_TRIES)


def _sync(folder: Path) -> None:
    """Make renames in a folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
