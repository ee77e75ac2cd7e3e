"""Signed tokens: a table of good and bad ones."""

from __future__ import annotations

import base64
import hmac
import json
from collections.abc import Callable

import pytest

from fhir_facade.bell.bell import Bell
from fhir_facade.errors import Unauthenticated
from fhir_facade.events import Event
from tests.bell.issuing import (
    AUDIENCE,
    EC,
    EC_384,
    RSA,
    SECOND_RSA,
    UNFIT,
    Clock,
    Heard,
    IssuerStub,
    part,
    signed,
)

Make = Callable[[IssuerStub], str]

GOOD: dict[str, Make] = {
    "RS256": lambda i: i.token(),
    "RS384": lambda i: i.token(algorithm="RS384"),
    "ES256": lambda i: i.token(EC, "ES256"),
    "ES384": lambda i: i.token(EC_384, "ES384"),
    "without a key's id": lambda i: i.token(header={"kid": None}),
    "audience in a list": lambda i: i.token(aud=["elsewhere", "facade"]),
    "expired within the leeway": lambda i: i.token(exp=i.clock.seconds - 29),
    "valid in a moment": lambda i: i.token(nbf=i.clock.seconds + 29),
    "instants with fractions": lambda i: i.token(exp=i.clock.seconds + 60.5),
    "headers nobody needs to know": lambda i: i.token(header={"typ": "at+jwt", "nonce": "n" * 900}),
    "a key of its own, which is not used": lambda i: i.token(header={"jwk": SECOND_RSA.as_dict(private=False)}),
}


def hmac_with_the_public_key(i: IssuerStub) -> str:
    pem = RSA.as_pem(private=False)  # type: ignore[union-attr]
    text = f"{part({'alg': 'HS256', 'kid': 'rsa'})}.{part(i.claims())}"
    mac = hmac.digest(pem, text.encode(), "sha256")
    return f"{text}.{base64.urlsafe_b64encode(mac).decode().rstrip('=')}"


def tampered(i: IssuerStub) -> str:
    header, _, signature = i.token().split(".")
    return ".".join((header, part(i.claims(sub="boris")), signature))


def with_payload(payload: str) -> Make:
    return lambda i: signed({"alg": "RS256", "kid": "rsa"}, payload.replace("ISSUER", i.url), RSA)


def with_text_for(name: str, text: str) -> Make:
    """A payload that holds a number which Python's encoder would not write."""

    def made(i: IssuerStub) -> str:
        payload = json.dumps(i.claims(**{name: "HERE"})).replace('"HERE"', text)
        return signed({"alg": "RS256", "kid": "rsa"}, payload, RSA)

    return made


BAD: dict[str, tuple[str, Make]] = {
    "alg none": ("algorithm", lambda i: f"{part({'alg': 'none'})}.{part(i.claims())}."),
    "alg None with a signature": ("algorithm", lambda i: f"{part({'alg': 'None'})}.{part(i.claims())}.AAAA"),
    "alg is no text": ("algorithm", lambda i: f"{part({'alg': ['RS256']})}.{part(i.claims())}.AAAA"),
    "HS256 signed with the public key": ("algorithm", hmac_with_the_public_key),
    "an algorithm that is not on the list": ("algorithm", lambda i: i.token(algorithm="PS256")),
    "another audience": ("audience", lambda i: i.token(aud="https://other.example.org")),
    "another audience's list": ("audience", lambda i: i.token(aud=["a", 5, None])),
    "no audience": ("audience", lambda i: i.token(aud=None)),
    "an audience that begins alike": ("audience", lambda i: i.token(aud=AUDIENCE + "/")),
    "no expiry": ("no-end", lambda i: i.token(exp=None)),
    "expired": ("expired", lambda i: i.token(exp=i.clock.seconds - 31)),
    "not yet valid": ("early", lambda i: i.token(nbf=i.clock.seconds + 31)),
    "issued in the future": ("early", lambda i: i.token(iat=i.clock.seconds + 31)),
    "another issuer": ("issuer", lambda i: i.token(iss="https://evil.example.org")),
    "no issuer": ("issuer", lambda i: i.token(iss=None)),
    "the issuer with a slash": ("issuer", lambda i: i.token(iss=i.url + "/")),
    "an unknown key": ("unknown-key", lambda i: i.token(SECOND_RSA)),
    "a key under another's id": ("signature", lambda i: i.token(SECOND_RSA, header={"kid": "rsa"})),
    "an unknown key without id": ("signature", lambda i: i.token(SECOND_RSA, header={"kid": None})),
    "a key for encryption": ("unknown-key", lambda i: i.token(UNFIT)),
    "a key of another type": ("unknown-key", lambda i: i.token(header={"kid": "ec"})),
    "a key of another curve": ("signature", lambda i: i.token(EC, "ES256", {"kid": "ec-384"})),
    "its own key": ("unknown-key", lambda i: i.token(SECOND_RSA, header={"jwk": SECOND_RSA.as_dict(private=False)})),
    "a payload exchanged": ("signature", tampered),
    "a signature cut": ("signature", lambda i: i.token()[:-8]),
    "no signature": ("signature", lambda i: i.token().rpartition(".")[0] + "."),
    "a payload left out": ("signature", lambda i: "{0}..{2}".format(*i.token().split("."))),
    "crit": ("malformed", lambda i: f"{part({'alg': 'RS256', 'kid': 'rsa', 'crit': ['exp'], 'exp': 1})}.e30.AAAA"),
    "crit that is empty": ("malformed", lambda i: f"{part({'alg': 'RS256', 'crit': []})}.e30.AAAA"),
    "b64": ("malformed", lambda i: f"{part({'alg': 'RS256', 'b64': False})}.e30.AAAA"),
    "a key's id that is no text": ("malformed", lambda i: f"{part({'alg': 'RS256', 'kid': 5})}.e30.AAAA"),
    "a payload that is no base64": ("malformed", lambda i: f"{part({'alg': 'RS256'})}.e30=.AAAA"),
    "a payload that is no JSON": ("malformed", with_payload("hello")),
    "a payload that is a list": ("malformed", with_payload("[]")),
    "a payload that is deep": ("malformed", with_payload("[" * 5000)),
    "expiry as text": ("malformed", lambda i: i.token(exp="2099-01-01")),
    "expiry true": ("malformed", lambda i: i.token(exp=True)),
    "expiry null": ("malformed", with_text_for("exp", "null")),
    "expiry not a number": ("malformed", with_text_for("exp", "NaN")),
    "expiry infinite": ("malformed", with_text_for("exp", "Infinity")),
    "expiry beyond numbers": ("malformed", with_text_for("exp", "1e999")),
    "expiry of too many digits": ("malformed", with_text_for("exp", "9" * 400)),
    "nbf infinite": ("malformed", with_text_for("nbf", "-1e999")),
    "garbage": ("opaque", lambda i: "garbage"),
    "three parts of garbage": ("opaque", lambda i: "a.b.c"),
    "a header that is a list": ("opaque", lambda i: f"{part(['alg'])}.e30.AAAA"),
    "five parts": ("opaque", lambda i: "a.b.c.d.e"),
}


@pytest.mark.parametrize("make", GOOD.values(), ids=GOOD)
def test_a_good_token_gives_its_claims(issuer: IssuerStub, bell: Bell, make: Make) -> None:
    assert bell.claims(f"Bearer {make(issuer)}")["sub"] == "anna"


@pytest.mark.parametrize(("reason", "make"), BAD.values(), ids=BAD)
def test_a_bad_token_is_refused(issuer: IssuerStub, bell: Bell, heard: Heard, reason: str, make: Make) -> None:
    token = make(issuer)
    with pytest.raises(Unauthenticated) as refused:
        bell.claims(f"Bearer {token}")
    assert refused.value.error == "invalid_token"
    assert heard.events == [(Event.CALLER_REFUSED, {"reason": reason})]


def test_a_rotated_key_is_found_at_once_after_half_a_minute(issuer: IssuerStub, bell: Bell, clock: Clock) -> None:
    bell.claims(f"Bearer {issuer.token()}")
    issuer.keys = [SECOND_RSA]
    clock.advance(31)
    assert bell.claims(f"Bearer {issuer.token(SECOND_RSA)}")["sub"] == "anna"
    with pytest.raises(Unauthenticated):
        bell.claims(f"Bearer {issuer.token()}")


def test_unknown_keys_cannot_hammer_the_issuer(issuer: IssuerStub, bell: Bell, clock: Clock) -> None:
    bell.claims(f"Bearer {issuer.token()}")
    clock.advance(31)
    for number in range(20):
        with pytest.raises(Unauthenticated):
            bell.claims(f"Bearer {issuer.token(header={'kid': f'no-{number}'})}")
    assert issuer.asked["jwks"] == 2


def test_a_secret_cannot_be_made_to_verify_anything() -> None:
    for algorithm in ("HS256", "none"):
        with pytest.raises(ValueError, match=algorithm):
            Bell("https://i", ("a",), introspection=None, algorithms=(algorithm,), event=Heard(), now=Clock())
