"""``$void``: a payment is taken back, as long as that is real (production-rules.md F5)."""

from __future__ import annotations

from dataclasses import dataclass

from fhir_facade.desk import parameters
from fhir_facade.desk.finder import Finder
from fhir_facade.desk.performed import Performed
from fhir_facade.errors import NotFound
from fhir_facade.files.cabinet import Cabinet
from fhir_facade.guard.caller import Caller
from fhir_facade.guard.decision import Allowed, Guard
from fhir_facade.guard.operations import NOTICE, permitted
from fhir_facade.keys import PatientKey
from fhir_facade.payments.payment import Payment
from fhir_facade.payments.sessions import Sessions
from fhir_facade.refusals import Conflict
from fhir_facade.specification.operations import operations


@dataclass(frozen=True)
class Voiding:
    """Takes back what the ledger has; what the billing system alone knows is for its staff."""

    guard: Guard
    finder: Finder
    cabinet: Cabinet
    sessions: Sessions

    def perform(self, caller: Caller, type: str, id: str, name: str, body: bytes) -> Performed:
        """Take it back."""
        operation = operations()[name]
        may = permitted(self.guard, caller, operation, type)
        parameters.given(body, operation)
        payment = self.sessions.void(self._payment(type, id, may.notice))
        reference = f"{NOTICE}/{self.finder.ids.record(NOTICE, payment.patient, payment.id)}"
        amount = {"value": payment.amount, "currency": payment.currency}
        said = {"amount": amount, "payment-notice": {"reference": reference}}
        return Performed(parameters.answer(operation, said), (payment.patient,))

    def _payment(self, type: str, id: str, allowed: Allowed) -> Payment:
        key = self.finder.patient(type, id)
        if key is None or not allowed.names(key):
            raise NotFound
        opening = self.cabinet.open((self.finder.file(type, key),))
        for failure in opening.failures.values():
            raise failure
        resource = self.finder.resource(type, id, key, opening.files[0])
        if resource is None or not allowed.admits(resource):
            raise NotFound
        return self._of_the_ledger(resource.own, key)

    def _of_the_ledger(self, own: str, key: PatientKey) -> Payment:
        payment = self.sessions.ledger.get(own)
        if payment is None or payment.patient.authority != key.authority:
            raise Conflict("not-voidable")
        return payment
