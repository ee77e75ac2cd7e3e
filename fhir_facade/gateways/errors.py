"""Failures of payment gateways, and of what claims to come from them.

Withheld                                     status  issue code
├── BadNotification                          400     invalid       what came to a gateway's notify URL is none
│   └── UnsignedNotification                 401     login         not signed, not of this time, or here before
└── GatewayError                             502     transient     (named by gateway)
    ├── GatewayUnreachable                   502     transient     no connection, or a broken one
    ├── GatewayTimedOut                      504     timeout
    ├── GatewayRefused                       502     transient     credentials or rights
    ├── GatewaySurprised                     502     transient     carries the JSON path of the surprise
    ├── GatewayBusy                          503     transient     carries Retry-After
    └── AmountNotTaken                       422     business-rule an amount or currency that it cannot take

``str(error)`` is for the log; clients read the class's own sentence.
"""

from __future__ import annotations

from collections.abc import Mapping

from fhir_facade.errors import Withheld


class BadNotification(Withheld):
    """What came to a gateway's notify URL says nothing that can be read.  ``reason`` is a word for the log."""

    status, code, template = 400, "invalid", "The notification could not be read."

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class UnsignedNotification(BadNotification):
    """Its signature is not there or not right, its time is not near, or it was here before."""

    status, code, template = 401, "login", "The notification was not accepted."

    @property
    def headers(self) -> Mapping[str, str]:
        return {"WWW-Authenticate": "Signature"}


class GatewayError(Withheld):
    """A payment gateway failed.  ``outcome`` is the word for it in ``fhir-facade check``."""

    status, code, template = 502, "transient", "The payment gateway gave no usable answer."
    outcome = "unreachable"


class GatewayUnreachable(GatewayError):
    """No connection, or a broken one.  What was asked for may have been done all the same."""

    template = "The payment gateway could not be reached."


class GatewayTimedOut(GatewayError):
    """No answer in time.  What was asked for may have been done all the same."""

    status, code, template = 504, "timeout", "The payment gateway did not answer in time."
    outcome = "timed out"


class GatewayRefused(GatewayError):
    """It does not take our credentials, or they lack a right."""

    template, outcome = "The payment gateway refused the request.", "refused"


class GatewaySurprised(GatewayError):
    """An answer that is not of the documented shape; ``path`` as in ``UnexpectedShape``."""

    template, outcome = "The payment gateway's answer could not be read.", "unexpected answer"

    def __init__(self, path: str, expected: str = "") -> None:
        super().__init__(f"unexpected answer at {path}" + (f": expected {expected}" if expected else ""))
        self.path, self.expected = path, expected


class GatewayBusy(GatewayError):
    """It asks us to wait ``retry_after`` seconds."""

    status, template, outcome = 503, "The payment gateway is busy; try again later.", "throttled"
    retry_after = 5


class AmountNotTaken(GatewayError):
    """The amount, or its currency, is none that the gateway can take.  Nothing was begun."""

    status, code, template = 422, "business-rule", "The payment gateway does not take this amount."
