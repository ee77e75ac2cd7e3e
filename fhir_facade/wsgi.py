"""``fhir_facade.wsgi:app`` for any WSGI server; ``FACADE_CONFIG`` names the settings file (``facade.toml``)."""

from __future__ import annotations

import gc
import os
from pathlib import Path

from fhir_facade import __version__
from fhir_facade.events import Event
from fhir_facade.house import build
from fhir_facade.settings.faults import BadSettings
from fhir_facade.settings.load import load
from fhir_facade.settings.model import Settings
from fhir_facade.telemetry.log import LOG, event

_YOUNG = 50_000  # new objects before they are looked through: a patient's file is thousands, and has no cycles


def _loaded() -> Settings:
    try:
        return load(Path(os.environ.get("FACADE_CONFIG", "facade.toml")))
    except BadSettings as refusal:
        event(Event.SETTINGS_REFUSED, faults=len(refusal.faults))
        raise


_settings = _loaded()
LOG.in_background()
app = build(_settings).app
gc.collect()
gc.freeze()  # what stands from the start on is not looked through again at each collection
gc.set_threshold(_YOUNG)
event(Event.STARTED, version=__version__, mode=_settings.security.mode, authorities=len(_settings.released()))
