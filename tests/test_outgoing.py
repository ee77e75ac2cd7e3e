"""Sessions for outgoing calls: the machine's proxies and certificates hold, and its credentials do not."""

from __future__ import annotations

from pathlib import Path

import pytest
import requests

from fhir_facade import outgoing


def test_the_machines_proxy_and_certificates_are_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.org:3128")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", "/etc/site/ca.pem")
    monkeypatch.setenv("NO_PROXY", "inside.example.org")
    with outgoing.session("https://api.example.org/v1", 2) as session:
        assert session.proxies["https"] == "http://proxy.example.org:3128"
        assert session.verify == "/etc/site/ca.pem"
    with outgoing.session("https://inside.example.org/v1", 2) as session:
        assert not session.proxies


def test_certificates_are_verified_where_the_machine_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE"):
        monkeypatch.delenv(name, raising=False)
    with outgoing.session("https://api.example.org", 2) as session:
        assert session.verify is True


def test_no_password_file_of_the_machine_is_read(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine api.example.org login somebody password secret\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with outgoing.session("https://api.example.org", 2) as session:
        request = session.prepare_request(requests.Request("GET", "https://api.example.org/ping"))
        assert "Authorization" not in request.headers
