"""The settings in force: plain frozen values, already judged, secrets resolved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Secret:
    """One or more secret texts, newest first; never printed."""

    values: tuple[str, ...]

    def __repr__(self) -> str:
        return "Secret(…)"


@dataclass(frozen=True)
class Server:
    """``[server]``.  ``base_url`` has no trailing slash.  ``id_key`` None: kept in the state database."""

    base_url: str
    state: str = field(default="sqlite:///facade.db", repr=False)  # may hold a password
    cache: str = field(default="memory", repr=False)
    cache_megabytes: int = 128
    id_key: Secret | None = None
    deadline_seconds: float = 8.0


@dataclass(frozen=True)
class Security:
    """``[security]``: ``open`` serves loopback only; ``smart`` asks every caller for a token."""

    mode: str = "smart"
    issuer: str = ""
    audience: str = ""
    patient_claim: str = "patient"
    patient_means: str = "local"
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    revocation_seconds: float = 60.0
    requests_per_minute: int | None = None
    scope_names: Mapping[str, str] = field(default_factory=dict)

    @property
    def introspection(self) -> tuple[str, str] | None:
        """Id and secret of the client that asks the issuer whether a token holds; None where the site has none."""
        return (self.client_id, self.client_secret) if self.client_id else None


@dataclass(frozen=True)
class People:
    """``[people]``: the master person index that is asked who is who; none where ``url`` is empty."""

    url: str = ""
    how: str = "search"
    person_system: str = ""
    token: str = field(default="", repr=False)
    token_url: str = ""
    client_id: str = ""
    client_secret: str = field(default="", repr=False)
    scope: str = "system/Patient.rs"
    seconds: float = 60.0
    timeout_seconds: float = 4.0


@dataclass(frozen=True)
class Audit:
    """``[audit]``: who looked at what.  ``spool`` empty: beside the state's file."""

    spool: str = ""
    retention_days: int = 2_192


@dataclass(frozen=True)
class BillingSystemSettings:
    """``[[billing_system]]``: a registration.  ``settings`` are the backend's own, secrets resolved to text.

    ``stale_seconds``: how long after its life a patient's file may still be served (with a warning) while the
    billing system is down; 0 is never.  ``life`` overrides seconds of life by kind of record.
    """

    name: str
    type: str
    enabled: bool = True
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)
    stale_seconds: float = 0.0
    life: Mapping[str, float] = field(default_factory=dict)
    calls_in_flight: int = 64


@dataclass(frozen=True)
class Bills:
    """``bills``: the switches that govern bills."""

    view: bool = False
    download: bool = False
    pay: bool = False
    pending: bool = True


@dataclass(frozen=True)
class AssigningAuthority:
    """``[[assigning_authority]]``: whose numbers, and what its patients may do; ``select`` values are sets."""

    id: str
    name: str
    system: str
    billing_system: str
    select: Mapping[str, frozenset[str]] = field(default_factory=dict)
    bills: Bills = Bills()
    appointments: bool = True
    prepay: bool = False
    messages: bool = False
    gateway: str = ""
    currency: str = "USD"
    identifiers: Mapping[str, str] = field(default_factory=dict)
    payment_terms_days: int | None = None
    posting: Mapping[str, Any] = field(default_factory=dict)
    notices: Mapping[str, Any] = field(default_factory=dict)

    def switches(self) -> frozenset[str]:
        """The names of the switches that are on, as ``capability/switches.json`` names them."""
        on = {f"bills.{name}": getattr(self.bills, name) for name in ("view", "download", "pay", "pending")}
        on |= {name: getattr(self, name) for name in ("appointments", "prepay", "messages")}
        return frozenset(name for name, value in on.items() if value)


@dataclass(frozen=True)
class Client:
    """``[[client]]``: a health exchange or another system, and the authorities and features it may use."""

    id: str
    authorities: tuple[str, ...] = ()
    features: tuple[str, ...] = ()


@dataclass(frozen=True)
class Gateway:
    """``[[gateway]]``: a registration of an online payment gateway."""

    name: str
    type: str
    settings: Mapping[str, Any] = field(default_factory=dict, repr=False)
    test: bool | None = None


@dataclass(frozen=True)
class Settings:
    """The whole of ``facade.toml``.  ``digest`` is a hash of the text that was loaded, secrets left out."""

    server: Server
    security: Security
    billing_systems: tuple[BillingSystemSettings, ...]
    authorities: tuple[AssigningAuthority, ...]
    clients: tuple[Client, ...] = ()
    gateways: tuple[Gateway, ...] = ()
    audit: Audit = Audit()
    digest: str = ""
    people: People = People()

    def released(self) -> tuple[AssigningAuthority, ...]:
        """The authorities of enabled billing systems that have any switch on: nothing else exists for clients."""
        enabled = {system.name for system in self.billing_systems if system.enabled}
        return tuple(a for a in self.authorities if a.billing_system in enabled and a.switches() - {"bills.pending"})
