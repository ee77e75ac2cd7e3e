"""``fhir-facade openapi`` prints what the site offers, and no more."""

from __future__ import annotations

import json

from fhir_facade.cli.openapi import openapi
from tests.cli.conftest import Clinic, Run, Write, authority


def test_the_document_is_of_this_site(written: Write, run: Run) -> None:
    for text, offered in (("", False), (authority("riverside", "athena"), True)):
        result = run(openapi, "--config", written(text, athena=Clinic))
        assert result.exit_code == 0, result.output
        document = json.loads(result.stdout)
        assert (document["openapi"], document["servers"]) == ("3.1.0", [{"url": "http://localhost/fhir"}])
        assert ("/Invoice/{id}" in document["paths"]) is offered


def test_bad_settings_are_refused_with_their_faults(written: Write, run: Run) -> None:
    result = run(openapi, "--config", written("[[client]]\n", athena=Clinic))
    assert result.exit_code == 1
    assert "client[0].id" in result.stderr
