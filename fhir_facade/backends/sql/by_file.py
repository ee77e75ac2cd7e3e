"""Payments by file: a CSV batch for each, dropped at most once, and acknowledged by files that come back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from fhir_facade.backends.parts import parts
from fhir_facade.backends.port import Context
from fhir_facade.backends.posting import NotSent, Posting, Told, Unsure, Verdict
from fhir_facade.backends.sql import batch, found
from fhir_facade.backends.sql.answering import answering, heard
from fhir_facade.backends.sql.by_statement import not_sent
from fhir_facade.backends.sql.cells import Site
from fhir_facade.backends.sql.drop import Drop, MaybeDropped, NotDropped, Stage
from fhir_facade.backends.sql.judging import Said, verdict
from fhir_facade.backends.sql.parameters import Values, values

NAME = "posting.file"


class ByFile:
    """``posting.settings``: ``folder``, ``acknowledgements``; ``statuses`` and ``found`` where the site has them."""

    def __init__(self, engine: Engine, site: Site, context: Context) -> None:
        self._engine, self._site, self._context = engine, site, context

    def snapshot(self, posting: Posting) -> Mapping[str, Any]:
        """The payment's own id proves everything, so this only says whether it was dropped before."""
        return {"verdict": self.found(posting).verdict.value}

    def tell(self, posting: Posting) -> Told:
        """Drop the batch, unless it was dropped or the billing system knows it."""
        rows = self._rows(posting)
        content = batch.written(rows)
        there = self._found(posting, rows)
        if there.verdict is not Verdict.ABSENT:
            return _sure(there)
        with heard(self._context, NAME), _dropping():
            dropped = _drop(posting).put(batch.name_of(posting.payment), content)
        return _sure(Told(Verdict.ACCEPTED if batch.same(dropped, content) else Verdict.UNDECIDED))

    def found(self, posting: Posting) -> Told:
        """What the acknowledgements say, or the database, or that the batch was dropped."""
        return self._found(posting, self._rows(posting))

    def _found(self, posting: Posting, rows: Sequence[Values]) -> Told:
        with heard(self._context, NAME), _dropping():
            stage, content = _drop(posting).look(batch.name_of(posting.payment))
            said = _acknowledged(posting, rows)
        if content and not batch.same(content, batch.written(rows)):
            return Told(Verdict.UNDECIDED)
        if any(said):
            return verdict(said) if stage is not Stage.NEVER else Told(Verdict.UNDECIDED)
        shown = self._shown(posting)
        if shown.verdict is not Verdict.ABSENT:
            return shown
        return Told(Verdict.ACCEPTED if stage is Stage.DROPPED else Verdict.ABSENT)

    def _shown(self, posting: Posting) -> Told:
        """What the database says, where the site has a query for it."""
        if "found" not in posting.settings:
            return Told(Verdict.ABSENT)
        with not_sent(), answering(self._engine, self._context, found.NAME) as connection:
            return found.shown(connection, posting, self._site)

    def _rows(self, posting: Posting) -> list[Values]:
        return [values(posting, part, self._site) for part in parts(posting)]


def _drop(posting: Posting) -> Drop:
    return Drop(Path(posting.settings["folder"]))


def _acknowledged(posting: Posting, rows: Sequence[Values]) -> list[list[Said]]:
    folder = Path(posting.settings["acknowledgements"])
    return batch.acknowledged(folder, posting.payment, rows, posting.settings.get("statuses", {}))


def _sure(told: Told) -> Told:
    if told.verdict is Verdict.UNDECIDED:
        raise Unsure("the billing system has the payment already, and not as it is told now")
    return told


@contextmanager
def _dropping() -> Iterator[None]:
    """Errors of the folders, without their names: they may be a share's."""
    try:
        yield
    except NotDropped as failure:
        raise NotSent(f"posting.folder: {failure}") from None
    except MaybeDropped as failure:
        raise Unsure(f"posting.folder: {failure}") from None
    except OSError as failure:
        raise NotSent(f"posting.acknowledgements: {type(failure).__name__}") from None
