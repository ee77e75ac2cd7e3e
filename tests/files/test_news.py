"""What others do to payments is heard of once each, also where clocks differ."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import pytest

from fhir_facade.backends.port import unheard
from fhir_facade.files.news import News
from fhir_facade.payments.payment import Payment
from fhir_facade.payments.states import State
from fhir_facade.state.database import Database
from fhir_facade.state.ledger import Ledger
from tests.payments.conftest import payment
from tests.people import NOW


class Site:
    """Two workers of one site, whose clocks differ."""

    def __init__(self, database: Database) -> None:
        self.now, self.heard = NOW, list[Payment]()
        self.ledger = Ledger(database, lambda: self.now - dt.timedelta(seconds=5))
        self.news = News(self.ledger.changed, self.heard.append, lambda: self.now, unheard)


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    database = Database(f"sqlite:///{tmp_path}/state.db")
    database.create()
    yield Site(database)
    database.close()


def test_each_change_is_heard_of_once(site: Site) -> None:
    begun = site.ledger.add(payment(), (), "caller")
    for _ in range(2):
        site.news.listen()
    captured = site.ledger.move(begun, State.CAPTURED, "gateway")
    for _ in range(2):
        site.news.listen()
    assert site.heard == [begun, captured]


def test_what_is_long_past_is_not_heard_of_again(site: Site) -> None:
    begun = site.ledger.add(payment(), (), "caller")
    site.news.listen()
    site.now += dt.timedelta(minutes=5)
    site.news.listen()
    assert site.heard == [begun]
    captured = site.ledger.move(begun, State.CAPTURED, "gateway")
    site.news.listen()
    assert site.heard == [begun, captured]
