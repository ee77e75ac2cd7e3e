"""Who it is, by IHE's cross-reference query.  https://profiles.ihe.net/ITI/PIXm/ITI-83.html

The profile has the consumer use GET; the operation is called by POST here, as FHIR allows for every operation
(https://hl7.org/fhir/R4/operations.html#request), because a number does not belong in a URL (ADR 14).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from fhir_facade.mpi.found import NOBODY, Found, Source, Systems
from fhir_facade.mpi.resources import Bundle, Identifier, OperationOutcome, Parameter, Parameters, read
from fhir_facade.mpi.server import Server
from fhir_facade.outgoing import Left
from fhir_facade.search import literal

OPERATION = "Patient/$ihe-pix"
UNKNOWN, UNKNOWN_SYSTEM = (404, "not-found"), (400, "code-invalid")  # sections 3.83.4.2.2.2 and 3.83.4.2.2.3


class Pix:
    """``undecided`` hears why an answer names nobody; ``today`` is the day on which identifiers must hold."""

    def __init__(
        self, server: Server, systems: Systems, undecided: Callable[[str], None], today: Callable[[], dt.date]
    ) -> None:
        self._server, self._systems, self._undecided, self._today = server, systems, undecided, today

    def found(self, source: Source, left: Left) -> Found:
        """The person that has it.  No ``targetSystem`` is sent: one that is unknown to the index would spoil it all."""
        if not source.system and not literal.is_id(source.value):
            return NOBODY
        answer = self._asked(source, left)
        if answer is None:
            self._undecided("the identifier system is not known")
        return self._person(source, answer) if answer else NOBODY

    def probe(self, source: Source, left: Left) -> str:
        return "" if self._asked(source, left) is not None else f"does not know the identifier system {source.system}"

    def _person(self, source: Source, answer: list[Parameter]) -> Found:
        """The answer does not repeat the identifier that was asked for."""
        identifiers = [each.valueIdentifier for each in answer if each.name == "targetIdentifier"]
        holding = [each for each in identifiers if each is not None and each.holds(self._today())]
        patients = {id for each in answer if each.name == "targetId" and (id := self._id(each)) is not None}
        own = Identifier(source.system, source.value)
        return self._systems.found([own, *holding], patients if source.system else {source.value})

    def _id(self, parameter: Parameter) -> str | None:
        found = literal.read(parameter.valueReference.reference) if parameter.valueReference else None
        return found.id if found and found.type == "Patient" and found.base in ("", self._server.base_url) else None

    def _asked(self, source: Source, left: Left) -> list[Parameter] | None:
        """The answer's parameters, none where the identifier is not known; None where its system is not."""
        name = source.token() if source.system else f"{self._server.base_url}|Patient/{source.value}"
        parameter = [{"name": "sourceIdentifier", "valueString": name}]
        asked = {"resourceType": "Parameters", "parameter": parameter}
        status, body = self._server.operate(OPERATION, asked, left)
        if status == 200 and (answer := read(body, Parameters)):
            return answer.parameter
        if status == 200 and (deleted := read(body, Bundle)) and not deleted.entry:  # section 3.83.4.2.2.5
            return []
        outcome = read(body, OperationOutcome)
        said = {(status, issue.code) for issue in outcome.issue} if outcome else set()
        if UNKNOWN in said:
            return []
        if UNKNOWN_SYSTEM in said:
            return None
        raise self._server.failed(OPERATION, f"answered {status}" + (" without Parameters" if status == 200 else ""))
