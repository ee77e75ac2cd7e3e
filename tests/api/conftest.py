"""A whole facade in one process, in front of billing systems in memory that can be told to fail."""

from __future__ import annotations

import datetime as dt
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from types import MappingProxyType
from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fhir_facade.backends.memory import MemoryBackend
from fhir_facade.backends.port import BillingSystem, Context
from fhir_facade.errors import SourceError
from fhir_facade.gateways.port import Gateway
from fhir_facade.guard.caller import ANYBODY
from fhir_facade.house import House, Identify, build
from fhir_facade.keys import PatientKey, SourceKey
from fhir_facade.records import Bill, Person, Record
from fhir_facade.settings.model import (
    AssigningAuthority,
    BillingSystemSettings,
    Bills,
    Client,
    Security,
    Server,
    Settings,
)
from fhir_facade.telemetry.log import LOG
from tests import people
from tests.bell.issuing import Clock, IssuerStub, issuing
from tests.conftest import Judge

BASE = "http://127.0.0.1:8080/fhir"


class Fickle(MemoryBackend):
    """Memory that fails as told, and counts how often it is asked."""

    def __init__(self, records: Sequence[Record], name: str, *, scans: bool) -> None:
        super().__init__(records, name=name)
        self.failure: SourceError | None = None
        self.asked: list[str] = []
        self.new_bills: list[Bill] = []
        if not scans:
            self.abilities = frozenset()

    def _note(self, what: str) -> None:
        self.asked.append(what)
        if self.failure is not None:
            raise self.failure

    def bills(self, patient: SourceKey) -> Sequence[Bill]:
        self._note("bills")
        return [*super().bills(patient), *(bill for bill in self.new_bills if bill.patient == patient.value)]

    def person(self, patient: SourceKey) -> Person | None:
        self._note("person")
        return super().person(patient)

    def payments(self, patient: SourceKey) -> Any:
        self._note("payments")
        return super().payments(patient)


class Merging(Fickle):
    """Answers for a merged number with the records of the number in force, as athenahealth does."""

    def bills(self, patient: SourceKey) -> Sequence[Bill]:
        person = self.person(patient)
        return super().bills(patient if person is None else patient._replace(value=person.number))


def authority(id: str, system: str, **more: Any) -> AssigningAuthority:
    switches = {"bills": Bills(view=True, download=True, pay=True), "prepay": True}
    names = {"riverside": "Riverside Medical Group", "lakeside": "Lakeside Specialists", "clinic": "Harbor Clinic"}
    return AssigningAuthority(
        id=id, name=names[id], system=f"urn:oid:1.3.6.1.4.1.99999.{len(id)}", billing_system=system, **(switches | more)
    )


AUTHORITIES = (
    authority("riverside", "practice", select={"provider_group": frozenset({"1"})}),
    authority("lakeside", "practice", select={"provider_group": frozenset({"2"})}, bills=Bills(view=True)),
    authority("clinic", "clinic"),
)


class Facade:
    """The running facade, and what a test needs to talk to it."""

    def __init__(self, settings: Settings, systems: dict[str, Fickle], official: Judge) -> None:
        self.systems, self.settings, self.official, self.now = systems, settings, official, people.NOW
        self.gateway: Gateway | None = None  # that every registered one is
        self.caller = ANYBODY  # whom everybody is taken for, where nobody has to say who they are
        self._start()

    def _start(self) -> None:
        identify: Identify | None = (lambda _: self.caller) if self.settings.security.mode == "open" else None
        opening = self._opened, identify, lambda *_: self.gateway
        self.house: House = build(self.settings, lambda: self.now, *opening)
        self.client: FlaskClient = self.house.app.test_client()

    def _opened(self, system: BillingSystemSettings, _: Context) -> BillingSystem:
        return self.systems[system.name]

    def restart(self, **server: Any) -> None:
        """As after a deployment, with other settings of the server, on the same state."""
        self.resettle(server=replace(self.settings.server, **server))

    def resettle(self, **settings: Any) -> None:
        """As after a deployment, with other tables of the settings."""
        self.house.close()
        self.settings = replace(self.settings, **settings)
        self._start()

    def trust(self, issuer: IssuerStub, clients: tuple[Client, ...] = (), **security: Any) -> None:
        """From now on tokens of this issuer are asked for, and its clock is the facade's."""
        self.now = issuer.clock.now
        self.resettle(security=Security("smart", issuer.url, BASE, **security), clients=clients)

    def get(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path if path.startswith("/") else f"/fhir/{path}", headers=_named(headers))

    def post(self, path: str, body: Any = None, **headers: str) -> TestResponse:
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body, default=float).encode()
        typed = {"Content-Type": "application/fhir+json"} if data else {}
        whole = path if path.startswith("/") else f"/fhir/{path}"
        return self.client.post(whole, data=data, headers=typed | _named(headers))

    def json(self, path: str, status: int = 200, **headers: str) -> Any:
        response = self.get(path, **headers)
        assert response.status_code == status, response.get_data(as_text=True)
        body = parsed(response)
        if "resourceType" in body:
            self.official(body)
        return body

    def patient(self, key: PatientKey) -> str:
        return self.house.finder.ids.patient(key)

    def record(self, type: str, key: PatientKey, own: str) -> str:
        return self.house.finder.ids.record(type, key, own)

    def later(self, seconds: float) -> None:
        self.now += dt.timedelta(seconds=seconds)


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): value for name, value in headers.items()}


def _names(record: Record) -> Iterable[str]:
    named = (getattr(record, "family", ""), *getattr(record, "given", ()))
    return (name for name in named if len(name) > 2)


def parsed(response: TestResponse) -> Any:
    return json.loads(response.get_data(), parse_float=Decimal)


def numbers(bundle: Any) -> list[str]:
    """The identifier values of a searchset's matches, in order."""
    matches = [e["resource"] for e in bundle.get("entry", []) if e["search"]["mode"] == "match"]
    return [resource["identifier"][0]["value"] for resource in matches]


def outcomes(bundle: Any) -> list[Any]:
    found = [e["resource"] for e in bundle.get("entry", []) if e["search"]["mode"] == "outcome"]
    return [issue for resource in found for issue in resource["issue"]]


Facades = Callable[..., Facade]

# What stands in records of the tests' people, and how a URL or a token begins; digits of clocks and sizes are nobody's.
SECRETS = (
    {name for record in (*people.PRACTICE, *people.CLINIC) for name in _names(record)}
    | {record.number for record in (*people.PRACTICE, *people.CLINIC) if len(record.number) >= 4}
    | {"85.50", "978.70", "777.67", "31.16", "http", "fhir", "Bearer", "eyJ[A-Za-z0-9_-]*"}
)


def known_in(lines: Iterable[str], facades: Iterable[Facade]) -> set[str]:
    """What log lines tell of people: the secrets that stand in any text of theirs."""
    ids = {facade.patient(key) for facade in facades for key in (people.ANNA, people.BORIS, people.NOT_ANNA)}
    secret = re.compile(r"\b(?:" + "|".join([*SECRETS, *map(re.escape, ids)]) + r")\b")
    events = (json.loads(line) for line in lines if line.startswith("{"))
    facts = {(name, fact) for event in events for name, fact in event.items() if isinstance(fact, str)}
    texts = {fact for name, fact in facts if name not in ("timestamp", "request_id")}
    return {found for text in texts for found in secret.findall(text)}


class _Tee:
    """Keeps what is logged, and lets it go on to standard error."""

    def __init__(self) -> None:
        self.written: list[bytes] = []

    def write(self, text: bytes) -> None:
        self.written.append(text)
        sys.stderr.buffer.write(text)

    def flush(self) -> None:
        sys.stderr.buffer.flush()


@pytest.fixture(autouse=True)
def no_line_knows_a_person(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Holds every test to it, but those that leak on purpose."""
    tee = _Tee()
    monkeypatch.setattr(LOG._lines, "_stream", tee)
    yield
    if "leak" not in request.node.name:
        facades = [each for each in request.node.funcargs.values() if isinstance(each, Facade)]
        assert known_in(b"".join(tee.written).decode().splitlines(), facades) == set()


@pytest.fixture
def issuer() -> Iterator[IssuerStub]:
    with issuing(Clock()) as issuer:
        yield issuer


def bearer(issuer: IssuerStub, **claims: Any) -> dict[str, str]:
    return {"Authorization": f"Bearer {issuer.token(aud=BASE, **claims)}"}


@pytest.fixture
def facades(tmp_path: Path, official: Judge) -> Iterator[Facades]:
    made: list[Facade] = []

    def make(
        authorities: Sequence[AssigningAuthority] = AUTHORITIES,
        *,
        practice: type[Fickle] = Fickle,
        server: Mapping[str, Any] = MappingProxyType({}),
        security: str = "open",
        **system: Any,
    ) -> Facade:
        systems = {
            "practice": practice(people.PRACTICE, "practice", scans=False),
            "clinic": Fickle(people.CLINIC, "clinic", scans=True),
        }
        named = tuple(replace(BillingSystemSettings(name, "memory"), **system) for name in systems)
        place = Server(BASE, state=f"sqlite:///{tmp_path}/state.db", **server)
        made.append(Facade(Settings(place, Security(security), named, tuple(authorities)), systems, official))
        return made[-1]

    yield make
    for facade in made:
        facade.house.close()


@pytest.fixture
def facade(facades: Facades) -> Facade:
    return facades()
