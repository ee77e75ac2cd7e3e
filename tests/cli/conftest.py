"""Billing systems that answer, refuse, hang and break, as a settings file names them, and a way to run commands."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import click
import pytest
from click.testing import CliRunner, Result

from fhir_facade.backends.memory import MemoryBackend
from fhir_facade.backends.memory_posting import MemoryPoster, Shelf
from fhir_facade.backends.port import Context, Probe
from fhir_facade.errors import Refused


class Clinic(MemoryBackend):
    """Answers; has three provider groups, and an endpoint that it can do without."""

    settings_schema: ClassVar[Mapping[str, Any]] = {"type": "object"}
    select_keys: ClassVar[frozenset[str]] = frozenset({"provider_group"})
    last_endpoint: ClassVar[Probe] = Probe("/extra", "not enabled", "ask for it", optional=True)
    closed: ClassVar[list[str]] = []

    @classmethod
    def open(cls, settings: Mapping[str, Any], context: Context) -> Clinic:
        return cls(name=context.name)

    def probe(self) -> Iterable[Probe]:
        yield Probe("/ping", "ok")
        yield self.last_endpoint

    def divisions(self) -> Mapping[str, Mapping[str, str]]:
        return {"provider_group": {"1": "Riverside", "2": "Lakeside", "3": "Hillside"}}

    def close(self) -> None:
        self.closed.append(self._name)


class Till(MemoryPoster):
    """Takes payments in department 1."""

    def fits(self, posting: Mapping[str, Any]) -> Iterable[Probe]:
        there = posting.get("department") == "1"
        yield Probe("department", "ok") if there else Probe("department", "misconfigured", "there is no such one")


class Paid(Clinic):
    """Can be told of payments."""

    posting_schema: ClassVar[Mapping[str, Any] | None] = {"type": "object"}

    def poster(self) -> Till:
        return Till(Shelf(self._name, self._everything, self._put))


class Lacking(Clinic):
    """Lacks an endpoint that it needs."""

    last_endpoint: ClassVar[Probe] = Probe("/claims", "not enabled", "ask for it")


class Rows(Clinic):
    """Selects by whatever keys its rows have."""

    select_keys: ClassVar[frozenset[str]] = frozenset({"*"})


class Refusing(Clinic):
    """Does not take our credentials."""

    def probe(self) -> Iterable[Probe]:
        yield Probe("/ping", "ok")
        raise Refused("the client is unknown")


class Misconfigured(Clinic):
    """Cannot be opened."""

    @classmethod
    def open(cls, settings: Mapping[str, Any], context: Context) -> Clinic:
        raise ValueError("no such zone")


class Broken(Clinic):
    """Has a fault of its own."""

    def probe(self) -> Iterable[Probe]:
        raise KeyError("a fault of the backend")


class Hanging(Clinic):
    """Answers once and then hangs, until the test is over."""

    over: ClassVar[threading.Event] = threading.Event()

    def probe(self) -> Iterable[Probe]:
        yield Probe("/ping", "ok")
        self.over.wait()


Write = Callable[..., Path]
Run = Callable[..., Result]


def authority(id_: str, system: str, more: str = "") -> str:
    """An ``[[assigning_authority]]``."""
    name = f'id = "{id_}"\nname = "{id_.title()}"\nsystem = "urn:numbers:{id_}"'
    return f'[[assigning_authority]]\n{name}\nbilling_system = "{system}"\n{more}\n'


@pytest.fixture
def written(tmp_path: Path) -> Write:
    """Writes a settings file with billing systems of the types that are named, and other text."""

    def writing(text: str = "", **systems: type) -> Path:
        file = tmp_path / "facade.toml"
        head = '[server]\nbase_url = "http://localhost/fhir"\n[security]\nmode = "open"\n'
        for name, class_ in systems.items():
            head += f'[[billing_system]]\nname = "{name}"\ntype = "{class_.__module__}:{class_.__name__}"\n'
        file.write_text(head + text)
        return file

    return writing


@pytest.fixture
def run() -> Iterator[Run]:
    """Runs a command with nothing of the environment that it could read settings from."""

    def running(command: click.Command, *arguments: object, **environ: str) -> Result:
        environment: dict[str, str | None] = {"FACADE_CONFIG": None, "FACADE_ID_KEY": None, "CLINIC_DATABASE": None}
        return CliRunner().invoke(command, list(map(str, arguments)), env={**environment, **environ})

    Hanging.over.clear()
    yield running
    Hanging.over.set()
