"""What is signed, and what is not taken for signed."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fhir_facade.gateways import signing

NEW, OLD, OTHER = "n" * 32, "o" * 32, "x" * 32
TEXTS = some.text(some.characters(exclude_categories=["Cs"]), max_size=30)


@given(some.dictionaries(TEXTS.filter(lambda name: name != signing.SIGNATURE), TEXTS, max_size=6))
def test_what_is_signed_comes_back_signed(parameters: dict[str, str]) -> None:
    url = signing.signed_url("https://pay.example.org/", NEW, "checkout", parameters)
    read = dict(parse_qsl(urlsplit(url).query, keep_blank_values=True))
    assert read == {**parameters, signing.SIGNATURE: read[signing.SIGNATURE]}
    assert signing.url_is_signed((OLD, NEW), "checkout", read)
    assert not signing.url_is_signed((OTHER,), "checkout", read)
    assert not signing.url_is_signed((NEW,), "status", read)


def test_no_two_sets_of_parameters_are_written_alike() -> None:
    assert signing.canonical({"a": "1&b=2"}) != signing.canonical({"a": "1", "b": "2"})
    assert signing.canonical({"a": "b=c"}) != signing.canonical({"a=b": "c"})
    assert signing.canonical({"b": "", "a": " ~é/"}) == "a=%20~%C3%A9%2F&b="


@pytest.mark.parametrize("change", [{"amount": "850.50"}, {"extra": "1"}, {"signature": "0" * 64}, {"signature": ""}])
def test_a_changed_url_is_not_signed(change: dict[str, str]) -> None:
    parameters = {"amount": "85.50", "session": "s"}
    url = signing.signed_url("https://pay.example.org/", NEW, "checkout", parameters)
    read = dict(parse_qsl(urlsplit(url).query))
    assert signing.url_is_signed((NEW,), "checkout", read)
    assert not signing.url_is_signed((NEW,), "checkout", {**read, **change})


def test_bodies_are_signed_by_every_secret_and_believed_by_any() -> None:
    said = signing.parsed(signing.signed_header((NEW, OLD), "capture", 1780315200, "0123456789", b"{}"))
    assert said is not None
    assert len(said.signatures) == 2
    for secrets in ((NEW,), (OLD,), (OTHER, OLD)):
        assert signing.header_is_signed(secrets, "capture", said, b"{}")
    assert not signing.header_is_signed((OTHER,), "capture", said, b"{}")
    assert not signing.header_is_signed((NEW,), "notification", said, b"{}")
    assert not signing.header_is_signed((NEW,), "capture", said._replace(time=said.time + 1), b"{}")
    assert not signing.header_is_signed((NEW,), "capture", said._replace(nonce="0123456780"), b"{}")


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=1,v1=a",
        "t=1,n=12345678",
        "t=x,n=12345678,v1=a",
        "t=-1,n=12345678,v1=a",
        "t=²,n=12345678,v1=a",
        "t=1,t=2,n=12345678,v1=a",
        "t=1,n=12345678,n=87654321,v1=a",
        "t=1,n=short,v1=a",
        f"t=1,n={'9' * 129},v1=a",
        f"t={'9' * 13},n=12345678,v1=a",
    ],
)
def test_a_header_of_another_form_says_nothing(header: str) -> None:
    assert signing.parsed(header) is None
