"""Opens what the audit needs, where the settings say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from fhir_facade.audit.carrier import Carrier
from fhir_facade.audit.spool import Spool
from fhir_facade.backends.port import EventLog
from fhir_facade.settings.model import Audit
from fhir_facade.state.database import Database
from fhir_facade.state.trail import Trail


@contextmanager
def carrier(
    audit: Audit, database: Database, now: Callable[[], dt.datetime], event: EventLog
) -> Iterator[tuple[Carrier, Trail]]:
    """What carries entries into the trail, and the trail."""
    trail, retention = Trail(database), dt.timedelta(days=audit.retention_days)
    with ExitStack() as opened:
        spool = Spool(_folder(audit, database, opened))
        yield opened.enter_context(closing(Carrier(spool, trail, retention, now, event))), trail


def _folder(audit: Audit, database: Database, opened: ExitStack) -> Path:
    """Where the site says; else beside the state's file, or where the server runs.  A trial's goes with the trial."""
    if audit.spool:
        return Path(audit.spool)
    if database.in_memory:
        return Path(opened.enter_context(TemporaryDirectory(prefix="fhir-facade-audit-")))
    return Path("facade-audit" if database.file is None else f"{database.file}-audit")
