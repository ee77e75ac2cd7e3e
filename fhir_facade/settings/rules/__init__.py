"""What a schema cannot say: one function a rule, all of them in ``RULES``."""

from __future__ import annotations

from collections.abc import Iterator

from fhir_facade.settings.faults import Finding
from fhir_facade.settings.rules import addresses, names, people, registrations, selections, switches
from fhir_facade.settings.rules.site import Rule, Site

RULES: tuple[Rule, ...] = (
    addresses.base_url_is_a_public_address,
    addresses.open_mode_stays_on_loopback,
    addresses.smart_mode_has_an_issuer,
    addresses.a_client_id_has_a_secret,
    addresses.what_is_asked_has_a_secure_address,
    addresses.browsers_are_sent_to_secure_addresses,
    people.an_index_has_a_url,
    people.it_is_told_who_asks_in_one_way,
    people.a_foreign_identifier_is_the_persons,
    people.it_answers_within_a_request,
    names.names_are_unique,
    names.identifier_systems_are_unique,
    names.billing_systems_are_known,
    names.gateways_are_known,
    names.clients_authorities_are_known,
    switches.switches_have_what_they_need,
    switches.payments_have_a_gateway,
    selections.select_keys_are_the_backends,
    selections.selections_do_not_overlap,
    registrations.backends_are_installed,
    registrations.settings_fit_the_backend,
    registrations.gateways_fit_the_environment,
)


def broken(site: Site) -> Iterator[Finding]:
    """Everything that breaks a rule."""
    for rule in RULES:
        yield from rule(site)
