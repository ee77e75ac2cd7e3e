"""Kills a process at each line of posting in turn, and finishes the work in another, as a worker does after a crash.

    python -m tests.backends.sql.posting.killed statement|file|file-taken-at-once FOLDER

``file-taken-at-once``: the billing system takes every file away before the facade looks again.  Prints what came of
each payment: JSON, a list for each payment of how its recovery went and what was booked.
"""

from __future__ import annotations

import datetime as dt
import json
import os
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from types import FrameType
from typing import Any

from fhir_facade.backends.port import Context
from fhir_facade.backends.posting import Declined, NotSent, Posting, Unsure
from fhir_facade.backends.sql import SqlBackend
from fhir_facade.backends.sql.poster import SqlPoster
from fhir_facade.state.memory import MemoryStore
from tests.backends.sample import NAME
from tests.backends.sql.posting.conftest import FILE, FILES, POSTING, ROWS, SETTINGS, STATEMENT

MODULES = ("by_file.py", "drop.py", "batch.py", "by_statement.py", "found.py", "parameters.py", "judging.py")


def main(way: str, folder: Path) -> None:
    site = Site(folder)
    settings = STATEMENT if way == "statement" else site.folders()
    outcomes, line = [], 0
    while True:
        line += 1
        posting = replace(POSTING, payment=f"payment-{line}", settings=settings)
        survived = killed_at(line, lambda posting=posting: site.tell(posting))  # type: ignore[misc]
        if way == "file-taken-at-once":
            site.take()
        recovery = [site.look(posting), site.tell(posting)]
        site.take()
        recovery.append(site.tell(posting))  # a worker that knows nothing of the first
        site.take()
        outcomes.append([posting.payment, *recovery, site.booked(posting)])
        if survived:
            break
    json.dump(outcomes, sys.stdout)


def killed_at(line: int, work: Callable[[], Any]) -> bool:
    """Do the work in a process that is killed before the so many-th line of it; whether it came to its end."""
    child = os.fork()
    if child == 0:
        sys.settrace(Killer(line).enter)
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return False
    assert os.WEXITSTATUS(status) == 0
    return True


class Killer:
    """Counts the lines of the modules that post."""

    def __init__(self, line: int) -> None:
        self._left = line

    def enter(self, frame: FrameType, event: str, arg: Any) -> Any:
        return self.step if frame.f_code.co_filename.endswith(MODULES) else None

    def step(self, frame: FrameType, event: str, arg: Any) -> Any:
        if event == "line":
            self._left -= 1
            if self._left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
        return self.step


class Site:
    """The example of docs/sql-backend.md on SQLite, and what it has taken in from files."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._database = folder, folder / "billing.db"
        self._taken: list[str] = []
        with closing(sqlite3.connect(self._database)) as connection, connection:
            connection.executescript(FILES["posting.sql"] + ";".join(ROWS))

    def folders(self) -> dict[str, Any]:
        out, back = self._folder / "out", self._folder / "back"
        (out / ".sent").mkdir(parents=True)
        back.mkdir()
        return {**FILE, "folder": str(out), "acknowledgements": str(back)}

    @contextmanager
    def _poster(self) -> Iterator[SqlPoster]:
        url = f"sqlite:///{self._database}"
        context = Context(NAME, MemoryStore(), now=lambda: dt.datetime.now(dt.UTC))
        with closing(SqlBackend.open(SETTINGS | {"url": url, "posting_url": url}, context)) as backend:
            yield backend.poster()

    def tell(self, posting: Posting) -> str:
        with self._poster() as poster:
            return said(lambda: poster.tell(posting, {}).verdict.value)

    def look(self, posting: Posting) -> str:
        with self._poster() as poster:
            return said(lambda: poster.found(posting, {}).verdict.value)

    def take(self) -> None:
        """Take every file away, without a word."""
        for file in sorted((self._folder / "out").glob("*.csv")):
            self._taken.append(file.read_bytes().decode())
            file.unlink()

    def booked(self, posting: Posting) -> int:
        """How often the payment was booked, or a whole file of it taken."""
        with closing(sqlite3.connect(self._database)) as connection:
            sums = connection.execute(
                "SELECT count(*), sum(amount) FROM online_payments WHERE payment = ?", (posting.payment,)
            ).fetchone()
        files = [text for text in self._taken if f"\n{posting.payment},1," in text]
        rows, cents = sums
        assert (rows, cents) in ((0, None), (2, 8557))
        assert all(text.count(posting.payment) == 2 and text.endswith("\r\n") for text in files)
        return int(rows) // 2 + len(files)


def said(attempt: Callable[[], str]) -> str:
    try:
        return attempt()
    except (NotSent, Declined, Unsure) as failure:
        return type(failure).__name__


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]))
