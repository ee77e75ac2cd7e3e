"""Posters with one fault each, and the behaviours that must notice it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from fhir_facade.backends.memory_posting import MemoryPoster
from fhir_facade.backends.port import Probe
from fhir_facade.backends.posting import Declined, Posting, Told, Unsure, Verdict
from fhir_facade.errors import Unreachable

FAULTS: dict[type[MemoryPoster], str] = {}
CENT = Decimal("0.01")


def noticed_by(behaviours: str) -> Callable[[type[MemoryPoster]], type[MemoryPoster]]:
    """The behaviours, by number, that this poster must fail."""

    def note(poster: type[MemoryPoster]) -> type[MemoryPoster]:
        FAULTS[poster] = behaviours
        return poster

    return note


@noticed_by("8a 8f 10a")
class Forgetful(MemoryPoster):
    """Never finds anything."""

    def found(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        return Told(Verdict.UNDECIDED)


@noticed_by("8b 8d 8e")
class Gullible(MemoryPoster):
    """Takes everything for posted."""

    def found(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        return Told(Verdict.POSTED)


@noticed_by("8c 8g")
class Repeating(MemoryPoster):
    """Books each telling."""

    def tell(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        self.told.pop(posting.payment, None)
        return super().tell(posting, snapshot)


@noticed_by("8d")
class Rounding(MemoryPoster):
    """Compares the sum, and that in whole dollars."""

    def found(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        known = self.told.get(posting.payment)
        same = known is not None and round(known.amount) == round(posting.amount)
        return Told(Verdict.POSTED if same else Verdict.ABSENT)


@noticed_by("8e")
class ByAmount(MemoryPoster):
    """Takes a payment of the same amounts for this one."""

    def found(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        same = any(known.bills == posting.bills and known.visit == posting.visit for known in self.told.values())
        return Told(Verdict.POSTED) if same else super().found(posting, snapshot)


@noticed_by("8f")
class Assuming(MemoryPoster):
    """Takes a lost answer for a refusal."""

    def tell(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        try:
            return super().tell(posting, snapshot)
        except Unsure:
            raise Declined("no answer") from None


@noticed_by("9a 8c 8f")
class Floating(MemoryPoster):
    """Books a cent less of the first bill, as a rounded amount would."""

    def _record(self, posting: Posting) -> None:
        first, *_ = posting.bills or [""]
        if first and posting.payment not in self.told:
            bills = {**posting.bills, first: posting.bills[first] - CENT}
            super()._record(replace(posting, bills=bills, amount=posting.amount - CENT))
            self.told[posting.payment] = posting
        else:
            super()._record(posting)


@noticed_by("9a 9b")
class Lumping(MemoryPoster):
    """Books the sum, for nothing in particular."""

    def _show(self, posting: Posting) -> None:
        super()._show(replace(posting, bills={}, visit="", visit_amount=Decimal(0), other=posting.amount))


@noticed_by("9b")
class Visitless(MemoryPoster):
    """Forgets which visit it was for."""

    def _show(self, posting: Posting) -> None:
        super()._show(
            replace(posting, visit="", visit_amount=Decimal(0), other=posting.amount) if posting.visit else posting
        )


@noticed_by("9c")
class Keeping(MemoryPoster):
    """Loses what is for neither bill nor visit."""

    def _show(self, posting: Posting) -> None:
        super()._show(replace(posting, amount=posting.amount - posting.other, other=Decimal(0)))


@noticed_by("9d")
class Misdirecting(MemoryPoster):
    """Books it for Boris, too."""

    def _show(self, posting: Posting) -> None:
        super()._show(posting)
        boris = posting.patient._replace(value="1002")
        super()._show(
            replace(posting, patient=boris, bills={"9311": posting.amount}, visit="", visit_amount=Decimal(0))
        )


@noticed_by("9e")
class Misnumbering(MemoryPoster):
    """Gives another number than that of the payment."""

    def tell(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        return replace(super().tell(posting, snapshot), external="batch-7")


@noticed_by("9f")
class Trusting(MemoryPoster):
    """Asks nobody whose bill it is."""

    def _refuse_strangers(self, posting: Posting) -> None:
        """All bills are fine."""

    def _show(self, posting: Posting) -> None:
        own = {number: amount for number, amount in posting.bills.items() if number != "9311"}
        super()._show(replace(posting, bills=own))


@noticed_by("9g")
class Uncounting(MemoryPoster):
    """Adds nothing up."""

    def tell(self, posting: Posting, snapshot: Mapping[str, Any]) -> Told:
        amount = sum(posting.bills.values(), posting.visit_amount + posting.other)
        return super().tell(replace(posting, amount=amount), snapshot)


@noticed_by("10a")
class Rich(MemoryPoster):
    """Has amounts in its snapshot that JSON has not."""

    def snapshot(self, posting: Posting) -> Mapping[str, Any]:
        return {"due": posting.amount}


@noticed_by("10b 8c")
class Hasty(MemoryPoster):
    """Tells when it is asked for a snapshot."""

    def snapshot(self, posting: Posting) -> Mapping[str, Any]:
        self._show(posting)
        return {}


@noticed_by("10c")
class Raw(MemoryPoster):
    """Says in words of its own that nobody answered."""

    def _answer(self) -> None:
        if self.silent:
            raise Unreachable("connection refused")


@noticed_by("10d")
class Misfit(MemoryPoster):
    """Does not take the settings that its schema takes."""

    def fits(self, posting: Mapping[str, Any]) -> Iterable[Probe]:
        return [Probe("posting", "misconfigured")]
