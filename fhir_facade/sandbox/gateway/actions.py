"""What a patient can do on the demo gateway's page, and how the facade hears of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import NamedTuple

from fhir_facade.gateways.port import Outcome
from fhir_facade.sandbox.gateway.notices import Notice, Notices
from fhir_facade.sandbox.gateway.sessions import Hosted, Sessions

Tell = Callable[[Notices, Notice], None]


class Action(NamedTuple):
    """``does``: to the session, False where it had ended; ``tells``: what is sent, and when."""

    label: str
    does: Callable[[Sessions, str], bool]
    tells: Tell


def _not_at_all(notices: Notices, notice: Notice) -> None:
    return


def _at_once(notices: Notices, notice: Notice) -> None:
    notices.send(notice)


def _late(notices: Notices, notice: Notice) -> None:
    notices.hold(notice)


def _twice(notices: Notices, notice: Notice) -> None:
    notices.send(notice, notice)


def _out_of_order(notices: Notices, notice: Notice) -> None:
    """The word of an earlier try, which was declined, comes after the one that money was taken."""
    earlier = replace(notice.result, outcome=Outcome.DECLINED, amount=None, currency="")
    notices.send(notice, notices.made(notice.url, earlier))


def _nothing(sessions: Sessions, session: str) -> bool:
    return False


ACTIONS: Mapping[str, Action] = {
    "pay": Action("Pay", Sessions.pay, _at_once),
    "decline": Action("Have the card declined", Sessions.decline, _at_once),
    "abandon": Action("Leave without paying", _nothing, _not_at_all),
    "pay-late": Action("Pay, and notify late", Sessions.pay, _late),
    "pay-twice": Action("Pay, and notify twice", Sessions.pay, _twice),
    "pay-out-of-order": Action("Pay, and notify out of order", Sessions.pay, _out_of_order),
    "pay-silently": Action("Pay, and never notify", Sessions.pay, _not_at_all),
}


def act(name: str, hosted: Hosted, sessions: Sessions, notices: Notices) -> None:
    """Do what the patient chose; a session that has ended stays as it is.  ``KeyError`` for no such action."""
    action = ACTIONS[name]
    if action.does(sessions, hosted.session):
        action.tells(notices, notices.made(hosted.notify_url, hosted.standing()))
