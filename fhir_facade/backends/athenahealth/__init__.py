"""athenahealth (athenaOne) by configuration only: vendor JSON becomes records, and nothing of the vendor leaves.

``system`` is the backend, ``asking`` what it asks and ``reading`` what it makes of the answers; ``client`` and what it
stands on (``wire``, ``token``, ``quota``, ``breaker``, ``seats``) make the calls; ``answers``, ``shapes``, ``scalars``
and ``times`` read what comes back; one module maps each kind of record, beside the ``grounds`` for what it makes.
The vendor's facts and their sources: ``reference/athenahealth-api.md``.
"""

from __future__ import annotations

from fhir_facade.backends.athenahealth.system import AthenaHealth

__all__ = ["AthenaHealth"]
