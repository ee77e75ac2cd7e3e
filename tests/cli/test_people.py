"""``people import``: all of it, or every fault by its line."""

from __future__ import annotations

import datetime as dt
from contextlib import closing
from pathlib import Path

import pytest

from fhir_facade.cli.people import people
from fhir_facade.keys import PatientKey
from fhir_facade.settings.load import load
from fhir_facade.state.crosswalk import Crosswalk
from fhir_facade.state.database import Database
from tests.cli.conftest import Clinic, Run, Write, authority

PEOPLE = "person,authority,number\nP1,{0},1001\nP1,{0},1002\nP2,{0},2001\n"
PROXIES = "proxy,person,billing,expires,until_age,birth_date\nP2,P1,true,2027-06-30,18,2015-02-01\nsub:eve,P1,no,,,\n"


@pytest.fixture
def config(written: Write, tmp_path: Path) -> Path:
    file = written(authority("riverside", "athena"), athena=Clinic)
    file.write_text(file.read_text().replace("[server]", f'[server]\nstate = "sqlite:///{tmp_path}/state.db"'))
    return file


def files(folder: Path, config: Path, people: str = PEOPLE, proxies: str = PROXIES) -> tuple[str, str]:
    authority = load(config).authorities[0].id
    (folder / "people.csv").write_text(people.format(authority))
    (folder / "proxies.csv").write_text(proxies)
    return str(folder / "people.csv"), str(folder / "proxies.csv")


def test_people_and_proxies_are_taken(run: Run, config: Path, tmp_path: Path) -> None:
    file, proxies = files(tmp_path, config)
    result = run(people, "import", "--config", config, file, "--proxies", proxies)
    assert (result.exit_code, result.stdout) == (0, "2 people with 3 numbers, 2 proxies\n")
    settings = load(config)
    with closing(Database(settings.server.state)) as database:
        found = Crosswalk(database).numbers("P1")
    assert found == {PatientKey(settings.authorities[0].id, number) for number in ("1001", "1002")}


@pytest.mark.parametrize(
    ("people_file", "proxies_file", "said"),
    [
        (PEOPLE + "sub:eve,{0},9\n", PROXIES, "people.csv:5: person begins with sub:"),
        ("person,authority\nP1,{0}\n", PROXIES, "people.csv:1: the first line must name the column number"),
        ("person,authority,number\n", PROXIES, "people.csv: nobody is in it"),
        (PEOPLE + "P3,{0},1001\n", PROXIES, "people.csv:5: this authority and number are another person's already"),
        (PEOPLE + "P3,nowhere,1\n", PROXIES, "people.csv:5: authority is none of the settings'"),
        (PEOPLE + ",{0},7\n", PROXIES, "people.csv:5: person is empty"),
        (PEOPLE + "P3,{0},10,01\n", PROXIES, "people.csv:5: there are more cells than the first line names"),
        (
            PEOPLE.replace("\n", ",9\n").replace("number,9", "number,number"),
            PROXIES,
            "people.csv:1: the first line names",
        ),
        (
            PEOPLE,
            PROXIES.replace("expires", "expiry"),
            "proxies.csv:1: the first line names a column besides proxy, per",
        ),
        (PEOPLE, PROXIES.replace(",birth_date", ""), "proxies.csv:2: there are more cells than the first line names"),
        (PEOPLE, PROXIES + "P9,P9,true,,,\n", "proxies.csv:4: person is not among the people"),
        (PEOPLE, PROXIES + "P3,P2,maybe,,,\n", "proxies.csv:4: billing must be true or false"),
        (PEOPLE, PROXIES + "P3,P2,true,soon,,\n", "proxies.csv:4: expires must be a date such as 2027-06-30"),
        (PEOPLE, PROXIES + "P3,P2,true,,18,\n", "proxies.csv:4: until_age needs a birth_date"),
        (PEOPLE, PROXIES + "P2,P1,true,,,\n", "proxies.csv:4: this proxy of this person stood in the file before"),
    ],
)
def test_a_faulty_file_changes_nothing(
    run: Run, config: Path, tmp_path: Path, people_file: str, proxies_file: str, said: str
) -> None:
    good = run(people, "import", "--config", config, *files(tmp_path, config)[:1])
    assert good.exit_code == 0
    file, proxies = files(tmp_path, config, people_file, proxies_file)
    result = run(people, "import", "--config", config, file, "--proxies", proxies)
    assert result.exit_code == 1
    assert said in result.stderr
    with closing(Database(load(config).server.state)) as database:
        assert len(Crosswalk(database).numbers("P1")) == 2


@pytest.mark.parametrize("more", [",note", ",,"])
def test_other_columns_of_people_are_not_read(run: Run, config: Path, tmp_path: Path, more: str) -> None:
    people_file = PEOPLE.replace("number\n", f"number{more}\n")
    assert run(people, "import", "--config", config, files(tmp_path, config, people_file)[0]).exit_code == 0


def test_proxies_alone_are_taken_where_an_index_knows_the_people(run: Run, config: Path, tmp_path: Path) -> None:
    file, proxies = files(tmp_path, config, proxies="proxy,person,billing\nanybody,somebody,true\n")
    assert run(people, "import", "--config", config, "--proxies", proxies).exit_code == 2
    config.write_text(config.read_text() + '[people]\nurl = "https://mpi.example.org/fhir"\n')
    for refused in ((file,), (file, "--proxies", proxies), ()):
        assert run(people, "import", "--config", config, *refused).exit_code == 2
    result = run(people, "import", "--config", config, "--proxies", proxies)
    assert (result.exit_code, result.stdout) == (0, "0 people with 0 numbers, 1 proxies\n")
    with closing(Database(load(config).server.state)) as database:
        assert Crosswalk(database).acts_for("anybody", dt.date(2026, 1, 1)) == {"somebody"}
