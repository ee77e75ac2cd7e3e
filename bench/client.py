"""A client of a facade: one connection, kept alive."""

from __future__ import annotations

import http.client
import re
import time
from types import TracebackType
from typing import Self
from urllib.parse import quote, urlsplit

from bench.site import SYSTEM, Site

# Read as text: parsing every answer would cost the machine more than the facade spends on it.
_HEAD = 500
_ENTRY = re.compile(rb'"fullUrl":"[^"]*/(Invoice/[^"/]+)"')
_SUBJECT = re.compile(rb'"subject":\{"reference":"(Patient/[^"]+)"')


class Refused(RuntimeError):
    """An answer that is not 200, with its first bytes."""


class Client:
    """Asks a facade, with the token of an exchange."""

    def __init__(self, facade: Site) -> None:
        address = urlsplit(facade.base_url)
        self._headers = {"Authorization": f"Bearer {facade.token}"}
        self._connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=60)
        self._path = address.path

    def __enter__(self) -> Self:
        self._connection.connect()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def get(self, path: str) -> bytes:
        """The body; raises ``Refused`` for any status but 200."""
        self._connection.request("GET", f"{self._path}/{path}", headers=self._headers)
        response = self._connection.getresponse()
        body = response.read()
        if response.status != 200:
            raise Refused(f"{response.status}: {body[:300]!r}")
        return body

    def timed(self, path: str) -> tuple[float, float, bytes]:
        """When it was asked and when it was answered (``time.monotonic``), and the body."""
        start = time.monotonic()
        body = self.get(path)
        return start, time.monotonic(), body

    def search(self, path: str, total: int) -> bytes:
        """A searchset; raises ``Refused`` unless it says that it found so many."""
        body = self.get(path)
        if b'"total":%d,' % total not in body[:_HEAD]:
            raise Refused(f"not {total} found: {body[:_HEAD]!r}")
        return body


def bills_of(number: str) -> str:
    """The search for a patient's bills by the patient's number."""
    return f"Invoice?patient:identifier={quote(f'{SYSTEM}|{number}')}"


def patient_in(searchset: bytes) -> str:
    """The reference to the patient of the first bill."""
    return _first(_SUBJECT, searchset)[0]


def invoices_in(searchset: bytes, count: int) -> list[str]:
    """The references to the first so many bills."""
    return _first(_ENTRY, searchset)[:count]


def _first(pattern: re.Pattern[bytes], searchset: bytes) -> list[str]:
    return [found.decode() for found in pattern.findall(searchset)]
