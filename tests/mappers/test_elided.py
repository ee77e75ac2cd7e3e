"""What of somebody else's search those whom it found see: no value that may be another person's."""

from __future__ import annotations

import pytest

from fhir_facade.mappers.elided import elided

AS_IT_IS = "date=ge2026-01-01&totalnet=gt10&status=issued&status:not=draft&_count=5&_sort=-date&_summary=count"


def test_dates_amounts_codes_and_wishes_are_shown() -> None:
    assert elided("Invoice", AS_IT_IS) == AS_IT_IS
    assert elided("Patient", "gender=female&active=true") == "gender=female&active=true"


@pytest.mark.parametrize(
    ("type", "name"),
    [
        *(
            ("Patient", name)
            for name in ("identifier", "_id", "phone", "phone:not", "email", "telecom", "family", "link")
        ),
        *(("Patient", name) for name in ("birthdate", "death-date", "language:text", "address-postalcode")),
        *(
            ("Invoice", name)
            for name in ("patient", "patient:identifier", "patient.identifier", "identifier", "account")
        ),
        *(("AuditEvent", name) for name in ("altid", "agent-name", "address", "policy", "entity")),
    ],
)
def test_what_may_be_somebodys_is_a_star(type: str, name: str) -> None:
    assert elided(type, f"{name}=1002") == f"{name}=*"


def test_a_page_link_is_told_from_other_searches() -> None:
    assert elided("Invoice", "_page=eyJ") == "_page=*"


@pytest.mark.parametrize("query", ["nonsense=1002", "_has:Invoice:patient:_id=1002", "name=A&1002"])
def test_what_is_no_parameter_may_be_a_part_of_a_value(query: str) -> None:
    assert "1002" not in elided("Patient", query)
    assert elided("Patient", query).endswith("*=*")
