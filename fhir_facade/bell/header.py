"""The Authorization header: exactly one bearer token.  https://www.rfc-editor.org/rfc/rfc6750#section-2.1"""

from __future__ import annotations

import re

from fhir_facade.bell.refusal import Reason, Refusal

LONGEST_TOKEN = 16 * 1024
LONGEST_HEADER = LONGEST_TOKEN + 16  # what is longer is not even hashed

_TOKEN = re.compile(r"[A-Za-z0-9._~+/-]+=*")


def token(authorization: str) -> str:
    """The token; refuses what is not one."""
    scheme, _, rest = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Refusal(Reason.NO_TOKEN)
    found = rest.strip(" ")
    if len(found) > LONGEST_TOKEN or not _TOKEN.fullmatch(found):
        raise Refusal(Reason.MALFORMED)
    return found
