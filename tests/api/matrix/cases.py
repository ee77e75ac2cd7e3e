"""The interactions of the matrix: a request for each caller and target, and what is to be answered."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import NamedTuple
from urllib.parse import quote

from fhir_facade import wire
from fhir_facade.keys import PatientKey
from tests.api.matrix.callers import Who, everybody
from tests.api.matrix.oracle import forbidden, sees
from tests.api.matrix.site import Ask, Reply, Site
from tests.api.matrix.world import Fact, facts

PERSONAL = ("Invoice", "Account", "Appointment", "PaymentNotice")
TYPES = (*PERSONAL, "Patient", "Organization", "Location", "Practitioner")
CALLERS = tuple(everybody())
ALL_SEEING = next(who for who in CALLERS if str(who) == "exchange with system/*.rs")
REFUSED = 2  # targets of those who are refused whatever they name

# Byte for byte what everybody is told, whatever they named (fhir-contract.md §5).
_OUTCOME = '{{"resourceType":"OperationOutcome","issue":[{{"severity":"error","code":"{}","diagnostics":"{}"}}]}}'
BODIES = {
    401: _OUTCOME.format("login", "A bearer token is needed.").encode(),
    403: _OUTCOME.format("forbidden", "Your authorization does not include this.").encode(),
    404: _OUTCOME.format("not-found", "No such resource.").encode(),
}


class Answer(NamedTuple):
    """What the matrix is about.  ``ids`` of a searchset's entries, or of the one resource; ``body`` of refusals."""

    status: int
    ids: frozenset[str] = frozenset()
    total: int | None = None
    body: bytes = b""


class Case(NamedTuple):
    """One cell."""

    who: Who
    target: Fact
    ask: Ask
    wanted: Answer


Reading = Callable[[Site, Fact], Ask]
Naming = Callable[[Site, Fact], str]


def _etag(site: Site, fact: Fact) -> str:
    """As somebody knows it who may see it; where nobody may, the tag that fits everything."""
    return site.send(Ask("GET", f"{fact.type}/{site.id(fact)}"), ALL_SEEING).headers.get("ETag", "*")


READS: dict[str, tuple[Reading, int]] = {
    "read": (lambda site, fact: Ask("GET", f"{fact.type}/{site.id(fact)}"), 200),
    "HEAD": (lambda site, fact: Ask("HEAD", f"{fact.type}/{site.id(fact)}"), 200),
    "conditional read": (
        lambda site, fact: Ask("GET", f"{fact.type}/{site.id(fact)}", {"IF_NONE_MATCH": _etag(site, fact)}), 304,
    ),
}  # fmt: skip


def _patient(site: Site, fact: Fact) -> str:
    name = "actor" if fact.type == "Appointment" else "patient"
    return f"{name}=Patient/{site.patient(PatientKey(fact.authority, fact.patient))}"


# What a search names, and by which fields of a fact it finds.
NAMINGS: dict[str, tuple[Naming, Callable[[Fact], object]]] = {
    "_id": (lambda site, fact: f"_id={site.id(fact)}", lambda fact: fact),
    "identifier": (lambda site, fact: f"identifier={quote(site.identifier(fact))}", lambda fact: fact),
    "patient": (_patient, lambda fact: (fact.authority, fact.patient)),
    "nothing": (lambda _site, _fact: "", lambda _fact: None),
}
WAYS: dict[str, Callable[[str, str], Ask]] = {
    "search by": lambda type, named: Ask("GET", f"{type}?_count=200&{named}"),
    "POST _search by": lambda type, named: Ask("POST", f"{type}/_search", body=f"_count=200&{named}"),
    "HEAD search by": lambda type, named: Ask("HEAD", f"{type}?_count=200&{named}"),
    "count by": lambda type, named: Ask("GET", f"{type}?_summary=count&{named}"),
}
SEARCHES = [
    *(f"search by {naming}" for naming in NAMINGS),
    *(f"{way} by {naming}" for way in ("POST _search", "count") for naming in ("patient", "nothing")),
    "HEAD search by patient",
    "HEAD search by nothing",
]


def interactions(type: str) -> list[str]:
    """Those that a type has: only patients' own records are searched by patient."""
    return [*READS, *(each for each in SEARCHES if type in PERSONAL or not each.endswith(" patient"))]


def cases(site: Site, type: str, interaction: str) -> Iterator[Case]:
    """Every cell of one type and interaction."""
    return (_reads if interaction in READS else _searches)(site, type, interaction)


def _reads(site: Site, type: str, interaction: str) -> Iterator[Case]:
    request, good = READS[interaction]
    asks = [(fact, request(site, fact)) for fact in _targets(type)]
    for who in CALLERS:
        refusal = _refusal(who, type, "r")
        for fact, ask in asks[:REFUSED] if refusal else asks:
            found = Answer(good, frozenset({site.id(fact)})) if sees(who, fact, "r") else Answer(404)
            yield Case(who, fact, ask, _as_sent(refusal or found, ask))


def _searches(site: Site, type: str, interaction: str) -> Iterator[Case]:
    way, _, named = interaction.rpartition(" ")
    naming, of = NAMINGS[named]
    targets = list({of(fact): fact for fact in _targets(type)}.values())
    asks = [(fact, WAYS[way](type, naming(site, fact))) for fact in targets]
    for who in CALLERS:
        refusal = _refusal(who, type, "s")
        seen = [fact for fact in facts(type) if not refusal and sees(who, fact, "s")]
        for fact, ask in asks[:REFUSED] if refusal else asks:
            ids = frozenset(site.id(each) for each in seen if of(each) == of(fact))
            found = Answer(200, frozenset() if way.startswith("count") else ids, len(ids))
            yield Case(who, fact, ask, _as_sent(refusal or found, ask))


def _targets(type: str) -> list[Fact]:
    """Everything that there could be, and what is nowhere."""
    if type == "Organization":
        return [*facts(type), Fact(type, "nowhere", "urn:oid:2.999.nowhere")]
    return [*facts(type), Fact(type, "clinic", "4711", patient="4711" if facts(type)[0].patient else "")]


def _refusal(who: Who, type: str, letter: str) -> Answer | None:
    if who.claims is None:
        return Answer(401)
    return Answer(403) if forbidden(who, type, letter) else None


def _as_sent(wanted: Answer, ask: Ask) -> Answer:
    """HEAD has no body, and a refusal the one that everybody gets."""
    if ask.method == "HEAD" or wanted.status == 304:
        return Answer(wanted.status)
    return wanted._replace(body=BODIES.get(wanted.status, b""))


def difference(site: Site, case: Case) -> str:
    """What is wrong with what is answered; empty where nothing is."""
    reply = site.send(case.ask, case.who)
    told, wanted = _told(reply), case.wanted
    sent = case.ask.path + case.ask.body
    wrong = [f"mentions {name}" for name, text in site.strangers(case.who) if _says(reply.body, text, sent)]
    wrong += [f"shows {site.name(id)}" for id in told.ids - wanted.ids]
    wrong += [f"hides {site.name(id)}" for id in wanted.ids - told.ids]
    for name, was, is_wanted in zip(Answer._fields, told, wanted, strict=True):
        if was != is_wanted and name != "ids":
            wrong.append(f"{name} {was!r}, not {is_wanted!r}")
    return f"{case.who}: {case.ask.method} {case.target}: {'; '.join(wrong)}" if wrong else ""


def _says(body: bytes, text: str, sent: str) -> bool:
    return text.encode() in body and text not in sent


def _told(reply: Reply) -> Answer:
    if reply.status != 200 or not reply.body:
        return Answer(reply.status, body=reply.body)
    body = wire.decode(reply.body)
    if body["resourceType"] != "Bundle":
        return Answer(200, frozenset({body["id"]}))
    entries = [(entry["search"]["mode"], entry["resource"].get("id", "")) for entry in body.get("entry", ())]
    ids = frozenset(id if mode == "match" else mode for mode, id in entries)
    return Answer(200, ids, body.get("total"))
