"""``check`` asks every gateway of the settings, and moves no money."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, ClassVar

import pytest

from fhir_facade.cli.check import check
from fhir_facade.gateways.errors import GatewayRefused
from fhir_facade.gateways.port import Gateway, GatewayContext, Result, Session, Started
from tests.cli.conftest import Clinic, Run, Write, authority

SELECTED = authority("riverside", "athena", 'select = { provider_group = ["1", "2", "3"] }')


class Paying(Gateway):
    """Answers."""

    closed: ClassVar[list[str]] = []

    @classmethod
    def open(cls, settings: Mapping[str, Any], context: GatewayContext) -> Paying:
        return cls()

    def start(self, session: Session) -> Started:
        raise AssertionError("check begins no session")

    def ask(self, reference: str) -> Result:
        raise AssertionError("check asks for no session")

    def notified(self, headers: Mapping[str, str], body: bytes) -> Iterable[Result]:
        return ()

    def close(self) -> None:
        self.closed.append("closed")


class Refusing(Paying):
    """Does not take our credentials."""

    def ping(self) -> None:
        raise GatewayRefused("answered 401")


class Misconfigured(Paying):
    """Cannot be opened."""

    @classmethod
    def open(cls, settings: Mapping[str, Any], context: GatewayContext) -> Misconfigured:
        raise ValueError("no such region")


class Hanging(Paying):
    """Does not answer before the test is over."""

    over: ClassVar[threading.Event] = threading.Event()

    def ping(self) -> None:
        self.over.wait()


def registered(class_: type[Gateway]) -> str:
    return f'[[gateway]]\nname = "main"\ntype = "{class_.__module__}:{class_.__name__}"\n'


def test_a_gateway_that_answers_is_well(written: Write, run: Run) -> None:
    file: Path = written(SELECTED + registered(Paying), athena=Clinic)
    result = run(check, "--config", file)
    assert result.exit_code == 0
    assert ["main", "tests.cli.test_check_gateways:Paying", "ok"] in [
        line.split() for line in result.stdout.splitlines()
    ]
    assert Paying.closed.pop() == "closed"


@pytest.mark.parametrize(
    ("class_", "outcome", "detail"),
    [
        (Refusing, "refused", "answered 401"),
        (Misconfigured, "misconfigured", "no such region"),
        (Hanging, "timed out", "no answer within 0.2 s"),
    ],
)
def test_a_gateway_that_does_not_work_ends_it_with_1(
    written: Write, run: Run, class_: type[Gateway], outcome: str, detail: str
) -> None:
    file: Path = written(SELECTED + registered(class_), athena=Clinic)
    Hanging.over.clear()
    result = run(check, "--json", "--deadline", "0.2", "--config", file)
    Hanging.over.set()
    assert result.exit_code == 1
    (said,) = json.loads(result.stdout)["gateways"]
    assert (said["name"], said["outcome"], said["detail"]) == ("main", outcome, detail)


def test_a_gateway_that_is_not_installed_is_a_fault_of_the_settings(written: Write, run: Run) -> None:
    file: Path = written(SELECTED + '[[gateway]]\nname = "main"\ntype = "no.such:Thing"\n', athena=Clinic)
    result = run(check, "--json", "--config", file)
    assert result.exit_code == 1
    assert "cannot import no.such:Thing" in json.loads(result.stdout)["faults"][0]["advice"]
