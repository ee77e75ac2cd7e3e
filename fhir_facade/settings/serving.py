"""The settings of the server: those that ``FACADE_CONFIG`` names, for every worker alike."""

from __future__ import annotations

import os
from pathlib import Path

from fhir_facade.events import Event
from fhir_facade.settings.faults import BadSettings
from fhir_facade.settings.load import load
from fhir_facade.settings.model import Settings
from fhir_facade.telemetry.log import event

CONFIG = "FACADE_CONFIG"


def served() -> Settings:
    """The settings, judged.  ``BadSettings``, told to the log, for what cannot be served."""
    try:
        return load(Path(os.environ.get(CONFIG, "facade.toml")))
    except BadSettings as refusal:
        event(Event.SETTINGS_REFUSED, faults=len(refusal.faults))
        raise
