"""Each rule refuses what it is there for, at the right place, with the right advice."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from fhir_facade.settings.rules import RULES, addresses, names, people, registrations, selections, switches
from fhir_facade.settings.rules.site import Rule
from tests.settings.conftest import RIGHT, Load, Refuse, changed


class Case(NamedTuple):
    """One place of the right file written otherwise, and the one fault that it makes."""

    rule: Rule
    old: str
    new: str
    where: str
    message: str
    advice: str = ""


BASE = 'base_url = "https://billing.example.org/fhir"'
PUBLIC = addresses.base_url_is_a_public_address
SECOND = 'id = "lakeside"'
INDEX = '[people]\nurl = "https://mpi.example.org/fhir"\n'
CLINIC = '[[billing_system]]\nname = "clinic"\ntype = "sql"\n\n[[client]]'
THIRD = '[[assigning_authority]]\nid = "hill"\nname = "Hill"\nsystem = "urn:hill"\nbilling_system = "athena"\n'

CASES = [
    Case(PUBLIC, BASE, 'base_url = "billing.example.org"', "server.base_url", "absolute URL"),
    Case(PUBLIC, BASE, 'base_url = "https://["', "server.base_url", "absolute URL"),
    Case(PUBLIC, BASE, 'base_url = "https://a b.org"', "server.base_url", "absolute URL"),
    Case(PUBLIC, BASE, 'base_url = "http://a.org/x"', "server.base_url", "https", 'base_url = "https://a.org/x"'),
    Case(PUBLIC, BASE, 'base_url = "https://a.org/x/"', "server.base_url", "slash", 'base_url = "https://a.org/x"'),
    Case(PUBLIC, BASE, 'base_url = "https://a.org/x?y=1"', "server.base_url", "query", 'base_url = "https://a.org/x"'),
    Case(PUBLIC, BASE, 'base_url = "https://me@a.org"', "server.base_url", "user", 'base_url = "https://a.org"'),
    Case(addresses.open_mode_stays_on_loopback, "[security]", '[security]\nmode = "open"', "security.mode", "loopback"),
    Case(addresses.smart_mode_has_an_issuer, 'issuer = "https://id.example.org"\n', "", "security.issuer", "needed by"),
    Case(
        addresses.smart_mode_has_an_issuer,
        'audience = "https://billing.example.org/fhir"\n',
        "",
        "security.audience",
        "needed by",
        'audience = "https://billing.example.org/fhir"',
    ),
    Case(
        addresses.what_is_asked_has_a_secure_address,
        'issuer = "https:',
        'issuer = "http:',
        "security.issuer",
        "must be https",
        'issuer = "https://id.example.org"',
    ),
    Case(
        addresses.a_client_id_has_a_secret,
        "[security]",
        '[security]\nclient_id = "fhir-facade"',
        "security.client_secret",
        "needed beside client_id",
        'client_secret = "env:FACADE_CLIENT_SECRET"',
    ),
    Case(
        addresses.what_is_asked_has_a_secure_address, "https://id.example.org", "id", "security.issuer", "absolute URL"
    ),
    Case(
        addresses.what_is_asked_has_a_secure_address,
        "[[client]]",
        '[people]\nurl = "http://mpi.example.org/fhir"\n[[client]]',
        "people.url",
        "must be https",
        'url = "https://mpi.example.org/fhir"',
    ),
    Case(
        addresses.what_is_asked_has_a_secure_address,
        "[[client]]",
        f'{INDEX}client_id = "a"\nclient_secret = "b"\ntoken_url = "https://me@mpi.example.org"\n[[client]]',
        "people.token_url",
        "no user",
    ),
    Case(
        addresses.browsers_are_sent_to_secure_addresses,
        "[[client]]",
        '[payments]\nreturn_urls = ["https://app.example.org", "http://app.example.org/paid"]\n[[client]]',
        "payments.return_urls[1]",
        "must be https",
        'write "https://app.example.org/paid"',
    ),
    Case(people.an_index_has_a_url, "[[client]]", "[people]\nseconds = 5\n[[client]]", "people.url", "is needed"),
    Case(
        people.it_is_told_who_asks_in_one_way,
        "[[client]]",
        f'{INDEX}token = "c"\nclient_id = "a"\nclient_secret = "b"\ntoken_url = "https://a.org"\n[[client]]',
        "people.token",
        "cannot be beside",
        "leave out token, or token_url, client_id, client_secret",
    ),
    Case(
        people.it_is_told_who_asks_in_one_way,
        "[[client]]",
        f'{INDEX}client_secret = "b"\ntoken_url = "https://a.org"\n[[client]]',
        "people.client_id",
        "needed beside token_url",
    ),
    Case(
        people.a_foreign_identifier_is_the_persons,
        "[security]",
        f'{INDEX}person_system = "urn:a"\n[security]\npatient_means = "identifier:urn:b"',
        "people.person_system",
        "the system that security.patient_means names",
        'person_system = "urn:b"',
    ),
    Case(
        people.it_answers_within_a_request,
        "[[client]]",
        f"{INDEX}timeout_seconds = 9\n[[client]]",
        "people.timeout_seconds",
        "at most server.deadline_seconds, which is 8",
    ),
    Case(
        names.names_are_unique, SECOND, 'id = "riverside"', "assigning_authority[1].id", "used already at", "its own id"
    ),
    Case(
        names.names_are_unique,
        "[[client]]",
        '[[billing_system]]\nname = "athena"\ntype = "sql"\n\n[[client]]',
        "billing_system[1].name",
        "used already at",
    ),
    Case(names.names_are_unique, "[[client]]", '[[client]]\nid = "regional-hie"\n[[client]]', "client[1].id", "used"),
    Case(
        names.names_are_unique,
        "[[gateway]]",
        '[[gateway]]\nname = "main"\ntype = "x"\n[[gateway]]',
        "gateway[1].name",
        "used",
    ),
    Case(
        names.identifier_systems_are_unique,
        "https://lakeside.example.org/numbers",
        "urn:oid:1.3.6.1.4.1.99999.1",
        "assigning_authority[1].system",
        "used already at",
    ),
    Case(
        names.identifier_systems_are_unique,
        SECOND,
        SECOND + '\nidentifiers = { invoice = "urn:oid:1.3.6.1.4.1.99999.1" }',
        "assigning_authority[1].identifiers.invoice",
        "used already at",
    ),
    Case(
        names.billing_systems_are_known,
        'billing_system = "athena"\nselect = { provider_group = "1" }',
        'billing_system = "athen"\nselect = { provider_group = "1" }',
        "assigning_authority[0].billing_system",
        "names no [[billing_system]]",
        'did you mean "athena"?',
    ),
    Case(
        names.gateways_are_known, 'gateway = "main"', 'gateway = "mian"', "assigning_authority[0].gateway", "names no"
    ),
    Case(
        names.clients_authorities_are_known,
        '["riverside"]',
        '["riverside", "lakside"]',
        "client[0].authorities[1]",
        "names no",
        'did you mean "lakeside"?',
    ),
    Case(
        switches.switches_have_what_they_need,
        "view = true, pay = true",
        "download = true",
        "assigning_authority[0].bills.download",
        "needs bills.view = true",
    ),
    Case(
        switches.switches_have_what_they_need,
        "view = true, pay",
        "pay",
        "assigning_authority[0].bills.pay",
        "needs bills.view = true",
    ),
    Case(
        switches.switches_have_what_they_need,
        'gateway = "main"',
        'gateway = "main"\nprepay = true\nappointments = false',
        "assigning_authority[0].prepay",
        "needs appointments = true",
    ),
    Case(
        switches.payments_have_a_gateway,
        'gateway = "main"\n',
        "",
        "assigning_authority[0].bills.pay",
        "needs a gateway",
        'gateway = "main"',
    ),
    Case(
        switches.payments_have_a_gateway,
        SECOND,
        SECOND + "\nprepay = true",
        "assigning_authority[1].prepay",
        "needs a gateway",
    ),
    Case(
        selections.select_keys_are_the_backends,
        'provider_group = "1"',
        'provider_group = "1", departmnt = "7"',
        "assigning_authority[0].select.departmnt",
        "is no part",
        'did you mean "department"?',
    ),
    Case(
        selections.selections_do_not_overlap,
        '"2", "3"',
        '"2", "1"',
        "assigning_authority[1].select",
        'provider_group "1"',
    ),
    Case(
        selections.selections_do_not_overlap,
        'select = { provider_group = ["2", "3"] }\n',
        "",
        "assigning_authority[1].select",
        "whole billing system",
    ),
    Case(
        selections.selections_do_not_overlap,
        'select = { provider_group = "1" }\n',
        "",
        "assigning_authority[1].select",
        "whole billing system",
    ),
    Case(
        selections.selections_do_not_overlap,
        '{ provider_group = ["2", "3"] }',
        '{ department = "7" }',
        "assigning_authority[1].select",
        "different keys",
    ),
    Case(
        registrations.backends_are_installed,
        '"practice"',
        '"practise"',
        "billing_system[0].type",
        "no installed backend",
        'did you mean "practice"?',
    ),
    Case(registrations.backends_are_installed, '"practice"', '"a.b:C"', "billing_system[0].type", "cannot be used"),
    Case(
        registrations.settings_fit_the_backend,
        '"195900"',
        '"MDP"',
        "billing_system[0].settings.practice_id",
        "right form",
        "The practice's number",
    ),
    Case(
        registrations.settings_fit_the_backend,
        'practice_id = "195900", ',
        "",
        "billing_system[0].settings.practice_id",
        "is missing",
    ),
    Case(
        registrations.gateways_fit_the_environment,
        'type = "redirect"',
        'type = "redirect"\ntest = false',
        "assigning_authority[0].gateway",
        "environment is preview",
    ),
]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.rule.__name__}:{case.where}")
def test_a_rule_refuses(refused: Refuse, case: Case) -> None:
    (fault,) = refused(changed(case.old, case.new))
    assert fault.where == case.where
    assert case.message in fault.message
    assert case.advice in fault.advice


def test_every_rule_has_a_case() -> None:
    assert {case.rule for case in CASES} == set(RULES)


def test_what_is_right_is_not_refused(loaded: Load) -> None:
    assert loaded(RIGHT).authorities


@pytest.mark.parametrize(
    ("environment", "test"), [("preview", "true"), ("production", "false")], ids=["play money", "real money"]
)
def test_a_gateway_of_the_same_kind_fits(loaded: Load, environment: str, test: str) -> None:
    text = changed('type = "redirect"', f'type = "redirect"\ntest = {test}')
    assert loaded(changed('"preview"', f'"{environment}"', text)).gateways[0].test is (test == "true")


def test_a_production_practice_refuses_a_gateway_marked_test(refused: Refuse) -> None:
    text = changed('type = "redirect"', 'type = "redirect"\ntest = true')
    (fault,) = refused(changed('"preview"', '"production"', text))
    assert "facade.toml:37, and the billing system's environment is production" in fault.message


def test_the_environment_left_out_is_the_backends_default(refused: Refuse) -> None:
    text = changed('type = "redirect"', 'type = "redirect"\ntest = true')
    (fault,) = refused(changed(', environment = "preview"', "", text))
    assert "environment is production" in fault.message


@pytest.mark.parametrize("host", ["localhost:8080", "127.0.0.1", "127.1.2.3:80", "[::1]:8080", "fhir.localhost"])
def test_plain_http_and_open_mode_serve_loopback(loaded: Load, host: str) -> None:
    text = changed(BASE, f'base_url = "http://{host}/fhir"')
    settings = loaded(changed("[security]", '[security]\nmode = "open"', text))
    assert settings.security.mode == "open"


@pytest.mark.parametrize("host", ["10.0.0.1", "localhost.example.org", "0.0.0.0", "[::2]"])  # noqa: S104
def test_nothing_else_is_loopback(refused: Refuse, host: str) -> None:
    text = changed(BASE, f'base_url = "http://{host}/fhir"')
    faults = refused(changed("[security]", '[security]\nmode = "open"', text))
    assert [fault.where for fault in faults] == ["server.base_url", "security.mode"]


def test_a_development_issuer_on_loopback_may_be_http(loaded: Load) -> None:
    settings = loaded(changed("https://id.example.org", "http://localhost:9000"))
    assert settings.security.issuer == "http://localhost:9000"


@pytest.mark.parametrize(
    "means", ["local", "person", "identifier:urn:people", "identifier:urn:oid:1.3.6.1.4.1.99999.1"]
)
def test_an_index_may_be_asked_by_what_tokens_carry(loaded: Load, means: str) -> None:
    text = changed("[security]", f'{INDEX}person_system = "urn:people"\n[security]\npatient_means = "{means}"')
    assert loaded(text).people.person_system == "urn:people"


def test_selections_that_differ_in_one_common_key_do_not_overlap(loaded: Load) -> None:
    text = changed('provider_group = "1"', 'provider_group = "1", department = "7"')
    assert loaded(changed('["2", "3"]', '"2", department = ["7", "8"]', text)).authorities


def test_every_pair_that_overlaps_is_named(refused: Refuse) -> None:
    text = changed("[[client]]", THIRD + 'select = { provider_group = ["1", "3"] }\n\n[[client]]')
    assert [(fault.where, fault.message.split(" with ")[1].split(" at ")[0]) for fault in refused(text)] == [
        ("assigning_authority[2].select", "the selection of lakeside"),
        ("assigning_authority[2].select", "the selection of riverside"),
    ]


def test_authorities_of_different_billing_systems_do_not_overlap(loaded: Load) -> None:
    text = changed("[[client]]", CLINIC)
    settings = loaded(changed("[[client]]", THIRD.replace("athena", "clinic") + "[[client]]", text))
    assert [authority.billing_system for authority in settings.authorities] == ["athena", "athena", "clinic"]


def test_a_backend_may_select_by_any_key(loaded: Load) -> None:
    text = changed("[[client]]", CLINIC)
    third = THIRD.replace("athena", "clinic") + 'select = { site = "north" }\n\n'
    assert loaded(changed("[[client]]", third + "[[client]]", text)).authorities[2].select == {"site": {"north"}}


@pytest.mark.parametrize(
    "scopes", ["patient/Invoice.rs", "patient/*.read user/*.rs", "system/Invoice.rs?status=issued"]
)
def test_scopes_may_have_other_names(loaded: Load, scopes: str) -> None:
    text = changed("[security]", f'[security]\nscope_names = {{ "Bills.Read" = "{scopes}" }}')
    assert loaded(text).security.scope_names == {"Bills.Read": scopes}


@pytest.mark.parametrize(
    "scopes", ["", "Invoice.rs", "patient.Invoice.rs", "patient/Invoice.sr", "patient/Invoice.rs,x"]
)
def test_what_is_no_smart_scope_has_no_other_name(refused: Refuse, scopes: str) -> None:
    (fault,) = refused(changed("[security]", f'[security]\nscope_names = {{ "Bills.Read" = "{scopes}" }}'))
    assert fault.where == "security.scope_names.Bills.Read"
    assert "must be SMART scopes" in fault.message
