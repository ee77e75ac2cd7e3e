"""The facades that are measured: a settings file each, and ``fhir-facade serve`` over it."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from bench import child, issuer
from bench.bills import holdings
from bench.issuer import CLIENT, Issuer
from fhir_facade import wire

SYSTEM = "urn:oid:1.3.6.1.4.1.99999.1"
_SETTINGS = """
[server]
base_url = "{base_url}"
state = "sqlite:///{folder}/state.db"

{security}

[[billing_system]]
name = "billing"
{billing_system}

[[assigning_authority]]
id = "riverside"
name = "Riverside Medical Group"
system = "{system}"
billing_system = "billing"
bills = {{ view = true }}
"""
_OPEN = """
[security]
mode = "open"
"""
_SMART = """
[security]
issuer = "{issuer}"
audience = "{base_url}"
patient_means = "identifier:{system}"

[[client]]
id = "{client}"
authorities = ["riverside"]
features = ["view", "pending"]
"""
_MEMORY = """
type = "memory"
settings = {{ file = "{file}" }}
"""
# 200 clients may be at the billing system at once; a file lives long enough to see that it is fetched once.
_ATHENAHEALTH = """
type = "athenahealth"
calls_in_flight = 256
life = {{ bills = 600 }}
settings = {{ environment = "preview", practice_id = "1", base_url = "{url}", client_id = "bench", client_secret = "bench", calls_in_flight = 256 }}
"""  # noqa: E501


@dataclass(frozen=True)
class Site:
    """A facade that runs.  ``base_url`` is its FHIR base; ``pid`` the server's process, parent of its worker.

    ``token`` is an exchange's, for everybody's bills.
    """

    base_url: str
    port: int
    pid: int
    issuer: Issuer

    @property
    def token(self) -> str:
        return self.issuer.token(self.base_url, client_id=CLIENT, scope="system/*.rs")

    def patients(self, number: str) -> str:
        """A patient's own token."""
        return self.issuer.token(self.base_url, patient=number, scope="patient/*.rs")


def written(folder: Path, port: int, billing_system: str, issued_by: str = "") -> Path:
    """The settings file of a site with one billing system, in a folder of its own; without an issuer, an open one."""
    folder.mkdir(parents=True, exist_ok=True)
    given = {"base_url": f"http://127.0.0.1:{port}/fhir", "system": SYSTEM}
    security = _SMART.format(issuer=issued_by, client=CLIENT, **given) if issued_by else _OPEN
    text = _SETTINGS.format(folder=folder, billing_system=billing_system, security=security, **given)
    file = folder / "facade.toml"
    file.write_text(text)
    return file


def memory(folder: Path, patients: Iterable[tuple[str, int]]) -> str:
    """A billing system in memory: patients by number, each with so many bills."""
    folder.mkdir(parents=True, exist_ok=True)
    file = folder / "records.json"
    file.write_bytes(wire.encode(holdings(patients)))
    return _MEMORY.format(file=file)


def athenahealth(url: str) -> str:
    """A practice at the simulator."""
    return _ATHENAHEALTH.format(url=url)


@contextlib.contextmanager
def served(folder: Path, billing_system: str, environ: Mapping[str, str] | None = None) -> Iterator[Site]:
    """``fhir-facade serve`` with one worker, as a site runs it: with tokens, and an audit trail."""
    port, command = child.free_port(), str(Path(sys.executable).with_name("fhir-facade"))
    with issuer.running() as authority:
        config = written(folder, port, billing_system, authority.url)
        words = [command, "serve", "--config", str(config), "--port", str(port), "--workers", "1"]
        with child.running(words, port, folder / "server.log", environ) as pid:
            yield Site(f"http://127.0.0.1:{port}/fhir", port, pid, authority)
