"""A simulator of the athenahealth endpoints that the facade uses, on a loopback socket.

Build a ``World`` by hand, serve it with ``Simulator``, switch faults on, and ask it which calls were made.
The facts are those of ``reference/athenahealth-api.md``; what that page does not know is marked *inferred* here.
"""

from __future__ import annotations

from fhir_facade.sandbox.athenahealth.bills import Charge, Claim, Payer, Transaction
from fhir_facade.sandbox.athenahealth.calls import Call
from fhir_facade.sandbox.athenahealth.faults import Fault
from fhir_facade.sandbox.athenahealth.patients import Balance, Patient
from fhir_facade.sandbox.athenahealth.practice import Department, Practice, Provider
from fhir_facade.sandbox.athenahealth.receipts import Receipt
from fhir_facade.sandbox.athenahealth.simulator import Simulator
from fhir_facade.sandbox.athenahealth.till import Recorded
from fhir_facade.sandbox.athenahealth.visits import AppointmentCopay, Visit
from fhir_facade.sandbox.athenahealth.world import World

__all__ = [
    "AppointmentCopay",
    "Balance",
    "Call",
    "Charge",
    "Claim",
    "Department",
    "Fault",
    "Patient",
    "Payer",
    "Practice",
    "Provider",
    "Receipt",
    "Recorded",
    "Simulator",
    "Transaction",
    "Visit",
    "World",
]
