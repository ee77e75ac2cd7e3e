"""The demo's ``facade.toml``: two billing systems, three assigning authorities, nobody asks for a token."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

BASE_URL = "http://127.0.0.1:8080/fhir"
SECRET_FILE = "athena-secret.txt"

_HEAD = """\
# Written by the demo: an athenahealth practice with two provider groups and a clinic's SQL database.

[server]
base_url = {base_url}
state = {state}

[security]
mode = "open"

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

[billing_system.settings]
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


def write_settings(
    directory: Path, *, athena: Mapping[str, str], clinic: Mapping[str, Any], base_url: str = BASE_URL
) -> Path:
    """Write ``facade.toml`` and the secret that it refers to; the file's path.

    ``athena``: ``base_url``, ``practice``, ``client_id``, ``client_secret``; ``clinic``: the sql settings.
    """
    secret = directory / SECRET_FILE
    secret.touch(mode=0o600)
    secret.write_text(athena["client_secret"] + "\n")
    head = _HEAD.format(
        base_url=_quoted(base_url),
        state=_quoted(f"sqlite:///{directory / 'facade.db'}"),
        practice=_quoted(athena["practice"]),
        client_id=_quoted(athena["client_id"]),
        secret_file=SECRET_FILE,
        athena_url=_quoted(athena["base_url"]),
    )
    path = directory / "facade.toml"
    path.write_text(head + _sql(clinic) + _AUTHORITIES)
    return path


def _sql(settings: Mapping[str, Any]) -> str:
    plain = [f"{name} = {_quoted(value)}\n" for name, value in settings.items() if name != "queries"]
    queries = [f"{name} = '''\n{query.strip()}\n'''\n" for name, query in settings["queries"].items()]
    return "".join([*plain, "\n[billing_system.settings.queries]\n", *queries])


def _quoted(value: str | int) -> str:
    return json.dumps(value, ensure_ascii=False)
