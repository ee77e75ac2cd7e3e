"""The endpoints: which templates there are, the parameters that each documents, and what answers them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from fhir_facade.sandbox.athenahealth.ask import Ask
from fhir_facade.sandbox.athenahealth.endpoints import appointments, claims, patients, payments, practice, receipts

_PAGED = frozenset({"limit", "offset"})
_VISIT_DETAILS = frozenset(
    {"showclaimdetail", "showcopay", "showinsurance", "showpatientdetail", "showexpectedprocedurecodes"}
)

VIOLATIONS = frozenset({"ignorerestrictions", "showfamily"})  # documented, and never to be sent (production rule A2)

ENDPOINTS: Mapping[str, Callable[[Ask], Any]] = {
    "/ping": practice.ping,
    "/practiceinfo": practice.practiceinfo,
    "/departments": practice.departments,
    "/departments/{id}": practice.department,
    "/providers": practice.providers,
    "/providers/{id}": practice.provider,
    "/configuration/validnonccpcreditcardmethods": practice.card_methods,
    "/patients/{id}": patients.patient,
    "/patients/{id}/appointments": appointments.of_patient,
    "/patients/{id}/receipts": receipts.of_patient,
    "/claims": claims.of_patient,
    "/claims/{id}": claims.claim,
    "/appointments/booked": appointments.booked,
    "/appointments/{id}": appointments.appointment,
    "/patientpayvendors/{vendor}/validvendorpaymentmethods": payments.vendor_methods,
}

WRITES: Mapping[str, Callable[[Ask], Any]] = {
    "/patients/{id}/recordpayment": payments.record_payment,
    "/patientpayvendors/{vendor}/payments": payments.vendor_payment,
    "/patientpayvendors/{vendor}/payments/{payment}/refund": payments.vendor_refund,
}

_PAYMENT = frozenset(
    {
        "departmentid",
        "paymentmethod",
        "checknumber",
        "cardnumberlast4",
        "postdate",
        "copayamount",
        "appointmentid",
        "otheramount",
        "claimpayment",
        "todayservice",
    }
)
_REFUND = frozenset(
    {
        "departmentid",
        "externalrefid",
        "patientid",
        "paymentmethod",
        "bankdepositdate",
        "fullrefund",
        "ispaymentsettled",
        "postdate",
        "vendorterminalid",
    }
)

FIELDS: Mapping[str, frozenset[str]] = {
    "/patients/{id}/recordpayment": _PAYMENT,
    "/patientpayvendors/{vendor}/payments": _PAYMENT
    | {"externalrefid", "patientid", "movetounappliedifoverpay", "vendorterminalid", "bankdepositdate"},
    "/patientpayvendors/{vendor}/payments/{payment}/refund": _REFUND,
}

PARAMETERS: Mapping[str, frozenset[str]] = {
    "/ping": frozenset(),
    "/practiceinfo": _PAGED,
    "/departments": _PAGED | {"showalldepartments", "providerlist", "fullproviderlist", "hospitalonly"},
    "/departments/{id}": frozenset({"providerlist", "fullproviderlist"}),
    "/providers": _PAGED | {"showallproviderids"},
    "/providers/{id}": frozenset({"showallproviderids"}),
    "/configuration/validnonccpcreditcardmethods": _PAGED,
    "/patients/{id}": frozenset(
        {
            "departmentid",
            "showbalancedetails",
            "showallclaims",
            "showinsurance",
            "showlocalpatientid",
            "limitlocalpatientid",
            "showportalstatus",
            "showallpatientdepartmentstatus",
            "showpreviouspatientids",
            "confidentialitycode",
            "checkuseraccess",
            "patientfacingcall",
            "thirdpartyusername",
        }
    ),
    "/patients/{id}/appointments": _PAGED
    | {
        "showpast",
        "showcancelled",
        "startdate",
        "enddate",
        "showcopay",
        "showexpectedprocedurecodes",
        "showtelehealth",
        "sortorder",
    },
    "/patients/{id}/receipts": frozenset({"departmentid"}),
    "/patientpayvendors/{vendor}/validvendorpaymentmethods": _PAGED,
    "/claims": _PAGED
    | {
        "appointmentid",
        "claimfilters",
        "createdstartdate",
        "createdenddate",
        "servicestartdate",
        "serviceenddate",
        "departmentid",
        "patientid",
        "providerid",
        "procedurecodes",
        "showcustomfields",
        "showservicetypeaddons",
        "showsupervisingprovider",
        "showlocalpatientid",
    },
    "/claims/{id}": frozenset({"showcustomfields", "showservicetypeaddons"}),
    "/appointments/booked": _PAGED
    | _VISIT_DETAILS
    | {
        "startdate",
        "enddate",
        "departmentid",
        "patientid",
        "providerid",
        "appointmentstatus",
        "appointmenttypeid",
        "startlastmodified",
        "endlastmodified",
        "scheduledstartdate",
        "scheduledenddate",
        "showcancelled",
        "showremindercalldetail",
        "confidentialitycode",
    },
    # confidentialitycode: as chrisreedio/laravel-athena-sdk has transcribed it (GetAppointmentDetails)
    "/appointments/{id}": _VISIT_DETAILS | {"showtelehealth", "confidentialitycode"},
}
