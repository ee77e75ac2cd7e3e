"""The README's example, asked of the demo: what it shows is what a newcomer sees."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.e2e.conftest import Smart

ROOT = Path(__file__).parent.parent.parent
README = (ROOT / "README.md").read_text()
_VARIES: dict[str, Callable[[str], str]] = {
    "versionId": lambda _: "…",
    "lastUpdated": lambda _: "…",
    "valueDateTime": lambda _: "…",
    "fullUrl": lambda url: url.rpartition("/")[0],
    "id": lambda _: "…",
}


def masked(value: Any) -> Any:
    """Without ids and times, which differ from one start to the next."""
    if isinstance(value, dict):
        return {name: _VARIES[name](inner) if name in _VARIES else masked(inner) for name, inner in value.items()}
    return [masked(inner) for inner in value] if isinstance(value, list) else value


def block(mark: str) -> str:
    found = re.search(rf"<!-- {mark} -->\n```\w+\n(.*?)```", README, re.S)
    assert found, mark
    return found[1]


def test_the_example_is_what_the_demo_answers(smart: Smart) -> None:
    token = re.search(r"\$ TOKEN=\$\(curl -s 'http://127.0.0.1:8081/demo-token\?(\w+)=([^']+)'\)", README)
    asked = re.search(r"""\$ curl -H "Authorization: Bearer \$TOKEN" 'http://127.0.0.1:8080/fhir/([^']+)'""", README)
    assert token
    assert asked
    shown = smart.json(asked[1], smart.token(**{token[1]: token[2]}))
    assert masked(shown) == masked(json.loads(block("answer")))


def test_the_broken_file_is_refused_as_shown(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).parent / "fhir-facade"), "check", "--config", "examples/broken.toml"]
    environ = {name: value for name, value in os.environ.items() if name not in ("FACADE_ID_KEY", "CLINIC_DATABASE")}
    ran = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environ, timeout=60, check=False)
    assert ran.returncode == 1
    shown = block("check").splitlines()
    assert shown[0] == "$ fhir-facade check --config examples/broken.toml"
    said = (ran.stdout + ran.stderr).splitlines()
    assert shown[1:-2] == said[: len(shown) - 3]
    assert shown[-2:] == ["…", said[-1]]
