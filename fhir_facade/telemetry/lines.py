"""Where log lines go: whole lines, in order, to one stream; a server lets a thread of their own write them.

A write gives the interpreter's lock away, and under load a request that logged would wait its turn again for each
line.  What is waiting when the process is killed is lost; what is waiting when it ends in order is written.
"""

from __future__ import annotations

import atexit
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import BinaryIO

_TOGETHER = 0.05  # seconds that the thread waits for more lines before it writes
_WAITING = 20_000  # lines that may wait for a stream that does not take them


class Lines:
    """Writes to ``stream`` (standard error when None); ``lost`` is called for each line that cannot be written."""

    def __init__(self, stream: BinaryIO | None, lost: Callable[[], None]) -> None:
        self._stream, self._lost, self._mutex = stream, lost, threading.Lock()
        self._waiting: deque[bytes] = deque()
        self._background, self._any = False, threading.Event()

    def msg(self, line: bytes) -> None:
        """Write a line, or leave it for the thread."""
        if len(self._waiting) >= _WAITING:
            self._lost()
            return
        self._waiting.append(line)
        if not self._background:
            self.flush()
        elif not self._any.is_set():
            self._any.set()

    def in_background(self) -> None:
        """From now on a thread writes.  To be called once, in the process that logs."""
        self._background = True
        threading.Thread(target=self._run, name="log", daemon=True).start()
        atexit.register(self.flush)

    def flush(self) -> None:
        """Write what waits, here and now."""
        with self._mutex:
            lines = [self._waiting.popleft() for _ in range(len(self._waiting))]
            try:
                stream = self._stream or sys.stderr.buffer
                stream.write(b"".join(lines))
                stream.flush()
            except (OSError, ValueError):  # a closed pipe, a full disk, a closed stream
                for _ in lines:
                    self._lost()

    def _run(self) -> None:
        while True:
            self._any.wait()
            time.sleep(_TOGETHER)
            self._any.clear()
            self.flush()
