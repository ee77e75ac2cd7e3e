"""Whether an authority's ``posting`` table fits the practice, for ``check``: its department and its methods (F1)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from fhir_facade.backends.athenahealth.client import Client
from fhir_facade.backends.athenahealth.directory import Directory
from fhir_facade.backends.athenahealth.endpoints import CARD_METHODS, VENDOR_METHODS
from fhir_facade.backends.athenahealth.probing import probed
from fhir_facade.backends.athenahealth.ways import VENDOR
from fhir_facade.backends.port import Probe

DEPARTMENT = "posting.department"
ALWAYS = frozenset({"CASH"})  # documented for recordpayment beside the list


def fits(posting: Mapping[str, Any], client: Client, directory: Directory) -> Iterator[Probe]:
    """A line for the department and one for the methods."""
    if not posting:
        yield Probe("posting", "misconfigured", "no payment can be told; write posting = { via, department, methods }")
        return
    yield _department(str(posting["department"]), client, directory)
    yield _methods(posting, client)


def _department(number: str, client: Client, directory: Directory) -> Probe:
    known: set[str] = set()
    asked = probed(DEPARTMENT, lambda: known.update(directory.departments(client.deadline())))
    if asked.ok and number not in known:
        return Probe(DEPARTMENT, "misconfigured", f"{number} is no department of the practice")
    return asked


def _methods(posting: Mapping[str, Any], client: Client) -> Probe:
    vendor = posting["via"] == VENDOR
    endpoint, number = (VENDOR_METHODS, posting["vendor_code"]) if vendor else (CARD_METHODS, "")
    known: set[str] = set()

    def ask() -> None:
        known.update(row["paymentmethod"] for row in client.rows(endpoint, client.deadline(), number))

    asked = probed(endpoint.template, ask)
    strange = {
        f'{tender} = "{method}"'
        for tender, method in posting["methods"].items()
        if method not in (known if vendor else known | ALWAYS)
    }
    if asked.ok and strange:
        advice = (
            f"{', '.join(sorted(strange))} in posting.methods; the practice has {', '.join(sorted(known)) or 'none'}"
        )
        return Probe(endpoint.template, "misconfigured", advice)
    return asked
