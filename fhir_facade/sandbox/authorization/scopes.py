"""Which of the scopes that an app asks for are granted: those that the facade knows, and those of the launch.

https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html
"""

from __future__ import annotations

from fhir_facade.guard.scopes import SYSTEM, scopes
from fhir_facade.specification.statement import declared

LAUNCH, LAUNCH_PATIENT, OPENID, FHIR_USER = "launch", "launch/patient", "openid", "fhirUser"
OFFLINE, ONLINE = "offline_access", "online_access"
CONTEXT = {
    LAUNCH: "know in which context it was started",
    LAUNCH_PATIENT: "know whose records these are",
    OPENID: "know who you are",
    FHIR_USER: "know your Patient resource",
    OFFLINE: "keep its access when you are away",
    ONLINE: "keep its access while you are online",
}
APP_LEVELS, SYSTEM_LEVELS = frozenset({"patient", "user"}), frozenset({SYSTEM})
_VERBS = {"see": frozenset("rs"), "change": frozenset("cud")}
SUPPORTED = (*CONTEXT, "patient/*.rs", "patient/*.read", "user/*.rs", "user/*.read", "system/*.rs", "system/*.read")


def granted(asked: str, levels: frozenset[str]) -> str:
    """The scopes to grant, as they were asked for; each once."""
    return " ".join(dict.fromkeys(scope for scope in asked.split() if _is_granted(scope, levels)))


def meaning(scope: str) -> str:
    """What a person reads who is asked for consent."""
    if scope in CONTEXT:
        return CONTEXT[scope]
    [each] = scopes(scope)
    to_do = " and ".join(verb for verb, letters in _VERBS.items() if not letters.isdisjoint(each.letters))
    which = "records of every type" if each.type == "*" else f"records of the type {each.type}"
    return f"{to_do} {'some ' if each.conditions else ''}{which}"


def _is_granted(scope: str, levels: frozenset[str]) -> bool:
    if scope in CONTEXT:
        return levels == APP_LEVELS
    return any(each.level in levels and (each.type == "*" or each.type in declared()) for each in scopes(scope))
