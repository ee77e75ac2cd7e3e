"""HTTP sessions for what the facade itself asks: pooled, without cookies, and silent about paths."""

from __future__ import annotations

import logging
from http.cookiejar import DefaultCookiePolicy

import requests
from requests.adapters import HTTPAdapter

logging.getLogger("urllib3").setLevel(logging.CRITICAL)  # its lines hold paths, its warnings, too


def session(base_url: str, connections: int) -> requests.Session:
    """A session for one server, for any number of threads.

    The machine's proxies and certificates are read here, once: the library does it at every call, and for long.
    """
    made = requests.Session()
    found = made.merge_environment_settings(base_url, {}, None, None, None)
    made.proxies, made.verify = dict(found["proxies"]), found["verify"]
    made.trust_env = False
    made.headers["User-Agent"] = "fhir-facade"
    made.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    adapter = HTTPAdapter(pool_connections=2, pool_maxsize=connections)
    made.mount("https://", adapter)
    made.mount("http://", adapter)
    return made
