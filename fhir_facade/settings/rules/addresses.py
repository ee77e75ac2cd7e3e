"""Rules about URLs: where the facade and its authorization server are."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import SplitResult, urlsplit

from fhir_facade.addresses import is_loopback, is_safe
from fhir_facade.settings.faults import Finding
from fhir_facade.settings.rules.site import Site

BASE_URL = ("server", "base_url")
MODE = ("security", "mode")
ASKED = (
    ("security", "issuer", "https://id.example.org"),
    ("people", "url", "https://mpi.example.org/fhir"),
    ("people", "token_url", "https://mpi.example.org/oauth2/token"),
)


def base_url_is_a_public_address(site: Site) -> Iterator[Finding]:
    """An absolute https URL (http on loopback), without a slash at its end, a query or a fragment."""
    text = site.table("server").get("base_url")
    if text is None:
        return
    url = _split(text)
    if not _absolute(url):
        yield Finding(
            BASE_URL, "must be an absolute URL", 'write for example base_url = "https://billing.example.org/fhir"'
        )
        return
    advice = f'write base_url = "{_plain(url)}"'
    if url.scheme == "http" and not is_loopback(url.hostname or ""):
        yield Finding(BASE_URL, "must be https, because it is not on loopback", advice)
    if "@" in url.netloc or "?" in text or "#" in text:
        yield Finding(BASE_URL, "must have no user, query or fragment", advice)
    if url.path.endswith("/"):
        yield Finding(BASE_URL, "must not end with a slash", advice)


def open_mode_stays_on_loopback(site: Site) -> Iterator[Finding]:
    """Nobody is asked who they are, so nobody else may be able to call."""
    text = site.table("server").get("base_url")
    if text and site.table("security").get("mode") == "open" and not is_loopback(_split(text).hostname or ""):
        advice = 'write mode = "smart", or a base_url on loopback such as "http://127.0.0.1:8000/fhir"'
        yield Finding(MODE, f"serves loopback only, and base_url is elsewhere ({site.place(BASE_URL)})", advice)


def smart_mode_has_an_issuer(site: Site) -> Iterator[Finding]:
    """Tokens are judged by their issuer's keys and for our audience."""
    security = site.table("security")
    if security.get("mode", "smart") == "smart":
        examples = {"issuer": "https://id.example.org", "audience": site.table("server").get("base_url", "…")}
        for key in examples.keys() - {key for key, value in security.items() if value}:
            advice = f'write {key} = "{examples[key]}", or mode = "open" for a trial on loopback'
            yield Finding(("security", key), 'is needed by mode = "smart"', advice, (MODE,))


def what_is_asked_has_a_secure_address(site: Site) -> Iterator[Finding]:
    """Keys and people that came over plain http from elsewhere could be anybody's."""
    for kind, key, example in ASKED:
        if text := site.table(kind).get(key):
            url = _split(text)
            if not _absolute(url):
                yield Finding((kind, key), "must be an absolute URL", f'write for example {key} = "{example}"')
            elif url.scheme == "http" and not is_loopback(url.hostname or ""):
                advice = f'write {key} = "https{text[4:]}"'
                yield Finding((kind, key), "must be https, because it is not on loopback", advice)
            elif "@" in url.netloc:
                yield Finding((kind, key), "must have no user", "write the address alone")


def browsers_are_sent_to_secure_addresses(site: Site) -> Iterator[Finding]:
    """What a gateway tells the browser goes along."""
    for index, text in enumerate(site.table("payments").get("return_urls", ())):
        if isinstance(text, str) and not is_safe(text):
            advice = f'write "https{text[4:]}"' if text.startswith("http:") else "write an https address"
            yield Finding(("payments", "return_urls", index), "must be https, because it is not on loopback", advice)


def a_client_id_has_a_secret(site: Site) -> Iterator[Finding]:
    """The issuer answers a client that proves who it is."""
    security = site.table("security")
    given = {key for key in ("client_id", "client_secret") if security.get(key)}
    if len(given) == 1:
        (missing,) = {"client_id", "client_secret"} - given
        advice = f'write {missing} = "env:FACADE_{missing.upper()}", or leave both out'
        yield Finding(("security", missing), f"is needed beside {given.pop()}", advice, (MODE,))


def _split(text: str) -> SplitResult:
    try:
        url = urlsplit(text)
        _ = url.port
    except ValueError:
        return urlsplit("")
    return url


def _absolute(url: SplitResult) -> bool:
    return url.scheme in ("http", "https") and bool(url.hostname) and not any(map(str.isspace, url.geturl()))


def _plain(url: SplitResult) -> str:
    """The URL as a base URL may be."""
    scheme = "http" if url.scheme == "http" and is_loopback(url.hostname or "") else "https"
    host = url.netloc.rpartition("@")[2]
    return url._replace(scheme=scheme, netloc=host, path=url.path.rstrip("/"), query="", fragment="").geturl()
