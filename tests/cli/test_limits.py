"""The server that runs, asked by sockets: what is too long, too much or too slow is refused, and holds nobody up."""

from __future__ import annotations

import json
import select
import socket
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path
from typing import NamedTuple

import pytest

from bench import child, site
from fhir_facade.door.body import AT_ONCE
from fhir_facade.hall.exchange import LONGEST_FORM, LONGEST_HEADERS

END = b"\r\n\r\n"
GET = b"GET /fhir/Organization%s HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
POST = (
    b"POST /fhir/Invoice/_search HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n"
)


class Answer(NamedTuple):
    """Of an answer the status, and the issue code of its OperationOutcome ("" where it has no body)."""

    status: int
    code: str = ""


@pytest.fixture(scope="module")
def port(tmp_path_factory: pytest.TempPathFactory) -> Iterator[int]:
    """Where a server listens."""
    place, port = tmp_path_factory.mktemp("limits"), child.free_port()
    file = site.written(place, port, site.memory(place, [("4711", 2)]))
    words = [str(Path(sys.executable).with_name("fhir-facade")), "serve", "--config", str(file), "--port", str(port)]
    with child.running(words, port, place / "server.log"):
        yield port


def connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port), timeout=10)


def asked(port: int, request: bytes) -> Answer:
    """What a server answers that may close the connection before it has read all."""
    with closing(connected(port)) as connection:
        try:
            connection.sendall(request)
        except OSError:
            pytest.fail("the server closed before it answered")
        return answer(connection)


def answer(connection: socket.socket) -> Answer:
    """Read up to the end of the connection."""
    received = bytearray()
    try:
        while part := connection.recv(65_536):
            received += part
    except ConnectionResetError:
        pass
    head, _, body = bytes(received).partition(END)
    found = json.loads(body) if body else {}
    return Answer(int(head.split()[1]), found.get("issue", [{}])[0].get("code", ""))


def test_a_request_as_such_is_answered(port: int) -> None:
    assert asked(port, GET % b"" + b"\r\n") == Answer(200)


@pytest.mark.parametrize(
    ("bytes_", "told"),
    [
        (LONGEST_HEADERS - 1_000, Answer(200)),
        (LONGEST_HEADERS, Answer(431, "too-long")),
        (100_000, Answer(431, "too-long")),
        (600_000, Answer(431)),  # by the server itself
    ],
)
def test_headers_are_so_long(port: int, bytes_: int, told: Answer) -> None:
    assert asked(port, GET % b"" + b"X-Long: " + b"a" * bytes_ + END) == told


def test_long_headers_are_refused_outside_of_fhir_too(port: int) -> None:
    request = b"GET /livez HTTP/1.1\r\nHost: x\r\nConnection: close\r\nX-Long: " + b"a" * LONGEST_HEADERS + END
    assert asked(port, request) == Answer(431, "too-long")


@pytest.mark.parametrize(("headers", "status"), [(90, 200), (120, 431)])
def test_headers_are_so_many(port: int, headers: int, status: int) -> None:
    many = b"".join(b"X-%d: y\r\n" % number for number in range(headers))
    assert asked(port, GET % b"" + many + b"\r\n").status == status


@pytest.mark.parametrize(("bytes_", "status"), [(60_000, 200), (66_000, 414), (300_000, 431)])
def test_a_url_is_so_long(port: int, bytes_: int, status: int) -> None:
    assert asked(port, GET % (b"?_id=" + b"a" * bytes_) + b"\r\n").status == status


@pytest.mark.parametrize(
    ("query", "told"),
    [
        (b"&".join([b"a=1"] * 1_000), Answer(200)),
        (b"&".join([b"a=1"] * 1_001), Answer(400, "too-costly")),
        (b"_id=" + b"a," * 1_999, Answer(200)),
        (b"_id=" + b"a," * 2_000, Answer(400, "too-costly")),
        (b"_count=999999999", Answer(200)),
        (b"_count=-1", Answer(400, "value")),
        (b"_page=" + b"a" * 20_000, Answer(400, "value")),
    ],
)
def test_a_query_asks_so_much(port: int, query: bytes, told: Answer) -> None:
    assert asked(port, GET % (b"?" + query) + b"\r\n") == told


def test_a_form_is_so_long(port: int) -> None:
    with closing(connected(port)) as connection:
        connection.sendall(POST % (20 * LONGEST_FORM) + b"a" * (LONGEST_FORM + 100_000))
        assert answer(connection) == Answer(400, "too-costly")


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01\x02\x00" + END,
        b"GET /\r\n\r\n",
        b"GET / HTTP/1.1\r\nHo st: x" + END,
        b"GET / HTTP/1.1\r\nHost: x\r\nX-A: a\0b" + END,
        b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2" + END + b"ab",
    ],
)
def test_what_is_no_request_is_refused(port: int, request_: bytes) -> None:
    assert asked(port, request_).status == 400


def test_forms_that_are_sent_slowly_hold_nobody_else_up(port: int) -> None:
    with ExitStack() as slow:
        waiting = [slow.enter_context(closing(connected(port))) for _ in range(AT_ONCE + 1)]
        for connection in waiting:
            connection.sendall(POST % 500 + b"_id=")
        (crowded,) = answers_of_some(waiting)
        assert crowded == Answer(503, "transient")
        assert asked(port, GET % b"" + b"\r\n") == Answer(200)
        assert asked(port, POST % 5 + b"_id=x") == Answer(503, "transient")
    assert eventually(port, POST % 5 + b"_id=x") == Answer(200)


def answers_of_some(waiting: list[socket.socket]) -> list[Answer]:
    """Of those who are answered at all, as soon as one is."""
    ready, _, _ = select.select(waiting, [], [], 10)
    return [answer(connection) for connection in ready]


def eventually(port: int, request: bytes) -> Answer:
    """The answer once the server has noticed who went."""
    for _ in range(100):
        told = asked(port, request)
        if told.status == 200:
            break
    return told
