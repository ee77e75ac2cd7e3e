"""A facade that asks for tokens: its settings, and ``fhir-facade serve`` over them."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench import child
from fhir_facade import wire
from tests.clients.records import HELD

SYSTEM = "urn:oid:1.3.6.1.4.1.99999.1"
_SETTINGS = """
[server]
base_url = "{base_url}"
state = "sqlite:///{folder}/state.db"

[security]
issuer = "{issuer}"
audience = "{base_url}"
patient_means = "identifier:{system}"
{introspection}

[[billing_system]]
name = "billing"
type = "memory"
settings = {{ file = "{folder}/records.json" }}

[[assigning_authority]]
id = "riverside"
name = "Riverside Medical Group"
system = "{system}"
billing_system = "billing"
bills = {{ view = true }}

[[client]]
id = "exchange"
authorities = ["riverside"]
features = ["view", "pending"]
"""


def written(folder: Path, base_url: str, issuer: str, user: tuple[str, str] | None = None) -> Path:
    """The settings file.  ``user`` is the facade's own client id and secret at the issuer."""
    (folder / "records.json").write_bytes(wire.encode(HELD))
    told = "" if user is None else f'client_id = "{user[0]}"\nclient_secret = "{user[1]}"'
    file = folder / "facade.toml"
    file.write_text(
        _SETTINGS.format(base_url=base_url, folder=folder, issuer=issuer, system=SYSTEM, introspection=told)
    )
    return file


@contextmanager
def served(folder: Path, base_url: str, issuer: str, user: tuple[str, str] | None = None) -> Iterator[None]:
    """The server, as a site runs it."""
    file, port = written(folder, base_url, issuer, user), base_url.split(":")[2].partition("/")[0]
    words = [str(Path(sys.executable).with_name("fhir-facade")), "serve", "--config", str(file), "--port", port]
    with child.running(words, int(port), folder / "server.log"):
        yield
