"""fhirstarter, in a virtual environment of its own: it pins its own ``fhir.resources``."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from bench.child import ROOT

PACKAGES = ("fhirstarter==4.2.0", "uvicorn[standard]==0.54.0")
FOLDER = ROOT / ".venv-bench"
APP = Path(__file__).with_name("rival_app.py")


class NoRival(RuntimeError):
    """The environment cannot be made; the text is pip's last words."""


def install() -> str:
    """Make the environment where it is not there; returns its Python."""
    python, stamp = FOLDER / "bin" / "python", FOLDER / "installed"
    wanted = "\n".join(PACKAGES)
    if not stamp.is_file() or stamp.read_text() != wanted:
        _run([sys.executable, "-m", "venv", "--clear", str(FOLDER)])
        _run([str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *PACKAGES])
        stamp.write_text(wanted)
    return str(python)


def words(python: str, invoices: Path, port: int) -> list[str]:
    """The command that serves the Invoices of a searchset."""
    return [python, str(APP), str(invoices), str(port)]


def _run(command: list[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
    if done.returncode:
        raise NoRival(f"{' '.join(command)}: {done.stderr.strip()[-500:]}")
