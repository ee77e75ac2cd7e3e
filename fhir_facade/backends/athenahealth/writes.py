"""What may ever be posted to a practice, as data: nothing else leaves, whoever asks (production rule E6).

No card is charged or stored, no contract or plan is made, nobody is enrolled, no claim is aged, adjusted or sent to
collections.  Fields are listed, too, so that no card's number can travel with a payment (reference 8.7, 8.14, 10).
"""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

_MONEY = frozenset(
    {
        "departmentid",
        "paymentmethod",
        "cardnumberlast4",
        "postdate",
        "copayamount",
        "appointmentid",
        "claimpayment",
        "otheramount",
    }
)
_VENDOR = frozenset({"patientid", "externalrefid", "vendorterminalid"})
_NUMBERS: Mapping[str, re.Pattern[str]] = {
    "id": re.compile(r"[1-9][0-9]{0,17}"),
    "vendor": re.compile(r"[A-Za-z0-9_-]{1,64}"),
    "payment": re.compile(r"[1-9][0-9]{0,17}"),
}


class NotAllowed(Exception):
    """A write that is not on the list: a fault of our own, found before a connection is used."""


@dataclass(frozen=True)
class Write:
    """A write below ``/v1/{practice}``; ``template`` is what logs and metrics name, ``fields`` are its form's."""

    template: str
    fields: frozenset[str]


RECORD_PAYMENT = Write("/patients/{id}/recordpayment", _MONEY)
VENDOR_PAYMENT = Write("/patientpayvendors/{vendor}/payments", _MONEY | _VENDOR | {"movetounappliedifoverpay"})
VENDOR_REFUND = Write(
    "/patientpayvendors/{vendor}/payments/{payment}/refund",
    _VENDOR | {"departmentid", "paymentmethod", "postdate", "fullrefund", "ispaymentsettled"},
)
PATIENT_CASE = Write(
    "/patients/{id}/documents/patientcase",
    frozenset({"departmentid", "documentsource", "documentsubclass", "subject", "internalnote", "providerid"}),
)
SECURE_MESSAGE = Write(
    "/patients/{id}/securemessage/topractice",
    frozenset({"departmentid", "messagetype", "subject", "text"}),
)

ALLOWED = frozenset({RECORD_PAYMENT, VENDOR_PAYMENT, VENDOR_REFUND, PATIENT_CASE, SECURE_MESSAGE})


class Form(io.BytesIO):
    """A form on its way.  ``begun``: a connection has asked for some of it; until then surely nobody was told."""

    begun = False

    def read(self, size: int | None = -1, /) -> bytes:
        self.begun = True
        return super().read(size)


@dataclass(frozen=True)
class Permitted:
    """A write that is on the list: where to, and what.  Made by ``permitted`` alone."""

    path: str
    form: Form


def permitted(write: Write, practice: str, form: Mapping[str, str], numbers: Mapping[str, str]) -> Permitted:
    """The write, judged.  ``numbers`` fill the template.  Raises ``NotAllowed``, which quotes no value."""
    if write not in ALLOWED:
        raise NotAllowed(f"{write.template} is not among the writes that are allowed")
    if strange := form.keys() - write.fields:
        raise NotAllowed(f"{write.template} takes no {', '.join(sorted(strange))} from here")
    return Permitted(f"/v1/{practice}{_filled(write.template, numbers)}", Form(urlencode(form).encode()))


def _filled(template: str, numbers: Mapping[str, str]) -> str:
    wanted = set(re.findall(r"\{(\w+)\}", template))
    if wanted != numbers.keys() or not all(_NUMBERS[name].fullmatch(numbers[name]) for name in wanted):
        raise NotAllowed(f"{template} needs {', '.join(sorted(wanted))}, and each in its form")
    return template.format_map(numbers)
