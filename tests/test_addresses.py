"""Which URLs may be asked, and what stays on this machine: the settings and the calls judge alike."""

from __future__ import annotations

from fhir_facade.addresses import is_safe


def test_which_urls_are_safe() -> None:
    good = (
        "https://i.example.org/jwks",
        "http://127.0.0.1:80/",
        "http://[::1]/",
        "http://localhost:8000/a",
        "http://id.localhost/",
    )
    bad = (
        "http://i.example.org",
        "https://",
        "https://u:p@i.example.org",
        "http://localhost.evil.org",
        "http://notlocalhost/",
        "http://[::1",
        "",
    )
    assert [is_safe(url) for url in good + bad] == [True] * len(good) + [False] * len(bad)
