"""A stub of Stripe's API on a loopback socket: the shapes and rules of its reference, as far as the gateway uses them.

https://docs.stripe.com/api/checkout/sessions, /payment_intents, /charges, /refunds, /disputes, /balance_transactions;
keys as in https://docs.stripe.com/api/idempotent_requests, signatures as in https://docs.stripe.com/webhooks/signature
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from flask import Flask, Response, json, request

from fhir_facade.sandbox.athenahealth.server import LoopbackServer

KEY, WEBHOOK_SECRET = "sk_test_51abcdefghijklmnop", "whsec_0123456789abcdef0123"
Object = dict[str, Any]


class Refused(Exception):
    """An answer of the API's error form."""

    def __init__(self, status: int, type_: str = "invalid_request_error", code: str | None = None) -> None:
        super().__init__(code)
        self.status, self.type, self.code = status, type_, code


class StripeStub:
    """``faults`` are answers that come before the right ones: a status, or "after" for a break once it was done."""

    def __init__(self, now: Callable[[], dt.datetime]) -> None:
        self.now = now
        self.objects: dict[str, Object] = {}
        self.calls: list[tuple[str, str, Mapping[str, str]]] = []
        self.headers: list[Mapping[str, str]] = []
        self.faults: list[int | str] = []
        self._numbers = itertools.count(1)
        self._keys: dict[str, tuple[str, int, bytes]] = {}
        self.app = self._app()

    # What happens elsewhere

    def pay(self, session_id: str, *, brand: str = "visa", last4: str = "4242", settles: str = "succeeded") -> None:
        """The patient pays with a card; nothing happens where the session is not open."""
        session = self.objects[session_id]
        if session["status"] != "open" or session["expires_at"] <= self._time():
            return
        intent = self._intent(session)
        session |= {"status": "complete", "payment_intent": intent["id"]}
        if settles != "succeeded":
            intent["status"] = settles
            session["payment_status"] = "unpaid"
            return
        charge = self._charge(intent, {"type": "card", "card": {"brand": brand, "last4": last4}})
        if intent["capture_method"] == "manual":
            intent |= {"status": "requires_capture", "amount_capturable": intent["amount"]}
            session["payment_status"] = "unpaid"
        else:
            session["payment_status"] = "paid"
            self._take(intent, charge, intent["amount"])

    def expire(self, session_id: str) -> None:
        """Nobody paid in time."""
        self.objects[session_id] |= {"status": "expired", "url": None}

    def refund(self, session_id: str, units: int) -> None:
        """A clerk gives money back in the dashboard."""
        intent = self.objects[self.objects[session_id]["payment_intent"]]
        self._refund(intent, units)

    def dispute(self, session_id: str, status: str = "needs_response", reason: str = "fraudulent") -> Object:
        """A bank wants the money back."""
        intent = self.objects[self.objects[session_id]["payment_intent"]]
        charge = self.objects[intent["latest_charge"]]
        charge["disputed"] = True
        about = {"charge": charge["id"], "payment_intent": intent["id"], "amount": charge["amount_captured"]}
        return self._made("dp", "dispute", status=status, reason=reason, currency=intent["currency"], **about)

    def event(self, type_: str, object_: Object) -> bytes:
        """A webhook's body."""
        made = self._made("evt", "event", type=type_, api_version="2026-10-28", data={"object": object_})
        return json.dumps(made, indent=2).encode()

    def charge_of(self, session_id: str) -> Object:
        return self.objects[self.objects[self.objects[session_id]["payment_intent"]]["latest_charge"]]

    # The API

    def _app(self) -> Flask:
        app = Flask(__name__)
        routes: Mapping[str, Callable[..., Object]] = {
            "POST /v1/checkout/sessions": self._create,
            "GET /v1/checkout/sessions": self._sessions,
            "GET /v1/checkout/sessions/<id>": self._found,
            "POST /v1/checkout/sessions/<id>/expire": self._expire,
            "POST /v1/payment_intents/<id>/capture": self._capture,
            "POST /v1/payment_intents/<id>/cancel": self._cancel,
            "POST /v1/refunds": self._refunded,
            "GET /v1/disputes": self._disputes,
            "GET /v1/balance_transactions": self._balance,
        }
        for route, view in routes.items():
            method, path = route.split()
            app.add_url_rule(path, route, self._answering(view), methods=[method])
        return app

    def _answering(self, view: Callable[..., Object]) -> Callable[..., Response]:
        def answer(**path: str) -> Response:
            form = request.form.to_dict() if request.method == "POST" else request.args.to_dict()
            self.calls.append((request.method, request.path, form))
            self.headers.append(dict(request.headers))
            fault = self.faults.pop(0) if self.faults else 0
            if isinstance(fault, int) and fault:
                return _error(Refused(fault, "rate_limit_error" if fault == 429 else "api_error"))
            try:
                response = self._once(view, path, form)
            except Refused as refused:
                return _error(refused)
            return Response(b"<html>", 502, content_type="text/html") if fault == "after" else response

        return answer

    def _once(self, view: Callable[..., Object], path: Mapping[str, str], form: Mapping[str, str]) -> Response:
        """The same key with the same parameters is answered as the first time; with others it is refused."""
        if request.headers.get("Authorization") != f"Bearer {KEY}":
            raise Refused(401, "invalid_request_error")
        key = request.headers.get("Idempotency-Key", "")
        asked = f"{request.path}?{sorted(form.items())}"
        if request.method == "POST" and key in self._keys:
            before, status, body = self._keys[key]
            if before != asked:
                raise Refused(400, "idempotency_error")
            return Response(body, status, content_type="application/json")
        body = json.dumps(self._expanded(view(form, **path), form)).encode()
        if request.method == "POST":
            self._keys[key] = (asked, 200, body)
        return Response(body, 200, content_type="application/json")

    def _create(self, form: Mapping[str, str]) -> Object:
        lasts = int(form["expires_at"]) - self._time()
        if not 30 * 60 <= lasts <= 24 * 3600:
            raise Refused(400, code="parameter_invalid_integer")
        price = "line_items[0][price_data]"
        units, currency = int(form[f"{price}[unit_amount]"]), form[f"{price}[currency]"]
        if currency == "usd" and units < 50:
            raise Refused(400, code="amount_too_small")
        made = self._made(
            "cs_test",
            "checkout.session",
            status="open",
            payment_status="unpaid",
            mode=form["mode"],
            amount_total=units,
            currency=currency,
            client_reference_id=form["client_reference_id"],
            metadata=_members(form, "metadata"),
            payment_intent=None,
            expires_at=int(form["expires_at"]),
        )
        method = form.get("payment_intent_data[capture_method]", "automatic")
        made["of_intent"] = {"metadata": _members(form, "payment_intent_data[metadata]"), "capture_method": method}
        made["url"] = f"https://checkout.stripe.com/c/pay/{made['id']}"
        return made

    def _found(self, form: Mapping[str, str], id: str) -> Object:
        if id not in self.objects:
            raise Refused(404, code="resource_missing")
        return self.objects[id]

    def _sessions(self, form: Mapping[str, str]) -> Object:
        of = form.get("payment_intent")
        return self._list(form, "checkout.session", lambda each: of is None or each["payment_intent"] == of)

    def _expire(self, form: Mapping[str, str], id: str) -> Object:
        if self._found(form, id)["status"] != "open":
            raise Refused(400)
        self.expire(id)
        return self.objects[id]

    def _capture(self, form: Mapping[str, str], id: str) -> Object:
        intent = self._holding(form, id)
        units = int(form["amount_to_capture"])
        if units > intent["amount_capturable"]:
            raise Refused(400, code="amount_too_large")
        self._take(intent, self.objects[intent["latest_charge"]], units)
        return intent

    def _cancel(self, form: Mapping[str, str], id: str) -> Object:
        intent = self._holding(form, id)
        intent |= {"status": "canceled", "canceled_at": self._time(), "amount_capturable": 0}
        return intent

    def _refunded(self, form: Mapping[str, str]) -> Object:
        intent = self._found(form, form["payment_intent"])
        left = intent["amount_received"] - self.objects[intent["latest_charge"]]["amount_refunded"]
        if not left:
            raise Refused(400, code="charge_already_refunded")
        return self._refund(intent, left)

    def _disputes(self, form: Mapping[str, str]) -> Object:
        return self._list(form, "dispute", lambda each: each["payment_intent"] == form["payment_intent"])

    def _balance(self, form: Mapping[str, str]) -> Object:
        since = int(form["created[gte]"])
        return self._list(form, "balance_transaction", lambda each: each["created"] >= since)

    def _holding(self, form: Mapping[str, str], id: str) -> Object:
        intent = self._found(form, id)
        if intent["status"] != "requires_capture":
            raise Refused(400, code="payment_intent_unexpected_state")
        return intent

    # The objects

    def _made(self, prefix: str, object_: str, **members: Any) -> Object:
        id = f"{prefix}_{next(self._numbers):08}"
        self.objects[id] = {"id": id, "object": object_, "created": self._time(), "livemode": False, **members}
        return self.objects[id]

    def _intent(self, session: Object) -> Object:
        amounts = {"amount": session["amount_total"], "amount_received": 0, "amount_capturable": 0}
        return self._made(
            "pi", "payment_intent", currency=session["currency"], latest_charge=None, canceled_at=None,
            status="requires_payment_method", **amounts, **session["of_intent"],
        )  # fmt: skip

    def _charge(self, intent: Object, details: Object) -> Object:
        charge = self._made(
            "ch", "charge", amount=intent["amount"], amount_captured=0, amount_refunded=0, captured=False,
            currency=intent["currency"], disputed=False, refunded=False, metadata=dict(intent["metadata"]),
            payment_intent=intent["id"], payment_method_details=details, balance_transaction=None, refunds=None,
        )  # fmt: skip
        intent["latest_charge"] = charge["id"]
        return charge

    def _take(self, intent: Object, charge: Object, units: int) -> None:
        entry = self._made(
            "txn", "balance_transaction", amount=units, currency=intent["currency"], source=charge["id"],
            reporting_category="charge", type="charge",
        )  # fmt: skip
        charge |= {"captured": True, "amount_captured": units, "balance_transaction": entry["id"]}
        intent |= {"status": "succeeded", "amount_received": units, "amount_capturable": 0}

    def _refund(self, intent: Object, units: int) -> Object:
        charge = self.objects[intent["latest_charge"]]
        charge["amount_refunded"] += units
        refund = self._made("re", "refund", amount=units, payment_intent=intent["id"], status="succeeded")
        kind = {"reporting_category": "refund", "type": "refund"}
        self._made("txn", "balance_transaction", amount=-units, source=refund["id"], **kind)
        return refund

    def _time(self) -> int:
        return int(self.now().timestamp())

    def _list(self, form: Mapping[str, str], object_: str, fits: Callable[[Object], bool]) -> Object:
        """The newest first, page by page."""
        all_ = [each for each in reversed(self.objects.values()) if each["object"] == object_ and fits(each)]
        after, limit = form.get("starting_after"), int(form.get("limit", 10))
        start = [each["id"] for each in all_].index(after) + 1 if after else 0
        page = all_[start : start + limit]
        return {"object": "list", "url": request.path, "has_more": len(all_) > start + limit, "data": page}

    def _expanded(self, found: Object, form: Mapping[str, str]) -> Object:
        paths = [value.split(".") for name, value in form.items() if name.startswith("expand[")]
        assert all(len(path) <= 4 for path in paths), "Stripe expands four levels"
        return self._copied(found, paths)

    def _copied(self, found: Object, paths: list[list[str]]) -> Object:
        copied = {name: value for name, value in found.items() if name != "of_intent"}
        for first in {path[0] for path in paths if path}:
            rest = [path[1:] for path in paths if path and path[0] == first and path[1:]]
            copied[first] = self._filled(found, first, rest)
        return copied

    def _filled(self, found: Object, name: str, rest: list[list[str]]) -> Any:
        value = found.get(name)
        if found["object"] == "charge" and name == "refunds":
            mine = [
                e
                for e in self.objects.values()
                if e["object"] == "refund" and e["payment_intent"] == found["payment_intent"]
            ]
            return {"object": "list", "url": "/v1/refunds", "has_more": False, "data": mine[::-1]}
        if isinstance(value, list):
            return [self._copied(each, rest) for each in value]
        return self._copied(self.objects[value], rest) if isinstance(value, str) else value


def signature(body: bytes, time: int, secret: str = WEBHOOK_SECRET) -> str:
    """The ``Stripe-Signature`` header."""
    signed = hmac.new(secret.encode(), f"{time}.".encode() + body, hashlib.sha256).hexdigest()
    return f"t={time},v1={signed}"


@contextmanager
def serving(stub: StripeStub) -> Iterator[str]:
    """Inside it the stub answers; yields its URL."""
    server = LoopbackServer(stub.app)
    server.open()
    try:
        yield server.url
    finally:
        server.close()


def _members(form: Mapping[str, str], name: str) -> dict[str, str]:
    pattern = re.compile(re.escape(name) + r"\[(\w+)\]")
    return {found[1]: value for key, value in form.items() if (found := pattern.fullmatch(key))}


def _error(refused: Refused) -> Response:
    error = {"type": refused.type, "message": "Something about 85.50 and Anna.", "code": refused.code}
    return Response(json.dumps({"error": error}), refused.status, content_type="application/json")
