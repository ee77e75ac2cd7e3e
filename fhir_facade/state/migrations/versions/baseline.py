"""The tables as they were when the first migration was written; those of earlier versions are left as they are."""

from __future__ import annotations

from alembic import op
from sqlalchemy import BigInteger, Boolean, Column, Date, Float, Integer, LargeBinary, String, UniqueConstraint

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Make what is not there."""
    _shared()
    _kept()
    _files_and_people()
    _audit()
    _payments()
    _beside_payments()


def _shared() -> None:
    op.create_table(
        "shared_values",
        Column("key", String, primary_key=True),
        Column("value", LargeBinary, nullable=False),
        Column("expires", Float(53), nullable=False),
        if_not_exists=True,
    )
    op.create_index("ix_shared_values_expires", "shared_values", ["expires"], if_not_exists=True)
    op.create_table(
        "shared_counters",
        Column("key", String, primary_key=True),
        Column("value", BigInteger, nullable=False),
        Column("expires", Float(53), nullable=False),
        if_not_exists=True,
    )
    op.create_index("ix_shared_counters_expires", "shared_counters", ["expires"], if_not_exists=True)
    op.create_table(
        "shared_locks",
        Column("key", String, primary_key=True),
        Column("owner", String, nullable=False),
        Column("expires", Float(53), nullable=False),
        if_not_exists=True,
    )


def _kept() -> None:
    op.create_table(
        "kept_secrets",
        Column("name", String, primary_key=True),
        Column("value", LargeBinary, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "page_keys",
        Column("fingerprint", LargeBinary, primary_key=True),
        if_not_exists=True,
    )
    op.create_table(
        "long_numbers",
        Column("digest", LargeBinary, primary_key=True),
        Column("number", LargeBinary, nullable=False),
        if_not_exists=True,
    )


def _files_and_people() -> None:
    op.create_table(
        "sightings",
        Column("key", LargeBinary(16), primary_key=True),
        Column("digest", LargeBinary(16), nullable=False),
        Column("seen", BigInteger, nullable=False),
        sqlite_with_rowid=False,
        if_not_exists=True,
    )
    op.create_table(
        "crosswalk",
        Column("authority", String, primary_key=True),
        Column("number", LargeBinary, primary_key=True),
        Column("person", LargeBinary, nullable=False),
        if_not_exists=True,
    )
    op.create_index("ix_crosswalk_person", "crosswalk", ["person"], if_not_exists=True)
    op.create_table(
        "proxies",
        Column("proxy", LargeBinary, primary_key=True),
        Column("person", LargeBinary, primary_key=True),
        Column("billing", Boolean, nullable=False),
        Column("expires", Date),
        Column("until_age", Integer),
        Column("birth_date", Date),
        if_not_exists=True,
    )


def _audit() -> None:
    op.create_table(
        "audit_events",
        Column("seq", BigInteger, primary_key=True, autoincrement=False),
        Column("recorded", BigInteger, nullable=False),
        Column("authority", String, nullable=False),
        Column("number", LargeBinary, nullable=False),
        Column("entry", LargeBinary, nullable=False),
        Column("hash", LargeBinary(32), nullable=False),
        if_not_exists=True,
    )
    op.create_index("audit_events_of_patient", "audit_events", ["authority", "number", "seq"], if_not_exists=True)
    op.create_table(
        "audit_ends",
        Column("place", String, primary_key=True),
        Column("seq", BigInteger, nullable=False),
        Column("hash", LargeBinary(32), nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "audit_spools",
        Column("name", String, primary_key=True),
        Column("taken", BigInteger, nullable=False),
        if_not_exists=True,
    )


def _payments() -> None:
    op.create_table(
        "payments",
        Column("id", String, primary_key=True),
        Column("state", String, nullable=False),
        Column("authority", String, nullable=False),
        Column("number", LargeBinary, nullable=False),
        Column("idempotency", LargeBinary(32)),
        Column("gateway", String, nullable=False),
        Column("reference", String, nullable=False),
        Column("due", BigInteger),
        Column("owner", String),
        Column("leased", BigInteger),
        Column("created", BigInteger, nullable=False),
        Column("version", Integer, nullable=False),
        Column("payment", LargeBinary, nullable=False),
        UniqueConstraint("idempotency"),
        if_not_exists=True,
    )
    op.create_index("ix_payments_created", "payments", ["created"], if_not_exists=True)
    op.create_index("ix_payments_due", "payments", ["due"], if_not_exists=True)
    op.create_index("ix_payments_state", "payments", ["state"], if_not_exists=True)
    op.create_index("payments_of_patient", "payments", ["authority", "number"], if_not_exists=True)
    op.create_index("payments_of_session", "payments", ["gateway", "reference"], if_not_exists=True)


def _beside_payments() -> None:
    op.create_table(
        "payment_history",
        Column("payment", String, primary_key=True),
        Column("version", Integer, primary_key=True, autoincrement=False),
        Column("step", LargeBinary, nullable=False),
        if_not_exists=True,
    )
    op.create_table(
        "payment_locks",
        Column("billing_system", String, primary_key=True),
        Column("kind", String, primary_key=True),
        Column("number", LargeBinary, primary_key=True),
        Column("payment", String, nullable=False),
        if_not_exists=True,
    )
    op.create_index("ix_payment_locks_payment", "payment_locks", ["payment"], if_not_exists=True)
