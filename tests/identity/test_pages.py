"""Page links: they open for their caller, wherever a client mangled them, and say why they do not."""

from __future__ import annotations

import re
import string
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from fhir_facade.errors import Gone, Invalid
from fhir_facade.identity.pages import PageTokens
from fhir_facade.state.database import Database
from fhir_facade.state.page_keys import PageKeys
from tests.identity.conftest import KEY, OLDER

ANNA, BORIS = "client-1|anna", "client-1|boris"
SCALARS = st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(max_size=40) | st.binary(max_size=40)
PAYLOADS = st.recursive(
    SCALARS, lambda inner: st.lists(inner, max_size=8) | st.dictionaries(st.text(max_size=8), inner, max_size=8)
)
many = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def refusal(tokens: PageTokens, token: str, caller: str) -> Invalid:
    with pytest.raises(Invalid) as refused:
        tokens.open(token, caller)
    assert (refused.value.status, refused.value.expression) == (400, "_page")
    return refused.value


@many
@given(PAYLOADS, st.text(max_size=30))
def test_a_token_opens_for_its_caller_and_fits_in_a_url(tokens: PageTokens, payload: object, caller: str) -> None:
    token = tokens.seal(payload, caller)
    assert tokens.open(token, caller) == payload
    assert re.fullmatch(r"[A-Za-z0-9_-]+", token)


@many
@given(PAYLOADS, st.data())
def test_a_changed_character_is_refused(tokens: PageTokens, payload: object, data: st.DataObject) -> None:
    token = tokens.seal(payload, ANNA)
    place = data.draw(st.integers(0, len(token) - 1))
    changed = token[:place] + data.draw(st.characters()) + token[place + 1 :]
    assume(changed.rstrip("=") != token)
    refusal(tokens, changed, ANNA)


@pytest.mark.parametrize("payload", ["", "a", "ab"])  # each way that base64 can end
def test_no_other_spelling_of_a_token_opens(tokens: PageTokens, payload: str) -> None:
    token = tokens.seal(payload, ANNA)
    for letter in (string.ascii_letters + string.digits + "-_.+/ ").replace(token[-1], ""):
        refusal(tokens, token[:-1] + letter, ANNA)


@many
@given(st.text(max_size=100) | st.text("ABCxyz019_-=%", max_size=200))
def test_garbage_is_refused(tokens: PageTokens, garbage: str) -> None:
    refusal(tokens, garbage, ANNA)


def test_another_callers_token_is_refused(tokens: PageTokens) -> None:
    refusal(tokens, tokens.seal({"at": 20}, ANNA), BORIS)


def test_another_deployments_token_is_refused(tokens: PageTokens) -> None:
    elsewhere = Database("sqlite:///:memory:")
    elsewhere.create()
    token = PageTokens(["the secret of another deployment"], PageKeys(elsewhere)).seal({"at": 20}, ANNA)
    elsewhere.close()
    refusal(tokens, token, ANNA)


def test_a_token_much_longer_than_any_url_is_refused(tokens: PageTokens) -> None:
    refusal(tokens, "A" * 1_000_000, ANNA)


def encoded(token: str) -> str:
    """What a client makes of a token that it encodes again, more thoroughly than it need be."""
    return "".join(f"%{byte:02X}" for byte in token.encode())


MANGLED: dict[str, Callable[[str], str]] = {
    "padded": lambda token: token + "==",
    "encoded again": encoded,
    "encoded twice over": lambda token: encoded(encoded(token)),
    "padded and encoded": lambda token: encoded(token + "="),
}


@pytest.mark.parametrize("habit", MANGLED)
def test_a_token_that_a_client_mangled_still_opens(tokens: PageTokens, habit: str) -> None:
    token = MANGLED[habit](tokens.seal({"at": 20}, ANNA))
    assert tokens.open(token, ANNA) == {"at": 20}


def test_an_older_key_opens_until_it_is_retired_and_then_the_link_is_gone(page_keys: PageKeys) -> None:
    token = PageTokens([OLDER], page_keys).seal({"at": 20}, ANNA)
    assert PageTokens([KEY, OLDER], page_keys).open(token, ANNA) == {"at": 20}
    with pytest.raises(Gone) as gone:
        PageTokens([KEY], page_keys).open(token, ANNA)
    assert gone.value.status == 410


def test_the_newest_key_seals(page_keys: PageKeys) -> None:
    token = PageTokens([KEY, OLDER], page_keys).seal({"at": 20}, ANNA)
    assert PageTokens([KEY], page_keys).open(token, ANNA) == {"at": 20}


def test_the_same_place_is_the_same_link(tokens: PageTokens) -> None:
    assert tokens.seal({"at": 20}, ANNA) == tokens.seal({"at": 20}, ANNA) != tokens.seal({"at": 40}, ANNA)


def test_a_long_payload_makes_a_short_link(tokens: PageTokens) -> None:
    payload = {"_id": [f"patient-number-{n}" for n in range(200)]}
    token = tokens.seal(payload, ANNA)
    assert len(token) < 1_500
    assert tokens.open(token, ANNA) == payload
    assert "patient" not in token


def test_nothing_is_sealed_without_a_secret(page_keys: PageKeys) -> None:
    with pytest.raises(ValueError, match="secret"):
        PageTokens([], page_keys)
