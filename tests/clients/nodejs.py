"""The scripts of this folder, run on Node.js: they are asked by one argument of JSON, and print lines of it."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.services import node

SECONDS = 60


def printed(script: str, **asked: Any) -> Any:
    """What a script prints in the end."""
    ended = subprocess.run(_words(script, asked), capture_output=True, text=True, timeout=SECONDS, check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout, parse_float=Decimal)


@contextmanager
def running(script: str, **asked: Any) -> Iterator[subprocess.Popen[str]]:
    """A script that goes on until the block ends."""
    with subprocess.Popen(_words(script, asked), stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            process.terminate()


def line(process: subprocess.Popen[str]) -> Any:
    """The next line that a running script prints."""
    assert process.stdout is not None
    said = process.stdout.readline()
    assert said, "the script ended"
    return json.loads(said)


def _words(script: str, asked: dict[str, Any]) -> list[str]:
    return [node(), str(Path(__file__).parent / script), json.dumps(asked)]
