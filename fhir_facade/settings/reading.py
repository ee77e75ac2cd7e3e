"""The files of the settings: the named one and those that its ``include`` names."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from fhir_facade.settings.document import Document, Place, walk
from fhir_facade.settings.faults import BadSettings, Fault, Finding, KeyPath
from fhir_facade.settings.lines import lines_of

AT_LINE = re.compile(r" \(at (?:line (\d+), column \d+|end of document)\)$")
WILDCARD = re.compile(r"[*?\[]")


def read(path: Path) -> tuple[Document, list[Finding]]:
    """All files joined, and what does not join.  Raises ``BadSettings`` when a file cannot be read or is no TOML."""
    faults: list[Fault] = []
    main = _parsed(path, faults)
    parsed = [main, *(_parsed(file, faults) for file in _included(main, path, faults))] if main else []
    if faults:
        raise BadSettings(faults)
    return _joined([document for document in parsed if document])


def _parsed(path: Path, faults: list[Fault]) -> Document | None:
    try:
        text = path.read_bytes().decode()
        values = tomllib.loads(text)
    except OSError as error:
        faults.append(Fault(str(path), 0, "", f"cannot be read: {error.strerror}", "name a file that can be read"))
    except UnicodeDecodeError as error:
        faults.append(Fault(str(path), 0, "", f"is not UTF-8 at byte {error.start}", "save it as UTF-8"))
    except tomllib.TOMLDecodeError as error:
        faults.append(_syntax(path, text, str(error)))
    else:
        lines = lines_of(text)
        places = {key: Place(str(path), lines[key], key) for key, _ in walk(values) if key in lines}
        return Document(values, places, str(path))
    return None


def _syntax(path: Path, text: str, error: str) -> Fault:
    """tomllib's own sentence and line, with the line that it stumbled over (not its value, which may be a secret)."""
    found = AT_LINE.search(error)
    line = int(found[1]) if found and found[1] else len(text.splitlines())
    return Fault(str(path), line, "", f"is not TOML: {AT_LINE.sub('', error)}", "see https://toml.io/en/v1.0.0")


def _included(main: Document, path: Path, faults: list[Fault]) -> Iterator[Path]:
    """The files that ``include`` names, in the order of its patterns and then of their names, each once."""
    written = main.values.get("include", [])
    patterns = [written] if isinstance(written, str) else written if isinstance(written, list) else []
    seen = {path.resolve()}
    for position, pattern in enumerate(patterns):
        if not isinstance(pattern, str):
            continue
        at: KeyPath = ("include",) if isinstance(written, str) else ("include", position)
        for file in _matching(main, at, path.parent, pattern, faults):
            if file.resolve() not in seen:
                seen.add(file.resolve())
                yield file


def _matching(main: Document, at: KeyPath, folder: Path, pattern: str, faults: list[Fault]) -> Sequence[Path]:
    """A pattern may match nothing, but its folder must be there: a misspelt one would silently lose authorities."""
    file = folder / pattern
    if not WILDCARD.search(pattern):
        return [file]
    fixed = next(parent for parent in file.parents if not WILDCARD.search(str(parent.relative_to(folder))))
    if not fixed.is_dir():
        advice = f"make the folder {fixed}, or correct the pattern"
        faults.append(main.fault(Finding(at, "names a folder that is not there", advice)))
        return []
    return sorted(found for found in folder.glob(pattern) if found.is_file())


def _joined(documents: Sequence[Document]) -> tuple[Document, list[Finding]]:
    main, *others = documents
    values: dict[str, Any] = dict(main.values)
    places = dict(main.places)
    findings: list[Finding] = []
    for other in others:
        for key, value in other.values.items():
            if key == "include":
                findings.append(_misplaced(other, places, key, "works in the main file only", "write it there"))
            elif isinstance(value, list) and isinstance(values.get(key, []), list):
                _append(values, places, other, key, value)
            elif key in values:
                findings.append(_misplaced(other, places, key, f"is set already in {main.file}", "keep one of the two"))
            else:
                values[key] = value
                places |= {path: place for path, place in other.places.items() if path[:1] == (key,)}
    return Document(values, places, main.file), findings


def _append(values: dict[str, Any], places: dict[KeyPath, Place], other: Document, key: str, items: list[Any]) -> None:
    before = values.get(key, [])
    values[key] = [*before, *items]
    for path, place in other.places.items():
        if path[:1] == (key,) and len(path) > 1:
            places[(key, int(path[1]) + len(before), *path[2:])] = place
    places.setdefault((key,), other.place((key,)))


def _misplaced(other: Document, places: dict[KeyPath, Place], key: str, message: str, advice: str) -> Finding:
    """A finding about a key that is not joined: it keeps a path, and so a place, of its own."""
    path = (f"{other.file}: {key}", key)
    places[path] = other.place((key,))
    return Finding(path, message, advice)
