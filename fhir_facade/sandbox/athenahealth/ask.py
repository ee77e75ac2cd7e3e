"""A call as an endpoint sees it: who asks, for what, and the parameters, whose names have no case."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field

from fhir_facade.sandbox.athenahealth.answers import Refusal, missing, not_expected
from fhir_facade.sandbox.athenahealth.calls import Call
from fhir_facade.sandbox.athenahealth.forms import Forms, ProperForms
from fhir_facade.sandbox.athenahealth.practice import Practice
from fhir_facade.sandbox.athenahealth.world import World

_YES = frozenset({"true", "y", "yes", "1"})


@dataclass(frozen=True)
class Ask:
    """One call.  ``number`` is the path's ``{id}``, ``vendor`` and ``payment`` those of pay vendors' paths.

    ``largest_page`` bounds pages below their ``limit``; ``revoke_token`` ends the call's token before it is judged.
    """

    world: World
    call: Call
    number: str = ""
    vendor: str = ""
    payment: str = ""
    authorization: str = ""
    form: Mapping[str, str] = field(default_factory=dict)
    largest_page: int | None = None
    revoke_token: bool = False

    @property
    def practice(self) -> Practice:
        """The practice of the path, known to exist by the time an endpoint runs."""
        return self.world.practice(self.call.practice or "")

    @property
    def forms(self) -> Forms:
        """How this practice writes scalars."""
        return ProperForms() if self.practice.proper_json else Forms()

    @property
    def token(self) -> str:
        """The bearer token, or nothing."""
        scheme, _, token = self.authorization.partition(" ")
        return token if scheme.lower() == "bearer" else ""

    def text(self, name: str) -> str | None:
        """A parameter as text; empty is none."""
        return self.call.query.get(name) or None

    def flag(self, name: str, default: bool = False) -> bool:
        """A parameter as a switch: ``true`` or ``Y``."""
        value = self.text(name)
        return default if value is None else value.lower() in _YES

    def integer(self, name: str, default: int) -> int:
        """A parameter as a number that is not negative; else 400."""
        value = self.text(name)
        if value is None:
            return default
        if not value.isdigit():
            raise Refusal(not_expected("integer", value))
        return int(value)

    def day(self, name: str) -> dt.date | None:
        """A parameter ``MM/DD/YYYY`` as a date; else 400."""
        value = self.text(name)
        if value is None:
            return None
        try:
            return dt.datetime.strptime(value, "%m/%d/%Y").replace(tzinfo=dt.UTC).date()
        except ValueError:
            raise Refusal(not_expected("date", value)) from None

    def require_fields(self, *names: str) -> None:
        """400 with the names of the form's fields that are not there."""
        absent = [name for name in names if not self.form.get(name)]
        if absent:
            raise Refusal(missing(*absent))

    def require(self, *names: str) -> None:
        """400 with the names of the parameters that are not there."""
        absent = [name for name in names if self.text(name) is None]
        if absent:
            raise Refusal(missing(*absent))
