"""athenahealth payloads, composed in the recorded shape; every value is made up."""

from __future__ import annotations

from typing import Any

from fhir_facade.backends.athenahealth import times
from fhir_facade.backends.athenahealth.directory import Department, Names
from fhir_facade.backends.athenahealth.persons import Chart, chart
from fhir_facade.records import Place, Practitioner

Json = dict[str, Any]


def claim_balance(number: int = 9301, **fields: Any) -> Json:
    """A row of ``claimdetails``; None leaves a field out."""
    row = {
        "claimid": number,
        "departmentid": 1,
        "servicedate": "06/22/2025",
        "supervisingproviderid": 27,
        "amount": 225,
        "patientbalance": 0,
        "cleanbalance": True,
        "chargeleveldetail": [charge()],
    }
    return _said(row | fields)


def charge(number: int = 72801, **fields: Any) -> Json:
    """A row of ``chargeleveldetail``."""
    row = {
        "id": number,
        "procedurecode": "99213",
        "procedurecodesubmitted": "99213,25,59",
        "procedurecodeothermodifier": "25,59",
        "description": "OFFICE OUTPATIENT VISIT 15 MINUTES",
        "servicedate": "06/22/2025",
        "amount": 225,
    }
    return _said(row | fields)


def transaction(number: int = 73256, amount: Any = -5, **fields: Any) -> Json:
    """A row of ``transactions``: a payment of the patient."""
    row = {"id": number, "date": "07/09/2025", "type": "PAYMENT", "transfertype": "p", "amount": amount}
    return _said(row | fields)


def paid_claim(number: int, *transactions: Json, **fields: Any) -> Json:
    """A claim whose only charge has these transactions."""
    return claim_balance(number, chargeleveldetail=[charge(number * 10, transactions=list(transactions))], **fields)


def listed_claim(number: int = 9301, patient: int = 1001, **fields: Any) -> Json:
    """A row of ``/claims``: everybody who exists has closed it."""
    row = {
        "claimid": str(number),
        "patientid": patient,
        "departmentid": 1,
        "billedproviderid": 27,
        "claimcreateddate": "06/23/2025",
        "billedservicedate": "06/22/2025",
        "procedures": [
            {
                "transactionid": "72801",
                "procedurecode": "99213",
                "proceduredescription": "AS BILLED",
                "chargeamount": "225",
            }
        ],
        "primaryinsurancepayer": {"primarypatientinsuranceid": 1442, "status": "CLOSED"},
        "secondaryinsurancepayer": {"secondarypatientinsuranceid": 0, "status": "CLOSED"},
        "patientpayer": {"status": "CLOSED", "note": "n/a"},
    }
    return _said(row | fields)


def patient(number: str = "1001", *claims: Json, group: int = 1, **fields: Any) -> Json:
    """A row of ``/patients/{id}`` with claims of one provider group."""
    row = {
        "patientid": number,
        "firstname": "Ann",
        "lastname": "Example",
        "dob": "05/20/1980",
        "sex": "F",
        "status": "active",
        "departmentid": "1",
        "primarydepartmentid": "1",
        "balances": [{"providergroupid": 1, "departmentlist": "1,21", "balance": "85.5", "cleanbalance": True}],
        "claimbalancedetails": [{"providergroupid": group, "departmentids": "1,21", "claimdetails": list(claims)}],
    }
    return _said(row | fields)


def the_chart(*claims: Json, asked: str = "1001", **fields: Any) -> Chart:
    """The chart of patient 1001 with these claims."""
    found = chart([patient("1001", *claims, **fields)], asked)
    assert found is not None
    return found


def receipt(number: str = "3800", **fields: Any) -> Json:
    """A row of ``/patients/{id}/receipts``."""
    row = {
        "epaymentid": number,
        "type": "PURCHASE",
        "amount": "5",
        "requestdate": "07/09/2025 11:40:34",
        "cardnumberlast4digits": "1111",
        "cardtypeabbreviation": "VI",
        "cardtypename": "Visa",
    }
    return _said(row | fields)


def appointment(number: str = "985001", **fields: Any) -> Json:
    """A row of ``/patients/{id}/appointments``."""
    row = {
        "appointmentid": number,
        "departmentid": "1",
        "providerid": "27",
        "date": "07/30/2025",
        "starttime": "09:30",
        "duration": 30,
        "appointmentstatus": "f",
        "appointmenttypeid": "82",
        "appointmenttype": "Any 15",
        "patientappointmenttypename": "Established Patient",
        "copay": 20,
    }
    return _said(row | fields)


def department(number: str, group: str = "1", zone: str = "US/Eastern", saves_daylight: bool = True) -> Department:
    """A listed department."""
    parts = {"provider_group": group, "departments": number}
    return Department(Place(number=number, name="Main Street", parts=parts), group, "Riverside", zone, saves_daylight)


def names() -> Names:
    """Departments 1 and 21 of group 1, 62 of group 2, and provider 27."""
    listed = [department("1"), department("21"), department("62", "2")]
    return Names({each.place.number: each for each in listed}, {"27": Practitioner(number="27")})


class Surprises(list[str]):
    """Hears the JSON paths of what was passed over, and what was expected there."""

    def __init__(self) -> None:
        self.expected: list[str] = []

    def __call__(self, path: str, expected: str) -> None:
        self.append(path)
        self.expected.append(expected)


def _said(row: Json) -> Json:
    return {name: value for name, value in row.items() if value is not None}


EASTERN = times.EASTERN
