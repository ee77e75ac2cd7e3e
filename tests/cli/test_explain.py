"""``explain`` shows an operator why a resource says what it says, and logs that it was asked."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any, ClassVar

import pytest

from fhir_facade.backends.port import Ground
from fhir_facade.cli.explain import explain
from fhir_facade.house import build
from fhir_facade.keys import PatientKey, SourceKey
from fhir_facade.records import Bill, BillState, Kind
from fhir_facade.settings.load import load
from tests.cli.conftest import Clinic, Run, Write, authority

ANNA = PatientKey("riverside", "1001")
ALL = 'bills = { view = true }\nselect = { provider_group = ["1"] }'


class Telling(Clinic):
    """Has one bill, and says what made it so."""

    settings_schema: ClassVar[Mapping[str, Any]] = {"type": "object"}

    def bills(self, patient: SourceKey) -> Sequence[Bill]:
        parts = {"provider_group": "1"}
        owed = Bill(number="9301", patient="1001", state=BillState.OWED, due=Decimal("85.50"), parts=parts)
        return [owed] if patient.value == "1001" else []

    def explain(self, kind: Kind, patient: SourceKey, number: str) -> Iterable[Ground]:
        yield Ground("state", "$.claims[0].patientbalance", f"85.50 of {kind.value} {patient.value} {number}")


@pytest.fixture
def site(written: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)  # the state database lies beside the settings
    return written(authority("riverside", "athena", ALL), athena=Telling)


def invoice(site: Path, number: str) -> str:
    house = build(load(site))
    house.close()
    return f"Invoice/{house.finder.ids.record('Invoice', ANNA, number)}"


def test_the_records_fields_and_the_sources_grounds_are_shown(site: Path, run: Run) -> None:
    result = run(explain, "--config", site, invoice(site, "9301"))
    assert result.exit_code == 0, result.output
    lines = [" ".join(line.split()) for line in result.stdout.splitlines()]
    assert "state owed" in lines
    assert "due 85.50" in lines
    assert "state $.claims[0].patientbalance 85.50 of bills 1001 9301" in lines


@pytest.mark.parametrize("reference", ["Invoice/nonsense", "Nonsense/1", "nonsense"])
def test_what_is_no_id_of_ours_is_refused(site: Path, run: Run, reference: str) -> None:
    result = run(explain, "--config", site, reference)
    assert result.exit_code == 1
    assert "not an id of this facade" in result.stderr


def test_a_bill_that_is_gone_is_told(site: Path, run: Run) -> None:
    result = run(explain, "--config", site, invoice(site, "9399"))
    assert result.exit_code == 1
    assert "athena has no such record" in result.stderr


def test_who_asked_is_logged_and_not_about_whom(site: Path, run: Run, capfd: pytest.CaptureFixture[str]) -> None:
    reference = invoice(site, "9301")
    capfd.readouterr()
    result = run(explain, "--config", site, reference)
    lines = [json.loads(line) for line in (result.stderr + capfd.readouterr().err).splitlines() if line[:1] == "{"]
    (asked,) = [line for line in lines if line["event"] == "operator.explained"]
    assert asked["type"] == "Invoice"
    assert asked["operator"]
    assert reference.rpartition("/")[2] not in json.dumps(lines)
