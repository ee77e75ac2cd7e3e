"""The conformance suites for authors: see ``docs/custom-backend.md`` and ``docs/gateways.md``.  Need pytest.

``BackendContract`` is about reading, ``PosterContract`` about telling a billing system of payments, ``GatewayContract``
about gateways.
"""

import pytest

for _module in ("contract", "posting_contract", "books", "telling", "gateway_contract", "gateway_trying"):
    pytest.register_assert_rewrite(f"fhir_facade.testing.{_module}")

from fhir_facade.testing.contract import BackendContract  # noqa: E402  assertions are rewritten at import
from fhir_facade.testing.gateway_contract import GatewayContract  # noqa: E402
from fhir_facade.testing.posting_contract import PosterContract  # noqa: E402

__all__ = ["BackendContract", "GatewayContract", "PosterContract"]
