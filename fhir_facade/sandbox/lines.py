"""The lines that the demo prints, ready to paste into a shell."""

from __future__ import annotations

from collections.abc import Iterator

from fhir_facade.house import House
from fhir_facade.keys import PatientKey
from fhir_facade.sandbox.demo_settings import EXCHANGE, EXCHANGES_AUTHORITY

BILLED = PatientKey("riverside", "1001")  # has bills in both provider groups of the practice
AT_BOTH_GROUPS = (BILLED, PatientKey("lakeside", "1001"))
SHARED_NUMBER = "1001"  # two different people: at the practice, and at the clinic

Line = tuple[str, str]


def lines_to_paste(house: House, base_url: str, issuer: str = "") -> Iterator[Line]:
    """What each line shows, and the line.  With an ``issuer`` they fetch a token first, and send it."""
    token, exchanges = ("$TOKEN", "$EXCHANGE") if issuer else ("", "")
    if issuer:
        yield (
            "a token of somebody who is known to both medical groups of the practice, and has a child",
            f"TOKEN=$(curl -s '{issuer}/demo-token?patient={BILLED.authority}|{BILLED.value}')",
        )
    yield "what this server can do", f"curl '{base_url}/metadata?_pretty=true'"
    yield from _of_a_person(house, base_url, token)
    if issuer:
        yield (
            "all that this token opens: their own bills, and their child's",
            _get(base_url, "Invoice?_count=50", token),
        )
        yield (
            f"a token of a health exchange, which the settings bind to one authority ({EXCHANGES_AUTHORITY})",
            f"EXCHANGE=$(curl -s '{issuer}/demo-token?client={EXCHANGE}')",
        )
    yield from _of_a_system(base_url, exchanges)


def _of_a_person(house: House, base_url: str, token: str) -> Iterator[Line]:
    ids = house.finder.ids
    patient = ids.patient(BILLED)
    both = ",".join(ids.patient(key) for key in AT_BOTH_GROUPS)
    searches = {
        "somebody's bills at one medical group of the practice, newest first": f"Invoice?patient={patient}",
        "the same person's bills at both groups": f"Invoice?patient={both}",
        "of these, what one assigning authority issued and what is owed": (
            f"Invoice?patient={both}&assigner=lakeside&status=issued"
        ),
        "accounts, with balances": f"Account?patient={both}",
        "appointments": f"Appointment?patient={both}",
        "payments": f"PaymentNotice?patient={both}",
    }
    for what, search in searches.items():
        yield what, _get(base_url, search, token)


def _of_a_system(base_url: str, token: str) -> Iterator[Line]:
    yield (
        "a patient number is a pair: this one is two people"
        + (", of whom the exchange sees its own authority's" if token else ""),
        f"curl {_header(token)}-d identifier={SHARED_NUMBER} '{base_url}/Patient/_search?_pretty=true'",
    )
    yield (
        "the clinic's billing database can be searched without a patient",
        _get(base_url, "Invoice?assigner=clinic&totalgross=gt100", token),
    )


def _get(base_url: str, search: str, token: str) -> str:
    return f"curl {_header(token)}'{base_url}/{search}&_pretty=true'"


def _header(token: str) -> str:
    return f'-H "Authorization: Bearer {token}" ' if token else ""
