"""The issuer's metadata and keys: found, checked, kept, and missed."""

from __future__ import annotations

import json
import threading

import pytest
from werkzeug.wrappers import Response

from fhir_facade.bell.bell import Bell
from fhir_facade.bell.kept import Kept
from fhir_facade.errors import IssuerUnavailable, Unauthenticated
from fhir_facade.events import Event
from tests.bell.conftest import Hang
from tests.bell.issuing import EC, RSA, SECOND_RSA, Clock, Heard, IssuerStub, said

SMART, OPENID = "smart-configuration", "openid-configuration"


def test_smarts_own_document_comes_first(issuer: IssuerStub, bell: Bell) -> None:
    issuer.metadata[SMART] = {"jwks_uri": f"{issuer.url}/jwks", "capabilities": ["launch-ehr"]}
    assert bell.discovery()["capabilities"] == ["launch-ehr"]
    assert bell.claims(f"Bearer {issuer.token()}")["sub"] == "anna"
    assert OPENID not in issuer.asked


def test_where_smarts_document_names_no_keys_openids_does(issuer: IssuerStub, bell: Bell) -> None:
    issuer.metadata[SMART] = {"token_endpoint": "https://t.example.org"}
    assert bell.discovery() == {**issuer.metadata[OPENID], **issuer.metadata[SMART]}


def test_metadata_and_keys_are_asked_for_once_an_hour(issuer: IssuerStub, bell: Bell, clock: Clock) -> None:
    for _ in range(8):
        bell.claims(f"Bearer {issuer.token()}")
        bell.discovery()
        clock.advance(1000)
    assert (issuer.asked[OPENID], issuer.asked["jwks"]) == (2, 2)


@pytest.mark.parametrize("name", [SMART, OPENID])
def test_metadata_of_another_issuer_is_not_used(issuer: IssuerStub, bell: Bell, heard: Heard, name: str) -> None:
    issuer.metadata[name] = {"issuer": "https://evil.example.org", "jwks_uri": f"{issuer.url}/jwks"}
    with pytest.raises(IssuerUnavailable):
        bell.claims(f"Bearer {issuer.token()}")
    assert heard.events == [(Event.ISSUER_FAILED, {"endpoint": name, "said": "named another issuer"})]


@pytest.mark.parametrize("url", ["http://10.1.2.3/jwks", "ftp://127.0.0.1/jwks", "/jwks", 5, None])
def test_keys_come_by_https_or_not_at_all(issuer: IssuerStub, bell: Bell, url: object) -> None:
    issuer.metadata[OPENID]["jwks_uri"] = url
    with pytest.raises(IssuerUnavailable, match="named no https URL"):
        bell.claims(f"Bearer {issuer.token()}")


@pytest.mark.parametrize(
    "answer", [said({}), said([]), said({"keys": 5}), said({}, 500), Response("<html>"), Response("[" * 9000)]
)
def test_nonsense_instead_of_keys_is_the_issuers_fault(
    issuer: IssuerStub, bell: Bell, heard: Heard, answer: Response
) -> None:
    issuer.replaced["jwks"] = answer
    with pytest.raises(IssuerUnavailable) as failed:
        bell.claims(f"Bearer {issuer.token()}")
    assert (failed.value.status, failed.value.headers) == (503, {"Retry-After": "5"})
    assert "jwks" not in failed.value.diagnostics
    assert heard.events == [(Event.ISSUER_FAILED, {"endpoint": "jwks_uri", "said": "answered without keys"})]


def test_keys_that_cannot_be_read_do_not_spoil_the_others(issuer: IssuerStub, bell: Bell) -> None:
    odd = [5, {}, {"kty": "oct", "k": "AAAA"}, {"kty": "RSA", "n": 5}, {"kty": "RSA", "n": "AQAB", "e": "AQAB"}]
    odd += [{"kty": "EC", "crv": "P-999", "x": "AA", "y": "AA"}, {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"}]
    odd += [{**RSA.as_dict(private=False), "kid": "signs only", "key_ops": ["sign"]}, {"kty": "RSA", "n": "é" * 400}]
    issuer.replaced["jwks"] = said({"keys": [*odd, EC.as_dict(private=False)]})
    assert bell.claims(f"Bearer {issuer.token(EC, 'ES256')}")["sub"] == "anna"
    with pytest.raises(Unauthenticated):
        bell.claims(f"Bearer {issuer.token(header={'kid': 'signs only'})}")


def test_an_issuer_without_metadata_is_no_issuer(issuer: IssuerStub, bell: Bell, heard: Heard) -> None:
    issuer.metadata.clear()
    with pytest.raises(IssuerUnavailable):
        bell.discovery()
    assert heard.of(Event.ISSUER_FAILED) == [{"endpoint": OPENID, "said": "answered without metadata"}]


def test_known_keys_serve_while_the_issuer_is_down(issuer: IssuerStub, bell: Bell, clock: Clock) -> None:
    bell.claims(f"Bearer {issuer.token()}")
    issuer.replaced["jwks"] = issuer.replaced[OPENID] = said({}, 503)
    clock.advance(3 * 3600)
    assert bell.claims(f"Bearer {issuer.token()}")["sub"] == "anna"
    with pytest.raises(Unauthenticated):
        bell.claims(f"Bearer {issuer.token(SECOND_RSA)}")
    clock.advance(4 * 3600)
    with pytest.raises(IssuerUnavailable):
        bell.claims(f"Bearer {issuer.token()}")


def test_an_issuer_that_is_gone_is_left_alone_for_a_moment(hang: Hang, clock: Clock, heard: Heard) -> None:
    bell = hang(name="http://127.0.0.1:1")
    for seconds, failures in ((0, 1), (1, 1), (5, 2)):
        clock.advance(seconds)
        with pytest.raises(IssuerUnavailable):
            bell.discovery()
        assert len(heard.events) == failures
    assert heard.events[0][1] == {"endpoint": SMART, "said": "could not be reached"}


def test_a_glance_shows_what_is_known_and_does_not_fail(issuer: IssuerStub, bell: Bell, clock: Clock) -> None:
    issuer.replaced[OPENID] = said({}, 503)
    assert bell.glance() == {}
    del issuer.replaced[OPENID]
    clock.advance(5)
    assert bell.glance() == bell.discovery() == issuer.metadata[OPENID]
    issuer.server.close()
    clock.advance(2 * 3600)
    assert bell.glance() == issuer.metadata[OPENID]


def test_a_glance_does_not_wait_for_an_issuer_that_hangs(clock: Clock) -> None:
    asked, let_go = threading.Event(), threading.Event()

    def fetch() -> str:
        asked.set()
        let_go.wait(10)
        return "fetched"

    kept = Kept(fetch, lambda: clock.seconds)
    assert kept.within(0.01) is None
    assert asked.is_set()
    assert kept.within(0.01) is None
    let_go.set()
    assert kept.within(10) == "fetched"


def test_a_glance_at_what_is_old_renews_it(clock: Clock) -> None:
    answers = iter(("first", "second"))
    fetched = threading.Semaphore(0)

    def fetch() -> str:
        fetched.release()
        return next(answers)

    kept = Kept(fetch, lambda: clock.seconds)
    assert kept.within(10) == "first"
    clock.advance(3601)
    kept.within(10)
    assert all(fetched.acquire(timeout=10) for _ in range(2))
    assert kept.anew(60) == "second"  # which waits for a fetch that is under way


def test_no_event_holds_a_token_or_a_url(issuer: IssuerStub, asking_bell: Bell, heard: Heard) -> None:
    issuer.replaced["introspect"] = said({"error": "secret words"}, 500)
    for token in ("opaque-words", issuer.token(), issuer.token(aud="other-words")):
        with pytest.raises((Unauthenticated, IssuerUnavailable)):
            asking_bell.claims(f"Bearer {token}")
    told = json.dumps([facts for _, facts in heard.events])
    assert len(heard.events) == 3
    assert "words" not in told
    assert "://" not in told
