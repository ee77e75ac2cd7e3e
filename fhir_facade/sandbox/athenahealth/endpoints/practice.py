"""The practice itself: ping, practice data, departments, providers, card methods (reference 1, 8.5)."""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

from fhir_facade.sandbox.athenahealth.answers import NO_SUCH_ID, Refusal
from fhir_facade.sandbox.athenahealth.ask import Ask
from fhir_facade.sandbox.athenahealth.forms import integer, present
from fhir_facade.sandbox.athenahealth.pages import page
from fhir_facade.sandbox.athenahealth.practice import Department, Provider

_CARDS = ["DS", "MC", "VI"]


def ping(ask: Ask) -> dict[str, Any]:
    """``{"pong":"true"}``."""
    return {"pong": ask.forms.quoted_flag(True)}


def practiceinfo(ask: Ask) -> dict[str, Any]:
    """One practice, in an envelope."""
    return page(ask, "practiceinfo", [ask.practice.name], lambda name: _practice(ask, name))


def departments(ask: Ask) -> dict[str, Any]:
    """All departments but those hidden in the portal; those, too, with ``showalldepartments``."""
    shown = [each for each in ask.practice.departments.values() if ask.flag("showalldepartments") or not each.hidden]
    return page(ask, "departments", shown, lambda each: _department(ask, each))


def department(ask: Ask) -> list[dict[str, Any]]:
    """A one-element array."""
    known = ask.practice.departments.get(ask.number)
    if known is None:
        raise Refusal(NO_SUCH_ID)
    return [_department(ask, known)]


def providers(ask: Ask) -> dict[str, Any]:
    """All providers."""
    return page(ask, "providers", list(ask.practice.providers.values()), _provider)


def provider(ask: Ask) -> list[dict[str, Any]]:
    """A one-element array."""
    known = ask.practice.providers.get(ask.number)
    if known is None:
        raise Refusal(NO_SUCH_ID)
    return [_provider(known)]


def card_methods(ask: Ask) -> dict[str, Any]:
    """What ``recordpayment`` takes for cards that athenahealth did not charge."""
    rows = list(ask.practice.card_methods.items())
    return page(ask, "paymentmethods", rows, lambda row: {"name": row[1], "paymentmethod": row[0]})


def _practice(ask: Ask, name: str) -> dict[str, Any]:
    return {
        "practiceid": ask.forms.quoted(ask.practice.number),
        "name": name,
        "golivedate": "09/14/2015",
        "hasclinicals": True,
        "hascollector": True,
        "hascommunicator": True,
        "publicnames": [name],
        "experiencemode": "STREAMLINEDONLY",
    }


def _department(ask: Ask, known: Department) -> dict[str, Any]:
    forms, cards = ask.forms, _CARDS if known.takes_cards else None
    standard, now = _hours(known, ask.world.now())
    return present(
        departmentid=forms.quoted(known.number),
        name=known.name,
        patientdepartmentname=known.name,
        providergroupid=forms.quoted(known.group),
        providergroupname=ask.practice.groups.get(known.group),
        creditcardtypes=cards,
        ecommercecreditcardtypes=cards,
        singleappointmentcontractmax="3000",
        oneyearcontractmax="1500",
        timezonename=known.zone,
        timezoneoffset=standard,
        timezone=now,
        doesnotobservedst=forms.quoted_flag(not known.observes_dst),
        servicedepartment=True,
        address=known.address,
        city=known.city,
        state=known.state,
        zip=known.zip,
        phone=known.phone,
        placeofservicetypeid=forms.quoted(11),
        placeofservicetypename="OFFICE",
    )


def _hours(known: Department, now: dt.datetime) -> tuple[int | None, int | None]:
    """The offset of standard time and the one now, in hours."""
    if known.zone is None:
        return None, None
    local = now.astimezone(ZoneInfo(known.zone))
    offset, saving = local.utcoffset() or dt.timedelta(), local.dst() or dt.timedelta()
    standard = (offset - saving) // dt.timedelta(hours=1)
    return standard, offset // dt.timedelta(hours=1) if known.observes_dst else standard


def _provider(known: Provider) -> dict[str, Any]:
    """``providerid`` and ``npi`` bare, the groups quoted."""
    return present(
        providerid=integer(known.number),
        firstname=known.first,
        lastname=known.last,
        displayname=known.display,
        npi=integer(known.npi),
        specialty=known.specialty,
        providertype=known.type,
        entitytype="Person",
        billable=True,
        providergrouplist=list(known.groups),
    )
