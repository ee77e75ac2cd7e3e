"""A right file becomes settings; a wrong one names all of its faults at once."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

from fhir_facade.backends.port import BillingSystem
from fhir_facade.settings.backends import Backends
from fhir_facade.settings.faults import BadSettings
from fhir_facade.settings.load import load
from fhir_facade.settings.model import AssigningAuthority, Bills, Client, Gateway
from tests.settings.conftest import BACKENDS, RIGHT, TYPES, Load, Refuse, changed, find

SAMPLE = Path(__file__).with_name("design_sample.toml")
EXAMPLES = Path(__file__).parents[2] / "examples"
SECRETS = {
    "FACADE_ID_KEY": "k" * 32,
    "ATHENA_CLIENT_ID": "an id",
    "ATHENA_CLIENT_SECRET": "a secret",
    "GATEWAY_SECRET": "another secret, of 32 characters",
}


def test_the_designs_sample_loads_as_it_stands() -> None:
    settings = load(SAMPLE, environ=SECRETS, backends=BACKENDS)
    assert settings.server.base_url == "https://billing.example.org/fhir"
    assert settings.server.id_key is not None
    assert settings.server.id_key.values == ("k" * 32,)
    assert (settings.security.mode, settings.security.patient_means) == ("smart", "local")
    assert [(system.name, system.type, system.enabled) for system in settings.billing_systems] == [
        ("athena", "athenahealth", True),
        ("clinic", "sql", True),
    ]
    assert settings.billing_systems[0].settings["client_secret"] == "a secret"
    assert settings.clients == (Client("regional-hie", ("riverside",), ("view",)),)
    assert settings.gateways == (
        Gateway(
            "main",
            "redirect",
            {"url": "https://pay.example.org/checkout", "secret": "another secret, of 32 characters"},
        ),
    )
    assert settings.authorities == (
        AssigningAuthority(
            id="riverside",
            name="Riverside Medical Group",
            system="urn:oid:1.3.6.1.4.1.99999.1",
            billing_system="athena",
            select={"provider_group": frozenset({"1"})},
            bills=Bills(view=True, download=True, pay=True, pending=True),
            appointments=True,
            prepay=True,
            messages=True,
            gateway="main",
        ),
    )


def test_the_designs_sample_loads_with_the_backends_that_are_installed() -> None:
    assert load(SAMPLE, environ=SECRETS) == load(SAMPLE, environ=SECRETS, backends=BACKENDS)


def test_the_example_is_the_designs_sample_with_comments() -> None:
    example = load(EXAMPLES / "facade.toml", environ=SECRETS, backends=BACKENDS)
    assert example == load(SAMPLE, environ=SECRETS, backends=BACKENDS)


def test_what_is_left_out_has_the_models_defaults(loaded: Load) -> None:
    settings = loaded(RIGHT)
    assert settings.server.state == "sqlite:///facade.db"
    assert settings.server.id_key is None
    assert settings.authorities[1].bills == Bills()
    assert settings.authorities[1].select == {"provider_group": frozenset({"2", "3"})}


def test_all_faults_are_named_at_once(refused: Refuse) -> None:
    text = RIGHT
    for old, new in (
        ("https://billing.example.org/fhir", "http://billing.example.org/fhir"),
        ('id = "riverside"', 'id = "river side"'),
        ('select = { provider_group = "1" }', 'select = { provider_grop = "1" }'),
        ("view = true, pay", "pay"),
        ('features = ["view"]', 'features = ["vew"]'),
        ('"195900"', '"env:PRACTICE"'),
    ):
        text = text.replace(old, new, 1)
    faults = refused(text)
    assert [(fault.line, fault.where) for fault in faults] == [
        (2, "server.base_url"),
        (11, "billing_system[0].settings.practice_id"),
        (14, "assigning_authority[0].id"),
        (18, "assigning_authority[0].select.provider_grop"),
        (19, "assigning_authority[0].bills.pay"),
        (32, "client[0].features[0]"),
    ]
    assert all(fault.file.endswith("facade.toml") and fault.message and fault.advice for fault in faults)


def test_a_fault_quotes_the_key_and_its_value_and_says_what_to_write(refused: Refuse) -> None:
    (fault,) = refused(changed("view = true", "veiw = true, view = true"))
    assert str(fault).endswith(
        "facade.toml:19: assigning_authority[0].bills.veiw: veiw = true is no setting; "
        "the keys here are download, pay, pending, view"
    )


def test_a_misspelt_key_is_not_also_missing_and_has_no_echo(refused: Refuse) -> None:
    (fault,) = refused(changed("view = true", "veiw = true"))
    assert fault.where == "assigning_authority[0].bills.veiw"
    assert fault.advice == "did you mean view?"
    assert [fault.advice for fault in refused(changed("base_url", "base_ulr"))] == ["did you mean base_url?"]


def test_a_refused_value_has_no_echo_where_it_is_referred_to(refused: Refuse) -> None:
    assert [f.where for f in refused(changed('name = "athena"', 'name = "athena health"'))] == [
        "billing_system[0].name"
    ]
    assert [f.where for f in refused(changed("[[gateway]]", "[gateway]"))] == ["gateway"]


@pytest.mark.parametrize("text", ["", "[server]\n", "assigning_authority = 1\nclient = [1, {}]\ngateway = [[]]"])
def test_however_little_is_right_the_faults_are_faults(refused: Refuse, text: str) -> None:
    assert refused(text)


def test_an_empty_file_asks_for_the_server_table(refused: Refuse) -> None:
    assert ("server", "add [server]") in [(fault.where, fault.advice) for fault in refused("")]


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadSettings, match=r"nowhere\.toml: cannot be read: No such file or directory"):
        load(tmp_path / "nowhere.toml", environ={}, backends=BACKENDS)


def test_a_backend_is_looked_up_once_for_all_authorities(tmp_path: Path) -> None:
    asked: list[str] = []

    def find_and_note(type_: str) -> type[BillingSystem]:
        asked.append(type_)
        return find(type_)

    entry = '[[assigning_authority]]\nid = "{0}"\nname = "{0}"\nsystem = "urn:x:{0}"\nbilling_system = "athena"\n'
    many = "".join(
        entry.format(n) + f'select = {{ department = "{n}", provider_group = "{n}" }}\n' for n in range(10, 60)
    )
    file = tmp_path / "facade.toml"
    file.write_text(RIGHT + many)
    load(file, environ={}, backends=Backends(find_and_note, TYPES.keys))
    assert 1 <= len(asked) < 5


def test_no_secret_is_in_the_settings_text(loaded: Load) -> None:
    text = changed("[server]", '[server]\nid_key = ["env:NEW", "env:OLD"]\nstate = "postgresql://me:hush@db/x"')
    settings = loaded(text, {"NEW": "n" * 40, "OLD": "o" * 40})
    assert settings.server.id_key is not None
    assert settings.server.id_key.values == ("n" * 40, "o" * 40)
    for secret in ("n" * 40, "o" * 40, "a secret", "hush"):
        assert secret not in repr(settings)


def test_the_digest_tells_settings_apart_and_not_their_layout(loaded: Load) -> None:
    settings = loaded(RIGHT)
    assert loaded("# a comment\n" + RIGHT.replace(" = ", "=")) == settings
    assert loaded(changed('"regional-hie"', '"regional"')).digest != settings.digest


def test_the_digest_holds_no_secret(loaded: Load) -> None:
    assert loaded(changed("a secret", "another secret")).digest == loaded(RIGHT).digest
    referring = changed('"195900"', '"env:PRACTICE"')
    assert loaded(referring, {"PRACTICE": "1"}).digest == loaded(referring, {"PRACTICE": "2"}).digest


def test_settings_cannot_be_changed(loaded: Load) -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        loaded(RIGHT).server.base_url = "https://elsewhere.example.org"  # type: ignore[misc]
