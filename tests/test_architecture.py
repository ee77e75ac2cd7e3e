"""The shape of the house: imports point down, rooms are small, and each framework stays in its room."""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "fhir_facade"
FILES = sorted(PACKAGE.rglob("*.py"))

# From the ground up: a room may import from its own floor and from those below.
FLOORS = [
    {"keys", "octets", "clock", "errors", "events", "wire", "outcome", "addresses", "outgoing", "endpoints"},
    {"records", "payments.states", "payments.payment"},
    {"owner"},
    {"settings.model"},
    {"specification"},
    {"backends.port", "backends.posting", "backends.exact", "gateways.port"},
    {"telemetry", "state"},
    {"audit"},
    {"backends", "gateways"},
    {"payments"},
    {"settings"},
    {"identity", "search", "mappers"},
    {"files", "bell", "mpi"},
    {"guard"},
    {"desk"},
    {"hall"},
    {"door"},
    {"house", "testing"},
    {"cli", "wsgi", "__main__"},
]
APART = "sandbox"  # may import anything, and is imported by nothing

# package → the only rooms that may import it
CONFINED = {
    "authlib": {"sandbox"},
    "flask": {"door", "sandbox", "house"},
    "requests": {"outgoing", "endpoints", "backends", "sandbox", "bell"},
    "fhir": set(),
    "sqlalchemy": {"state", "backends", "sandbox"},
    "redis": {"state"},
    "werkzeug": {"door", "hall", "sandbox"},
    "prometheus_client": {"telemetry"},
    "jsonschema_rs": {"mappers", "backends"},
    "tree_sitter": {"settings"},
    "tenacity": {"backends"},
    "cryptography": {"identity", "files", "backends"},
    "joserfc": {"bell", "sandbox"},
    "click": {"cli", "sandbox"},
    "granian": {"cli", "sandbox"},
}


def module(path: Path, package: Path = PACKAGE) -> str:
    return ".".join(path.relative_to(package).with_suffix("").parts).removesuffix(".__init__")


def floor(name: str) -> int | None:
    parts = name.split(".")
    for length in range(len(parts), 0, -1):
        prefix = ".".join(parts[:length])
        for number, rooms in enumerate(FLOORS):
            if prefix in rooms:
                return number
    return None


def imports(path: Path, package: Path = PACKAGE) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (_target(node.module, alias.name, package) for alias in node.names)


def _target(origin: str, name: str, package: Path) -> str:
    """``from origin import name`` means a module of a package, or something in the package's own file."""
    place = package.parent / origin.replace(".", "/") / name
    return f"{origin}.{name}" if place.is_dir() or place.with_suffix(".py").exists() else origin


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def violations(path: Path, package: Path = PACKAGE) -> list[str]:
    name = module(path, package)
    room = name.split(".")[0]
    found = []
    for imported in imports(path, package):
        own = imported.removeprefix("fhir_facade.")
        if imported == own or room == APART:
            continue
        target = floor(own)
        if own.split(".")[0] == APART:
            found.append(f"{name} imports the sandbox")
        elif target is not None and (floor(name) or 0) < target:
            found.append(f"{name} imports {own}, which lies above it")
    return found


@pytest.mark.parametrize("path", FILES, ids=module)
def test_imports_point_down(path: Path) -> None:
    assert violations(path) == []


def test_every_room_has_a_floor() -> None:
    assert [
        module(p) for p in FILES if module(p) and floor(module(p)) is None and module(p).split(".")[0] != APART
    ] == ["__init__"]


def test_the_floors_bite(tmp_path: Path) -> None:
    upward = tmp_path / "search" / "query.py"
    upward.parent.mkdir()
    upward.write_text("from fhir_facade.desk.search import Searcher\nimport fhir_facade.sandbox.people\n")
    assert violations(upward, tmp_path) == [
        "search.query imports desk.search, which lies above it",
        "search.query imports the sandbox",
    ]


@pytest.mark.parametrize("path", FILES, ids=module)
def test_packages_stay_in_their_rooms(path: Path) -> None:
    room = module(path).split(".")[0]
    strays = {name.split(".")[0] for name in imports(path)} & CONFINED.keys()
    assert {name for name in strays if room not in CONFINED[name]} == set()


def test_no_two_rooms_import_each_other_in_a_circle() -> None:
    graph = {module(path): {i.removeprefix("fhir_facade.") for i in imports(path)} for path in FILES}
    graph = {name: {target for target in targets if target in graph} - {name} for name, targets in graph.items()}
    reached: dict[str, set[str]] = {}
    for name in graph:
        seen, todo = set(), list(graph[name])
        while todo:
            target = todo.pop()
            if target not in seen:
                seen.add(target)
                todo.extend(graph[target])
        reached[name] = seen
    assert [name for name, seen in reached.items() if name in seen] == []


@pytest.mark.parametrize("path", FILES, ids=module)
def test_a_file_is_small_and_says_what_it_is(path: Path) -> None:
    text = path.read_text()
    assert text.count("\n") < 250
    assert ast.get_docstring(ast.parse(text))
    assert path.stem not in {"utils", "util", "helpers", "helper", "common", "misc"}


@pytest.mark.parametrize("path", FILES, ids=module)
def test_a_function_is_short(path: Path) -> None:
    long = {
        f.name: f.end_lineno - f.lineno + 1 for f in functions(path) if f.end_lineno and f.end_lineno - f.lineno >= 40
    }
    assert long == {}


def test_medians_are_small() -> None:
    lengths = [f.end_lineno - f.lineno + 1 for path in FILES for f in functions(path) if f.end_lineno]
    assert statistics.median(path.read_text().count("\n") for path in FILES) <= 110
    assert statistics.median(lengths) <= 8


def test_one_boundary_catches_everything() -> None:
    broad = [
        module(path) for path in FILES for _ in re.finditer(r"except (Base)?Exception\b|except:", path.read_text())
    ]
    assert broad == ["hall.boundary"]


def test_nothing_is_patched_in_tests() -> None:
    patched = re.compile(r"mock\.patch|from unittest|import mock")
    assert [
        p.name for p in (ROOT / "tests").rglob("*.py") if p != Path(__file__) and patched.search(p.read_text())
    ] == []


def test_no_name_of_a_type_is_compared_outside_its_rooms() -> None:
    compared = re.compile(r"""== *["'](Invoice|Account|Appointment|PaymentNotice)["']""")
    places = {module(p).split(".")[0] for p in FILES if compared.search(p.read_text())}
    assert places <= {"mappers", "sandbox", "testing"}
