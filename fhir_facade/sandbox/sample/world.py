"""The sample world: the practice, its people, their bills, visits and receipts, dated relative to now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from fhir_facade.clock import utcnow
from fhir_facade.sandbox.athenahealth.world import World
from fhir_facade.sandbox.calendar import Calendar
from fhir_facade.sandbox.sample.bills import add_bills
from fhir_facade.sandbox.sample.people import add_people
from fhir_facade.sandbox.sample.receipts import add_receipts
from fhir_facade.sandbox.sample.sites import add_sites
from fhir_facade.sandbox.sample.visits import add_visits

PRACTICE = "195900"
GROUPS = {"1": "Riverside Medical Group", "2": "Lakeside Specialists"}


def sample_world(now: Callable[[], dt.datetime] = utcnow) -> World:
    """A world of its own at each call; ``now`` is also the clock of its tokens."""
    world, calendar = World(now=now), Calendar(now())
    practice = world.add_practice(PRACTICE, name="Riverside and Lakeside", groups=dict(GROUPS))
    add_sites(practice)
    add_people(practice, calendar)
    add_bills(practice, calendar)
    add_visits(practice, calendar)
    add_receipts(practice, calendar)
    practice.merge("1005", into="1006")
    return world
