"""Who is who by the site's own person index: bills are gathered as it says, and a failure of it is told by name."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from fhir_facade.settings.model import People
from fhir_facade.state.crosswalk import Crosswalk, Proxy
from fhir_facade.state.database import Database
from tests.api.conftest import AUTHORITIES, Facade, Facades, bearer, numbers
from tests.bell.issuing import IssuerStub
from tests.mpi.indexing import PERSON, SEARCH, IndexStub, indexing, link, patient, said
from tests.people import ANNA

RIVERSIDE, LAKESIDE, CLINIC = (authority.system for authority in AUTHORITIES)
HOWS = ("search", "ihe-pix")
ANNAS = 6  # bills: five at the practice, one at the clinic, where Anna is 1001 in these tests


@pytest.fixture
def index() -> Iterator[IndexStub]:
    with indexing() as stub:
        stub.patients = [
            patient("a", f"{PERSON}|anna", f"{RIVERSIDE}|1001", f"{LAKESIDE}|1001", link=[link("seealso", "c")]),
            patient("c", f"{CLINIC}|1001", link=[link("refer", "a")]),
            patient("b", f"{PERSON}|boris", f"{RIVERSIDE}|1002"),
        ]
        yield stub


def asks(facades: Facades, issuer: IssuerStub, index: IndexStub, means: str = "person", **people: Any) -> Facade:
    facade = facades()
    facade.trust(issuer, patient_means=means)
    facade.resettle(people=People(index.url, person_system=PERSON, **people))
    return facade


def token(issuer: IssuerStub, person: Any, **claims: Any) -> dict[str, str]:
    return bearer(issuer, patient=person, scope="patient/*.rs user/*.rs", **claims)


@pytest.mark.parametrize("how", HOWS)
@pytest.mark.parametrize(
    ("means", "carried"),
    [("person", "anna"), (f"identifier:{PERSON}", "anna"), (f"identifier:{CLINIC}", "1001"), ("local", "")],
)
def test_a_persons_bills_are_gathered(
    facades: Facades, issuer: IssuerStub, index: IndexStub, how: str, means: str, carried: str
) -> None:
    facade = asks(facades, issuer, index, means, how=how)
    anna = token(issuer, carried or facade.patient(ANNA))
    bundle = facade.json("Invoice", **anna)
    assert (bundle["total"], len(numbers(bundle))) == (ANNAS, ANNAS)
    if carried:
        assert len(facade.json(f"Patient/{carried}", **anna)["link"]) == 3
    assert set(index.urls) == {"/fhir/Patient/_search" if how == "search" else "/fhir/Patient/$ihe-pix"}


@pytest.mark.parametrize("how", HOWS)
def test_who_is_not_known_sees_nothing(facades: Facades, issuer: IssuerStub, index: IndexStub, how: str) -> None:
    facade = asks(facades, issuer, index, how=how)
    facade.json("Invoice", 403, **token(issuer, "eve"))
    assert facade.json("Invoice", **token(issuer, "boris"))["total"] == 1


def test_who_may_be_two_people_is_nobody(facades: Facades, issuer: IssuerStub, index: IndexStub) -> None:
    index.patients.append(patient("d", f"{PERSON}|anna", f"{RIVERSIDE}|1002"))
    facade = asks(facades, issuer, index)
    facade.json("Invoice", 403, **token(issuer, "anna"))


def test_an_index_that_is_down_is_a_failure_and_not_fewer_bills(
    facades: Facades, issuer: IssuerStub, index: IndexStub
) -> None:
    facade = asks(facades, issuer, index, "local")
    remembered, new = token(issuer, facade.patient(ANNA)), token(issuer, facade.patient(ANNA), jti="new")
    assert facade.json("Invoice", **remembered)["total"] == ANNAS
    index.replaced[SEARCH] = said({}, 500)
    facade.later(59)
    assert facade.json("Invoice", **remembered)["total"] == ANNAS
    assert facade.json("Invoice", **new)["total"] == ANNAS  # by the answer that is kept
    facade.later(1)
    for headers in (remembered, new):
        response = facade.get("Invoice", **headers)
        assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
        assert response.json["issue"][0] == {
            "severity": "error",
            "code": "transient",
            "diagnostics": "The person index is not answering; try again later.",
        }
    index.replaced.clear()
    assert facade.json("Invoice", **remembered)["total"] == ANNAS


def test_who_needs_no_index_does_not_wait_for_it(facades: Facades, issuer: IssuerStub, index: IndexStub) -> None:
    index.replaced[SEARCH] = said({}, 500)
    facade = asks(facades, issuer, index)
    facade.json("Invoice", 403, **token(issuer, None))
    assert facade.json("Organization/riverside", 403, **token(issuer, None))["issue"][0]["code"] == "forbidden"
    facade.json("metadata")
    assert index.asked == []


def test_a_change_of_the_index_is_seen_with_the_same_token(
    facades: Facades, issuer: IssuerStub, index: IndexStub
) -> None:
    facade = asks(facades, issuer, index, seconds=20.0)
    anna = token(issuer, "anna")
    assert facade.json("Invoice", **anna)["total"] == ANNAS
    index.patients[0]["link"] = []
    facade.later(19)
    assert facade.json("Invoice", **anna)["total"] == ANNAS
    facade.later(1)
    assert facade.json("Invoice", **anna)["total"] == ANNAS - 1
    assert facade.json("Invoice", **anna)["total"] == ANNAS - 1
    assert index.asked.count(SEARCH) == 3  # two for a person with a link, one for one without


def test_a_proxy_of_the_state_acts_for_a_person_of_the_index(
    facades: Facades, issuer: IssuerStub, index: IndexStub
) -> None:
    facade = asks(facades, issuer, index)
    with closing(Database(facade.settings.server.state)) as database:
        Crosswalk(database).replace([], [Proxy("boris", "anna", billing=True), Proxy("sub:eve", "boris", billing=True)])
    assert facade.json("Invoice", **token(issuer, "boris"))["total"] == ANNAS + 1
    assert facade.json("Invoice", **token(issuer, "anna"))["total"] == ANNAS
    assert facade.json("Invoice", **token(issuer, None, sub="eve"))["total"] == 1


def test_the_log_names_nobody(
    facades: Facades, issuer: IssuerStub, index: IndexStub, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    index.patients.append(patient("d", f"{PERSON}|anna", f"{RIVERSIDE}|1002"))
    facade = asks(facades, issuer, index)
    facade.json("Invoice", 403, **token(issuer, "anna"))
    index.replaced[SEARCH] = said({"resourceType": "Patient", "id": "1001"}, 500)
    facade.json("Invoice", 503, **token(issuer, "boris"))
    log = capfdbinary.readouterr().err
    assert b'"people.undecided"' in log
    assert b'"people.failed"' in log
    for word in (b"anna", b"boris", b"1001", b"1002", index.url.encode()):
        assert word not in log
