"""``GET /claims`` and ``GET /claims/{id}``: payers and procedures, no amount outstanding (reference 8.2)."""

from __future__ import annotations

from typing import Any

from fhir_facade.sandbox.athenahealth.answers import NO_SUCH_ID, Refusal
from fhir_facade.sandbox.athenahealth.ask import Ask
from fhir_facade.sandbox.athenahealth.bills import Charge, Claim, Payer
from fhir_facade.sandbox.athenahealth.forms import Forms, day, integer, money_text, present
from fhir_facade.sandbox.athenahealth.pages import page


def of_patient(ask: Ask) -> dict[str, Any]:
    """The claims of ``patientid`` (of everybody, where it is left out), in an envelope."""
    return page(ask, "claims", [claim for claim in _candidates(ask) if _wanted(ask, claim)], _renderer(ask))


def claim(ask: Ask) -> dict[str, Any]:
    """A bare object, not an array."""
    known = ask.practice.claims.get(ask.number)
    if known is None or not known.listed:
        raise Refusal(NO_SUCH_ID)
    return _claim(ask.forms, known)


def _candidates(ask: Ask) -> list[Claim]:
    number = ask.text("patientid")
    if number is None:
        return list(ask.practice.claims.values())
    known = ask.practice.find(number, ask.text("departmentid"))
    if known is None or (ask.practice.restrict_everywhere and known.hidden("N")):
        return []  # inferred: a filter that matches nobody
    return known.claims


def _wanted(ask: Ask, claim: Claim) -> bool:
    wanted = {
        "departmentid": claim.department,
        "providerid": claim.provider,
        "appointmentid": claim.appointment,
    }
    return claim.listed and all(ask.text(name) in (None, value) for name, value in wanted.items())


def _renderer(ask: Ask) -> Any:
    forms = ask.forms
    return lambda claim: _claim(forms, claim)


def _claim(forms: Forms, claim: Claim) -> dict[str, Any]:
    """``claimid`` quoted, ``patientid`` and ``departmentid`` bare: the opposite of everywhere else."""
    return present(
        claimid=forms.quoted(claim.number),
        patientid=integer(claim.patient),
        departmentid=integer(claim.department),
        billedproviderid=integer(claim.provider),
        appointmentid=forms.quoted(claim.appointment),
        claimcreateddate=day(claim.created or claim.service_date),
        billedservicedate=day(claim.service_date),
        procedures=[_procedure(forms, charge) for charge in claim.charges],
        transactiondetails={charge.number: money_text(charge.amount) for charge in claim.charges},
        diagnoses=[
            {
                "diagnosisid": forms.quoted(728),
                "diagnosisrawcode": "Z00.00",
                "diagnosiscodeset": "ICD10",
                "diagnosisdescription": "Encounter for general adult medical examination",
                "deleteddiagnosis": "false",
            }
        ],
        primaryinsurancepayer=_payer(claim.primary, "primarypatientinsuranceid"),
        secondaryinsurancepayer=_payer(claim.secondary, "secondarypatientinsuranceid"),
        patientpayer=_payer(claim.patient_payer),
    )


def _procedure(forms: Forms, charge: Charge) -> dict[str, Any]:
    return {
        "transactionid": forms.quoted(charge.number),
        "procedurecode": charge.code,
        "proceduredescription": charge.description,
        "chargeamount": money_text(charge.amount),
    }


def _payer(payer: Payer, id_name: str = "") -> dict[str, Any]:
    identified = {id_name: integer(payer.insurance)} if id_name else {}
    return identified | present(status=payer.status, note=payer.note)
