"""The scripts of this folder, run on Node.js: they are asked by one argument of JSON, and print lines of it."""

from __future__ import annotations

import json
import select
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path
from typing import Any

from tests.services import node

SECONDS = 60
Running = subprocess.Popen[bytes]


def printed(script: str, **asked: Any) -> Any:
    """What a script prints in the end."""
    ended = subprocess.run(_words(script, asked), capture_output=True, text=True, timeout=SECONDS, check=False)
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout, parse_float=Decimal)


@contextmanager
def running(script: str, **asked: Any) -> Iterator[Running]:
    """A script that goes on until its input ends, with the block or with this process."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen(_words(script, asked), bufsize=0, **pipes) as process:
        yield process


def line(process: Running) -> Any:
    """The next line that a running script prints."""
    assert process.stdout is not None
    ready, _, _ = select.select([process.stdout], [], [], SECONDS)
    assert ready, "the script says nothing"
    said = process.stdout.readline()
    assert said, "the script ended"
    return json.loads(said)


def told(process: Running) -> Any:
    """What a running script answers to an empty line."""
    assert process.stdin is not None
    process.stdin.write(b"\n")
    return line(process)


def _words(script: str, asked: dict[str, Any]) -> list[str]:
    return [node(), str(Path(__file__).parent / script), json.dumps(asked)]
