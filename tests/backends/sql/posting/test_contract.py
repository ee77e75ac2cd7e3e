"""The sql backend's poster keeps the contract, by statement and by file, on SQLite and on PostgreSQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import make_url

from fhir_facade.backends.posting import Poster, Posting, Told, Unsure
from fhir_facade.backends.sql import SqlBackend
from fhir_facade.keys import SourceKey
from fhir_facade.testing import PosterContract
from fhir_facade.testing.posting_fixtures import Settle
from tests.backends.sql.posting.conftest import ANNA, BORIS, PAID, STATEMENT, TakeIn


class Deaf(Poster):
    """Does what another poster does, and loses the answer."""

    def __init__(self, poster: Poster) -> None:
        self._poster = poster

    def snapshot(self, posting: Posting) -> Mapping[str, Any]:
        return self._poster.snapshot(posting)

    def tell(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        self._poster.tell(posting, snapshot)
        raise Unsure("the answer was lost")

    def found(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        return self._poster.found(posting, snapshot)


class OnSql(PosterContract):
    """Anna pays parts of two bills, and before a visit."""

    @pytest.fixture
    def backend(self, backend: SqlBackend) -> SqlBackend:
        return backend

    @pytest.fixture
    def known(self) -> SourceKey:
        return ANNA

    @pytest.fixture
    def stranger(self) -> SourceKey:
        return BORIS

    @pytest.fixture
    def paid_bills(self) -> Mapping[str, Decimal]:
        return PAID

    @pytest.fixture
    def paid_visit(self) -> tuple[str, Decimal]:
        return "V1", Decimal("19.99")

    @pytest.fixture
    def deaf_poster(self, poster: Poster) -> Poster:
        return Deaf(poster)


class TestByStatement(OnSql):
    @pytest.fixture
    def posting_settings(self) -> Mapping[str, Any]:
        return STATEMENT

    @pytest.fixture
    def sick_poster(self, site: str, at_site: Callable[..., SqlBackend], tmp_path: Path) -> Poster:
        nowhere = make_url(site).set(port=1)
        if nowhere.get_backend_name() == "sqlite":
            nowhere = make_url(f"sqlite:///{tmp_path / 'none' / 'billing.db'}")
        return at_site(posting_url=nowhere.render_as_string(hide_password=False)).poster()


class TestByFile(OnSql):
    @pytest.fixture
    def posting_settings(self, folders: Mapping[str, Any]) -> Mapping[str, Any]:
        return folders

    @pytest.fixture
    def settle(self, take_in: TakeIn) -> Settle:
        return take_in

    @pytest.fixture
    def sick_poster(self, poster: Poster, posting: Posting, folders: Mapping[str, Any]) -> Poster:
        Path(folders["folder"], ".sent").rmdir()  # the share is not mounted
        return poster
