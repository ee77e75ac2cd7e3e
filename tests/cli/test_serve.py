"""``serve`` lets nobody in whom it could not tell from somebody else."""

from __future__ import annotations

import socket

import pytest

from fhir_facade.cli.serve import serve
from tests.cli.conftest import Clinic, Run, Write


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "billing.example.org"])  # noqa: S104
def test_without_tokens_only_this_machine_is_served(written: Write, run: Run, host: str) -> None:
    result = run(serve, "--config", written(athena=Clinic), "--host", host)
    assert result.exit_code == 1
    assert f"--host {host} is reachable from outside" in result.stderr


def test_a_port_that_somebody_else_listens_on_is_refused(written: Write, run: Run) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        result = run(serve, "--config", written(athena=Clinic), "--port", port)
    assert result.exit_code == 1
    assert f"cannot listen on 127.0.0.1:{port}" in result.stderr


def test_bad_settings_are_refused_with_their_faults(written: Write, run: Run) -> None:
    result = run(serve, "--config", written("[[client]]\n", athena=Clinic))
    assert result.exit_code == 1
    assert "client[0].id" in result.stderr
