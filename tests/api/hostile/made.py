"""What tokens are made of here: by strategies, and signed by the issuer whatever is in them."""

from __future__ import annotations

import base64
import json
from typing import Any

from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from hypothesis import strategies as st

from tests.api.conftest import BASE
from tests.api.matrix.site import Site
from tests.api.matrix.world import BORIS
from tests.bell.issuing import NOON, RSA

GOOD_HEADER = {"alg": "RS256", "kid": "rsa"}
NOW = int(NOON.timestamp())


def encoded(raw: bytes) -> str:
    """Base64url without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def signed(header: Any, payload: Any) -> str:
    """The Authorization header with a token whose signature is the issuer's."""
    parts = [each if isinstance(each, bytes) else json.dumps(each).encode() for each in (header, payload)]
    text = ".".join(map(encoded, parts))
    assert RSA.private_key is not None
    return f"Bearer {text}.{encoded(RSA.private_key.sign(text.encode(), PKCS1v15(), SHA256()))}"


def claims(site: Site, **other: Any) -> dict[str, Any]:
    """Of a token for Boris, with others instead."""
    good = site.issuer.claims(aud=BASE, sub="somebody", patient=site.patient(BORIS), scope="patient/*.rs")
    return good | other


_TEXTS = st.text(st.characters(max_codepoint=255), max_size=60)
_SCHEMES = ["", "Bearer", "bearer ", "Bearer  ", "Basic ", "Bearer\t", "Bearer,", "DPoP ", "Bearer Bearer "]
_PARTS = ["", "eyJhbGciOiJub25lIn0", "eyJhbGciOiJIUzI1NiJ9", "eyJhbGciOiJSUzI1NiJ9", "e30", "W10", "bnVsbA"]
_DOTTED = st.lists(st.one_of(_TEXTS, st.binary(max_size=40).map(encoded), st.sampled_from(_PARTS)), max_size=5)
_LONG = ["x" * 20_000, "a." * 9_000, "a.b." + "c" * 16_000]
headers = st.builds(
    str.__add__, st.sampled_from(_SCHEMES), st.one_of(_TEXTS, _DOTTED.map(".".join), st.sampled_from(_LONG))
)
"""Values of the header; none of them is a token of the issuer's."""

_PLAIN = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=12),
    st.sampled_from([2**63, 2**64, -(2**70), 10**400, "9" * 5_000, "\ud800", "\0", "", " ", "1e9"]),
)
values = st.recursive(
    _PLAIN,
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(st.text(max_size=5), inner, max_size=3)),
)
"""Whatever JSON can hold, and some that it cannot."""

odd_headers = st.one_of(
    values,
    st.fixed_dictionaries(
        {},
        optional={
            "alg": st.one_of(st.sampled_from(["RS256", "rs256", "none", "HS256", "RS512", "ES256", "PS256"]), values),
            "kid": st.one_of(st.sampled_from(["rsa", "rsa-2", "ec", "x" * 9_000]), values),
            "typ": values,
            "crit": st.one_of(st.just(["exp"]), values),
            "b64": st.booleans(),
            "zip": st.just("DEF"),
            "jku": st.just("http://127.0.0.1:9/keys"),
            "jwk": st.just(RSA.as_dict(private=False)),
        },
    ),
)
payloads = st.one_of(
    values, st.binary(max_size=60), st.sampled_from([b"{", b'{"a":1}x', b"\xff", b"[" * 9_000, b'{"exp":NaN}'])
)
_TIMES: list[Any] = [
    NOW + 60, NOW + 60.5, NOW - 3_600, 0, -1, 1e300, 10**400, True, str(NOW + 60), None, float("inf"), [NOW + 60], {},
]  # fmt: skip
times = st.one_of(st.sampled_from(_TIMES), values)
_AUDIENCES: list[Any] = [
    BASE, [BASE], ["x", BASE], [[BASE]], {BASE: BASE}, f"{BASE}/", BASE.upper(), [BASE, 7], [], "",
]  # fmt: skip
audiences = st.one_of(st.sampled_from(_AUDIENCES), values)
_GRANTED: list[Any] = [
    "patient/*.rs", ["patient/*.rs"], [["patient/*.rs"]], {"patient/*.rs": 1}, "system/*.rs", ["user/*.rs", 7],
]  # fmt: skip
granted = st.one_of(st.sampled_from(_GRANTED), values)


def naming(one: str, other: str) -> st.SearchStrategy[Any]:
    """Claims that name a patient; the other one is in some of them where it names nobody."""
    fixed: list[Any] = [
        one, f"Patient/{one}", [one], [one, [other]], [{"id": other}, one], {"id": other}, [[other]], f" {other}",
        f"{other} {one}", f"{other}\n", other[:-1], f"Patient/Patient/{other}", f"{BASE}/Patient/{other}",
        other.swapcase(), f"Organization/{other}", f"{other}.", f"{other}\0",
    ]  # fmt: skip
    return st.one_of(st.sampled_from(fixed), values)
