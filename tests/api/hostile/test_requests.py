"""Ids, page links, queries, forms and headers of any make, from a patient and from nobody."""

from __future__ import annotations

import string
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from hypothesis import given, settings
from hypothesis import strategies as st

from fhir_facade import wire
from fhir_facade.specification.definitions import TYPES as DEFINITIONS
from tests.api.conftest import BASE
from tests.api.hostile.answers import ANNA, BORIS, NOBODY, bounded, shown, theirs
from tests.api.matrix.callers import Who
from tests.api.matrix.cases import BODIES, TYPES
from tests.api.matrix.oracle import sees
from tests.api.matrix.site import Ask, Reply, Site
from tests.api.matrix.world import ANNA as ANNA_HERSELF
from tests.api.matrix.world import BORIS as BORIS_HIMSELF
from tests.api.matrix.world import NORA, facts
from tests.api.test_fuzz import requests

ALPHABET = string.ascii_letters + string.digits + "-._~=%/ \0\u00e9"


def mutations(texts: list[str]) -> st.SearchStrategy[str]:
    """Texts with a little changed: a character, an end, the case, two joined."""
    text, place = st.sampled_from(texts), st.integers(0, 300)
    return st.one_of(
        text,
        st.builds(lambda t, n, c: t[: n % len(t)] + c + t[n % len(t) + 1 :], text, place, st.sampled_from(ALPHABET)),
        st.builds(lambda t, n: t[: n % len(t)], text, place),
        st.builds(lambda t, c: t + c, text, st.text(ALPHABET, max_size=3)),
        st.builds(lambda t, c: c + t, text, st.text(ALPHABET, max_size=3)),
        st.builds(lambda t, u, n: t[: n % len(t)] + u[n % len(u) :], text, text, place),
        text.map(str.swapcase),
        text.map(lambda t: t[::-1]),
    )


def test_an_id_that_is_not_the_callers_is_no_id(site: Site) -> None:
    everything = [fact for type in TYPES for fact in facts(type)[::3]]
    own = {site.id(fact) for type in TYPES for fact in facts(type) if sees(ANNA, fact, "r")}

    @settings(bounded, max_examples=400)
    @given(st.sampled_from(TYPES), mutations([site.id(fact) for fact in everything]))
    def is_no_id(type: str, id: str) -> None:
        reply = site.send(Ask("GET", f"{type}/{quote(id, safe='%=~ ')}"), ANNA)
        if not shown(reply):
            assert reply.status == 404
            assert reply.body == BODIES[404] or b"not-supported" in reply.body
        assert shown(reply) <= own

    is_no_id()


def next_page(site: Site, who: Who, path: str) -> str:
    """The token of the page that follows."""
    body = wire.decode(site.send(Ask("GET", path), who).body)
    url: str = next(link["url"] for link in body["link"] if link["relation"] == "next")
    return url.partition("_page=")[2]


def test_a_page_link_opens_for_its_caller_alone_and_whole(site: Site) -> None:
    boris = replace(BORIS, claims={"patient": BORIS_HIMSELF, "sub": "boris"})
    tokens = {who: next_page(site, who, "Invoice?_count=1") for who in (ANNA, boris)}
    good = site.send(Ask("GET", f"Invoice?_page={tokens[ANNA]}"), ANNA)
    assert shown(good)

    @settings(bounded, max_examples=300)
    @given(mutations([*tokens.values(), "x"]), st.sampled_from(("Invoice", "Invoice", "Account", "Patient")))
    def opens_for_its_caller(token: str, type: str) -> None:
        reply = site.send(Ask("GET", f"{type}?_page={quote(token)}"), ANNA)
        assert shown(reply) <= theirs(site, ANNA)
        if token and (type != "Invoice" or token.rstrip("=") != tokens[ANNA]):
            assert reply.status in (400, 410)

    opens_for_its_caller()


def known(site: Site) -> dict[str, str]:
    """What the placeholders of generated requests stand for."""
    people = {"{anna}": ANNA_HERSELF, "{boris}": BORIS_HIMSELF, "{nora}": NORA}
    found = {name: site.patient(key) for name, key in people.items()}
    found["{invoice}"] = site.id(facts("Invoice")[0])
    found["{link}"] = next_page(site, BORIS, "Invoice?_count=1")
    return found


def answered(site: Site, request: dict[str, Any], who: Who, named: dict[str, str]) -> Reply:
    """What a generated request is answered with; it is the caller's, whatever Authorization it has."""
    path, query = request["path"], request["query"]
    for name, text in named.items():
        path, query = path.replace(name, text), query.replace(quote(name), text)
    form = request["type"].startswith("application/x-www-form-urlencoded")
    headers = {name: value for name, value in request["headers"].items() if name != "AUTHORIZATION"}
    ask = Ask(request["method"], f"{path.removeprefix('/fhir/')}?{query}", headers)
    body = request["body"].decode("latin-1")[:10_000]
    return site.send(ask._replace(body=body if form and request["method"] != "GET" else ""), who)


def test_whatever_is_sent_nobody_sees_what_is_not_theirs(site: Site) -> None:
    named = known(site)
    own = {ANNA: theirs(site, ANNA), NOBODY: frozenset[str]()}

    @settings(bounded, max_examples=400)
    @given(requests, st.sampled_from(list(own)))
    def sees_their_own(request: dict[str, Any], who: Who) -> None:
        reply = answered(site, request, who, named)
        packed = reply.headers.get("Content-Encoding") == "gzip"
        found = shown(reply._replace(body=b"") if packed or request["method"] == "HEAD" else reply)
        assert found <= own[who]

    sees_their_own()


KEYS = st.sampled_from(["patient", "subject", "_id", "identifier", "_page", "_count", "assigner", "status", "x", ""])


def test_whatever_a_form_says_it_finds_ones_own(site: Site) -> None:
    people = [site.patient(key) for key in (ANNA_HERSELF, BORIS_HIMSELF, NORA)]
    texts = [*people, *(f"Patient/{each}" for each in people), f"{BASE}/Patient/{people[1]}", ",".join(people), "1001"]
    pairs = st.lists(st.tuples(KEYS, st.one_of(mutations(texts), st.text(max_size=8))), max_size=5)
    own = theirs(site, ANNA)

    @bounded
    @given(pairs, pairs, st.sampled_from([*TYPES, *DEFINITIONS]))
    def finds_ones_own(form: list[tuple[str, str]], query: list[tuple[str, str]], type: str) -> None:
        body, asked = ("&".join(f"{name}={quote(text)}" for name, text in each) for each in (form, query))
        reply = site.send(Ask("POST", f"{type}/_search?{asked}", body=body), ANNA)
        assert reply.status in (200, 400, 410)
        assert shown(reply) <= own

    finds_ones_own()
