"""Starts what the demo's facade stands in front of, and who lets its callers in."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from fhir_facade.house import House
from fhir_facade.sandbox.athenahealth import Simulator
from fhir_facade.sandbox.authorization import DevelopmentAuthorizationServer
from fhir_facade.sandbox.clinic import clinic_settings, create_clinic
from fhir_facade.sandbox.demo_clients import demo_clients, facades_secret
from fhir_facade.sandbox.demo_people import demo_people, proxies, who_is_who
from fhir_facade.sandbox.demo_settings import BASE_URL, OPEN, smart, write_settings
from fhir_facade.sandbox.sample import sample_world
from fhir_facade.sandbox.sample.world import PRACTICE
from fhir_facade.settings.model import Settings
from fhir_facade.state.crosswalk import Crosswalk
from fhir_facade.state.database import Database


@dataclass(frozen=True)
class Demo:
    """What is started.  ``config`` is the settings file; ``exchanges_key`` the private key of the health exchange."""

    config: Path
    authorization: DevelopmentAuthorizationServer
    exchanges_key: Path

    def let_people_in(self, house: House, settings: Settings) -> None:
        """The sample's people sign in from now on, and the facade knows who is who among them."""
        people = demo_people(house.finder.authorities, house.finder.ids)
        with closing(Database(settings.server.state)) as database:
            Crosswalk(database).replace(who_is_who(people), proxies())
        self.authorization.people.admit(people)


@contextmanager
def start_demo(directory: Path, *, base_url: str = BASE_URL, authorization_port: int = 0) -> Iterator[Demo]:
    """Billing systems and an authorization server answer inside it, and the settings ask everybody for a token."""
    directory = directory.resolve()
    key, secret = directory / "regional-hie.jwk", facades_secret()
    clients = demo_clients(secret[1], key)
    with DevelopmentAuthorizationServer(base_url, clients, authorization_port) as authorization:
        security = smart(directory, base_url=base_url, issuer=authorization.issuer, client=secret)
        with start_billing_systems(directory, base_url=base_url, security=security) as config:
            yield Demo(config, authorization, key)


@contextmanager
def start_billing_systems(
    directory: Path, *, base_url: str = BASE_URL, port: int = 0, security: str = OPEN
) -> Iterator[Path]:
    """Inside it, the athenahealth simulator answers and the clinic's database is there; yields the settings file.

    ``base_url`` is the facade's; ``port`` is the simulator's, 0 for any free one; ``security`` as in the settings.
    """
    directory = directory.resolve()
    directory.mkdir(parents=True, exist_ok=True)
    clinic = directory / "clinic.db"
    create_clinic(clinic)
    with Simulator(sample_world(), port) as simulator:
        athena = {
            "base_url": simulator.base_url,
            "practice": PRACTICE,
            "client_id": simulator.world.client_id,
            "client_secret": simulator.world.client_secret,
        }
        yield write_settings(
            directory, athena=athena, clinic=clinic_settings(clinic), base_url=base_url, security=security
        )


def is_free(port: int) -> bool:
    """True if a server can listen on this port of the loopback address."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind(("127.0.0.1", port))
        except (OSError, OverflowError):
            return False
    return True
