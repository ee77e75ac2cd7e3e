"""Is the issuer there, and what it must be?  For ``fhir-facade doctor``."""

from __future__ import annotations

from collections.abc import Iterator

from fhir_facade import outgoing
from fhir_facade.backends.port import Probe, unheard
from fhir_facade.bell.issuer import INTROSPECTION, KEYS, Issuer
from fhir_facade.clock import utcnow
from fhir_facade.endpoints import Endpoints
from fhir_facade.errors import IssuerUnavailable
from fhir_facade.events import Event
from fhir_facade.settings.model import Security


def tried(security: Security) -> Iterator[Probe]:
    """A line each for its metadata, its keys and, where the site has a client there, introspection."""
    if security.mode != "smart":
        return

    def clock() -> float:
        return utcnow().timestamp()

    session = outgoing.session(security.issuer, 1)
    endpoints = Endpoints(session, IssuerUnavailable, Event.ISSUER_FAILED, clock=clock, event=unheard)
    stage = "metadata"
    try:
        issuer = Issuer(security.issuer, security.introspection, endpoints, clock)
        issuer.metadata()
        yield Probe(stage, "ok", "names this issuer")
        stage = KEYS
        yield _keys(issuer)
        stage = INTROSPECTION
        yield _introspection(issuer, security.introspection is not None)
    except IssuerUnavailable as failure:
        yield Probe(stage, "unreachable", str(failure))
    finally:
        endpoints.close()


def _keys(issuer: Issuer) -> Probe:
    keys = issuer.keys()
    if not keys:
        return Probe(KEYS, "unexpected answer", "no key for signatures is among those published")
    kinds = ", ".join(sorted({key.algorithm or key.type for key in keys}))
    return Probe(KEYS, "ok", f"{len(keys)} for signatures: {kinds}")


def _introspection(issuer: Issuer, asks: bool) -> Probe:
    """Our client id and secret are tried on a token that nobody has."""
    if not asks:
        return Probe(INTROSPECTION, "not enabled", "no security.client_id: signed tokens only", optional=True)
    if issuer.said_of("doctor") is None:
        return Probe(
            INTROSPECTION, "misconfigured", "the issuer's metadata does not name it; leave security.client_id out"
        )
    return Probe(INTROSPECTION, "ok")
