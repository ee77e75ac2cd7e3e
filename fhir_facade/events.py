"""The catalogue of log events: code logs a code with facts, never prose and never a person.

Facts are names of settings, endpoint templates, status classes, durations, JSON paths.  No patient's name or number,
no amount, no URL with an identifier, no token: ``docs/runbook.md`` has one entry for each code, and a test keeps it so.
"""

from __future__ import annotations

from enum import Enum


class Event(str, Enum):
    """Code and severity of everything that is logged."""

    severity: str

    def __new__(cls, code: str, severity: str) -> Event:
        member = str.__new__(cls, code)
        member._value_ = code
        member.severity = severity
        return member

    STARTED = ("server.started", "info")
    REQUEST_ANSWERED = ("request.answered", "info")
    REQUEST_FAILED = ("request.failed", "error")
    SETTINGS_LOADED = ("settings.loaded", "info")
    SETTINGS_REFUSED = ("settings.refused", "error")
    STATE_UNAVAILABLE = ("state.unavailable", "error")
    CALLER_REFUSED = ("caller.refused", "info")
    ISSUER_FAILED = ("issuer.failed", "error")
    PEOPLE_FAILED = ("people.failed", "error")
    PEOPLE_UNDECIDED = ("people.undecided", "warning")
    SOURCE_CALLED = ("source.called", "info")
    SOURCE_FAILED = ("source.failed", "warning")
    SOURCE_SURPRISED = ("source.surprised", "warning")
    SOURCE_MISCONFIGURED = ("source.misconfigured", "error")
    SOURCE_THROTTLED = ("source.throttled", "warning")
    SOURCE_QUOTA_SPENT = ("source.quota-spent", "error")
    BREAKER_OPENED = ("source.breaker-opened", "error")
    BREAKER_CLOSED = ("source.breaker-closed", "info")
    TOKEN_REFRESHED = ("source.token-refreshed", "info")
    TOKEN_REFUSED = ("source.token-refused", "error")
    ENDPOINT_NOT_ENABLED = ("source.endpoint-not-enabled", "warning")
    STALE_SERVED = ("file.stale-served", "warning")
    FOREIGN_RECORD = ("file.foreign-record", "error")
    RECORD_UNRENDERABLE = ("file.record-unrenderable", "error")
    EXPLAINED = ("operator.explained", "info")
    PAYMENT_UNKNOWN = ("payment.unknown", "error")
    AUDIT_WAITING = ("audit.waiting", "error")
    AUDIT_ANCHORED = ("audit.anchored", "info")
    AUDIT_PRUNED = ("audit.pruned", "info")
