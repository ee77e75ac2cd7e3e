"""Every failure a caller can see, with its HTTP status and FHIR issue code on the class.

FacadeError                                  status  issue code (https://hl7.org/fhir/R4/valueset-issue-type.html)
├── Invalid                                  400     invalid, value, structure, not-supported, too-costly
├── Unauthenticated                          401     login, expired
├── Forbidden                                403     forbidden
├── NotFound                                 404     not-found
│   └── NotOffered                           404     not-supported
├── MethodNotAllowed                         405     not-supported
├── NotAcceptable                            406     not-supported
├── UnsupportedMediaType                     415     not-supported
├── Refusal                                                  (of payments: ``fhir_facade/refusals.py``)
├── Gone                                     410     deleted
├── StateUnavailable                         503     transient     the state database or the shared store
├── TooManyRequests                          429     throttled
├── IssuerUnavailable                        503     transient     the issuer of tokens
├── PeopleUnavailable                        503     transient     the site's person index
└── SourceError                              502     transient     (raised by billing systems, named by billing system)
    ├── Unreachable                          502     transient     no connection, or an answer that is no answer
    ├── TimedOut                             504     timeout
    ├── Refused                              502     transient     credentials or rights
    ├── UnexpectedShape                      502     transient     carries the JSON path of the surprise
    └── Throttled                            503     transient     carries Retry-After
        ├── Resting                          503     transient     the circuit breaker is open
        └── Incomplete                       503     transient     a count or a later page that lacks one of its sources

``str(error)`` is for the log.  ``error.diagnostics`` is what a client reads: it holds no value of a patient's, no
text of a billing system's and no identifier that the caller did not send in the same request.
"""

from __future__ import annotations

from collections.abc import Mapping


class FacadeError(Exception):
    """A failure with a status, an issue code and a sentence for the client."""

    status = 500
    code = "exception"
    template = "Something went wrong on our side."
    retry_after: int | None = None  # seconds, where it is worth asking again
    reason: str = ""  # a code of capability/CodeSystem/payment-refusal.json

    def __init__(self, diagnostics: str = "", *, code: str = "", expression: str = "") -> None:
        self.diagnostics = diagnostics or self.template
        self.code = code or type(self).code
        self.expression = expression
        super().__init__(self.diagnostics)

    @property
    def headers(self) -> Mapping[str, str]:
        """Response headers that belong to this failure."""
        return {} if self.retry_after is None else {"Retry-After": str(self.retry_after)}


class Withheld(FacadeError):
    """A failure behind us.  ``str()`` says how (for the log, without values); clients read the template alone."""

    def __init__(self, log: str = "") -> None:
        super().__init__()
        self.log = log

    def __str__(self) -> str:
        return self.log or self.diagnostics


class Invalid(FacadeError):
    """The request is wrong; ``expression`` names the parameter or element."""

    status, code, template = 400, "invalid", "The request could not be understood."


class Unauthenticated(FacadeError):
    """It is not known who asks.  https://www.rfc-editor.org/rfc/rfc6750#section-3

    ``error`` is a code of RFC 6750, empty where no token was sent; ``diagnostics`` is a fixed sentence without quotes.
    """

    status, code, template = 401, "login", "A bearer token is needed."

    def __init__(self, diagnostics: str = "", *, error: str = "", code: str = "") -> None:
        super().__init__(diagnostics, code=code)
        self.error = error

    @property
    def headers(self) -> Mapping[str, str]:
        said = f' error="{self.error}", error_description="{self.diagnostics}"' if self.error else ""
        return {"WWW-Authenticate": f"Bearer{said}"}


class Forbidden(FacadeError):
    """The scopes of the token, or the features of its client, do not include the type or the interaction."""

    status, code, template = 403, "forbidden", "Your authorization does not include this."


class NotFound(FacadeError):
    """Unknown, invisible or malformed id: one constant body, nothing echoed."""

    status, code, template = 404, "not-found", "No such resource."


class NotOffered(NotFound):
    """A type, an operation or a path that this server does not have."""

    code, template = "not-supported", "Not offered by this server."


class MethodNotAllowed(FacadeError):
    """The path exists; the method does not."""

    status, code, template = 405, "not-supported", "The method is not allowed here."

    def __init__(self, allow: str) -> None:
        super().__init__()
        self.allow = allow

    @property
    def headers(self) -> Mapping[str, str]:
        return {"Allow": self.allow}


class NotAcceptable(FacadeError):
    """None of the media types asked for can be given."""

    status, code, template = 406, "not-supported", "Only application/fhir+json (FHIR 4.0) is offered."


class UnsupportedMediaType(FacadeError):
    """The body's media type is not one that is read here."""

    status, code, template = 415, "not-supported", "This body's media type is not supported."


class Gone(FacadeError):
    """It was here and is not any more: a page link whose key has been retired."""

    status, code, template = 410, "deleted", "This link has expired; search again."


class StateUnavailable(Withheld):
    """The state database or the shared store did not answer."""

    status, code, template = 503, "transient", "Temporarily unavailable."
    retry_after = 5


class TooManyRequests(FacadeError):
    """The caller asks more often than the site allows."""

    status, code, template = 429, "throttled", "Too many requests; try again later."

    def __init__(self, retry_after: int) -> None:
        super().__init__()
        self.retry_after = retry_after


class IssuerUnavailable(Withheld):
    """The issuer of tokens did not answer, or not as one."""

    status, code, template = 503, "transient", "Tokens cannot be judged at the moment; try again later."
    retry_after = 5


class PeopleUnavailable(Withheld):
    """The site's person index did not answer, or not as one."""

    status, code, template = 503, "transient", "The person index is not answering; try again later."
    retry_after = 5


class SourceError(Withheld):
    """A billing system failed.  ``outcome`` is the word for it in ``fhir-facade check``."""

    status, code, template = 502, "transient", "The billing system gave no usable answer."
    outcome = "unreachable"


class Unreachable(SourceError):
    """No connection, a broken one, or an answer from something that is not the billing system."""

    template = "The billing system could not be reached."


class TimedOut(SourceError):
    """No answer within the deadline."""

    status, code, template = 504, "timeout", "The billing system did not answer in time."
    outcome = "timed out"


class Refused(SourceError):
    """The billing system refused our credentials, or the site has not enabled what was asked."""

    template, outcome = "The billing system refused the request.", "refused"


class UnexpectedShape(SourceError):
    """An answer that does not have the documented shape; ``path`` is the JSON path (or column) of the surprise.

    ``expected`` says what should be there, in words of the documentation or of a schema: never a value that was found.
    """

    template, outcome = "The billing system's answer could not be read.", "unexpected answer"

    def __init__(self, path: str, expected: str = "") -> None:
        super().__init__(f"unexpected shape at {path}" + (f": expected {expected}" if expected else ""))
        self.path, self.expected = path, expected


class Throttled(SourceError):
    """The billing system, or our own share of its quota, asks us to wait ``retry_after`` seconds."""

    status, template, outcome = 503, "The billing system is busy; try again later.", "throttled"
    retry_after: int

    def __init__(self, log: str = "", *, retry_after: int = 5) -> None:
        super().__init__(log)
        self.retry_after = max(1, retry_after)


class Resting(Throttled):
    """The circuit breaker is open: the billing system failed repeatedly and is being left alone for a moment."""

    template = "The billing system is not answering; try again later."


class Incomplete(Throttled):
    """One of several sources is missing where a partial answer would be a wrong one: a count, or a later page."""

    template = "Not every billing system answered; try again later."
