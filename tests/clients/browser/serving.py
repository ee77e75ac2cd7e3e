"""The SMART app of this folder, on a loopback port: static pages, and npm's ``fhirclient`` as it is published."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.services import NODE_PACKAGES, node

_PAGES = Path(__file__).parent / "app"
_LIBRARY = NODE_PACKAGES / "node_modules" / "fhirclient" / "build" / "fhir-client.js"
_HTML, _SCRIPT = "text/html; charset=utf-8", "text/javascript; charset=utf-8"
Files = Mapping[str, tuple[str, bytes]]


@contextmanager
def serving(host: str, **settings: str) -> Iterator[str]:
    """The URL of the app's folder under a name of this machine; ``settings`` are what its launch page goes by."""
    node()  # misses the test where fhirclient is not installed
    files: Files = {
        "/launch.html": (_HTML, (_PAGES / "launch.html").read_bytes()),
        "/index.html": (_HTML, (_PAGES / "index.html").read_bytes()),
        "/fhir-client.js": (_SCRIPT, _LIBRARY.read_bytes()),
        "/settings.js": (_SCRIPT, f"const settings = {json.dumps(settings)};".encode()),
        "/favicon.ico": ("image/x-icon", b""),
    }
    with ThreadingHTTPServer(("127.0.0.1", 0), _handler(files)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://{host}:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


def _handler(files: Files) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found = files.get(self.path.partition("?")[0])
            if found is None:
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("Content-Type", found[0])
            self.send_header("Content-Length", str(len(found[1])))
            self.end_headers()
            self.wfile.write(found[1])

        def log_message(self, *said: object) -> None:
            """Nothing: what fails, the browser says."""

    return Handler
