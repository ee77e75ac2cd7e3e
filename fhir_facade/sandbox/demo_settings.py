"""The demo's ``facade.toml``: two billing systems, three assigning authorities, and who is let in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fhir_facade.sandbox.clinic import POSTING

BASE_URL = "http://127.0.0.1:8080/fhir"
SECRET_FILE, _FACADE_SECRET = "athena-secret.txt", "facade-secret.txt"
EXCHANGE, EXCHANGES_AUTHORITY = "regional-hie", "clinic"

_HEAD = """\
# Written by the demo: an athenahealth practice with two provider groups and a clinic's SQL database.

[server]
base_url = {base_url}
state = {state}

[security]
{security}

[[billing_system]]
name = "athena"
type = "athenahealth"

[billing_system.settings]
environment = "preview"
practice_id = {practice}
client_id = {client_id}
client_secret = "file:{secret_file}"
base_url = {athena_url}
receipts = "each"

[[billing_system]]
name = "clinic"
type = "sql"
"""

OPEN = 'mode = "open"'
_SMART = """\
mode = "smart"
issuer = {issuer}
audience = {base_url}
client_id = {client_id}
client_secret = "file:{secret_file}"
revocation_seconds = 5
"""

_AUTHORITIES = """
[[assigning_authority]]
id = "riverside"
name = "Riverside Medical Group"
system = "urn:oid:1.3.6.1.4.1.99999.1"
billing_system = "athena"
select = { provider_group = "1" }
bills = { view = true, download = true }
appointments = true

[[assigning_authority]]
id = "lakeside"
name = "Lakeside Specialists"
system = "urn:oid:1.3.6.1.4.1.99999.2"
billing_system = "athena"
select = { provider_group = "2" }
bills = { view = true, download = false }
appointments = true

[[assigning_authority]]
id = "clinic"
name = "Harbor Clinic"
system = "urn:oid:1.3.6.1.4.1.99999.3"
billing_system = "clinic"
bills = { view = true, download = true }
appointments = true
"""

_CLIENT = """
[[client]]
id = {id}
authorities = [{authority}]
features = ["view", "pending"]
"""


def smart(directory: Path, *, base_url: str, issuer: str, client: tuple[str, str]) -> str:
    """Settings that ask everybody for a token of ``issuer``.  ``client`` is the facade's own id and secret there."""
    write_secret(directory / _FACADE_SECRET, client[1])
    return _SMART.format(
        issuer=_quoted(issuer), base_url=_quoted(base_url), client_id=_quoted(client[0]), secret_file=_FACADE_SECRET
    ).strip()


def write_secret(path: Path, text: str) -> None:
    """A file that nobody else reads."""
    path.touch(mode=0o600)
    path.write_text(text + "\n")


def write_settings(
    directory: Path,
    *,
    athena: Mapping[str, str],
    clinic: Mapping[str, Any],
    base_url: str = BASE_URL,
    security: str = OPEN,
) -> Path:
    """Write ``facade.toml`` and the secret that it refers to; the file's path.

    ``athena``: ``base_url``, ``practice``, ``client_id``, ``client_secret``; ``clinic``: the sql settings;
    ``security``: the lines of that table, ``OPEN`` or those of ``smart``.
    """
    write_secret(directory / SECRET_FILE, athena["client_secret"])
    head = _HEAD.format(
        base_url=_quoted(base_url),
        security=security,
        state=_quoted(f"sqlite:///{directory / 'facade.db'}"),
        practice=_quoted(athena["practice"]),
        client_id=_quoted(athena["client_id"]),
        secret_file=SECRET_FILE,
        athena_url=_quoted(athena["base_url"]),
    )
    client = "" if security == OPEN else _CLIENT.format(id=_quoted(EXCHANGE), authority=_quoted(EXCHANGES_AUTHORITY))
    posting = _table("assigning_authority.posting", POSTING)  # of the last one, the clinic
    path = directory / "facade.toml"
    path.write_text(head + _table("billing_system.settings", clinic) + _AUTHORITIES + posting + client)
    return path


def _table(name: str, table: Mapping[str, Any]) -> str:
    """A table, and the tables in it."""
    plain = [f"{key} = {_quoted(value)}\n" for key, value in table.items() if not isinstance(value, Mapping)]
    inner = [_table(f"{name}.{key}", value) for key, value in table.items() if isinstance(value, Mapping)]
    return "".join([f"\n[{name}]\n", *plain, *inner])


def _quoted(value: str | int) -> str:
    if isinstance(value, str) and "\n" in value:
        return f"'''\n{value.strip()}\n'''"
    return json.dumps(value, ensure_ascii=False)
