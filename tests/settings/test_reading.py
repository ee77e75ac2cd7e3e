"""Several files are one; what cannot be read or joined is named with its file."""

from __future__ import annotations

from pathlib import Path

import pytest

from fhir_facade.settings.faults import BadSettings, Fault
from fhir_facade.settings.load import load
from tests.settings.conftest import BACKENDS, RIGHT

ANOTHER = '[[assigning_authority]]\nid = "{0}"\nname = "{0}"\nsystem = "urn:x:{0}"\nbilling_system = "athena"\n'


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A right file that includes a folder."""
    (tmp_path / "facade.toml").write_text('include = "conf.d/*.toml"\n' + RIGHT)
    (tmp_path / "conf.d").mkdir()
    return tmp_path


def write(folder: Path, name: str, text: str) -> None:
    (folder / "conf.d" / name).write_text(text)


def faults(folder: Path) -> tuple[Fault, ...]:
    with pytest.raises(BadSettings) as refusal:
        load(folder / "facade.toml", environ={}, backends=BACKENDS)
    return refusal.value.faults


def test_included_lists_are_joined_in_the_order_of_their_names(folder: Path) -> None:
    write(folder, "b.toml", ANOTHER.format("b") + 'select = { provider_group = "5" }\n')
    write(folder, "a.toml", ANOTHER.format("a") + 'select = { provider_group = "4" }\n')
    settings = load(folder / "facade.toml", environ={}, backends=BACKENDS)
    assert [authority.id for authority in settings.authorities] == ["riverside", "lakeside", "a", "b"]


def test_a_folder_may_be_empty(folder: Path) -> None:
    assert load(folder / "facade.toml", environ={}, backends=BACKENDS).authorities


def test_a_fault_in_an_included_file_has_that_files_name_line_and_index(folder: Path) -> None:
    write(folder, "a.toml", "\n" + ANOTHER.format("a").replace("athena", "clinic"))
    (fault,) = faults(folder)
    assert (Path(fault.file).name, fault.line, fault.where) == ("a.toml", 6, "assigning_authority[0].billing_system")


def test_a_fault_between_two_files_names_both(folder: Path) -> None:
    write(folder, "a.toml", ANOTHER.format("riverside") + 'select = { provider_group = "4" }\n')
    (fault,) = faults(folder)
    assert Path(fault.file).name == "a.toml"
    assert "facade.toml:15" in fault.message


def test_a_table_is_set_in_one_file(folder: Path) -> None:
    write(folder, "a.toml", "\n[server]\ncache_megabytes = 1\n")
    (fault,) = faults(folder)
    assert (Path(fault.file).name, fault.line, fault.where) == ("a.toml", 2, "server")
    assert "is set already in" in fault.message


def test_a_table_may_be_in_an_included_file(folder: Path) -> None:
    text = (folder / "facade.toml").read_text()
    server, rest = text[text.index("[server]") : text.index("[security]")], text[text.index("[security]") :]
    (folder / "facade.toml").write_text('include = ["conf.d/server.toml"]\n' + rest)
    write(folder, "server.toml", server)
    settings = load(folder / "facade.toml", environ={}, backends=BACKENDS)
    assert settings.server.base_url == "https://billing.example.org/fhir"


def test_included_files_include_nothing(folder: Path) -> None:
    write(folder, "a.toml", 'include = "more.toml"')
    assert [(fault.where, fault.line) for fault in faults(folder)] == [("include", 1)]


@pytest.mark.parametrize("include", ["conf.dd/*.toml", "conf.d/more.toml"])
def test_what_is_included_is_there(folder: Path, include: str) -> None:
    (folder / "facade.toml").write_text(f'include = "{include}"\n' + RIGHT)
    (fault,) = faults(folder)
    assert "not there" in fault.message or "No such file" in fault.message


def test_the_syntax_faults_of_all_files_are_named_with_their_lines(folder: Path) -> None:
    write(folder, "a.toml", "\nname = \n")
    write(folder, "b.toml", "ok = 1\n[table\n")
    write(folder, "c.toml", 'open = """\n')
    (folder / "conf.d" / "d.toml").write_bytes(b'name = "\xe9"')
    assert [(Path(fault.file).name, fault.line) for fault in faults(folder)] == [
        ("a.toml", 2),
        ("b.toml", 2),
        ("c.toml", 1),
        ("d.toml", 0),
    ]


def test_an_error_of_syntax_quotes_no_value(folder: Path) -> None:
    write(folder, "a.toml", 'client_secret = "hush" hush\n')
    (fault,) = faults(folder)
    assert "hush" not in str(fault)


def test_a_file_is_read_once(folder: Path) -> None:
    (folder / "facade.toml").write_text('include = ["*.toml", "conf.d/*.toml", "conf.d/a.toml"]\n' + RIGHT)
    write(folder, "a.toml", ANOTHER.format("a") + 'select = { provider_group = "4" }\n')
    assert len(load(folder / "facade.toml", environ={}, backends=BACKENDS).authorities) == 3
