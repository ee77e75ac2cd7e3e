"""``facade.toml`` to ``Settings``, or all of its faults at once."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any

from fhir_facade.settings import build
from fhir_facade.settings.backends import Backends, Gateways
from fhir_facade.settings.defaults import with_defaults
from fhir_facade.settings.digest import digest
from fhir_facade.settings.document import Document, has, value_at
from fhir_facade.settings.faults import BadSettings, Finding, KeyPath
from fhir_facade.settings.judge import facade_schema, judged
from fhir_facade.settings.model import Settings
from fhir_facade.settings.reading import read
from fhir_facade.settings.rules import broken
from fhir_facade.settings.rules.site import Site
from fhir_facade.settings.secrets import resolved

INSTALLED = Backends()
INSTALLED_GATEWAYS = Gateways()


def load(
    path: Path,
    *,
    environ: Mapping[str, str] = os.environ,
    backends: Backends = INSTALLED,
    gateways: Gateways = INSTALLED_GATEWAYS,
) -> Settings:
    """The settings of a file and of those that it includes.  Raises ``BadSettings`` with every fault that is found."""
    written, misplaced = read(path)
    document = with_defaults(written)
    values, missing = resolved(document, environ)
    unformed = [*misplaced, *missing, *_without_echoes(judged(values, facade_schema()), missing)]
    clean = _pruned(values, unformed)
    findings = [*unformed, *_without_echoes(broken(_site(document, clean, backends, gateways)), unformed)]
    if findings:
        raise BadSettings(document.fault(finding) for finding in findings)
    return build.settings(values, digest(written))


def _site(document: Document, values: dict[str, Any], backends: Backends, gateways: Gateways) -> Site:
    def place(path: KeyPath) -> str:
        found = document.place(path)
        return f"{found.file}:{found.line}"

    return Site(values, backends, place, gateways)


def _without_echoes(findings: Iterable[Finding], earlier: Iterable[Finding]) -> list[Finding]:
    """The findings that would still be there once the earlier ones, and the misspellings among them, are mended."""
    found = list(findings)
    spoiled = {finding.path for finding in earlier}
    spoiled |= {path for finding in [*earlier, *found] for path in finding.stands_for}
    return [it for it in found if not any(_touches(path, spoiled) for path in (it.path, *it.rests_on))]


def _touches(path: KeyPath, spoiled: set[KeyPath]) -> bool:
    """True if the value, one that it is in, or one that is in it, is spoiled."""
    return any(path[: len(other)] == other[: len(path)] for other in spoiled)


def _pruned(values: dict[str, Any], findings: Iterable[Finding]) -> dict[str, Any]:
    """A copy without the values that were found wrong; in a list, None takes their place."""
    clean = deepcopy(values)
    for *above, last in (finding.path for finding in findings):
        if has(clean, (*above, last)):
            holder = value_at(clean, tuple(above))
            if isinstance(holder, list):
                holder[int(last)] = None
            else:
                del holder[last]
    return clean
