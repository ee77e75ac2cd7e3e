"""What a check found of a site, as tables and as JSON."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.text import Text

from fhir_facade.backends.port import Probe
from fhir_facade.cli import parts
from fhir_facade.cli.gateways import TriedGateway
from fhir_facade.cli.report import BAD, DISABLED, GOOD, outcome, table
from fhir_facade.cli.trial import Tried
from fhir_facade.settings.model import AssigningAuthority, Settings

Row = tuple[str | Text, ...]
PROBES = ("billing system", "type", "endpoint", "outcome", "detail")
PEOPLE = ("endpoint", "outcome", "detail")
GATEWAYS = ("gateway", "type", "outcome", "detail")
AUTHORITIES = ("id", "name", "identifier system", "billing system", "selects", "switches that are on")


@dataclass(frozen=True)
class Overview:
    """``faults`` and failed endpoints make a site wrong; ``notes`` do not.

    ``people``: of the person index, if any; ``gateways``: each one's trial.
    """

    settings: Settings
    tried: Sequence[Tried]
    people: Sequence[Probe] = ()
    gateways: Sequence[TriedGateway] = ()

    @property
    def faults(self) -> list[str]:
        return [sentence for each in self.tried for sentence in parts.not_there(each, self.settings.authorities)]

    @property
    def notes(self) -> list[str]:
        empty = [] if self.settings.released() else ["no assigning authority is released: clients see nothing"]
        return empty + [sentence for each in self.tried for sentence in parts.notes(each, self.settings.authorities)]

    @property
    def ok(self) -> bool:
        alone = (*self.people, *(each.probe for each in self.gateways))
        return not self.faults and all(each.ok for each in self.tried) and all(probe.ok for probe in alone)

    def show(self, to: Console) -> None:
        """The tables, the sentences, and the verdict."""
        to.print(table("Billing systems", PROBES, self._probe_rows()))
        to.print(table("Assigning authorities", AUTHORITIES, self._authority_rows()))
        if self.people:
            to.print(table("Person index", PEOPLE, self._people_rows()))
        if self.gateways:
            to.print(table("Payment gateways", GATEWAYS, self._gateway_rows()))
        for style, sentences in ((BAD, self.faults), ("yellow", self.notes)):
            for sentence in sentences:
                to.print(Text(sentence, style), soft_wrap=True)
        to.print(Text("all is well", GOOD) if self.ok else Text("not all is well", BAD))

    def plain(self) -> dict[str, Any]:
        """The same for ``--json``."""
        probes = {each.system.name: list(map(dataclasses.asdict, each.probes)) for each in self.tried}
        systems = [
            {"name": it.name, "type": it.type, "enabled": it.enabled, "endpoints": probes.get(it.name, [])}
            for it in self.settings.billing_systems
        ]
        return {
            "ok": self.ok,
            "digest": self.settings.digest,
            "faults": self.faults,
            "notes": self.notes,
            "billing_systems": systems,
            "people": list(map(dataclasses.asdict, self.people)),
            "gateways": [
                {"name": each.gateway.name, "type": each.gateway.type, **dataclasses.asdict(each.probe)}
                for each in self.gateways
            ],
            "assigning_authorities": list(map(self._plain_authority, self.settings.authorities)),
        }

    def _probe_rows(self) -> Iterator[Row]:
        tried = {each.system.name: each for each in self.tried}
        for system in self.settings.billing_systems:
            probes = tried[system.name].probes if system.name in tried else (Probe("", DISABLED),)
            for index, probe in enumerate(probes):
                first = (system.name, system.type) if index == 0 else ("", "")
                yield *first, probe.endpoint, outcome(probe), probe.detail

    def _people_rows(self) -> Iterator[Row]:
        return ((probe.endpoint, outcome(probe), probe.detail) for probe in self.people)

    def _gateway_rows(self) -> Iterator[Row]:
        for each in self.gateways:
            yield each.gateway.name, each.gateway.type, outcome(each.probe), each.probe.detail

    def _authority_rows(self) -> Iterator[Row]:
        disabled = {system.name for system in self.settings.billing_systems if not system.enabled}
        for it in self.settings.authorities:
            system = it.billing_system + (" (disabled)" if it.billing_system in disabled else "")
            selects = "; ".join(f"{key} {', '.join(sorted(values))}" for key, values in it.select.items())
            switches = ", ".join(sorted(it.switches())) or "none"
            yield it.id, it.name, it.system, system, selects or "everything", switches

    def _plain_authority(self, authority: AssigningAuthority) -> dict[str, Any]:
        return {
            "id": authority.id,
            "name": authority.name,
            "system": authority.system,
            "billing_system": authority.billing_system,
            "select": {key: sorted(values) for key, values in authority.select.items()},
            "switches": sorted(authority.switches()),
            "released": authority in self.settings.released(),
        }
