"""The facade of the matrix, with tokens of an issuer, asked by WSGI alone."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import closing, contextmanager
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

from fhir_facade.keys import PatientKey
from fhir_facade.settings.model import Security, Server, Settings
from fhir_facade.state.crosswalk import Crosswalk, Known, Proxy
from fhir_facade.state.database import Database
from tests.api.conftest import BASE, Facade, Fickle
from tests.api.matrix import callers, world
from tests.api.matrix.callers import Who
from tests.api.matrix.oracle import may_be_told
from tests.api.matrix.world import Fact
from tests.bell.issuing import Clock, IssuerStub, issuing
from tests.conftest import Judge

FORM = "application/x-www-form-urlencoded"
SERIES = {
    "Invoice": "invoice", "Account": "account", "Appointment": "appointment", "PaymentNotice": "payment",
    "Location": "location", "Practitioner": "practitioner",
}  # fmt: skip

Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


class Ask(NamedTuple):
    """A request.  ``path`` is below the FHIR base."""

    method: str
    path: str
    headers: Mapping[str, str] = {}
    body: str = ""


class Reply(NamedTuple):
    """An answer."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Site:
    """The facade, the ids of what it has, and a way to ask it.  ``app`` may be exchanged for one with a fault."""

    def __init__(self, facade: Facade, issuer: IssuerStub) -> None:
        self.facade, self.issuer = facade, issuer
        self.app: Wsgi = facade.house.app
        self.id = cache(self._id)
        self.authorization = cache(self._bearer)
        self.strangers = cache(self._not_theirs)
        self._named: dict[str, str] = {}
        self._imports = 0

    def know(self, people: Iterable[Known], proxies: Iterable[Proxy]) -> None:
        """Let these be the people and proxies that are known; tokens are new ones from here on."""
        with closing(Database(self.facade.settings.server.state)) as database:
            Crosswalk(database).replace(people, proxies)
        self._imports += 1
        self.authorization.cache_clear()

    def patient(self, key: PatientKey) -> str:
        """The id of a local Patient."""
        return self.facade.patient(key)

    def identifier(self, fact: Fact) -> str:
        """``system|value``, as fhir-contract.md §1 has it."""
        if fact.type == "Organization":
            return f"urn:ietf:rfc:3986|{fact.number}"
        if fact.type == "Patient":
            return f"urn:oid:2.999.{fact.authority}|{fact.number}"
        return f"{BASE}/identifiers/{fact.authority}/{SERIES[fact.type]}|{fact.number}"

    def name(self, id: str) -> str:
        """What an id that was asked for is of."""
        return self._named.get(id, id)

    def send(self, ask: Ask, who: Who) -> Reply:
        """What the caller is answered."""
        path, _, query = ask.path.partition("?")
        environ: dict[str, Any] = {
            "REQUEST_METHOD": ask.method,
            "SCRIPT_NAME": "",
            "PATH_INFO": f"/fhir/{path}".encode().decode("latin-1"),  # PEP 3333 has it so
            "QUERY_STRING": query.encode().decode("latin-1"),
            "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "8080",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "CONTENT_LENGTH": str(len(ask.body)),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(ask.body.encode()),
            "wsgi.errors": io.StringIO(),
            "HTTP_X_REQUEST_ID": "same",
            **{f"HTTP_{name}": value for name, value in ask.headers.items()},
        }
        if ask.body:
            environ["CONTENT_TYPE"] = FORM
        if who.claims is not None:
            environ["HTTP_AUTHORIZATION"] = self.authorization(who)
        told: list[Any] = []
        body = b"".join(self.app(environ, lambda status, headers, _=None: told.extend((status, headers))))
        return Reply(int(told[0].split()[0]), dict(told[1]), body)

    def _id(self, fact: Fact) -> str:
        id = self._sealed(fact)
        self._named[id] = str(fact)
        return id

    def _sealed(self, fact: Fact) -> str:
        if fact.type == "Organization":
            return fact.authority
        ids = self.facade.house.finder.ids
        if fact.type == "Patient":
            return ids.patient(PatientKey(fact.authority, fact.patient))
        if fact.patient:
            return ids.record(fact.type, PatientKey(fact.authority, fact.patient), fact.own or fact.number)
        return ids.support(fact.type, fact.authority, fact.number)

    def _not_theirs(self, who: Who) -> list[tuple[str, str]]:
        """What no answer to this caller mentions: patients and authorities that are not theirs."""
        theirs = [key for key in world.EVERYBODY if may_be_told(who, key)]
        named = {key.authority for key in theirs}
        patients = [("/".join(key), self.patient(key)) for key in world.EVERYBODY if key not in theirs]
        return patients + [(name, f"Organization/{name}") for name in world.AUTHORITIES if name not in named]

    def _bearer(self, who: Who) -> str:
        claims = {name: self._claim(value) for name, value in (who.claims or {}).items()}
        id = f"import-{self._imports}"
        return f"Bearer {self.issuer.token(aud=BASE, jti=id, scope=who.text or None, **claims)}"

    def _claim(self, value: Any) -> Any:
        """Local Patients by their ids."""
        if isinstance(value, list):
            return [self._claim(each) for each in value]
        return self.patient(value) if isinstance(value, PatientKey) else value


def _opened(place: Path, issuer: IssuerStub, official: Judge, life: float | None) -> Site:
    systems = {name: Fickle(world.records(name), name, scans=True) for name in world.SYSTEMS}
    server = Server(BASE, state=f"sqlite:///{place}/state.db")
    security = Security("smart", issuer.url, BASE)
    settings = Settings(server, security, world.billing_systems(life), world.authorities(), callers.registered())
    facade = Facade(settings, systems, official)
    facade.now = issuer.clock.now
    site = Site(facade, issuer)
    site.know(callers.PEOPLE, callers.PROXIES)
    return site


@contextmanager
def running(place: Path, official: Judge, *, life: float | None = None) -> Iterator[Site]:
    """A site in a folder of its own, and its issuer.  ``life``: seconds for which what was fetched is fresh."""
    with issuing(Clock()) as issuer:
        site = _opened(place, issuer, official, life)
        try:
            yield site
        finally:
            site.facade.house.close()
