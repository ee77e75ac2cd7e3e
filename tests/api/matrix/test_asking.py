"""What is not theirs is decided before any billing system is asked, so that time and failures tell nothing either."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fhir_facade.keys import PatientKey
from tests.api.matrix.callers import Who
from tests.api.matrix.cases import cases
from tests.api.matrix.faults import CURIOUS, broken
from tests.api.matrix.oracle import EXISTS, may_be_told
from tests.api.matrix.site import Site
from tests.api.matrix.world import Fact

TYPES = ("Invoice", "PaymentNotice", "Patient")  # of which the billing systems count how often they are asked
NAMED = ("read", "search by _id", "search by patient")


def in_vain(site: Site, type: str, interaction: str) -> Iterator[str]:
    """Requests for what is not the caller's that billing systems were asked about."""
    for case in cases(site, type, interaction):
        if case.wanted.status in (200, 404) and not _theirs(case.who, case.target):
            before = _asked(site)
            site.send(case.ask, case.who)
            if _asked(site) != before:
                yield f"{case.who}: {case.target}"


def _theirs(who: Who, target: Fact) -> bool:
    """True where the patient is the caller's, and what is there of the type has to be looked at."""
    key = PatientKey(target.authority, target.patient)
    return may_be_told(who, key) and target.type in EXISTS[key.authority]


def _asked(site: Site) -> int:
    return sum(len(system.asked) for system in site.facade.systems.values())


@pytest.mark.parametrize(
    ("type", "interaction"),
    [(type, each) for type in TYPES for each in NAMED if (type, each) != ("Patient", "search by patient")],
)
def test_nobody_is_asked_about_what_is_not_the_callers(forgetful: Site, type: str, interaction: str) -> None:
    assert list(in_vain(forgetful, type, interaction)) == []


def test_asking_in_vain_is_noticed(forgetful: Site) -> None:
    with broken(forgetful, CURIOUS):
        assert next(in_vain(forgetful, "Invoice", "read"))
