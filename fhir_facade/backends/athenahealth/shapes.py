"""What we rely on in each answer, as JSON Schema; what we do not rely on may be anything.

Judged on exact values (``Decimal``), by validators that are compiled once.  A body that breaks its shape is an
``UnexpectedShape`` with the JSON path of the surprise and what the schema says there, never with a value that came.
"""

from __future__ import annotations

from typing import Any

import jsonschema_rs

from fhir_facade.errors import UnexpectedShape

Schema = dict[str, Any]

_ID: Schema = {"type": ["string", "integer"], "pattern": r"^\s*\d+\s*$", "minimum": 0}
_MAYBE_ID: Schema = {"type": ["string", "integer", "null"], "pattern": r"^\s*-?\d*\s*$"}
_IDS: Schema = {"type": ["string", "integer", "array", "null"]}
_TEXT: Schema = {"type": ["string", "number", "boolean", "null"]}
_AMOUNT = r"-?(\d+(\.\d*)?|\.\d+)"
_MONEY: Schema = {"type": ["string", "number"], "pattern": rf"^\s*{_AMOUNT}\s*$"}
_MAYBE_MONEY: Schema = {"type": ["string", "number", "null"], "pattern": rf"^\s*({_AMOUNT})?\s*$"}
_DAY = r"(0?[1-9]|1[0-2])/(0?[1-9]|[12]\d|3[01])/\d{4}"
_CLOCK = r"([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d)?"
_DATE: Schema = {"type": "string", "pattern": rf"^\s*{_DAY}( {_CLOCK})?\s*$"}
_MAYBE_DATE: Schema = {"type": ["string", "null"], "pattern": rf"^\s*({_DAY}( {_CLOCK})?)?\s*$"}
_TIME: Schema = {"type": ["string", "null"], "pattern": rf"^\s*({_CLOCK})?\s*$"}


def _object(*required: str, **properties: Schema) -> Schema:
    return {"type": "object", "required": list(required), "properties": properties}


def _list(items: Schema) -> Schema:
    return {"type": "array", "items": items}


def _maybe_list(items: Schema) -> Schema:
    return {"type": ["array", "null"], "items": items}


def _page(key: str, items: Schema) -> Schema:
    return _object(key, next={"type": ["string", "null"]}, totalcount=_MAYBE_ID, **{key: _list(items)})


_TRANSACTION = _object(
    "id", "type", "amount", id=_ID, type={"type": "string"}, amount=_MONEY, date=_MAYBE_DATE, transfertype=_TEXT,
    epaymentid=_MAYBE_ID,
)  # fmt: skip
_CHARGE = _object(
    "id", id=_ID, amount=_MAYBE_MONEY, servicedate=_MAYBE_DATE, procedurecode=_TEXT, procedurecodesubmitted=_TEXT,
    description=_TEXT, transactions=_maybe_list(_TRANSACTION),
)  # fmt: skip
_CLAIM_BALANCE = _object(
    "claimid", claimid=_ID, departmentid=_MAYBE_ID, supervisingproviderid=_MAYBE_ID, servicedate=_MAYBE_DATE,
    amount=_MAYBE_MONEY, patientbalance=_MAYBE_MONEY, chargeleveldetail=_maybe_list(_CHARGE),
)  # fmt: skip
_BALANCE = _object(
    "providergroupid", providergroupid=_ID, balance=_MAYBE_MONEY, collectionsbalance=_MAYBE_MONEY,
    paymentplanbalance=_MAYBE_MONEY, departmentlist=_IDS,
)  # fmt: skip
_PATIENT = _object(
    "patientid", patientid=_ID, dob=_MAYBE_DATE, deceaseddate=_MAYBE_DATE, status=_TEXT, departmentid=_MAYBE_ID,
    primarydepartmentid=_MAYBE_ID, localpatientid=_IDS, previouspatientids=_IDS, balances=_maybe_list(_BALANCE),
    claimbalancedetails=_maybe_list(
        _object("providergroupid", "claimdetails", providergroupid=_ID, claimdetails=_list(_CLAIM_BALANCE))
    ),
)  # fmt: skip
_PAYER = {"type": ["object", "null"], "properties": {"status": _TEXT}}
_PROCEDURE = _object(
    transactionid=_MAYBE_ID, procedurecode=_TEXT, proceduredescription=_TEXT, chargeamount=_MAYBE_MONEY
)
_CLAIM = _object(
    "claimid", "patientid", claimid=_ID, patientid=_ID, localpatientid=_IDS, departmentid=_MAYBE_ID,
    billedproviderid=_MAYBE_ID, claimcreateddate=_MAYBE_DATE, billedservicedate=_MAYBE_DATE, chargeamount=_MAYBE_MONEY,
    procedures=_maybe_list(_PROCEDURE), primaryinsurancepayer=_PAYER, secondaryinsurancepayer=_PAYER,
    patientpayer=_PAYER,
)  # fmt: skip
_APPOINTMENT = _object(
    "appointmentid", appointmentid=_ID, date=_MAYBE_DATE, starttime=_TIME, appointmentstatus=_TEXT,
    duration=_MAYBE_MONEY, departmentid=_MAYBE_ID, providerid=_MAYBE_ID, patientid=_MAYBE_ID, copay=_MAYBE_MONEY,
    appointmentcopay={
        "type": ["object", "array", "null"],
        "properties": {"collectedforappointment": _MAYBE_MONEY, "collectedforother": _MAYBE_MONEY},
    },
)  # fmt: skip
_PATIENTS_APPOINTMENT: Schema = {"allOf": [_APPOINTMENT, _object(
    "date", "appointmentstatus", date=_DATE, appointmentstatus={"enum": ["x", "f", "o", "2", "3", "4", 2, 3, 4]}
)]}  # fmt: skip
_RECEIPT = _object("epaymentid", "type", "amount", epaymentid=_ID, type={"type": "string"}, amount=_MONEY,
                   requestdate=_MAYBE_DATE)  # fmt: skip
_DEPARTMENT = _object("departmentid", departmentid=_ID, name=_TEXT, providergroupid=_MAYBE_ID, providergroupname=_TEXT,
                      timezonename=_TEXT)  # fmt: skip
_PROVIDER = _object("providerid", providerid=_ID, npi=_MAYBE_ID, displayname=_TEXT, firstname=_TEXT, lastname=_TEXT)
_METHOD = _object("paymentmethod", paymentmethod={"type": "string", "minLength": 1})
_TOKEN = _object("access_token", access_token={"type": "string", "minLength": 1},
                 expires_in={"type": ["string", "number"], "pattern": r"^\d+(\.\d+)?$"})  # fmt: skip


class Shape:
    """A compiled JSON Schema."""

    def __init__(self, schema: Schema) -> None:
        self._schema, self._validator = schema, jsonschema_rs.validator_for(schema)

    def judge(self, body: Any) -> None:
        """Raise ``UnexpectedShape`` if ``body`` is not of this shape."""
        fault = next(self._validator.iter_errors(body), None)
        if fault is not None:
            raise UnexpectedShape(json_path(fault.instance_path), _said(self._schema, fault.schema_path))


def json_path(steps: list[str | int]) -> str:
    """``["claims", 3, "claimid"]`` as ``$.claims[3].claimid``."""
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in steps)


def _said(schema: Any, steps: list[str | int]) -> str:
    """What the schema asks at its own path: ``required claimid, patientid``, ``type string, null``."""
    for step in steps:
        schema = schema[step]
    return f"{steps[-1]} {', '.join(map(str, schema)) if isinstance(schema, list) else schema}"


ANYTHING = Shape({})
TOKEN = Shape(_TOKEN)
PING = Shape({"type": "object"})
PRACTICES = Shape(_page("practiceinfo", _object(practiceid=_MAYBE_ID, name=_TEXT)))
PATIENT = Shape(_list(_PATIENT))
CLAIMS = Shape(_page("claims", _CLAIM))
CLAIM = Shape(_CLAIM)
PATIENTS_APPOINTMENTS = Shape(_page("appointments", _PATIENTS_APPOINTMENT))
APPOINTMENT = Shape(_list(_APPOINTMENT))
RECEIPTS = Shape(_list(_RECEIPT))
DEPARTMENTS = Shape(_page("departments", _DEPARTMENT))
PROVIDERS = Shape(_page("providers", _PROVIDER))
METHODS = Shape(_page("paymentmethods", _METHOD))
