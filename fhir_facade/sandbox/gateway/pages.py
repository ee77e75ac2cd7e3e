"""The hosted page: what is paid and how much, in plain HTML that needs no script and fits a phone."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus

from flask import Response, make_response, redirect, render_template

from fhir_facade.gateways.port import Outcome
from fhir_facade.sandbox.authorization.loopback import policy_source
from fhir_facade.sandbox.gateway.actions import ACTIONS
from fhir_facade.sandbox.gateway.sessions import Hosted

_POLICY = "default-src 'none'; style-src 'self'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'{}"
ENDED: Mapping[Outcome, str] = {
    Outcome.AUTHORIZED: "The amount is being held. It is taken on the day of the visit.",
    Outcome.CAPTURED: "This was paid already. Nothing more will be taken.",
    Outcome.DECLINED: "The card was declined. Nothing was taken.",
    Outcome.EXPIRED: "This link has expired. Nothing was taken.",
    Outcome.RELEASED: "This was called off. Nothing was taken.",
    Outcome.REFUNDED: "This was paid and given back.",
    Outcome.DISPUTED: "This was paid, and the bank asks for it back.",
    Outcome.RETURNED: "This was paid, and the bank did not honor it.",
}


def checkout(hosted: Hosted) -> Response:
    """What the patient is asked, or what became of it."""
    ended = ENDED.get(hosted.outcome, "")
    actions = [] if ended else [(name, action.label) for name, action in ACTIONS.items()]
    response = make_response(render_template("checkout.html", hosted=hosted, ended=ended, actions=actions))
    # A browser counts where a form's answer sends it on as the form's target, too.
    return _secured(response, f" {policy_source(hosted.return_url)}")


def back(hosted: Hosted) -> Response:
    """To the page that the facade named."""
    return _secured(make_response(redirect(hosted.return_url, 303)))


def refused(status: int) -> Response:
    """A link that was not made by the facade, or an action that there is not."""
    return _secured(make_response(render_template("refused.html", title=HTTPStatus(status).phrase), status))


def _secured(response: Response, targets: str = "") -> Response:
    response.headers["Content-Security-Policy"] = _POLICY.format(targets)
    response.headers["Referrer-Policy"] = "no-referrer"
    response.headers["Cache-Control"] = "no-store"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
