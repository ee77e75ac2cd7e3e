"""What Flask alone costs: views that return bytes, on the server and with the settings of ``fhir-facade serve``.

``python -m bench.bare FOLDER PORT`` serves FOLDER/search.json and FOLDER/read.json at the facade's own paths.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import flask
from granian import Granian
from granian.constants import Interfaces
from granian.log import LogLevels

from fhir_facade.cli.serve import CONNECTIONS, THREADS

FHIR_JSON = "application/fhir+json"


def create_app(search: bytes, read: bytes) -> flask.Flask:
    """A view for the search and one for the read."""
    app = flask.Flask("bare", static_folder=None)

    @app.get("/fhir/Invoice")
    def searched() -> flask.Response:
        return flask.Response(search, content_type=FHIR_JSON)

    @app.get("/fhir/Invoice/<id>")
    def found(id: str) -> flask.Response:
        return flask.Response(read, content_type=FHIR_JSON)

    return app


def loaded() -> flask.Flask:
    """The application of a worker; ``BENCH_BARE`` names the folder."""
    folder = Path(os.environ["BENCH_BARE"])
    return create_app((folder / "search.json").read_bytes(), (folder / "read.json").read_bytes())


def main(folder: str, port: str) -> None:
    """Serve as ``fhir_facade.cli.serve.run`` does."""
    os.environ["BENCH_BARE"] = folder
    Granian(
        "bench.bare:loaded",
        factory=True,
        address="127.0.0.1",
        port=int(port),
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=THREADS,
        log_level=LogLevels.warning,
        respawn_failed_workers=True,
        **CONNECTIONS,
    ).serve()


if __name__ == "__main__":
    main(*sys.argv[1:])
