"""Who calls, and with which scopes: beside what is sent stands what it means, written down by hand."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fhir_facade.keys import PatientKey
from fhir_facade.settings.model import Client
from fhir_facade.state.crosswalk import Known, Proxy
from tests.api.matrix import world
from tests.api.matrix.world import ANNA, BORIS, CHILD, NORA
from tests.bell.issuing import NOON

EVERY = "*"


@dataclass(frozen=True)
class Scope:
    """One scope of a text, as SMART means it.  ``only``: the one status that it is for; "void": it grants nothing."""

    level: str
    type: str
    letters: str
    only: str = ""


@dataclass(frozen=True)
class Registered:
    """A ``[[client]]``."""

    authorities: frozenset[str]
    features: frozenset[str]


@dataclass(frozen=True, eq=False)
class Who:
    """``claims`` go into the token; local Patients stand in them as keys.  None: there is no token.

    ``people``: whose records ``patient/`` and ``user/`` scopes are for, where the site shows any of them at all.
    """

    name: str
    claims: Mapping[str, Any] | None = field(default_factory=dict)
    people: frozenset[PatientKey] = frozenset()
    client: Registered | None = None
    text: str = ""
    scopes: tuple[Scope, ...] = ()

    def __str__(self) -> str:
        return f"{self.name} with {self.text or 'no scope'}"


def _both(level: str, type: str, only: str = "") -> Scope:
    return Scope(level, type, "rs", only)


ISSUED, DRAFT = _both("patient", "Invoice", "issued"), _both("patient", "Invoice", "draft")

# The scopes of a patient's token, and what is granted.
PATIENT_SCOPES: dict[str, tuple[Scope, ...]] = {
    "": (),
    "openid fhirUser launch/patient offline_access": (),
    "patient/*.rs": (_both("patient", EVERY),),
    "patient/*.read": (_both("patient", EVERY),),
    "patient/*.*": (_both("patient", EVERY),),
    "patient/*.cruds": (_both("patient", EVERY),),
    "patient/*.r": (Scope("patient", EVERY, "r"),),
    "patient/*.s": (Scope("patient", EVERY, "s"),),
    "patient/*.write": (),
    "patient/*.cud": (),
    "patient/*.sr": (),
    "patient/*.RS": (),
    "Patient/*.rs": (),
    "patient/*": (),
    "patient/.rs": (),
    "patient/Invoice.rs": (_both("patient", "Invoice"),),
    "patient/Invoice.read": (_both("patient", "Invoice"),),
    "patient/Invoice.r": (Scope("patient", "Invoice", "r"),),
    "patient/Invoice.s": (Scope("patient", "Invoice", "s"),),
    "patient/invoice.rs": (),
    "patient/InvoiceX.rs patient/Inv.rs": (),
    "patient/Account.rs patient/Observation.rs": (_both("patient", "Account"),),
    "patient/Appointment.r patient/Location.rs patient/Practitioner.s": (
        Scope("patient", "Appointment", "r"), _both("patient", "Location"), Scope("patient", "Practitioner", "s"),
    ),
    "patient/Location.rs patient/Practitioner.rs patient/Organization.rs": (
        _both("patient", "Location"), _both("patient", "Practitioner"), _both("patient", "Organization"),
    ),
    "patient/PaymentNotice.rs patient/Patient.r": (_both("patient", "PaymentNotice"), Scope("patient", "Patient", "r")),
    "user/*.rs": (_both("user", EVERY),),
    "user/Invoice.read": (_both("user", "Invoice"),),
    "system/*.rs": (),  # of a client that is not registered
    "system/*.rs patient/Account.r": (Scope("patient", "Account", "r"),),
    "patient/Invoice.rs?status=issued": (ISSUED,),
    "patient/Invoice.rs?status=issued patient/Practitioner.rs": (ISSUED, _both("patient", "Practitioner")),
    "patient/Invoice.rs?status=issued patient/Invoice.rs?status=draft": (ISSUED, DRAFT),
    "patient/Invoice.rs?status=issued&status=draft": (_both("patient", "Invoice", "both"),),
    "patient/Invoice.s?status=issued patient/Invoice.r": (
        Scope("patient", "Invoice", "s", "issued"), Scope("patient", "Invoice", "r"),
    ),
    "patient/*.rs?status=issued": (_both("patient", EVERY, "issued"),),
    "patient/Invoice.rs?colour=red patient/Account.rs": (_both("patient", "Account"),),
    "patient/Invoice.rs?status:foo=issued": (),
    "patient/Invoice.rs?status=issued&colour=red": (),
    "patient/Invoice.rs?status=": (),
    "patient/Invoice.read?status=issued": (),
    "patient/Invoice.rs?": (),
    "patient/Invoice.rs;system/*.rs": (),
    "unknown/Invoice.rs patient/Invoice.rs": (_both("patient", "Invoice"),),
}  # fmt: skip
FULL = ("patient/*.rs", "user/*.rs")

REALLY_ANNA = [ANNA, world.ANNA_AT_THE_CLINIC, *world.ANNA_ELSEWHERE]
PEOPLE = [Known("anna", key) for key in (*REALLY_ANNA, *world.ANNA_UNRELEASED)] + [
    Known(name, key)
    for name, key in (
        ("boris", BORIS), ("nora", NORA), ("child", CHILD), ("not the child", world.NOT_THE_CHILD),
        ("expired", world.EXPIRED), ("grown up", world.GROWN_UP), ("clinical", world.CLINICAL_ONLY),
    )
]  # fmt: skip
TODAY = NOON.date()
YESTERDAY = TODAY.replace(day=TODAY.day - 1)
EIGHTEEN_TODAY = TODAY.replace(year=TODAY.year - 18)
PROXIES = [
    Proxy("anna", "child", billing=True, expires=TODAY),
    Proxy("anna", "expired", billing=True, expires=YESTERDAY),
    Proxy("anna", "grown up", billing=True, until_age=18, birth_date=EIGHTEEN_TODAY),
    Proxy("anna", "clinical", billing=False),
    Proxy("sub:guardian", "child", billing=True),
    Proxy("sub:former guardian", "expired", billing=True, expires=YESTERDAY),
]
ANNAS = frozenset([*REALLY_ANNA, CHILD])

EVERYWHERE = frozenset(world.AUTHORITIES)
ALL_FEATURES = frozenset({"view", "download", "pay", "pending", "appointments", "prepay", "messages"})
CLIENTS = {
    "exchange": Registered(EVERYWHERE, ALL_FEATURES),
    "viewer": Registered(EVERYWHERE, frozenset({"view"})),
    "river": Registered(frozenset({"riverside", "harbor", "shut"}), frozenset({"view", "pending"})),
    "scheduler": Registered(EVERYWHERE, frozenset({"appointments"})),
    "asker": Registered(EVERYWHERE, frozenset({"messages"})),
    "idle": Registered(frozenset(), frozenset({"view"})),
    "featureless": Registered(EVERYWHERE, frozenset()),
}

# name → claims, whose records the token is for
SUBJECTS: dict[str, tuple[dict[str, Any], frozenset[PatientKey]]] = {
    "boris": ({"patient": BORIS}, frozenset({BORIS})),
    "nora": ({"patient": NORA}, frozenset({NORA})),
    "who is known next door": ({"patient": world.NUMBER_NEXT_DOOR}, frozenset({world.NUMBER_NEXT_DOOR})),
    "who is known next door, and boris": (
        {"patient": [world.NUMBER_NEXT_DOOR, BORIS]}, frozenset({world.NUMBER_NEXT_DOOR, BORIS}),
    ),
    "nora and boris": ({"patient": [NORA, BORIS]}, frozenset({NORA, BORIS})),
    "a guardian": ({"sub": "guardian"}, frozenset({CHILD})),
    "a former guardian": ({"sub": "former guardian"}, frozenset()),
    "anna, where nothing is released": ({"patient": world.ANNA_UNRELEASED[0]}, frozenset()),
    "anna, where all is disabled": ({"patient": world.ANNA_UNRELEASED[1]}, frozenset()),
    "a bare number": ({"patient": "1001"}, frozenset()),
    "nobody": ({}, frozenset()),
}  # fmt: skip
SYSTEM = {
    "system/*.rs": (_both("system", EVERY),),
    "system/*.r": (Scope("system", EVERY, "r"),),
    "system/Invoice.s": (Scope("system", "Invoice", "s"),),
    "system/*.rs?status=issued": (_both("system", EVERY, "issued"),),
    "patient/*.rs": (),  # of nobody
}


def registered() -> tuple[Client, ...]:
    """As the settings have them."""
    return tuple(
        Client(id, tuple(sorted(client.authorities)), tuple(sorted(client.features))) for id, client in CLIENTS.items()
    )


def everybody() -> Iterator[Who]:
    """Every caller of the matrix."""
    yield Who("nobody without a token", None)
    for text, scopes in PATIENT_SCOPES.items():
        yield Who("anna", {"patient": ANNA}, ANNAS, None, text, scopes)
    for name, (claims, people) in SUBJECTS.items():
        for text in FULL:
            yield Who(name, claims, people, None, text, PATIENT_SCOPES[text])
    for id, client in CLIENTS.items():
        for text, scopes in SYSTEM.items():
            yield Who(id, {"client_id": id}, frozenset(), client, text, scopes)
        for text in FULL:
            claims = {"client_id": id, "patient": ANNA}
            yield Who(f"anna by {id}", claims, ANNAS, client, text, PATIENT_SCOPES[text])
    yield Who("a stranger's client", {"client_id": "unknown", "sub": "exchange"}, frozenset(), None, "system/*.rs", ())
