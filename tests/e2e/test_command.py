"""``fhir-facade demo`` as it is started: its ports, its modes, and a token that its first line gets."""

from __future__ import annotations

import re
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests
from click.testing import CliRunner

from bench import child
from fhir_facade.sandbox.command import demo

COMMAND = [sys.executable, "-c", "from fhir_facade.sandbox.command import demo; demo()"]


@contextmanager
def started(log: Path, port: int, *options: str) -> Iterator[str]:
    """What the demo prints, while it runs."""
    with child.running([*COMMAND, "--port", str(port), *options], port, log):
        yield log.read_text()


def test_it_asks_for_tokens_and_gives_them(tmp_path: Path) -> None:
    port = child.free_port()
    with socket.socket() as other:
        with suppress(OSError):  # whose it is does not matter
            other.bind(("127.0.0.1", port + 1))
            other.listen()
        with started(tmp_path / "log", port) as printed:
            first = re.search(r"^TOKEN=\$\(curl -s '([^']+)'\)$", printed, re.MULTILINE)
            assert first
            assert f":{port + 1}/" not in first[1]
            token = requests.get(first[1], timeout=10).text
            base_url = f"http://127.0.0.1:{port}/fhir"
            assert requests.get(f"{base_url}/Invoice", timeout=10).status_code == 401
            headers = {"Authorization": f"Bearer {token}"}
            assert requests.get(f"{base_url}/Invoice", headers=headers, timeout=10).json()["total"] == 5
            launch = re.search(r"http://\S+/launch", printed)
            assert launch
            assert base_url in requests.get(launch[0], timeout=10).text
            assert "regional-hie.jwk" in printed


def test_without_tokens_nobody_is_asked(tmp_path: Path) -> None:
    port = child.free_port()
    with started(tmp_path / "log", port, "--open") as printed:
        answer = requests.get(f"http://127.0.0.1:{port}/fhir/Invoice?assigner=clinic", timeout=10)
        assert answer.json()["total"] > 0
    assert "TOKEN" not in printed
    assert "/launch" not in printed


def test_the_authorization_servers_port_can_be_chosen(tmp_path: Path) -> None:
    port, chosen = child.free_port(), child.free_port()
    with started(tmp_path / "log", port, "--authorization-port", str(chosen)) as printed:
        assert f"http://127.0.0.1:{chosen}/launch" in printed


@pytest.mark.parametrize("same", [True, False])
def test_a_port_that_is_in_use_is_refused(same: bool) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port, taken = child.free_port(), other.getsockname()[1]
        chosen = port if same else taken
        result = CliRunner().invoke(demo, ["--port", str(port), "--authorization-port", str(chosen)])
    assert result.exit_code == 1
    assert f"cannot listen on 127.0.0.1:{chosen}" in result.output
