"""Authorization headers and tokens of any make, those that the issuer signed among them."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tests.api.conftest import BASE
from tests.api.hostile.answers import BORIS, bounded, sent, shown, theirs
from tests.api.hostile.made import (
    GOOD_HEADER,
    NOW,
    audiences,
    claims,
    granted,
    headers,
    naming,
    odd_headers,
    payloads,
    signed,
    times,
    values,
)
from tests.api.matrix import world
from tests.api.matrix.site import Ask, Site

SEARCH = Ask("GET", "Invoice?_count=200")
NAMES = ("sub", "client_id", "azp", "jti", "nonce", "extra")


def test_a_token_made_here_is_good(site: Site) -> None:
    reply = sent(site, SEARCH, signed(GOOD_HEADER, claims(site)))
    assert len(shown(reply)) == 2


def test_no_header_but_a_good_one_opens_anything(site: Site) -> None:
    @bounded
    @given(headers)
    def is_refused(header: str) -> None:
        reply = sent(site, SEARCH, header)
        assert (reply.status, shown(reply)) == (401, frozenset())
        challenge = reply.headers["WWW-Authenticate"]
        assert challenge.startswith("Bearer")
        assert challenge.isprintable()

    is_refused()


def test_a_tokens_header_is_what_it_has_to_be(site: Site) -> None:
    @bounded
    @given(odd_headers)
    def is_refused(header: Any) -> None:
        reply = sent(site, SEARCH, signed(header, claims(site)))
        assert shown(reply) <= theirs(site, BORIS)
        if reply.status == 200:
            assert header["alg"] == "RS256"
            assert header.get("kid") in (None, "rsa")
            assert not header.keys() & {"crit", "b64"}
        else:
            assert reply.status == 401

    is_refused()


def test_payloads_that_are_none_are_refused(site: Site) -> None:
    @bounded
    @given(payloads)
    def is_refused(payload: Any) -> None:
        assert sent(site, SEARCH, signed(GOOD_HEADER, payload)).status == 401

    is_refused()


def is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and -1e308 < value < 1e308


def is_good(said: dict[str, Any]) -> bool:
    """RFC 7519 in the plainest way; exp and aud are required, and half a minute is forgiven."""
    audience = said["aud"] if isinstance(said["aud"], list) else [said["aud"]]
    return (
        BASE in [each for each in audience if isinstance(each, str)]
        and is_number(said["exp"])
        and said["exp"] > NOW - 30
        and all(name not in said or (is_number(said[name]) and said[name] <= NOW + 30) for name in ("nbf", "iat"))
    )


def test_a_token_holds_for_whom_and_as_long_as_it_says(site: Site) -> None:
    assert site.issuer.clock.seconds == NOW

    @bounded
    @example({"exp": NOW + 60, "aud": BASE, "nbf": True})
    @example({"exp": NOW + 60, "aud": BASE, "iat": NOW + 31})
    @given(st.fixed_dictionaries({"exp": times, "aud": audiences}, optional={"nbf": times, "iat": times}))
    def holds(other: dict[str, Any]) -> None:
        said = claims(site, **other)
        reply = sent(site, SEARCH, signed(GOOD_HEADER, said))
        assert shown(reply) <= theirs(site, BORIS)
        assert reply.status == (200 if is_good(said) else 401)

    holds()


def test_whatever_a_token_says_it_opens_no_more_than_whom_it_names(site: Site) -> None:
    patients = naming(site.patient(world.BORIS), site.patient(world.NORA))
    others = {**dict.fromkeys(NAMES, values), "scope": granted, "scp": granted}

    @settings(bounded, max_examples=250)
    @given(st.fixed_dictionaries({"patient": patients}, optional=others))
    def opens_no_more(other: dict[str, Any]) -> None:
        reply = sent(site, SEARCH, signed(GOOD_HEADER, claims(site, **other)))
        assert reply.status in (200, 401, 403)
        assert shown(reply) <= theirs(site, BORIS)

    opens_no_more()


@pytest.mark.parametrize("claim", ["sub", "client_id", "patient", "scope", "iss", "aud", "exp", "extra"])
def test_no_depth_of_a_claim_breaks_the_house(site: Site, claim: str) -> None:
    for depth in (1, 100, 500, 900, 930, 950, 1_000, 4_000):
        payload = json.dumps(claims(site, **{claim: "deep"})).replace('"deep"', "[" * depth + "]" * depth)
        shown(sent(site, SEARCH, signed(GOOD_HEADER, payload.encode())))
