"""The conformance suite for authors of backends, ``BackendContract``: see ``docs/custom-backend.md``.  Needs pytest."""

import pytest

pytest.register_assert_rewrite("fhir_facade.testing.contract")

from fhir_facade.testing.contract import BackendContract  # noqa: E402  assertions are rewritten at import

__all__ = ["BackendContract"]
