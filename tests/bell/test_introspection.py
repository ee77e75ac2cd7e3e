"""Opaque tokens, and signed ones that may have been revoked: the issuer is asked.  RFC 7662."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from fhir_facade.bell.bell import Bell
from fhir_facade.errors import IssuerUnavailable, Unauthenticated
from fhir_facade.events import Event
from tests.bell.conftest import Hang
from tests.bell.issuing import USER, Clock, Heard, IssuerStub, said


def test_an_active_opaque_token_gives_the_issuers_answer(issuer: IssuerStub, asking_bell: Bell) -> None:
    issuer.opaque["abc"] = issuer.claims(active=True, patient="1") | {"nbf": None}
    assert asking_bell.claims("Bearer abc")["patient"] == "1"


def test_credentials_are_sent_form_encoded(issuer: IssuerStub, asking_bell: Bell) -> None:
    issuer.opaque["abc"] = issuer.claims(active=True)
    asking_bell.claims("Bearer abc")
    sent = base64.b64decode(issuer.authorizations[0].removeprefix("Basic ")).decode()
    assert sent == "facade%3A1:s+e%2Fc%2Bret"


@pytest.mark.parametrize(
    ("reason", "other"),
    [
        ("inactive", {"active": False}),
        ("inactive", {"active": "true"}),
        ("inactive", {"active": None}),
        ("audience", {"aud": "other"}),
        ("audience", {"aud": None}),
        ("no-end", {"exp": None}),
        ("expired", {"exp": 5}),
        ("issuer", {"iss": "https://other.example.org"}),
        ("malformed", {"exp": "soon"}),
    ],
)
def test_a_bad_answer_about_a_token_is_a_refusal(
    issuer: IssuerStub, asking_bell: Bell, heard: Heard, reason: str, other: dict[str, Any]
) -> None:
    issuer.opaque["abc"] = issuer.claims(**({"active": True} | other))
    with pytest.raises(Unauthenticated):
        asking_bell.claims("Bearer abc")
    assert heard.of(Event.CALLER_REFUSED) == [{"reason": reason}]


def test_an_answer_need_not_name_the_issuer(issuer: IssuerStub, asking_bell: Bell) -> None:
    issuer.opaque["abc"] = issuer.claims(active=True, iss=None)
    assert asking_bell.claims("Bearer abc")["sub"] == "anna"


@pytest.mark.parametrize("opaque", [True, False])
def test_a_revoked_token_is_noticed_within_the_minute(
    issuer: IssuerStub, asking_bell: Bell, clock: Clock, opaque: bool
) -> None:
    token = "abc" if opaque else issuer.token()
    issuer.opaque[token] = issuer.claims(active=True)
    first = asking_bell.claims(f"Bearer {token}")
    issuer.opaque.clear()
    clock.advance(59)
    assert asking_bell.claims(f"Bearer {token}") is first
    clock.advance(2)
    with pytest.raises(Unauthenticated):
        asking_bell.claims(f"Bearer {token}")
    assert issuer.asked["introspect"] == 2


def test_a_forged_token_is_not_shown_to_the_issuer(issuer: IssuerStub, asking_bell: Bell) -> None:
    with pytest.raises(Unauthenticated):
        asking_bell.claims(f"Bearer {issuer.token()[:-8]}")
    assert "introspect" not in issuer.asked


def test_without_credentials_an_opaque_token_is_refused(issuer: IssuerStub, bell: Bell) -> None:
    issuer.introspects()
    issuer.opaque["abc"] = issuer.claims(active=True)
    with pytest.raises(Unauthenticated):
        bell.claims("Bearer abc")
    assert issuer.asked == {}


def test_where_the_issuer_offers_none_only_signed_tokens_are_accepted(issuer: IssuerStub, hang: Hang) -> None:
    bell = hang(USER)
    assert bell.claims(f"Bearer {issuer.token()}")["sub"] == "anna"
    with pytest.raises(Unauthenticated):
        bell.claims("Bearer abc")


def test_an_issuer_that_keeps_no_signed_tokens_is_not_asked_to_vouch_for_them(
    issuer: IssuerStub, asking_bell: Bell, heard: Heard
) -> None:
    issuer.replaced["introspect"] = said({"error": "unsupported_token_type"}, 400)
    assert asking_bell.claims(f"Bearer {issuer.token()}")["sub"] == "anna"
    assert heard.events == []
    with pytest.raises(Unauthenticated):
        asking_bell.claims("Bearer abc")
    assert heard.of(Event.CALLER_REFUSED) == [{"reason": "opaque"}]


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (401, {"active": True}),
        (500, {}),
        (302, {}),
        (200, []),
        (200, {"active": True, "more": "x" * 1_000_001}),
        (400, {"error": "invalid_request"}),
        (401, {"error": "unsupported_token_type"}),
    ],
)
def test_nonsense_instead_of_an_answer_lets_nobody_in(
    issuer: IssuerStub, asking_bell: Bell, heard: Heard, status: int, body: Any
) -> None:
    issuer.replaced["introspect"] = said(body, status)
    issuer.replaced["introspect"].headers["Location"] = f"{issuer.url}/jwks"
    with pytest.raises(IssuerUnavailable):
        asking_bell.claims(f"Bearer {issuer.token()}")
    [failed] = heard.of(Event.ISSUER_FAILED)
    assert failed["endpoint"] == "introspection_endpoint"
