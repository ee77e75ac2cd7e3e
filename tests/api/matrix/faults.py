"""The facade of the matrix with one fault in what decides, each of them one that somebody could make."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from functools import lru_cache
from typing import Any

from fhir_facade.desk.visible import Visible
from fhir_facade.door.app import create_app
from fhir_facade.errors import Forbidden
from fhir_facade.files.resource import Resource
from fhir_facade.guard.caller import Caller
from fhir_facade.guard.decision import Allowed, Grant, Guard
from fhir_facade.guard.scopes import Scope
from fhir_facade.hall.hall import Hall
from fhir_facade.keys import PatientKey
from fhir_facade.state.crosswalk import Known
from tests.api.conftest import BASE
from tests.api.matrix.callers import PEOPLE, PROXIES
from tests.api.matrix.site import Site
from tests.api.matrix.world import NUMBER_NEXT_DOOR

Fault = Callable[[Site, ExitStack], Hall]


class OfAnyAuthority(Grant):
    """Admits without regard to the authority."""

    def admits(self, resource: Resource) -> bool:
        return Grant(frozenset({resource.authority}), self.patients, self.conditions).admits(resource)


class OfAnybody(Grant):
    """Admits without regard to the patient."""

    def admits(self, resource: Resource) -> bool:
        return Grant(self.authorities, None, self.conditions).admits(resource)


class Unconditional(Grant):
    """Admits without regard to the scope's conditions."""

    def admits(self, resource: Resource) -> bool:
        return Grant(self.authorities, self.patients).admits(resource)


class AskingAboutAnybody(Grant):
    """Lets ask about whom it does not admit."""

    def names(self, patient: PatientKey) -> bool:
        return True


class Granting(Guard):
    """With grants of another make."""

    def __init__(self, sound: Guard, make: type[Grant]) -> None:
        super().__init__(sound.released, BASE)
        self._make = make

    def _decide(self, caller: Caller, type: str, letter: str) -> Allowed:
        grants = super()._decide(caller, type, letter).grants
        return Allowed(tuple(self._make(each.authorities, each.patients, each.conditions) for each in grants))


class TakingReadForSearch(Guard):
    """``.r`` grants what ``.s`` does."""

    def _decide(self, caller: Caller, type: str, letter: str) -> Allowed:
        try:
            return super()._decide(caller, type, letter)
        except Forbidden:
            return super()._decide(caller, type, "r")


class ShowingDrafts(Guard):
    """Clients without the feature ``pending`` see drafts, too."""

    def _without_pending(self, caller: Caller, type: str) -> tuple[Any, ...]:
        return ()


class TakingWhatItUnderstands(Guard):
    """Conditions that cannot be evaluated are left out, instead of the scope."""

    def _of(self, scope: Scope, caller: Caller, type: str) -> Iterable[Grant]:
        sound = [*super()._of(scope, caller, type)]
        return sound or super()._of(scope._replace(conditions=()), caller, type)


class TakingEveryScope(Guard):
    """Any type's scope is for every type."""

    def _decide(self, caller: Caller, type: str, letter: str) -> Allowed:
        scopes = None if caller.scopes is None else tuple(each._replace(type="*") for each in caller.scopes)
        return super()._decide(replace(caller, scopes=scopes), type, letter)


class Showing(Visible):
    """Places and practitioners that no visible record names."""

    def narrows(self, type: str, allowed: Allowed) -> bool:
        return False


def guarded(guard: Callable[[Guard], Guard]) -> Fault:
    """With another guard."""

    def made(site: Site, _: ExitStack) -> Hall:
        hall = site.facade.house.hall
        other = guard(hall.reader.guard)
        visible = replace(hall.reader.visible, guard=other)
        return replace(
            hall,
            reader=replace(hall.reader, guard=other, visible=visible),
            searcher=replace(hall.searcher, guard=other, visible=visible),
        )

    return made


def showing(site: Site, _: ExitStack) -> Hall:
    """With another eye for places and practitioners."""
    hall = site.facade.house.hall
    sound = hall.reader.visible
    visible = Showing(sound.guard, sound.finder, sound.cabinet)
    return replace(hall, reader=replace(hall.reader, visible=visible), searcher=replace(hall.searcher, visible=visible))


def calling(change: Callable[[Caller], Caller]) -> Fault:
    """With callers who are taken for others than they are."""
    changed = lru_cache(maxsize=None)(change)

    def made(site: Site, _: ExitStack) -> Hall:
        hall = site.facade.house.hall
        return replace(hall, identify=lambda request: changed(hall.identify(request)))

    return made


def knowing(people: Iterable[Known] = PEOPLE, **held: Any) -> Fault:
    """With people who are known by more numbers, or proxies whose rows are taken as if this stood in them."""

    def made(site: Site, opened: ExitStack) -> Hall:
        opened.callback(site.know, PEOPLE, PROXIES)
        site.know(people, [each._replace(**held) for each in PROXIES])
        return site.facade.house.hall

    return made


FAULTS: dict[str, Fault] = {
    "any authority's records are admitted": guarded(lambda sound: Granting(sound, OfAnyAuthority)),
    "anybody's records are admitted": guarded(lambda sound: Granting(sound, OfAnybody)),
    "conditions are not held against records": guarded(lambda sound: Granting(sound, Unconditional)),
    "scopes with unknown conditions count without them": guarded(
        lambda sound: TakingWhatItUnderstands(sound.released, BASE)
    ),
    "reading is searching": guarded(lambda sound: TakingReadForSearch(sound.released, BASE)),
    "a scope is for every type": guarded(lambda sound: TakingEveryScope(sound.released, BASE)),
    "drafts are shown without the feature": guarded(lambda sound: ShowingDrafts(sound.released, BASE)),
    "places are shown to everybody": showing,
    "a client's authorities are ignored": calling(lambda caller: replace(caller, authorities=None)),
    "a client's features are ignored": calling(lambda caller: replace(caller, features=None)),
    "every client is a registered one": calling(lambda caller: replace(caller, client=True)),
    "scopes bind nobody": calling(lambda caller: replace(caller, scopes=None)),
    "a number is the same person next door": knowing([*PEOPLE, Known("anna", NUMBER_NEXT_DOOR)]),
    "proxies do not expire": knowing(expires=None),
    "proxies have no age limit": knowing(until_age=None),
    "proxies need no billing flag": knowing(billing=True),
    "an age limit holds a year longer": knowing(until_age=19),
}
# This one changes no answer: what it asks of billing systems for nothing is all that tells it.
CURIOUS = guarded(lambda sound: Granting(sound, AskingAboutAnybody))


@contextmanager
def broken(site: Site, fault: Fault) -> Iterator[Site]:
    """The site with a fault, and without it again."""
    with ExitStack() as opened:
        hall = fault(site, opened)
        site.app = create_app(hall.answer, hall.answer, BASE)
        try:
            yield site
        finally:
            site.app = site.facade.house.app
