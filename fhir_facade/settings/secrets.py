"""``env:NAME`` and ``file:PATH``: texts that are kept outside the settings file."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fhir_facade.settings.document import Document, walk
from fhir_facade.settings.faults import Finding, KeyPath
from fhir_facade.settings.quoting import REFERENCE


class Missing(Exception):
    """A reference that names nothing; the text says what."""


def resolved(document: Document, environ: Mapping[str, str]) -> tuple[dict[str, Any], list[Finding]]:
    """The document's values with every reference replaced by its text, and one finding for each that is missing."""
    values = _copied(document.values)
    findings: list[Finding] = []
    for path, value in walk(document.values):
        if isinstance(value, str) and (reference := REFERENCE.fullmatch(value)) and path[0] != "include":
            kind, name = reference.groups()
            try:
                text = SOURCES[kind](name, document, path, environ)
            except Missing as missing:
                findings.append(Finding(path, str(missing), ADVICE[kind].format(name=name)))
            else:
                _put(values, path, text)
    return values, findings


def _from_environment(name: str, document: Document, path: KeyPath, environ: Mapping[str, str]) -> str:
    if name not in environ:
        raise Missing("names an environment variable that is not set")
    return _present(environ[name])


def _from_file(name: str, document: Document, path: KeyPath, environ: Mapping[str, str]) -> str:
    """A file's text without the newline at its end; a relative path starts at the settings file that names it."""
    try:
        return _present((Path(document.place(path).file).parent / name).read_text(encoding="utf-8").rstrip("\r\n"))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise Missing(f"names a file that cannot be read: {reason}") from error


def _present(text: str) -> str:
    if not text:
        raise Missing("names a secret that is empty")
    return text


SOURCES = {"env": _from_environment, "file": _from_file}
ADVICE = {"env": "set {name} in the server's environment", "file": "write it to {name}, readable for the server"}


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _copied(inner) for name, inner in value.items()}
    return [_copied(inner) for inner in value] if isinstance(value, list) else value


def _put(values: Any, path: KeyPath, text: str) -> None:
    for step in path[:-1]:
        values = values[step]
    values[path[-1]] = text
