"""docs/runbook.md: one entry for each event code, and none for a code that is gone."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from fhir_facade.events import Event
from fhir_facade.telemetry.facts import FACTS

RUNBOOK = (Path(__file__).parents[2] / "docs" / "runbook.md").read_text(encoding="utf-8")
ENTRIES = dict(re.findall(r"^## `([^`]+)`\n(.*?)(?=^## |\Z)", RUNBOOK, re.MULTILINE | re.DOTALL))


def test_every_code_has_an_entry_and_every_entry_a_code() -> None:
    assert list(ENTRIES) == [code.value for code in Event]


@pytest.mark.parametrize("code", list(Event), ids=lambda code: code.value)
def test_an_entry_says_what_it_means_what_to_look_at_and_what_to_do(code: Event) -> None:
    entry = ENTRIES[code.value]
    assert entry.lstrip().startswith(f"*{code.severity}.* **Means.** ")
    assert re.search(r"^\*\*Look at\.\*\* \S.*?^\*\*Do\.\*\* \S.*?^```sh\n\S", entry, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("code", list(Event), ids=lambda code: code.value)
def test_a_command_of_an_entry_asks_for_codes_that_exist(code: Event) -> None:
    asked = re.findall(r'\.event == "([^"]+)"', ENTRIES[code.value])
    assert set(asked) <= {known.value for known in Event}


def test_the_table_of_facts_is_the_one_that_the_log_obeys() -> None:
    rows = re.findall(r"^\| `([^`]+)` \| (.+) \|$", RUNBOOK.partition("## Facts")[2], re.MULTILINE)
    assert dict(rows) == FACTS


def test_commands_read_only_fields_that_a_line_can_have() -> None:
    filters = " ".join(re.findall(r"^jq .*?'(.*)'", RUNBOOK, re.MULTILINE))
    fields = set(re.findall(r"\.([a-z_]+)", re.sub(r'"[^"]*"', "", filters)))
    assert "milliseconds" in fields
    assert fields <= FACTS.keys() | {"event", "level", "timestamp", "request_id"}
