"""Reference 1 and 8.5: ping, practice, departments, providers, card methods."""

from __future__ import annotations

from fhir_facade.sandbox.athenahealth import Practice
from tests.sandbox.conftest import Api, Clock


def test_ping_is_answered_with_a_string(api: Api) -> None:
    assert api.json("/ping") == {"pong": "true"}


def test_an_unknown_practice_is_invalid(api: Api) -> None:
    answer = api.get("/ping", practice="1")
    assert answer.status_code == 404
    assert answer.json() == {"error": "Invalid practice.", "detailedmessage": "The practice ID does not exist."}


def test_practice_data_comes_in_an_envelope(api: Api) -> None:
    answer = api.json("/practiceinfo")
    assert answer["totalcount"] == 1
    assert (answer["practiceinfo"][0]["practiceid"], answer["practiceinfo"][0]["hascollector"]) == ("195900", True)


def test_a_department_knows_its_group_and_its_clock(api: Api, practice: Practice, clock: Clock) -> None:
    (winter,) = api.json("/departments/1")
    clock.forward(days=120)
    api.sign_in()
    (summer,) = api.json("/departments/1")
    assert (winter["departmentid"], winter["providergroupid"], winter["timezonename"]) == ("1", "1", "US/Eastern")
    assert (winter["timezoneoffset"], winter["timezone"], winter["doesnotobservedst"]) == (-5, -5, "false")
    assert (summer["timezoneoffset"], summer["timezone"]) == (-5, -4)
    assert winter["ecommercecreditcardtypes"] == ["DS", "MC", "VI"]


def test_where_clocks_are_never_changed_the_offset_stays(api: Api, practice: Practice, clock: Clock) -> None:
    practice.add_department(142, zone="US/Mountain", observes_dst=False, takes_cards=False)
    clock.forward(days=120)
    api.sign_in()
    (summer,) = api.json("/departments/142")
    assert (summer["timezoneoffset"], summer["timezone"], summer["doesnotobservedst"]) == (-7, -7, "true")
    assert "ecommercecreditcardtypes" not in summer


def test_departments_hidden_in_the_portal_come_only_when_asked_for(api: Api, practice: Practice) -> None:
    practice.add_department(102, hidden=True)
    listed = [row["departmentid"] for row in api.json("/departments")["departments"]]
    everything = [row["departmentid"] for row in api.json("/departments", showalldepartments="true")["departments"]]
    assert (listed, everything) == (["1", "21", "62"], ["1", "21", "62", "102"])


def test_providers_are_bare_numbers_and_often_lack_a_name_to_show(api: Api, practice: Practice) -> None:
    practice.add_provider(86)
    practice.add_provider(27, display="Nora Lindqvist, MD", npi="1912345677")
    bare, full = api.json("/providers")["providers"]
    assert (bare["providerid"], bare["providergrouplist"], bare["entitytype"]) == (86, ["1"], "Person")
    assert not {"npi", "displayname"} & set(bare)
    assert full["npi"] == 1912345677
    assert api.json("/providers/27") == [full]


def test_a_provider_or_department_that_is_not_there_is_404(api: Api) -> None:
    assert [api.get(path).status_code for path in ("/providers/9", "/departments/9")] == [404, 404]


def test_card_methods_are_listed(api: Api) -> None:
    answer = api.json("/configuration/validnonccpcreditcardmethods")
    assert answer["totalcount"] == 5
    assert {"name": "MasterCard and Visa", "paymentmethod": "MC/VISA"} in answer["paymentmethods"]
