"""The Authorization header, and what a refusal says in answer.  RFC 6750."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fhir_facade import outcome
from fhir_facade.bell.bell import Bell
from fhir_facade.bell.refusal import Reason
from fhir_facade.errors import Unauthenticated
from tests.bell.issuing import Clock, Heard, IssuerStub

PLAIN = {"WWW-Authenticate": "Bearer"}
MALFORMED = {"WWW-Authenticate": 'Bearer error="invalid_token", error_description="The token is malformed."'}


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer  "])
def test_the_scheme_is_of_any_case(issuer: IssuerStub, bell: Bell, scheme: str) -> None:
    assert bell.claims(f"{scheme} {issuer.token()}")["sub"] == "anna"


@pytest.mark.parametrize("header", ["", "Basic YTpi", "abc", "Bearer\tabc", " Bearer abc", "Token abc", "BearerX abc"])
def test_where_no_token_is_sent_the_answer_asks_for_one(bell: Bell, heard: Heard, header: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        bell.claims(header)
    assert refused.value.headers == PLAIN
    assert refused.value.code == "login"
    assert heard.events == []


@pytest.mark.parametrize(
    "sent",
    ["", " ", "a b", "a, Bearer b", "=", "a=b", "é", "a\n", "a" * (16 * 1024 + 1), "a" * 100_000, "\ud800"],
)
def test_a_malformed_token_is_refused(bell: Bell, heard: Heard, sent: str) -> None:
    with pytest.raises(Unauthenticated) as refused:
        bell.claims(f"Bearer {sent}")
    assert refused.value.headers == MALFORMED
    assert [facts for _, facts in heard.events] == [{"reason": "malformed"}]


def test_an_expired_token_is_told_apart(issuer: IssuerStub, bell: Bell) -> None:
    with pytest.raises(Unauthenticated) as refused:
        bell.claims(f"Bearer {issuer.token(exp=5)}")
    assert refused.value.headers == {
        "WWW-Authenticate": 'Bearer error="invalid_token", error_description="The token has expired."'
    }
    assert outcome.of(refused.value)["issue"][0]["code"] == "expired"


@pytest.mark.parametrize("reason", list(Reason))
def test_a_sentence_can_stand_between_quotes(reason: Reason) -> None:
    assert not set(reason.sentence) & {'"', "\\"}
    assert reason.sentence.isascii()


@pytest.fixture(scope="module")
def deaf() -> Iterator[Bell]:
    """One whose issuer cannot be asked, which nothing that is no signed token should need."""
    bell = Bell("http://127.0.0.1:1", ("a",), introspection=None, event=Heard(), now=Clock())
    yield bell
    bell.close()


@given(st.one_of(st.text(), st.text().map("Bearer ".__add__), st.from_regex(r"Bearer [\w.~+/-]+=*")))
def test_any_text_at_all_is_refused_and_nothing_worse(deaf: Bell, text: str) -> None:
    with pytest.raises(Unauthenticated):
        deaf.claims(text)
