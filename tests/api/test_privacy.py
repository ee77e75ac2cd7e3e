"""No log line knows a person: no name, number, amount, logical id, URL or token, whatever is asked."""

from __future__ import annotations

import json

import pytest

from fhir_facade.errors import Unreachable
from tests.api.conftest import Facade
from tests.people import ANNA, CLINIC, PRACTICE


def test_no_log_line_knows_a_person(facade: Facade, capfd: pytest.CaptureFixture[str]) -> None:
    patient, invoice = facade.patient(ANNA), facade.record("Invoice", ANNA, "9301")
    paths = [
        f"Invoice?patient={patient}",
        f"Invoice/{invoice}",
        "Invoice/unknown",
        f"Patient?identifier=urn:oid:1.3.6.1.4.1.99999.9|{ANNA.value}",
        "Patient?family=Example",
        f"Appointment?patient={patient}&date=05",
        f"PaymentNotice?patient={patient}",
        f"Nonsense/{invoice}",
    ]
    for path in paths:
        facade.get(path, X_Request_Id="r")
    facade.systems["practice"].failure = Unreachable("GET /patients/1001 refused for Anna Example")
    facade.get(f"PaymentNotice?patient={patient}&_count=1", X_Request_Id="r")
    lines = [json.loads(line) for line in capfd.readouterr().err.splitlines()]
    assert len(lines) >= len(paths)
    # Digits of the clock are nobody's; all else counts.
    written = json.dumps([{name: fact for name, fact in line.items() if name != "timestamp"} for line in lines])
    assert "request.answered" in written
    persons = {text for record in (*PRACTICE, *CLINIC) for text in (getattr(record, "family", ""),) if text}
    numbers = {record.number for record in (*PRACTICE, *CLINIC) if len(record.number) >= 4}
    amounts = {"85.50", "978.70", "777.67", "31.16"}
    assert [secret for secret in persons | numbers | amounts | {patient, invoice} if secret in written] == []
