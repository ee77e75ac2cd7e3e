"""What an answer means: a value, no such record, or whose fault it is."""

from __future__ import annotations

import json
from typing import Any

import pytest

from fhir_facade.backends.athenahealth import endpoints
from fhir_facade.backends.athenahealth.answers import (
    Answer,
    Misrouted,
    NoSuchRecord,
    SiteFault,
    Unauthorized,
    VendorThrottled,
    read,
)
from fhir_facade.backends.athenahealth.endpoints import Endpoint
from fhir_facade.errors import Refused, TimedOut, UnexpectedShape, Unreachable

HTML = b"<html><body>Not Found</body></html>"


def error(text: str, detail: str | None = None) -> bytes:
    return b"\n\n" + json.dumps({"error": text} | ({"detailedmessage": detail} if detail else {})).encode()


def ask(status: int, body: bytes, endpoint: Endpoint = endpoints.PATIENT, retry_after: int | None = None) -> Any:
    return read(Answer(status, body, retry_after), endpoint)


@pytest.mark.parametrize(
    "body",
    [
        error("The requested ID does not exist."),
        error("The requested ID does not exist.", "Patient not found"),
        error("Invalid patient ID."),
        error("The specified patient does not exist in that department."),
    ],
)
def test_a_json_404_that_names_the_record_is_not_found(body: bytes) -> None:
    with pytest.raises(NoSuchRecord):
        ask(404, body)


def test_a_patient_who_is_not_in_that_department_is_not_found_with_400_too() -> None:
    with pytest.raises(NoSuchRecord):
        ask(400, error("The specified patient does not exist in that department."), endpoints.RECEIPTS)


@pytest.mark.parametrize(
    ("status", "body", "fault"),
    [
        (404, error("Invalid practice.", "The practice ID does not exist."), SiteFault),
        (404, error("Not here."), SiteFault),
        (404, error("Not found.", "The patient API is not enabled for you."), SiteFault),
        (404, b"Service not registered with API gateway.", SiteFault),
        (404, HTML, Misrouted),
        (403, error("Changed messages require setup (subscription) that has not been done."), SiteFault),
        (403, error("This patient API is not enabled."), SiteFault),
        (400, error("The data provided is invalid.", "Expecting type integer, but value is "), SiteFault),
        (400, error("Invalid patient ID."), SiteFault),
        (401, error("Incorrect permissions.", "Bad auth."), Unauthorized),
        (401, b"<h1>Not Authorized</h1>", Unauthorized),
        (302, HTML, Misrouted),
        (500, error("Internal error."), Unreachable),
        (502, HTML, Unreachable),
        (503, b"", Unreachable),
        (504, HTML, TimedOut),
        (408, b"", TimedOut),
        (200, HTML, Unreachable),
        (200, b'[{"patientid": "10', Unreachable),
        (200, b"", Unreachable),
        (200, b'{"success": false, "errormessage": "Appointment is already frozen."}', Refused),
        (200, b'{"success": "false"}', Refused),
        (200, b'"Invalid PROVIDERID input"', UnexpectedShape),
        (200, b"[" * 100_000, Unreachable),
    ],
)
def test_everything_else_is_a_failure_and_never_an_empty_answer(status: int, body: bytes, fault: type) -> None:
    with pytest.raises(fault) as raised:
        ask(status, body)
    assert not isinstance(raised.value, NoSuchRecord)


def test_a_404_of_a_list_that_nobody_can_be_missing_from_is_a_fault_of_the_site() -> None:
    with pytest.raises(SiteFault):
        ask(404, error("The requested ID does not exist."), endpoints.DEPARTMENTS)


@pytest.mark.parametrize(("status", "body"), [(429, b""), (429, error("Slow down.")), (403, HTML), (403, b"")])
def test_429_and_a_403_without_json_are_throttling(status: int, body: bytes) -> None:
    with pytest.raises(VendorThrottled) as raised:
        ask(status, body, retry_after=17)
    assert raised.value.retry_after == 17


def test_an_endpoint_that_is_off_is_told_from_one_that_is_refused() -> None:
    with pytest.raises(SiteFault) as off:
        ask(403, error("This API is not enabled."))
    with pytest.raises(SiteFault) as refused:
        ask(403, error("Access denied."))
    assert off.value.switched_off
    assert not refused.value.switched_off


def test_the_vendors_text_reaches_neither_client_nor_log() -> None:
    with pytest.raises(SiteFault) as raised:
        ask(403, error("Ann Example 1001 is not yours."))
    assert "Ann" not in f"{raised.value} {raised.value.diagnostics}"


def test_a_surprise_is_named_by_its_json_path_and_without_its_value() -> None:
    body = json.dumps({"claims": [{"claimid": "1", "patientid": 1}, {"claimid": "2", "patientid": {"id": 1001}}]})
    with pytest.raises(UnexpectedShape) as raised:
        ask(200, body.encode(), endpoints.CLAIMS)
    assert raised.value.path == "$.claims[1].patientid"
    assert "1001" not in str(raised.value)


@pytest.mark.parametrize(
    ("endpoint", "body", "path"),
    [
        (endpoints.PATIENT, {"patientid": "1"}, "$"),
        (endpoints.PATIENT, [{}], "$[0]"),
        (endpoints.PATIENT, [{"patientid": "1", "dob": "1980-05-20"}], "$[0].dob"),
        (endpoints.CLAIMS, {"totalcount": 1}, "$"),
        (endpoints.RECEIPTS, [{"epaymentid": "1", "type": "PURCHASE", "amount": "1,0"}], "$[0].amount"),
        (
            endpoints.PATIENTS_APPOINTMENTS,
            {"appointments": [{"appointmentid": "1", "date": "07/30/2025", "appointmentstatus": "z"}]},
            "$.appointments[0].appointmentstatus",
        ),
        (endpoints.DEPARTMENTS, {"departments": [{"departmentid": None}]}, "$.departments[0].departmentid"),
    ],
)
def test_what_we_rely_on_is_judged(endpoint: Endpoint, body: Any, path: str) -> None:
    with pytest.raises(UnexpectedShape) as raised:
        ask(200, json.dumps(body).encode(), endpoint)
    assert raised.value.path == path


def test_what_we_do_not_rely_on_may_be_anything_and_null_is_absent() -> None:
    body = [{"patientid": 1, "customfields": {"x": [1]}, "balances": None, "claimbalancedetails": None, "dob": None}]
    assert ask(200, json.dumps(body).encode()) == body
