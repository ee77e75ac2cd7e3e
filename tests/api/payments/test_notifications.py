"""What gateways tell is in the ledger before it is answered, whatever comes twice, late or from somebody else."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from fhir_facade.errors import StateUnavailable
from fhir_facade.gateways.port import Outcome, Result
from fhir_facade.payments.states import State
from tests.api.payments.conftest import Shop, refused

PLACE = "/gateways/main/notifications"


def test_a_payment_is_in_the_ledger_when_the_gateway_is_answered(shop: Shop) -> None:
    shop.begun()
    response = shop.notify(Outcome.CAPTURED)
    assert (response.status_code, response.get_json()) == (200, {"status": "ok"})
    assert shop.ledger[0].state is State.CAPTURED
    assert [step.by for step in shop.house.till.ledger.history(shop.ledger[0].id)] == ["caller", "gateway", "gateway"]


def test_what_is_told_twice_happens_once(shop: Shop) -> None:
    shop.begun()
    for _ in range(2):
        assert shop.notify(Outcome.CAPTURED).status_code == 200
    assert len(shop.house.till.ledger.history(shop.ledger[0].id)) == 3


def test_what_is_not_signed_changes_nothing(shop: Shop) -> None:
    shop.begun()
    assert shop.notify(Outcome.CAPTURED, X_Signature="wrong").status_code == 504
    assert shop.ledger[0].state is State.OPEN


def test_the_gateway_gets_the_body_as_it_came(shop: Shop) -> None:
    got: list[bytes] = []
    shop.gateway.notified = lambda headers, body: got.append(body) or []  # type: ignore[method-assign,func-returns-value]
    body = b'{ "a":1.10,\xff\n}'
    assert shop.client.post(PLACE, data=body).status_code == 200
    assert got == [body]


def test_a_payment_that_nobody_knows_is_an_event_and_is_not_told_again(
    shop: Shop, capfdbinary: pytest.CaptureFixture[bytes]
) -> None:
    stranger = Result("not-ours", "session-unknown", Outcome.CAPTURED)
    shop.gateway.notified = lambda headers, body: [stranger]  # type: ignore[method-assign]
    assert shop.client.post(PLACE, data=b"x").status_code == 200
    lines = [json.loads(line) for line in capfdbinary.readouterr().err.splitlines()]
    (event,) = [line for line in lines if line["event"] == "payment.unknown"]
    assert (event["gateway"], event["level"]) == ("main", "error")


def test_another_gateways_payment_is_not_its_own(shop: Shop) -> None:
    shop.begun()
    shop.house.till.ledger.note(shop.ledger[0], "test", gateway="other")
    shop.notify(Outcome.CAPTURED)
    assert shop.ledger[0].state is State.OPEN


def test_without_our_id_the_session_tells_which(shop: Shop) -> None:
    shop.begun()
    shop.gateway.says(shop.gateway.last, Outcome.CAPTURED)
    told: Any = replace(shop.gateway.results[shop.gateway.last], payment="")
    shop.gateway.notified = lambda headers, body: [told]  # type: ignore[method-assign]
    shop.client.post(PLACE, data=b"x")
    assert shop.ledger[0].state is State.CAPTURED


def test_a_ledger_that_does_not_take_it_has_it_told_again(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop.begun()

    def broken(*_: Any) -> None:
        raise StateUnavailable

    monkeypatch.setattr(shop.house.till.ledger._database, "writing", broken)
    refused(shop.notify(Outcome.CAPTURED), 503, "transient")
    monkeypatch.undo()
    assert shop.notify(Outcome.CAPTURED).status_code == 200
    assert shop.ledger[0].state is State.CAPTURED


@pytest.mark.parametrize(("method", "status"), [("get", 405), ("put", 405), ("options", 204)])
def test_it_is_a_mailbox(shop: Shop, method: str, status: int) -> None:
    response = getattr(shop.client, method)(PLACE)
    assert response.status_code == status
    assert status == 204 or response.headers["Allow"] == "POST, OPTIONS"


@pytest.mark.parametrize(
    "path", ["/gateways/other/notifications", "/gateways/main", "/fhir/gateways/main/notifications"]
)
def test_other_places_are_none(shop: Shop, path: str) -> None:
    assert shop.client.post(path, data=b"x").status_code == 404


def test_what_is_too_long_is_not_read(shop: Shop) -> None:
    refused(shop.client.post(PLACE, data=b"x" * 1_000_001), 400, "too-costly")
    assert "notified" not in shop.gateway.asked


def test_the_gateway_is_closed_with_the_house(shop: Shop) -> None:
    shop.house.close()
    assert shop.gateway.closed
