"""SIGHUP: new settings without a restart, and nothing of settings that have a fault."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

from bench import child, site


def status(base_url: str, path: str) -> int:
    try:
        with urllib.request.urlopen(f"{base_url}/{path}", timeout=5) as answer:  # noqa: S310
            return int(answer.status)
    except urllib.error.HTTPError as refusal:
        with refusal:
            return refusal.code
    except (ConnectionError, urllib.error.URLError):
        return 0


def awaited(met: Callable[[], bool], seconds: float = 30.0) -> bool:
    """True as soon as the condition is met, False if it is not in time."""
    until = time.monotonic() + seconds
    while not met():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def test_settings_are_read_anew_and_bad_ones_change_nothing(tmp_path: Path) -> None:
    port = child.free_port()
    file = site.written(tmp_path, port, site.memory(tmp_path, [("4711", 2)]))
    log, good, base_url = tmp_path / "server.log", file.read_text(), f"http://127.0.0.1:{port}/fhir"
    words = [str(Path(sys.executable).with_name("fhir-facade")), "serve", "--config", str(file), "--port", str(port)]
    search = f"Invoice?patient:identifier={site.SYSTEM}|4711"

    def events(name: str) -> int:
        lines = (json.loads(line) for line in log.read_text().splitlines() if line.startswith("{"))
        return sum(line["event"] == name for line in lines)

    def patients() -> int:
        return status(base_url, "Patient?identifier=4711")

    def total() -> int:
        with urllib.request.urlopen(f"{base_url}/{search}", timeout=5) as answer:  # noqa: S310
            return int(json.load(answer)["total"])

    with child.running(words, port, log) as pid:
        assert total() == 2
        old = child.worker(pid)
        file.write_text(good.replace("view = true", "view = false").replace("[security]", "[security]  # edited"))
        os.kill(pid, signal.SIGHUP)
        assert awaited(lambda: not Path(f"/proc/{old}").exists())
        assert awaited(lambda: events("server.started") == 2)
        file.write_text(good.replace("view = true", "view = perhaps"))
        os.kill(pid, signal.SIGHUP)
        assert awaited(lambda: events("settings.refused") == 1)
        assert (total(), patients(), events("server.started")) == (0, 200, 2)
        file.write_text(good)
        os.kill(pid, signal.SIGHUP)
        assert awaited(lambda: status(base_url, search) == 200 and total() == 2)
