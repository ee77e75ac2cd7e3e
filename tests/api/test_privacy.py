"""No log line knows a person: no name, number, amount, logical id, URL or token, whatever is asked.

Every test of this folder is held to it (``conftest.py``, ``no_line_knows_a_person``); here is shown that this bites.
"""

from __future__ import annotations

import pytest

from fhir_facade.errors import Unreachable
from fhir_facade.events import Event
from fhir_facade.telemetry.log import LOG
from tests.api.conftest import Facade, known_in
from tests.people import ANNA


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
    lines = capfd.readouterr().err.splitlines()
    assert len(lines) >= len(paths)
    assert "request.answered" in lines[-1]
    assert known_in(lines, [facade]) == set()


@pytest.mark.parametrize("leak", ["Anna", "1001", "85.50", "Bearer x", "http://x/y", "/fhir/Invoice", "eyJh.eyJ"])
def test_a_leak_is_found(facade: Facade, capfd: pytest.CaptureFixture[str], leak: str) -> None:
    LOG.event(Event.SOURCE_SURPRISED, path=f"said {leak} here")
    assert known_in(capfd.readouterr().err.splitlines(), [facade]) != set()


def test_a_leaked_id_is_found(facade: Facade, capfd: pytest.CaptureFixture[str]) -> None:
    LOG.event(Event.SOURCE_SURPRISED, path=facade.patient(ANNA))
    assert known_in(capfd.readouterr().err.splitlines(), [facade]) == {facade.patient(ANNA)}
