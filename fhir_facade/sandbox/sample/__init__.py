"""The sample practice: athenahealth practice 195900 with two provider groups and people whose bills tell stories."""

from __future__ import annotations

from fhir_facade.sandbox.sample.world import sample_world

__all__ = ["sample_world"]
