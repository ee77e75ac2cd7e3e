"""``explain`` shows an operator why a resource says what it says, and logs that it was asked."""

from __future__ import annotations

import datetime as dt
import getpass
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest
from click.testing import Result

from fhir_facade.backends.port import Ground
from fhir_facade.cli.audit import audit
from fhir_facade.cli.explain import explain
from fhir_facade.cli.values import stated
from fhir_facade.house import build
from fhir_facade.keys import PatientKey, SourceKey
from fhir_facade.records import AccountLink, Address, Bill, BillState, Charge, Kind, Person
from fhir_facade.sandbox.demo import start_billing_systems
from fhir_facade.settings.load import load
from tests.cli.conftest import Clinic, Misconfigured, Run, Write, authority

ANNA = PatientKey("riverside", "1001")
HELEN = PatientKey("lakeside", "1006")
HELEN_BEFORE = PatientKey("lakeside", "1005")  # merged into 1006
BORIS = PatientKey("clinic", "1001")
VIEW = 'bills = { view = true }\nselect = { provider_group = ["1"] }'
OLD, NEW = "an old secret of thirty-two letters", "a new secret of thirty-two letters"


def ids(config: Path) -> Any:
    with closing(build(load(config))) as house:
        return house.finder.ids


def lines(result: Result) -> list[str]:
    return [" ".join(line.split()) for line in result.stdout.splitlines()]


def events(result: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in result.stderr.splitlines() if line.startswith("{")]


def refused(result: Result) -> str:
    """What an operator reads of a failure: exit status 1, one line, nothing of Python's."""
    assert (result.exit_code, result.stdout) == (1, "")
    assert isinstance(result.exception, SystemExit)
    assert "Traceback" not in result.stderr
    (said,) = [line for line in result.stderr.splitlines() if not line.startswith("{")]
    return said


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    with start_billing_systems(tmp_path_factory.mktemp("demo")) as config:
        yield config


@pytest.fixture(scope="module")
def known(world: Path) -> Any:
    return ids(world)


@pytest.fixture
def changed(world: Path) -> Iterator[Path]:
    """The settings, which a test may rewrite; the state and so the ids are the same."""
    config = world.with_name("changed.toml")
    config.write_text(world.read_text())
    yield config
    config.unlink()


def test_a_bill_and_what_athenahealth_says(world: Path, known: Any, run: Run) -> None:
    result = run(explain, "--config", world, f"Invoice/{known.record('Invoice', ANNA, '9301')}")
    assert result.exit_code == 0, result.output
    shown = lines(result)
    row = "/patients/{id}: claimbalancedetails[].claimdetails[]"
    assert shown[0] == "Invoice of Riverside Medical Group: issued"
    for line in (
        "state owed",
        "due 85.5",
        "collectable yes",
        "account number 1001-1, parts provider_group 1",
        "riverside has switched on appointments, bills.download, bills.pending, bills.view.",
        f"state {row}.patientbalance 85.5",
        '/claims: claims[].patientpayer.status "COLLECT"',
        f"due {row}.patientbalance 85.5",
        f"{row}.cleanbalance true",
    ):
        assert line in shown
    charges = [line for line in shown if "code " in line]
    assert charges[0].startswith("charges amount 225, code 99213, modifiers 25, description OFFICE")
    assert charges[1].startswith("amount 40.5, code 80053, description COMPREHENSIVE METABOLIC PANEL, date 20")
    for python in ("Decimal(", "BillState", "datetime.", "Charge(", "None", "..."):
        assert python not in result.stdout


@pytest.mark.parametrize(
    ("type", "key", "own", "line"),
    [
        ("Account", ANNA, "1001-1", 'balance /patients/{id}: balances[].balance "85.5"'),
        ("Appointment", ANNA, "985011", "copay /patients/{id}/appointments: appointments[].copay 20"),
        ("PaymentNotice", ANNA, "e3800", 'amount /patients/{id}/receipts: [].amount "5"'),
        ("Invoice", BORIS, "H-5001", "due bills.due 4550"),
    ],
)
def test_every_other_kind(world: Path, known: Any, run: Run, type: str, key: PatientKey, own: str, line: str) -> None:
    result = run(explain, "--config", world, f"{type}/{known.record(type, key, own)}")
    assert result.exit_code == 0, result.output
    assert line in lines(result)


def test_a_person_and_a_place_are_shown_without_grounds(world: Path, known: Any, run: Run) -> None:
    person = run(explain, "--config", world, f"Patient/{known.patient(ANNA)}")
    place = run(explain, "--config", world, f"Location/{known.support('Location', 'riverside', '21')}")
    assert "family Vogel" in lines(person)
    assert "name Riverside Prairie" in lines(place)
    assert lines(place)[-1] == "athena does not tell what it makes its places of."


def test_an_absolute_reference_may_be_pasted(world: Path, known: Any, run: Run) -> None:
    url = f"http://127.0.0.1:8080/fhir/Invoice/{known.record('Invoice', ANNA, '9301')}/"
    assert run(explain, "--config", world, url).exit_code == 0


def test_a_bill_of_a_number_that_was_merged(world: Path, known: Any, run: Run) -> None:
    before = run(explain, "--config", world, f"Invoice/{known.record('Invoice', HELEN_BEFORE, '9330')}")
    now = run(explain, "--config", world, f"Invoice/{known.record('Invoice', HELEN, '9330')}")
    assert before.exit_code == 0, before.output
    assert "patient 1006" in lines(before)
    assert before.stdout == now.stdout


def test_a_patient_of_a_number_that_was_merged(world: Path, known: Any, run: Run) -> None:
    assert "number 1006" in lines(run(explain, "--config", world, f"Patient/{known.patient(HELEN_BEFORE)}"))


def test_an_id_of_before_an_exchange_of_keys(changed: Path, run: Run) -> None:
    text = changed.read_text()
    changed.write_text(text.replace("[server]", f'[server]\nid_key = "{OLD}"'))
    reference = f"Invoice/{ids(changed).record('Invoice', ANNA, '9301')}"
    changed.write_text(text.replace("[server]", f'[server]\nid_key = ["{NEW}", "{OLD}"]'))
    assert "number 9301" in lines(run(explain, "--config", changed, reference))
    changed.write_text(text.replace("[server]", f'[server]\nid_key = "{NEW}"'))
    assert "not an id of this facade" in refused(run(explain, "--config", changed, reference))


@pytest.mark.parametrize(
    ("old", "new", "type"),
    [
        ("view = true, download = true", "view = false", "Invoice"),
        ("appointments = true", "appointments = false", "Appointment"),
        ('type = "athenahealth"', 'type = "athenahealth"\nenabled = false', "Invoice"),
    ],
)
def test_what_is_switched_off_is_not_shown(changed: Path, known: Any, run: Run, old: str, new: str, type: str) -> None:
    changed.write_text(changed.read_text().replace(old, new))
    said = refused(run(explain, "--config", changed, f"{type}/{known.record(type, ANNA, '9301')}"))
    assert f"{type} is switched off at riverside" in said


@pytest.mark.parametrize(
    ("setting", "instead", "said"),
    [
        (r'base_url = "http://127\.0\.0\.1:\d+"', 'base_url = "http://127.0.0.1:9"', "ConnectionError"),
        (r'practice_id = "\d+"', 'practice_id = "1"', "/patients/{id} answered 404"),
        (r'state = "[^"]+"', 'state = "sqlite:////nowhere/facade.db"', "No such file"),
    ],
)
def test_what_is_sick_ends_it_with_1_and_says_how(
    changed: Path, known: Any, run: Run, setting: str, instead: str, said: str
) -> None:
    text, count = re.subn(setting, instead, changed.read_text(), count=1)
    assert count == 1
    changed.write_text(text)
    assert said in refused(run(explain, "--config", changed, f"Invoice/{known.record('Invoice', ANNA, '9301')}"))


def test_who_asked_is_logged_and_about_what_type_but_not_about_whom(world: Path, known: Any, run: Run) -> None:
    id = known.record("Invoice", ANNA, "9301")
    result = run(explain, "--config", world, f"Invoice/{id}")
    (asked,) = [event for event in events(result) if event["event"] == "operator.explained"]
    assert asked.keys() == {"timestamp", "level", "event", "type", "operator"}
    assert (asked["type"], asked["operator"]) == ("Invoice", getpass.getuser())
    logged = json.dumps([{**event, "timestamp": ""} for event in events(result)])
    for person in (id, "1001", "9301", "Anna", "Vogel", "85.5", "99213"):
        assert person not in logged


def test_a_look_is_in_the_patients_audit_trail(world: Path, known: Any, run: Run) -> None:
    id = known.record("Invoice", ANNA, "9302")
    assert run(explain, "--config", world, f"Invoice/{id}").exit_code == 0
    printed = run(audit, "export", "--config", world).stdout.splitlines()
    (event,) = [event for event in map(json.loads, printed) if id in json.dumps(event)]
    assert event["agent"][0]["who"]["identifier"]["value"] == "fhir-facade explain"
    assert event["agent"][2]["who"]["identifier"]["value"] == getpass.getuser()
    assert event["entity"][0]["what"]["reference"] == f"Patient/{known.patient(ANNA)}"


def test_it_is_logged_even_where_nothing_is_shown_and_no_word_of_the_caller_with_it(world: Path, run: Run) -> None:
    result = run(explain, "--config", world, "Vogel/1001")
    refused(result)
    (asked,) = [event for event in events(result) if event["event"] == "operator.explained"]
    assert asked["type"] == ""


class Telling(Clinic):
    """Has a bill of Anna's, says what made it so, and answers with a stranger's bill beside it."""

    settings_schema: ClassVar[Mapping[str, Any]] = {"type": "object"}

    def bills(self, patient: SourceKey) -> Sequence[Bill]:
        parts = {"provider_group": "1"}
        owed = Bill(number="9301", patient="1001", state=BillState.OWED, due=Decimal("85.50"), parts=parts)
        strangers = Bill(number="9311", patient="1002", state=BillState.OWED, parts=parts)
        unsayable = Bill(number="9302", patient="1001", state=BillState.OWED, due=Decimal("NaN"), parts=parts)
        return [owed, strangers, unsayable] if patient.value == "1001" else []

    def explain(self, kind: Kind, patient: SourceKey, number: str) -> Iterable[Ground]:
        yield Ground("state", "$.claims[0].patientbalance", f"85.50 of {kind.value} {patient.value} {number}")
        yield Ground("state", "$.claims[0].status", "OPEN")


@pytest.fixture
def site(written: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)  # the state database lies beside the settings
    return written(authority("riverside", "athena", VIEW), athena=Telling)


def invoice(site: Path, number: str) -> str:
    return f"Invoice/{ids(site).record('Invoice', ANNA, number)}"


def test_a_field_is_named_where_its_grounds_begin(site: Path, run: Run) -> None:
    shown = lines(run(explain, "--config", site, invoice(site, "9301")))
    assert "due 85.50" in shown
    first = shown.index("state $.claims[0].patientbalance 85.50 of bills 1001 9301")
    assert shown[first + 1] == "$.claims[0].status OPEN"


@pytest.mark.parametrize("reference", ["Invoice/nonsense", "Nonsense/1", "nonsense", "/", ""])
def test_what_is_no_id_of_ours_is_refused(site: Path, run: Run, reference: str) -> None:
    assert "not an id of this facade" in refused(run(explain, "--config", site, reference))


@pytest.mark.parametrize("number", ["9399", "9311"])
def test_a_bill_that_is_gone_and_one_of_a_stranger_are_not_there(site: Path, run: Run, number: str) -> None:
    said = refused(run(explain, "--config", site, invoice(site, number)))
    assert "athena has no such record" in said


def test_a_record_that_cannot_be_said_in_fhir_is_told_with_its_path(site: Path, run: Run) -> None:
    shown = lines(run(explain, "--config", site, invoice(site, "9302")))
    assert shown[0].startswith("Invoice of Riverside: left out of all answers")
    assert "due NaN" in shown


def test_a_backend_that_cannot_be_opened_ends_it_with_1(written: Write, run: Run, tmp_path: Path) -> None:
    file = written(authority("riverside", "athena", VIEW), athena=Misconfigured)
    file.write_text(file.read_text().replace("[server]", f'[server]\nstate = "sqlite:///{tmp_path}/facade.db"'))
    assert "no such zone" in refused(run(explain, "--config", file, "Invoice/x"))


def test_bad_settings_end_it_with_their_faults(written: Write, run: Run) -> None:
    result = run(explain, "--config", written("[[client]]\n", athena=Clinic), "Invoice/x")
    assert result.exit_code == 1
    assert "client[0].id" in result.stderr


def test_values_are_printed_as_people_write_them() -> None:
    bill = Bill(
        number="1",
        patient="7",
        state=BillState.CREDIT,
        due=Decimal("-1E+3"),
        created=dt.datetime(2026, 1, 2, 9, tzinfo=dt.timezone(-dt.timedelta(hours=5))),
        charges=(Charge(amount=Decimal("12.50"), modifiers=("25", "59")), Charge(amount=Decimal(".16"))),
        account=AccountLink(number="7-1"),
    )
    assert dict(stated(bill)) == {
        "number": "1",
        "patient": "7",
        "state": "credit",
        "due": "-1000",
        "created": "2026-01-02T09:00:00-05:00",
        "collectable": "no",
        "charges": "amount 12.50, modifiers 25 59\namount 0.16",
        "account": "number 7-1",
    }
    person = Person(number="7", given=("Mary Ann", "Louise"), address=Address(lines=("1 Main Street", "Flat 2")))
    assert dict(stated(person)) == {
        "number": "7",
        "given": "Mary Ann\nLouise",
        "active": "yes",
        "address": "lines 1 Main Street Flat 2",
    }
