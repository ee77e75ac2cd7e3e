"""The athenahealth endpoints that are read, as data: template, shape, and how a JSON 404 names the missing record."""

from __future__ import annotations

from dataclasses import dataclass

from fhir_facade.backends.athenahealth import shapes
from fhir_facade.backends.athenahealth.shapes import Shape


@dataclass(frozen=True)
class Endpoint:
    """An endpoint below ``/v1/{practice}``.

    ``template`` is what logs and metrics name; ``names`` are the words by which an error names the record that it did
    not find; ``rows`` is the envelope's key for the rows of a page; an ``optional`` one may be off in production.
    """

    template: str
    shape: Shape
    names: tuple[str, ...] = ()
    rows: str = ""
    optional: bool = False

    def path(self, practice: str, number: str = "") -> str:
        """The path; ``number`` is digits only, or a vendor's code (callers see to it)."""
        return f"/v1/{practice}" + self.template.replace("{id}", number)


PING = Endpoint("/ping", shapes.PING)
PRACTICE_INFO = Endpoint("/practiceinfo", shapes.PRACTICES, rows="practiceinfo")
DEPARTMENTS = Endpoint("/departments", shapes.DEPARTMENTS, rows="departments")
PROVIDERS = Endpoint("/providers", shapes.PROVIDERS, rows="providers", optional=True)
PATIENT = Endpoint("/patients/{id}", shapes.PATIENT, ("patient",))
PATIENTS_APPOINTMENTS = Endpoint(
    "/patients/{id}/appointments", shapes.PATIENTS_APPOINTMENTS, ("patient",), "appointments"
)
RECEIPTS = Endpoint("/patients/{id}/receipts", shapes.RECEIPTS, ("patient",))
CLAIMS = Endpoint("/claims", shapes.CLAIMS, ("patient", "claim"), "claims")
CLAIM = Endpoint("/claims/{id}", shapes.CLAIM, ("claim",))
APPOINTMENT = Endpoint("/appointments/{id}", shapes.APPOINTMENT, ("appointment",), optional=True)
CARD_METHODS = Endpoint("/configuration/validnonccpcreditcardmethods", shapes.METHODS, rows="paymentmethods")
VENDOR_METHODS = Endpoint(  # its answer is not documented: taken to be as the one above
    "/patientpayvendors/{id}/validvendorpaymentmethods", shapes.METHODS, rows="paymentmethods"
)
