"""What holds of every answer, whatever was sent."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, settings

from fhir_facade import wire
from tests.api.matrix.callers import Who
from tests.api.matrix.cases import CALLERS, TYPES
from tests.api.matrix.oracle import sees
from tests.api.matrix.site import Ask, Reply, Site
from tests.api.matrix.world import facts

ANNA = next(who for who in CALLERS if str(who) == "anna with patient/*.rs")
BORIS = next(who for who in CALLERS if str(who) == "boris with patient/*.rs")
NOBODY = next(who for who in CALLERS if who.claims is None)
NOT_THERE = ("No such resource.", "Not offered by this server.")
bounded = settings(
    max_examples=150, derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck)
)


def sent(site: Site, ask: Ask, authorization: str) -> Reply:
    """What is answered to a header of any make."""
    return site.send(ask._replace(headers={**ask.headers, "AUTHORIZATION": authorization}), NOBODY)


def theirs(site: Site, who: Who) -> frozenset[str]:
    """The ids of all that is a caller's."""
    return frozenset(
        site.id(fact) for type in TYPES for fact in facts(type) if sees(who, fact, "r") or sees(who, fact, "s")
    )


def shown(reply: Reply) -> frozenset[str]:
    """The ids of what an answer shows, after what holds of any is checked."""
    assert reply.status < 500
    assert reply.headers["X-Request-Id"]
    if reply.status in (204, 304) or not reply.body:
        return frozenset()
    body = wire.decode(reply.body)
    if reply.status >= 400:
        assert body["resourceType"] == "OperationOutcome"
        assert reply.status != 404 or body["issue"][0]["diagnostics"] in NOT_THERE
        return frozenset()
    return frozenset(each["id"] for each in _matches(body) if each["resourceType"] in TYPES)


def _matches(body: Any) -> list[Any]:
    if body["resourceType"] != "Bundle":
        return [body]
    return [entry["resource"] for entry in body.get("entry", ()) if entry["search"]["mode"] == "match"]
