"""A payment gateway for trials: a hosted page on this machine that speaks the redirect protocol, and can misbehave."""

from __future__ import annotations

from fhir_facade.sandbox.gateway.service import DemoGateway

__all__ = ["DemoGateway"]
