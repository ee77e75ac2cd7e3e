"""The machine and the versions: a ratio without them says little."""

from __future__ import annotations

import os
import platform
from importlib.metadata import version
from pathlib import Path

_PACKAGES = ("granian", "flask", "msgspec", "jsonschema-rs", "fhir.resources", "pydantic")


def busy() -> bool:
    """True if others use the machine, too: then rates, and their ratios, say little."""
    return os.getloadavg()[0] > 0.25 * len(os.sched_getaffinity(0))


def described() -> str:
    """One line on the machine, one on what runs on it."""
    cores = len(os.sched_getaffinity(0))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    busy = os.getloadavg()[0]
    versions = ", ".join(f"{package} {version(package)}" for package in _PACKAGES)
    return (
        f"{_processor()}, {cores} cores, {memory:.0f} GB, load {busy:.1f} at the start\n"
        f"{platform.system()} {platform.release()}, Python {platform.python_version()}, {versions}"
    )


def _processor() -> str:
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return platform.machine()
