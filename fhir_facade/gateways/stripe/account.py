"""What is asked of a Stripe account: each method is one call of the SDK, answers as shapes, failures in our words."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar

import msgspec
import stripe

from fhir_facade.gateways.calling import Caller
from fhir_facade.gateways.errors import GatewayError, GatewaySurprised
from fhir_facade.gateways.stripe.failures import failure, is_about_state
from fhir_facade.gateways.stripe.shapes import BalanceTransaction, Checkout, Dispute
from fhir_facade.gateways.stripe.transport import Transport

Params = Mapping[str, Any]
Shape = TypeVar("Shape")

_RETRIES = 1
_CHARGE = "payment_intent.latest_charge"
_EXPANDED = [f"{_CHARGE}.balance_transaction", f"{_CHARGE}.refunds"]
_EXPANDED_IN_A_LIST = [f"data.{path}" for path in _EXPANDED]

logging.getLogger("stripe").setLevel(logging.CRITICAL)  # its lines hold parameters


class Account:
    """Whatever changes something has a key, by which Stripe does it once however often it is asked."""

    def __init__(self, secret_key: str, base: str, caller: Caller) -> None:
        self._caller = caller
        client = stripe.StripeClient(
            secret_key, base_addresses={"api": base}, max_network_retries=_RETRIES, http_client=Transport(caller)
        )
        self._api: Any = client.v1

    def begin(self, params: Params, key: str) -> Checkout:
        """A new session.  https://docs.stripe.com/api/checkout/sessions/create"""
        return self._one("start", Checkout, lambda: self._api.checkout.sessions.create(params, _once(key)))

    def session(self, id: str) -> Checkout:
        """With its intent and the latest charge."""
        return self._one("session", Checkout, lambda: self._api.checkout.sessions.retrieve(id, {"expand": _EXPANDED}))

    def session_of(self, intent: str) -> Checkout | None:
        """The session of an intent; None for one that was not begun by a session."""
        params = {"payment_intent": intent, "limit": 1, "expand": _EXPANDED_IN_A_LIST}
        return next(self._many("session", Checkout, lambda: self._api.checkout.sessions.list(params)), None)

    def dispute(self, intent: str) -> Dispute | None:
        """The newest one."""
        params = {"payment_intent": intent, "limit": 1}
        return next(self._many("dispute", Dispute, lambda: self._api.disputes.list(params)), None)

    def balance(self, since: int) -> Iterator[BalanceTransaction]:
        """What reached the account from then on (Unix seconds), with what it is about, newest first."""
        params = {"created": {"gte": since}, "limit": 100, "expand": ["data.source"]}
        return self._many("captured", BalanceTransaction, lambda: self._api.balance_transactions.list(params))

    def expire(self, session: str, key: str) -> None:
        """End an open session."""
        self._change("release", lambda: self._api.checkout.sessions.expire(session, {}, _once(key)))

    def capture(self, intent: str, units: int, key: str) -> None:
        """Take so much of what is held, and let go of the rest."""
        params = {"amount_to_capture": units}
        self._change("capture", lambda: self._api.payment_intents.capture(intent, params, _once(key)))

    def cancel(self, intent: str, key: str) -> None:
        """Let go of what is held."""
        self._change("release", lambda: self._api.payment_intents.cancel(intent, {}, _once(key)))

    def refund(self, intent: str, key: str) -> None:
        """Give all of it back."""
        self._change("refund", lambda: self._api.refunds.create({"payment_intent": intent}, _once(key)))

    def ping(self) -> None:
        """What every payment needs: sessions can be listed."""
        next(self._many("ping", Checkout, lambda: self._api.checkout.sessions.list({"limit": 1})), None)

    def failed(self, endpoint: str, error: GatewayError) -> GatewayError:
        """The failure to raise, after it is logged."""
        return self._caller.failed(endpoint, error)

    def _one(self, endpoint: str, shape: type[Shape], call: Callable[[], Any]) -> Shape:
        try:
            return self._read(endpoint, shape, call())
        except stripe.StripeError as error:
            raise self.failed(endpoint, failure(error)) from error

    def _many(self, endpoint: str, shape: type[Shape], call: Callable[[], Any]) -> Iterator[Shape]:
        try:
            found: Iterable[Any] = call().auto_paging_iter()
            for each in found:
                yield self._read(endpoint, shape, each)
        except stripe.StripeError as error:
            raise self.failed(endpoint, failure(error)) from error

    def _change(self, endpoint: str, call: Callable[[], Any]) -> None:
        """What cannot be done as things stand may have been done already: asking tells."""
        try:
            call()
        except stripe.StripeError as error:
            if not is_about_state(error):
                raise self.failed(endpoint, failure(error)) from error

    def _read(self, endpoint: str, shape: type[Shape], found: Any) -> Shape:
        try:
            return msgspec.convert(found.to_dict(), shape)
        except msgspec.ValidationError as error:
            path = str(error).rpartition("`")[0].rpartition("`")[2] or "$"
            raise self.failed(endpoint, GatewaySurprised(path, shape.__name__)) from error


def _once(key: str) -> Params:
    return {"idempotency_key": key}
