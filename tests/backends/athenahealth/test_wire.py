"""Bytes: what a peer may do on a connection, and what it cannot do to us."""

from __future__ import annotations

import datetime as dt
import gzip
import logging
import socket
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from fhir_facade.backends.athenahealth import wire
from fhir_facade.backends.athenahealth.deadline import Deadline
from fhir_facade.backends.athenahealth.wire import Wire
from fhir_facade.backends.athenahealth.writes import RECORD_PAYMENT, permitted
from fhir_facade.errors import TimedOut, Unreachable

Script = Callable[[socket.socket], None]


class Peer:
    """Reads a request, keeps it, and does what the script says; then the next."""

    def __init__(self) -> None:
        self.requests: list[str] = []
        self.script: Script = lambda connection: None
        self._stop = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.05)
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._listener.getsockname()[1]}"

    def answers(self, *parts: bytes, every: float = 0.0) -> None:
        """Send these parts, a pause before each."""

        def script(connection: socket.socket) -> None:
            for part in parts:
                if self._stop.wait(every):
                    return
                connection.sendall(part)

        self.script = script

    def close(self) -> None:
        self._stop.set()
        self._thread.join()
        self._listener.close()

    def _serve(self) -> None:
        while not self._stop.is_set():
            try:
                connection, _ = self._listener.accept()
            except TimeoutError:
                continue
            with connection:
                self.requests.append(connection.recv(65536).decode())
                try:
                    self.script(connection)
                except OSError:
                    continue  # the client was faster


@pytest.fixture
def peer() -> Iterator[Peer]:
    peer = Peer()
    yield peer
    peer.close()


@pytest.fixture
def line(peer: Peer) -> Iterator[Wire]:
    line = Wire(peer.url, 4)
    yield line
    line.close()


def head(*fields: str, status: str = "200 OK") -> bytes:
    return "\r\n".join([f"HTTP/1.1 {status}", "Connection: close", *fields, "", ""]).encode()


def get(line: Wire, seconds: float = 5) -> tuple[int, bytes]:
    answer = line.get("/v1/1/patients/1001", None, "a-token", "r-1", Deadline(seconds))
    return answer.status, answer.body


def test_a_request_carries_the_token_and_its_own_id(peer: Peer, line: Wire) -> None:
    peer.answers(head("Content-Length: 2") + b"{}")
    assert get(line) == (200, b"{}")
    [request] = peer.requests
    assert "Authorization: Bearer a-token" in request
    assert "X-Request-Id: r-1" in request


def test_a_body_that_drips_cannot_outlast_the_deadline(peer: Peer, line: Wire) -> None:
    peer.answers(head("Content-Length: 1000"), *[b" "] * 1000, every=0.05)
    started = time.monotonic()
    with pytest.raises(TimedOut):
        get(line, 0.4)
    assert time.monotonic() - started < 2


def test_a_body_that_stops_in_the_middle_cannot_either(peer: Peer, line: Wire) -> None:
    kept_alive = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n["
    peer.answers(kept_alive, b"", b"", b"]", every=1)
    started = time.monotonic()
    with pytest.raises(TimedOut):
        get(line, 1.2)
    assert time.monotonic() - started < 1.9


def test_a_body_that_is_cut_off_is_no_answer(peer: Peer, line: Wire) -> None:
    peer.answers(head("Content-Length: 1000") + b"[")
    with pytest.raises(Unreachable):
        get(line)


def test_a_body_in_compressed_chunks_is_read(peer: Peer, line: Wire) -> None:
    packed = gzip.compress(b'{"pong":"true"}')
    chunks = [b"%x\r\n%s\r\n" % (len(part), part) for part in (packed[:7], packed[7:])]
    peer.answers(head("Content-Encoding: gzip", "Transfer-Encoding: chunked"), *chunks, b"0\r\n\r\n")
    assert get(line) == (200, b'{"pong":"true"}')


def test_a_body_that_has_no_end_is_not_kept(peer: Peer, line: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LARGEST_BODY", 1000)
    peer.answers(head("Content-Length: 100000"), b" " * 2000)
    with pytest.raises(Unreachable):
        get(line)


class Reading(requests.Session):
    """A session that only reads."""

    def request(self, method: str | bytes, *args: Any, **more: Any) -> requests.Response:
        assert method == "GET"
        return super().request(method, *args, **more)


def test_a_write_has_a_connection_of_its_own(peer: Peer) -> None:
    peer.answers(head("Content-Length: 2") + b"{}")
    letter = permitted(RECORD_PAYMENT, "1", {"departmentid": "1"}, {"id": "1001"})
    line = Wire(peer.url, 4, Reading())
    assert get(line) == (200, b"{}")
    assert line.tell(letter, "a-token", "r-1", Deadline(5)).status == 200
    assert peer.requests[1].startswith("POST /v1/1/patients/1001/recordpayment HTTP/1.1")
    assert "Content-Length: 14" in peer.requests[1]
    line.close()


def test_a_redirect_is_not_followed(peer: Peer, line: Wire) -> None:
    peer.answers(head(f"Location: {peer.url}/elsewhere", "Content-Length: 0", status="302 Found"))
    assert get(line)[0] == 302
    assert len(peer.requests) == 1


def test_no_cookie_is_kept(peer: Peer, line: Wire) -> None:
    peer.answers(head("Set-Cookie: session=1001; Path=/", "Content-Length: 2") + b"{}")
    for _ in range(2):
        get(line)
    assert "cookie" not in peer.requests[1].lower()


def test_what_is_no_http_is_no_answer(peer: Peer, line: Wire) -> None:
    peer.answers(b"220 mail.example.org ESMTP\r\n")
    with pytest.raises(Unreachable):
        get(line)


def test_the_machines_netrc_does_not_replace_the_token(
    peer: Peer, line: Wire, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    peer.answers(head("Content-Length: 2") + b"{}")
    get(line)
    assert "Bearer a-token" in peer.requests[0]


@pytest.mark.parametrize("header", ["X-Sound: 1", "a header without a colon"])
def test_no_path_is_logged_by_the_library(
    peer: Peer, line: Wire, caplog: pytest.LogCaptureFixture, header: str
) -> None:
    peer.answers(head("Content-Length: 2", header) + b"{}")
    with caplog.at_level(logging.DEBUG):
        get(line)
    assert "1001" not in caplog.text


@pytest.mark.parametrize(
    ("said", "seconds"), [("7", 7), ("", None), ("Wed, 21 Oct 2026 07:28:00 GMT", None), ("-1", None)]
)
def test_retry_after_is_read_in_seconds(peer: Peer, line: Wire, said: str, seconds: int | None) -> None:
    peer.answers(head(f"Retry-After: {said}", "Content-Length: 0", status="429 Too Many Requests"))
    assert line.get("/", None, "t", "r", Deadline(5)).retry_after == seconds


@pytest.mark.parametrize(
    ("said", "date"),
    [
        ("Date: Mon, 23 Nov 2026 16:12:04 GMT", dt.datetime(2026, 11, 23, 16, 12, 4, tzinfo=dt.UTC)),
        ("Date: Fri, 31 Dec 9999 23:59:59 -1200", None),
        ("Date: today", None),
        ("X: y", None),
    ],
)
def test_the_peers_time_is_read_where_it_is_one(peer: Peer, line: Wire, said: str, date: dt.datetime | None) -> None:
    peer.answers(head(said, "Content-Length: 2") + b"{}")
    assert line.get("/v1/1/ping", None, "a-token", "r-1", Deadline(5)).date == date
