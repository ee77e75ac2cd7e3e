"""A facade that takes payments, at a gateway and for a billing system that do as tests say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from werkzeug.test import TestResponse

from fhir_facade.audit.entry import Entry, decode
from fhir_facade.gateways.port import Outcome
from fhir_facade.keys import PatientKey, SourceKey
from fhir_facade.payments.payment import Payment
from fhir_facade.records import Account, Record, Visit
from fhir_facade.settings.model import Gateway, Payments
from fhir_facade.state.database import Database
from fhir_facade.state.trail import Trail
from tests.api.conftest import AUTHORITIES, Facade, Facades, Fickle, parsed
from tests.payments.fakes import FakeGateway, Telling
from tests.people import ANNA

APP = "https://app.example.org/paid"


class Told(Fickle, Telling):
    """A practice that can be told, and whose records tests exchange."""

    def __init__(self, records: Sequence[Record], name: str, *, scans: bool) -> None:
        super().__init__(records, name, scans=scans)
        self.changed: dict[str, Record] = {}

    def say(self, record: Record) -> None:
        """From now on, in the place of the record with its number."""
        self.changed[f"{type(record).__name__}/{record.number}"] = record

    def bills(self, patient: SourceKey) -> Any:
        return self._now(super().bills(patient))

    def accounts(self, patient: SourceKey) -> Sequence[Account]:
        self._note("accounts")
        return self._now(super().accounts(patient))

    def visits(self, patient: SourceKey) -> Sequence[Visit]:
        self._note("visits")
        return self._now(super().visits(patient))

    def payments(self, patient: SourceKey) -> Any:
        new = [each for name, each in self.changed.items() if name.startswith("Payment/new")]
        mine = [each for each in new if getattr(each, "patient", "") == patient.value]
        return [*super().payments(patient), *mine]

    def _now(self, records: Sequence[Any]) -> list[Any]:
        return [self.changed.get(f"{type(each).__name__}/{each.number}", each) for each in records]


class Shop(Facade):
    """The facade with what tests of payments need."""

    gateway: FakeGateway

    @property
    def practice(self) -> Told:
        system = self.systems["practice"]
        assert isinstance(system, Told)
        return system

    def pay(self, own: str = "9301", type: str = "Invoice", who: PatientKey = ANNA, **given: Any) -> TestResponse:
        """Ask for it, with Parameters as they are given: ``amount="5.00"``, ``mode="pay"``."""
        headers = {name: given.pop(name) for name in list(given) if name == "Authorization"}
        operation = "$pre-pay" if type == "Appointment" else "$pay"
        return self.post(f"{type}/{self.record(type, who, own)}/{operation}", parameters(**given), **headers)

    def begun(self, *which: str, **given: Any) -> Mapping[str, Any]:
        """The answer's parameters by name, where it is one."""
        response = self.pay(*which, **given)
        assert response.status_code == 200, response.get_data(as_text=True)
        body = parsed(response)
        self.official(body)
        return {part["name"]: next(value for key, value in part.items() if key != "name") for part in body["parameter"]}

    def notify(self, outcome: Outcome, reference: str = "", amount: str | None = None, **headers: str) -> TestResponse:
        """The gateway tells what became of a session, the last one."""
        reference = reference or self.gateway.last
        self.gateway.says(reference, outcome, amount)
        signed = {"X_Signature": "right"} | headers
        return self.post("/gateways/main/notifications", [reference], **signed)

    def paid(self, *which: str, **given: Any) -> Payment:
        """A payment that the gateway has taken."""
        self.begun(*which, **given)
        assert self.notify(Outcome.CAPTURED).status_code == 200
        return self.ledger[-1]

    @property
    def ledger(self) -> list[Payment]:
        return self.house.till.ledger.listed()

    def notices(self, who: PatientKey = ANNA, **headers: str) -> list[Any]:
        bundle = self.json(f"PaymentNotice?patient={self.patient(who)}", **headers)
        return [entry["resource"] for entry in bundle.get("entry", ())]


def parameters(**given: Any) -> Any:
    """None without any, so that nothing is sent."""
    values = {
        "amount": lambda v: {"valueMoney": v if isinstance(v, dict) else {"value": Decimal(v), "currency": "USD"}},
        "mode": lambda v: {"valueCode": v},
        "return_url": lambda v: {"valueUrl": v},
        "key": lambda v: {"valueString": v},
    }
    names = {"return_url": "return-url", "key": "idempotency-key"}
    parts = [{"name": names.get(name, name), **values[name](value)} for name, value in given.items()]
    return {"resourceType": "Parameters", "parameter": parts} if parts else None


def refused(response: TestResponse, status: int, code: str, reason: str = "") -> None:
    """By contract §5, with its name."""
    body = parsed(response)
    assert (response.status_code, body["resourceType"]) == (status, "OperationOutcome"), body
    (issue,) = body["issue"]
    assert issue["code"] == code, body
    assert issue.get("details", {}).get("coding", [{}])[0].get("code", "") == reason, body


def written(shop: Shop) -> list[Entry]:
    """All that is in the audit trail."""
    shop.house.carrier.carry()
    database = Database(shop.settings.server.state)
    try:
        return [decode(row.entry) for row in Trail(database).entries()]
    finally:
        database.close()


@pytest.fixture
def shop(facades: Facades) -> Shop:
    with_gateway = [replace(each, gateway="main") for each in AUTHORITIES]
    facade = facades(with_gateway, practice=Told)
    facade.__class__ = Shop
    facade.gateway = FakeGateway()
    facade.resettle(gateways=(Gateway("main", "fake"),), payments=Payments((APP,)))
    assert isinstance(facade, Shop)
    return facade
