"""The load generator.  https://github.com/wg/wrk"""

from __future__ import annotations

import os
import re
import shutil
import subprocess

CONNECTIONS = 16
_RATE = re.compile(r"Requests/sec:\s+([0-9.]+)")
_FAULT = re.compile(r"Non-2xx or 3xx responses: .*|Socket errors: .*")


class NoWrk(RuntimeError):
    """wrk is not here, and cannot be installed by this user."""


class Faulty(RuntimeError):
    """Some answers were no answers: their rate means nothing."""


def install() -> None:
    """Make sure that there is a wrk; raise ``NoWrk`` with what to do where that takes somebody else."""
    if shutil.which("wrk"):
        return
    apt = shutil.which("apt-get")
    if apt is None or os.geteuid() != 0:
        raise NoWrk("The load generator wrk is missing. Install it as root: apt-get install wrk")
    environ = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for words in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", "wrk"]):
        done = subprocess.run([apt, *words], env=environ, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            raise NoWrk(f"apt-get {words[0]} failed: {done.stderr.strip()[-300:]}")


def rate(url: str, seconds: int, token: str) -> float:
    """Requests a second that ``CONNECTIONS`` connections get out of ``url``, each asking again when answered."""
    load = ["--threads", "1", "--connections", str(CONNECTIONS), "--duration", f"{seconds}s", "--timeout", "15s"]
    command = [shutil.which("wrk") or "wrk", *load, "--header", f"Authorization: Bearer {token}", url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    return read(done.stdout)


def read(report: str) -> float:
    """The rate in a report of wrk's; raises ``Faulty`` where requests failed."""
    fault, found = _FAULT.search(report), _RATE.search(report)
    if fault or not found:
        raise Faulty(fault[0] if fault else f"wrk said: {report[-300:]}")
    return float(found[1])
