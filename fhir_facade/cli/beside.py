"""A worker beside the server: a process of its own, started anew when it dies, ended with the server."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

COMMAND = (sys.executable, "-m", "fhir_facade.cli.worker", "--beside")

_FIRST_PAUSE, _LONGEST_PAUSE, _LIVED = 1.0, 30.0, 60.0
_IN_ORDER = 30.0  # seconds for what it has in hand


class Beside:
    """Keeps one process of a command running.  It ends by itself when this one is no more: its input ends then."""

    def __init__(self, command: Sequence[str], first_pause: float = _FIRST_PAUSE) -> None:
        self._command, self._first_pause, self._pause = command, first_pause, first_pause
        self._over, self._turn = threading.Event(), threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._thread = threading.Thread(target=self._keep, name="worker", daemon=True)

    def start(self) -> None:
        """Start it, and start it anew whenever it ends, after a pause that doubles while it does so soon."""
        self._thread.start()

    def restart(self) -> None:
        """Let it finish what it has in hand, and begin anew with the settings as they are now."""
        with self._turn:
            if self._process is not None:
                self._pause = 0.0
                self._process.terminate()

    def close(self) -> None:
        """Let it finish what it has in hand; kill it if that takes too long."""
        with self._turn:
            self._over.set()
            if self._process is not None:
                self._process.terminate()
        self._thread.join(_IN_ORDER)
        if self._thread.is_alive() and self._process is not None:
            self._process.kill()
            self._thread.join()

    @property
    def pid(self) -> int | None:
        """The number of the process that runs, or ran last."""
        return None if self._process is None else self._process.pid

    def _keep(self) -> None:
        while True:
            begun = time.monotonic()
            with self._turn:
                if self._over.is_set():
                    return
                self._process = process = subprocess.Popen(self._command, stdin=subprocess.PIPE)  # noqa: S603 (ours)
            process.wait()
            if process.stdin is not None:
                process.stdin.close()
            if time.monotonic() - begun > _LIVED:
                self._pause = self._first_pause
            self._over.wait(self._pause)
            self._pause = min(_LONGEST_PAUSE, max(self._first_pause, self._pause * 2))


@contextmanager
def beside(config: Path, wanted: bool) -> Iterator[Beside | None]:
    """A worker with these settings, if one is wanted."""
    if not wanted:
        yield None
        return
    process = Beside([*COMMAND, "--config", str(config)])
    process.start()
    try:
        yield process
    finally:
        process.close()
