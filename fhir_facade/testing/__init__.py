"""The conformance suites for authors: ``BackendContract`` for backends, ``GatewayContract`` for gateways.  Need pytest.

See ``docs/custom-backend.md`` and ``docs/gateways.md``.
"""

import pytest

pytest.register_assert_rewrite("fhir_facade.testing.contract")
pytest.register_assert_rewrite("fhir_facade.testing.gateway_contract", "fhir_facade.testing.gateway_trying")

from fhir_facade.testing.contract import BackendContract  # noqa: E402  assertions are rewritten at import
from fhir_facade.testing.gateway_contract import GatewayContract  # noqa: E402

__all__ = ["BackendContract", "GatewayContract"]
