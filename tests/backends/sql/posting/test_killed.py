"""A process that posts is killed with SIGKILL before each of its lines in turn: every payment is told once."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[4]
SENT = {"statement": "posted", "file": "accepted", "file-taken-at-once": "accepted"}


@pytest.mark.parametrize("way", SENT)
def test_whenever_it_dies_a_payment_is_told_once(way: str, tmp_path: Path) -> None:
    run = subprocess.run(
        [sys.executable, "-m", "tests.backends.sql.posting.killed", way, str(tmp_path)],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert run.returncode == 0, run.stderr
    outcomes = json.loads(run.stdout)
    assert len(outcomes) > 60  # lines
    assert {after for _, after, *_ in outcomes} == {"absent", SENT[way]}  # it died before it told, and after it
    assert {(second, third, booked) for _, _, second, third, booked in outcomes} == {(SENT[way], SENT[way], 1)}
