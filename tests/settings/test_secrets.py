"""Secrets come from elsewhere, are asked for all at once, and are never quoted."""

from __future__ import annotations

from pathlib import Path

from tests.settings.conftest import RIGHT, Load, Refuse, changed

SECRET = 'client_secret = "a secret"'


def test_a_secret_may_be_an_environment_variable(loaded: Load) -> None:
    settings = loaded(changed(SECRET, 'client_secret = "env:ATHENA"'), {"ATHENA": "from outside"})
    assert settings.billing_systems[0].settings["client_secret"] == "from outside"


def test_a_secret_may_be_a_file_beside_the_settings(loaded: Load, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("from a file\n")
    settings = loaded(changed(SECRET, 'client_secret = "file:secret.txt"'))
    assert settings.billing_systems[0].settings["client_secret"] == "from a file"


def test_a_secret_may_be_a_list_of_new_and_old(loaded: Load) -> None:
    settings = loaded(changed(SECRET, 'client_secret = ["env:NEW", "env:OLD"]'), {"NEW": "n", "OLD": "o"})
    assert settings.billing_systems[0].settings["client_secret"] == ["n", "o"]


def test_all_that_are_missing_are_named_with_their_lines(refused: Refuse) -> None:
    text = changed(SECRET, 'client_secret = ["env:NEW", "file:old.txt"], client_id = "env:EMPTY"')
    faults = refused(changed("[server]", '[server]\nid_key = "env:ID_KEY"', text), {"EMPTY": ""})
    assert [(fault.line, fault.where) for fault in faults] == [
        (2, "server.id_key"),
        (12, "billing_system[0].settings.client_id"),
        (12, "billing_system[0].settings.client_secret[0]"),
        (12, "billing_system[0].settings.client_secret[1]"),
    ]
    assert "set ID_KEY in the server's environment" in str(faults[0])
    assert "old.txt" in str(faults[3])


def test_a_secret_that_is_wrong_is_not_quoted(refused: Refuse) -> None:
    texts = [
        changed("[server]", '[server]\nid_key = "hush"'),
        changed("[server]", '[server]\nid_key = "env:ID_KEY"'),
        changed("[server]", '[server]\nid_key = ["env:ID_KEY", "hush"]'),
        changed(SECRET, 'client_secret = "x", pin = "hush hush"'),
        changed(SECRET, 'client_secret = { value = "hush" }'),
        changed("[server]", '[server]\nstate = "mysql://me:hush@db.example.org/x"'),
    ]
    for text in texts:
        faults = refused(text, {"ID_KEY": "hush"})
        assert faults
        assert "hush" not in "".join(map(str, faults))


def test_a_short_key_for_ids_is_refused_by_its_length(refused: Refuse) -> None:
    (fault,) = refused(changed("[server]", '[server]\nid_key = "env:ID_KEY"'), {"ID_KEY": "k" * 31})
    assert fault.message == 'id_key = "env:ID_KEY" has 31 of the 32 characters that it needs'


def test_a_text_of_its_own_is_no_reference(loaded: Load) -> None:
    assert loaded(changed("Lakeside Dental", "environment: Lakeside")).authorities[1].name == "environment: Lakeside"
    assert RIGHT.count("env:") == 0
