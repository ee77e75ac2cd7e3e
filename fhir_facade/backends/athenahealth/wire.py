"""Bytes to and from athenahealth: pooled connections, a hard end to every exchange, and failures in our words.

Nothing is retried or interpreted here.  No exception keeps the URL: paths hold patients' numbers.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import uuid
from collections.abc import Iterator, Mapping
from email.utils import parsedate_to_datetime

import requests
from requests.auth import AuthBase, HTTPBasicAuth
from urllib3.exceptions import HTTPError, ReadTimeoutError

from fhir_facade import outgoing
from fhir_facade.backends.athenahealth.answers import Answer
from fhir_facade.backends.athenahealth.deadline import Deadline
from fhir_facade.backends.athenahealth.writes import Form, Permitted
from fhir_facade.errors import TimedOut, Unreachable

CONNECT_SECONDS = 3.0
LARGEST_BODY = 64 * 1024 * 1024


class Bearer(AuthBase):
    """A token; given as ``auth`` so that no ``.netrc`` of the machine replaces it."""

    def __init__(self, token: str) -> None:
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Wire:
    """One pool of connections, used by all threads.  ``base_url`` has no trailing slash."""

    def __init__(self, base_url: str, connections: int, session: requests.Session | None = None) -> None:
        self._base_url = base_url
        self._session = session or outgoing.session(base_url, connections)

    def get(
        self, path: str, query: Mapping[str, str] | None, token: str, request_id: str, deadline: Deadline
    ) -> Answer:
        """GET with a bearer token.  ``path`` may already hold a query (``next``)."""
        return self._exchange("GET", path, deadline, Bearer(token), request_id, params=query)

    def post(self, path: str, form: Mapping[str, str], user: tuple[str, str], deadline: Deadline) -> Answer:
        """POST a form with basic authentication: the token endpoint."""
        return self._exchange("POST", path, deadline, HTTPBasicAuth(*user), str(uuid.uuid4()), data=form)

    def tell(self, letter: Permitted, token: str, request_id: str, deadline: Deadline) -> Answer:
        """POST a form that is permitted, on a connection of its own: an old one may have ended without our knowing."""
        with outgoing.session(self._base_url, 1) as fresh:
            return self._exchange(
                "POST", letter.path, deadline, Bearer(token), request_id, data=letter.form, session=fresh
            )

    def close(self) -> None:
        """Close every connection."""
        self._session.close()

    def _exchange(
        self,
        method: str,
        path: str,
        deadline: Deadline,
        auth: AuthBase,
        request_id: str,
        params: Mapping[str, str] | None = None,
        data: Mapping[str, str] | Form | None = None,
        session: requests.Session | None = None,
    ) -> Answer:
        left = deadline.spend()
        headers = {"Accept": "application/json", "X-Request-Id": request_id}
        if data is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        with (
            _in_our_words(),
            (session or self._session).request(
                method,
                self._base_url + path,
                params=params,
                data=data,
                auth=auth,
                headers=headers,
                timeout=(min(CONNECT_SECONDS, left), left),
                allow_redirects=False,
                stream=True,
            ) as response,
        ):
            body = outgoing.body(response, LARGEST_BODY, deadline.left)
            return Answer(response.status_code, body, _retry_after(response), _date(response))


@contextlib.contextmanager
def _in_our_words() -> Iterator[None]:
    """Translate the library's exceptions, most specific first, without their texts."""
    try:
        yield
    except (requests.Timeout, ReadTimeoutError, TimeoutError) as fault:
        raise TimedOut(type(fault).__name__) from None
    except (requests.RequestException, HTTPError, OSError) as fault:
        raise Unreachable(type(fault).__name__) from None


def _retry_after(response: requests.Response) -> int | None:
    """``Retry-After`` in seconds; its form as a date is not read."""
    said = response.headers.get("Retry-After", "")
    return int(said) if said.isascii() and said.isdigit() else None


def _date(response: requests.Response) -> dt.datetime | None:
    """``Date``, by the second."""
    try:
        return parsedate_to_datetime(response.headers.get("Date", "")).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        return None
