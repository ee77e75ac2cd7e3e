"""``fhir_facade.wsgi:app`` for any WSGI server; ``FACADE_CONFIG`` names the settings file (``facade.toml``)."""

from __future__ import annotations

import gc

from fhir_facade import __version__
from fhir_facade.events import Event
from fhir_facade.house import build
from fhir_facade.settings.serving import served
from fhir_facade.telemetry.log import LOG, event

_YOUNG = 50_000  # new objects before they are looked through: a patient's file is thousands, and has no cycles

_settings = served()
LOG.in_background()
_house = build(_settings)
_house.carrier.start()
app = _house.app
gc.collect()
gc.freeze()  # what stands from the start on is not looked through again at each collection
gc.set_threshold(_YOUNG)
event(Event.STARTED, version=__version__, mode=_settings.security.mode, authorities=len(_settings.released()))
