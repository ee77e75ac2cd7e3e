"""Paths and methods mean what the CapabilityStatement declares, and nothing else."""

from __future__ import annotations

import pytest

from fhir_facade.errors import MethodNotAllowed, NotOffered
from fhir_facade.hall.routes import Router, Target

BOTH, READ, SEARCH = frozenset({"read", "search-type"}), frozenset({"read"}), frozenset({"search-type"})
ROUTER = Router({"Invoice": BOTH, "Account": READ, "Location": SEARCH})


@pytest.mark.parametrize(
    ("method", "path", "target"),
    [
        ("GET", "metadata", Target("capabilities")),
        ("GET", "Invoice", Target("search-type", "Invoice")),
        ("HEAD", "Invoice", Target("search-type", "Invoice")),
        ("POST", "Invoice/_search", Target("search-type", "Invoice")),
        ("GET", "Invoice/1", Target("read", "Invoice", "1")),
        ("GET", "Account/1", Target("read", "Account", "1")),
        ("GET", "Location", Target("search-type", "Location")),
        ("OPTIONS", "anything/at/all", Target("options")),
    ],
)
def test_what_is_declared_is_found(method: str, path: str, target: Target) -> None:
    assert ROUTER.find(method, path) == target


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "Account"),
        ("POST", "Account/_search"),
        ("GET", "Location/1"),
        ("DELETE", "Location/1"),
        ("GET", "Patient"),
        ("GET", "Invoice/$stats"),
        ("GET", "Invoice/1/_history"),
        ("GET", ""),
    ],
)
def test_what_is_not_declared_is_not_offered(method: str, path: str) -> None:
    with pytest.raises(NotOffered):
        ROUTER.find(method, path)


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("PUT", "Invoice/1", "GET, HEAD, OPTIONS"),
        ("POST", "Invoice", "GET, HEAD, OPTIONS"),
        ("GET", "Invoice/_search", "POST, OPTIONS"),
        ("POST", "metadata", "GET, HEAD, OPTIONS"),
    ],
)
def test_another_method_is_told_which_are_allowed(method: str, path: str, allow: str) -> None:
    with pytest.raises(MethodNotAllowed) as refusal:
        ROUTER.find(method, path)
    assert refusal.value.headers == {"Allow": allow}
