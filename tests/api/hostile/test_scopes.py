"""Scopes by grammar and of any make: what is none grants nothing, and a condition is the search that it says."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from fhir_facade.search.definitions import parameters
from tests.api.hostile.answers import BORIS, bounded, sent, shown, theirs
from tests.api.hostile.made import GOOD_HEADER, claims, signed
from tests.api.matrix import world
from tests.api.matrix.oracle import sees
from tests.api.matrix.site import Ask, Site
from tests.api.matrix.world import facts

# SMART App Launch 2, "Scopes for requesting FHIR resources": what is not of this form is a word of somebody else's.
FORM = re.compile(r"(patient|user|system)/(\*|[A-Za-z]+)\.(c?r?u?d?s?|read|write|\*)(\?.*)?", re.DOTALL)
CODES = sorted(parameters("Invoice"))
LEVELS = ["patient", "user", "system", "Patient", "patients", "", " patient", "patient/patient", "launch"]
TYPES = ["*", "Invoice", "Account", "invoice", "Invoice*", "**", "", "Patient", "Invoice/1", "Invoice,Account"]
LETTERS = ["rs", "r", "s", "read", "write", "*", "cruds", "cud", "", "sr", "rr", "RS", "rs ", "rs.", "read,write"]
ASKED = ["", "", "", "?", "?status=issued", "?status", "?status=%zz", "?&&", "?_id=x", "?x=1#", "??status=issued"]
SPACES = [" ", "  ", "\t", "\n", "\u00a0", "\u2003", "\x1f", ",", ";"]
letters = st.one_of(st.sampled_from(LETTERS), st.text("cruds", max_size=6))
words = st.one_of(
    st.builds("{}/{}.{}{}".format, st.sampled_from(LEVELS), st.sampled_from(TYPES), letters, st.sampled_from(ASKED)),
    st.builds(
        "{}{}{}".format,
        st.text(max_size=8),
        st.sampled_from(SPACES),
        st.sampled_from(["patient/*.rs", "user/Invoice.rs"]),
    ),
    st.text(max_size=20),
)


def told(site: Site, path: str, scope: Any, strict: bool = False) -> tuple[int, frozenset[str]]:
    """Status and ids that Boris's token with this scope is answered with."""
    ask = Ask("GET", path, {"PREFER": "handling=strict"} if strict else {})
    reply = sent(site, ask, signed(GOOD_HEADER, claims(site, scope=scope)))
    return reply.status, shown(reply)


def asked(site: Site) -> list[str]:
    """A read and two searches of what is Boris's, and a read of what is not."""
    own = next(fact for fact in facts("Invoice") if sees(BORIS, fact, "r"))
    other = next(fact for fact in facts("Invoice") if not sees(BORIS, fact, "r"))
    return [f"Invoice/{site.id(own)}", "Invoice", "Account", f"Invoice/{site.id(other)}"]


def test_what_is_no_scope_grants_nothing_and_spoils_nothing(site: Site) -> None:
    paths = asked(site)
    without = {scope: [told(site, path, scope) for path in paths] for scope in ("", "patient/Account.s")}

    @settings(bounded, max_examples=120)
    @given(words, st.sampled_from(sorted(without)), st.booleans())
    def changes_nothing(word: str, scope: str, first: bool) -> None:
        assume(not any(FORM.fullmatch(each) for each in word.split(" ")))
        together = f"{word} {scope}" if first else f"{scope} {word}"
        assert [told(site, path, together) for path in paths] == without[scope]

    changes_nothing()


def test_no_scope_opens_what_is_somebody_elses(site: Site) -> None:
    paths = asked(site)

    @settings(bounded, max_examples=120)
    @given(st.lists(words, max_size=4).map(" ".join))
    def opens_no_more(scope: str) -> None:
        for path in paths:
            status, ids = told(site, path, scope)
            assert status in (200, 403, 404)
            assert ids <= theirs(site, BORIS)

    opens_no_more()


MODIFIERS = ["", "", "", ":not", ":missing", ":identifier", ":x"]
VALUES = [
    "issued", "draft", "issued,draft", "http://hl7.org/fhir/invoice-status|", "true", "false", "2026", "ge2026-01",
    "lt2020", "gt1", "riverside", "Organization/riverside", "x", "", ",", "\\",
]  # fmt: skip
names = st.builds(str.__add__, st.sampled_from([*CODES, "colour"]), st.sampled_from(MODIFIERS))
texts = st.one_of(st.sampled_from(VALUES), st.text(max_size=6))


def test_a_condition_is_the_search_that_it_says(site: Site) -> None:
    """A scope with a condition shows what a search by it finds; one that cannot be evaluated grants nothing."""
    boris = f"Patient/{site.patient(world.BORIS)}"
    pairs = st.lists(st.tuples(names, st.one_of(texts, st.just(boris))), min_size=1, max_size=2)

    @settings(bounded, max_examples=200)
    @given(pairs)
    def is_the_search(pairs: list[tuple[str, str]]) -> None:
        query = "&".join(f"{quote(name, safe=':')}={quote(text)}" for name, text in pairs)
        status, ids = told(site, "Invoice", f"patient/Invoice.rs?{query}")
        searched, found = told(site, f"Invoice?{query}", "patient/Invoice.rs", strict=True)
        blank = not all(text.strip(",") for _, text in pairs)
        assert (status == 403) is (blank or searched == 400)
        assert status == 403 or (status, ids) == (200, found)

    is_the_search()
