"""What is too long is refused in FHIR, and of whom nobody knows no body is waited for."""

from __future__ import annotations

import io
from contextlib import ExitStack
from typing import Any

import pytest
from werkzeug.test import EnvironBuilder, run_wsgi_app

from fhir_facade import wire
from fhir_facade.door import body
from fhir_facade.door.body import AT_ONCE
from fhir_facade.errors import Crowded, Invalid
from fhir_facade.hall.exchange import LONGEST_HEADERS, LONGEST_URL
from tests.api.conftest import Facade
from tests.api.test_fuzz import FORM
from tests.bell.issuing import IssuerStub
from tests.people import ANNA


class Untouched(io.BytesIO):
    """A client that sends nothing: whoever reads it would wait for ever."""

    def read(self, _: int | None = -1) -> bytes:
        pytest.fail("the body was waited for")


def posted(facade: Facade, path: str, stream: io.BytesIO, length: int) -> tuple[int, Any]:
    """Status and body of the answer to a form that arrives by this stream."""
    environ = EnvironBuilder(path=f"/fhir/{path}", method="POST", content_type=FORM).get_environ()
    environ |= {"wsgi.input": stream, "wsgi.input_terminated": True, "CONTENT_LENGTH": str(length)}
    chunks, status, _ = run_wsgi_app(facade.house.app, environ, buffered=True)
    return int(status.split()[0]), wire.decode(b"".join(chunks))


@pytest.mark.parametrize("path", ["Organization", "metadata", "nowhere", "/livez", "/nowhere"])
@pytest.mark.parametrize(("bytes_", "status"), [(LONGEST_HEADERS - 1_000, None), (LONGEST_HEADERS, 431)])
def test_headers_are_so_long_everywhere(facade: Facade, path: str, bytes_: int, status: int | None) -> None:
    answer = facade.get(path, X_Long="a" * bytes_)
    assert answer.status_code == (status or facade.get(path).status_code)
    if status:
        assert facade.json(path, status, X_Long="a" * bytes_)["issue"][0]["code"] == "too-long"


def test_a_url_is_so_long(facade: Facade) -> None:
    assert facade.json(f"Organization?_id={'a' * LONGEST_URL}", 414)["issue"][0]["code"] == "too-long"
    assert facade.json(f"Organization?_id={'a' * (LONGEST_URL - 100)}")["total"] == 0


@pytest.mark.parametrize(("path", "status"), [("Invoice/_search", 401), ("Invoice", 405), ("nowhere/_search", 404)])
def test_nobodys_body_is_waited_for(facade: Facade, issuer: IssuerStub, path: str, status: int) -> None:
    facade.trust(issuer)
    assert posted(facade, path, Untouched(), 500)[0] == status


def test_a_form_that_is_shorter_than_announced_is_not_searched_by(facade: Facade) -> None:
    whole = f"patient={facade.patient(ANNA)}&status=issued".encode()
    status, bundle = posted(facade, "Invoice/_search", io.BytesIO(whole), len(whole))
    assert (status, bundle["total"]) == (200, 1)
    status, told = posted(facade, "Invoice/_search", io.BytesIO(whole[:-14]), len(whole))
    assert (status, told["issue"][0]["code"]) == (400, "structure")


def test_so_many_bodies_are_read_at_once() -> None:
    with ExitStack() as waiting:
        for _ in range(AT_ONCE):
            assert body._seats.acquire(blocking=False)
            waiting.callback(body._seats.release)
        with pytest.raises(Crowded):
            body.read(Untouched(), 5)
    assert body.read(io.BytesIO(b"a=b"), 3) == b"a=b"
    for _ in range(2 * AT_ONCE):  # one that breaks off gives its seat back
        with pytest.raises(Invalid):
            body.read(io.BytesIO(b"a"), 3)
