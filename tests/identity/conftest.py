"""A state in memory, and a sealer and page tokens on it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fhir_facade.identity.pages import PageTokens
from fhir_facade.identity.sealing import Sealer
from fhir_facade.state.database import Database
from fhir_facade.state.numbers import LongNumbers
from fhir_facade.state.page_keys import PageKeys

KEY = "a secret of a site, thirty-two or more characters"
OLDER = "the secret that the site had before this one"
AUTHORITIES = ("riverside", "lakeside", "clinic")


@pytest.fixture(scope="module")
def database() -> Iterator[Database]:
    database = Database("sqlite:///:memory:")
    database.create()
    yield database
    database.close()


@pytest.fixture(scope="module")
def numbers(database: Database) -> LongNumbers:
    return LongNumbers(database)


@pytest.fixture(scope="module")
def sealer(numbers: LongNumbers) -> Sealer:
    return Sealer([KEY], AUTHORITIES, numbers)


@pytest.fixture
def page_keys(database: Database) -> PageKeys:
    return PageKeys(database)


@pytest.fixture
def tokens(page_keys: PageKeys) -> PageTokens:
    return PageTokens([KEY], page_keys)
