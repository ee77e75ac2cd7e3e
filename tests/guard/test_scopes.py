"""SMART scopes: what is understood grants what it says, and what is not grants nothing and spoils nothing."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_facade.guard.scopes import Scope, scopes


@pytest.mark.parametrize(
    ("text", "scope"),
    [
        ("patient/Invoice.read", Scope("patient", "Invoice", "rs")),
        ("patient/*.read", Scope("patient", "*", "rs")),
        ("user/Invoice.write", Scope("user", "Invoice", "cud")),
        ("system/*.*", Scope("system", "*", "cruds")),
        ("patient/Invoice.rs", Scope("patient", "Invoice", "rs")),
        ("patient/Invoice.s", Scope("patient", "Invoice", "s")),
        ("patient/Invoice.rs?status=issued", Scope("patient", "Invoice", "rs", (("status", "issued"),))),
        ("patient/Invoice.rs?status=", Scope("patient", "Invoice", "rs", (("status", ""),))),
        ("patient/Invoice.r?a=1&b=2", Scope("patient", "Invoice", "r", (("a", "1"), ("b", "2")))),
    ],
)
def test_what_a_scope_grants(text: str, scope: Scope) -> None:
    assert scopes(text) == (scope,)
    assert scopes(f"openid launch/patient {text} fhirUser offline_access") == (scope,)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "openid",
        "patient/Invoice",
        "patient/Invoice.",
        "patient/Invoice.sr",
        "patient/Invoice.rr",
        "patient/Invoice.READ",
        "Patient/Invoice.rs",
        "patient/Invoice.rs?",
        "patient/Invoice.rs?status",
        "patient/Invoice.read?status=issued",
        "patient/*?.rs",
        "staff/Invoice.rs",
        "patient/Invoice.rs/..",
        "xpatient/Invoice.rs",
        "patient/Invoice.rs?status=%ff",
    ],
)
def test_what_is_not_understood_grants_nothing(text: str) -> None:
    assert scopes(text) == ()
    assert scopes(f"{text} user/Account.r") == (Scope("user", "Account", "r"),)


@pytest.mark.parametrize("between", ["\t", "\n", "\u00a0", "\u2003", "\x1f", ",", ";", "+"])
def test_scopes_are_parted_by_the_space_alone(between: str) -> None:
    assert scopes(f"openid{between}patient/*.rs") == ()
    assert scopes(f"patient/*.rs{between}openid") == ()
    assert scopes("openid  patient/*.rs") == (Scope("patient", "*", "rs"),)


def test_reading_and_searching_do_not_imply_each_other() -> None:
    (reading,) = scopes("patient/Invoice.r")
    assert reading.grants("Invoice", "r")
    assert not reading.grants("Invoice", "s")
    assert not reading.grants("Account", "r")


@given(st.text())
def test_any_text_at_all_is_read(text: str) -> None:
    assert all(set(scope.letters) <= set("cruds") for scope in scopes(text))
