"""The conformance suites for authors of backends: see ``docs/custom-backend.md``.  Needs pytest.

``BackendContract`` is about reading, ``PosterContract`` about telling a billing system of payments.
"""

import pytest

for _module in ("contract", "posting_contract", "books", "telling"):
    pytest.register_assert_rewrite(f"fhir_facade.testing.{_module}")

from fhir_facade.testing.contract import BackendContract  # noqa: E402  assertions are rewritten at import
from fhir_facade.testing.posting_contract import PosterContract  # noqa: E402

__all__ = ["BackendContract", "PosterContract"]
