"""What is remembered of tokens, for how long, and that garbage pushes out nothing good."""

from __future__ import annotations

import pytest

from fhir_facade.bell.bell import Bell
from fhir_facade.bell.memory import MOST_BAD, MOST_GOOD, Memory
from fhir_facade.bell.refusal import Reason
from fhir_facade.errors import Unauthenticated
from tests.bell.issuing import Clock, Heard, IssuerStub


def test_a_token_is_judged_once_in_five_minutes(issuer: IssuerStub, bell: Bell, clock: Clock) -> None:
    header = f"Bearer {issuer.token()}"
    first = bell.claims(header)
    clock.advance(299)
    assert bell.claims(header) is first
    clock.advance(2)
    assert bell.claims(header) is not first


def test_a_token_is_not_remembered_beyond_its_life(issuer: IssuerStub, bell: Bell, clock: Clock) -> None:
    header = f"Bearer {issuer.token(exp=clock.seconds + 10)}"
    bell.claims(header)
    clock.advance(41)
    with pytest.raises(Unauthenticated) as refused:
        bell.claims(header)
    assert refused.value.code == "expired"


def test_a_refusal_is_told_once_in_ten_seconds(issuer: IssuerStub, bell: Bell, clock: Clock, heard: Heard) -> None:
    header = f"Bearer {issuer.token(aud='other')}"
    for seconds, told in ((0, 1), (9, 1), (2, 2)):
        clock.advance(seconds)
        with pytest.raises(Unauthenticated):
            bell.claims(header)
        assert len(heard.events) == told


def test_claims_that_are_remembered_cannot_be_changed(issuer: IssuerStub, bell: Bell) -> None:
    with pytest.raises(TypeError):
        bell.claims(f"Bearer {issuer.token()}")["sub"] = "boris"  # type: ignore[index]


def test_garbage_pushes_out_nothing_good() -> None:
    memory = Memory(lambda: 0.0)
    memory.keep(b"good", {"sub": "anna"}, 60)
    for number in range(2 * (MOST_GOOD + MOST_BAD)):
        memory.keep(str(number).encode(), Reason.MALFORMED, 10)
    assert memory.recall(b"good") == {"sub": "anna"}
    assert memory.recall(b"0") is None


def test_a_verdict_replaces_the_one_before() -> None:
    memory = Memory(lambda: 0.0)
    memory.keep(b"key", {"sub": "anna"}, 60)
    memory.keep(b"key", Reason.INACTIVE, 10)
    assert memory.recall(b"key") is Reason.INACTIVE
