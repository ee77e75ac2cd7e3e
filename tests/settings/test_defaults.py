"""Entries have the defaults' values where they say nothing else."""

from __future__ import annotations

from fhir_facade.settings.model import Bills
from tests.settings.conftest import RIGHT, Load, Refuse

DEFAULTS = """
[defaults.assigning_authority]
currency = "CAD"
messages = true
bills = { view = true, download = true }

[defaults.billing_system]
calls_in_flight = 5
settings = { client_id = "shared", environment = "production" }
"""


def test_an_entry_is_completed(loaded: Load) -> None:
    riverside, lakeside = loaded(RIGHT + DEFAULTS).authorities
    assert (riverside.currency, riverside.messages) == ("CAD", True)
    assert lakeside.bills == Bills(view=True, download=True)


def test_tables_are_joined_and_the_entry_wins(loaded: Load) -> None:
    settings = loaded(RIGHT + DEFAULTS)
    assert settings.authorities[0].bills == Bills(view=True, download=True, pay=True)
    assert settings.billing_systems[0].calls_in_flight == 5
    assert settings.billing_systems[0].settings["client_id"] == "shared"
    assert settings.billing_systems[0].settings["environment"] == "preview"


def test_a_fault_in_the_defaults_is_named_once_and_there(refused: Refuse) -> None:
    (fault,) = refused(RIGHT + '\n[defaults.assigning_authority]\ncurrency = "dollar"\n')
    assert (fault.where, fault.line) == ("defaults.assigning_authority.currency", 40)


def test_a_fault_between_an_entry_and_the_defaults_is_named_where_it_was_written(refused: Refuse) -> None:
    faults = refused(RIGHT + "\n[defaults.assigning_authority]\nbills = { download = true }\n")
    assert [(fault.where, fault.line) for fault in faults] == [("defaults.assigning_authority.bills.download", 40)]


def test_there_are_no_defaults_for_a_table(refused: Refuse) -> None:
    assert [fault.where for fault in refused(RIGHT + "\n[defaults.server]\n")] == ["defaults.server"]
