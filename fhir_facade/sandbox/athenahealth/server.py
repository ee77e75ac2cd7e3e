"""A threaded HTTP/1.1 server on a loopback socket that keeps connections alive and closes them all at the end.

Werkzeug's own handler closes the connection after each answer and waits 10 ms for stray bytes; a client's pool of
connections, and what breaks in it, would go untested.
"""

from __future__ import annotations

import io
import socket
import threading
from typing import TYPE_CHECKING, Any

from werkzeug.serving import ThreadedWSGIServer, WSGIRequestHandler
from werkzeug.test import run_wsgi_app

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication


class ConnectionCut(ConnectionError):
    """Raised by the application: send so much of the answer and break the connection."""

    def __init__(self, start: bytes = b"") -> None:
        super().__init__("cut")
        self.start = start


class KeepAliveHandler(WSGIRequestHandler):
    """One connection: request after request, each answer written in one piece."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def run_wsgi(self) -> None:
        """Answer one request."""
        environ = self.make_environ()
        environ["wsgi.input"] = io.BytesIO(self.rfile.read(int(self.headers.get("Content-Length") or 0)))
        try:
            parts, status, headers = run_wsgi_app(self.server.app, environ, buffered=True)
        except ConnectionCut as cut:
            self.wfile.write(cut.start)
            self.wfile.flush()
            self.close_connection = True
            return
        self.send_response(int(status.split()[0]))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(b"".join(parts))

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing: the call log has it."""


class LoopbackServer(ThreadedWSGIServer):
    """The server with its thread.  ``open`` to start, ``close`` to end it and every connection."""

    daemon_threads = False
    request_queue_size = 1024

    def __init__(self, app: WSGIApplication, port: int = 0) -> None:
        super().__init__("127.0.0.1", port, app, KeepAliveHandler)
        self._live: set[socket.socket] = set()
        self._live_lock = threading.Lock()
        self._thread = threading.Thread(target=self.serve_forever, args=(0.02,), name="sandbox")

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    def open(self) -> None:
        """Start answering."""
        self._thread.start()

    def close(self) -> None:
        """Stop; breaks the connections that are open and waits for their threads."""
        self.shutdown()
        with self._live_lock:
            for connection in self._live:
                _break(connection)
        self._thread.join()

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._live_lock:
            self._live.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._live_lock:
            self._live.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that goes away in the middle is part of what is tested."""


def _break(connection: socket.socket) -> None:
    try:
        connection.shutdown(socket.SHUT_RDWR)
    except OSError:
        connection.close()  # the client was faster
