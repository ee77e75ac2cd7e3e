"""The tables of the state database.  Keys, digests and numbers are bytes, so that any text fits in any database."""

from __future__ import annotations

from sqlalchemy import BigInteger, Boolean, Column, Date, Float, Index, Integer, LargeBinary, MetaData, String, Table

METADATA = MetaData()

# Expiries are seconds since 1970 by the clock of the process that wrote them.
SHARED_VALUES = Table(
    "shared_values",
    METADATA,
    Column("key", String, primary_key=True),
    Column("value", LargeBinary, nullable=False),
    Column("expires", Float(53), nullable=False, index=True),
)
SHARED_COUNTERS = Table(
    "shared_counters",
    METADATA,
    Column("key", String, primary_key=True),
    Column("value", BigInteger, nullable=False),
    Column("expires", Float(53), nullable=False, index=True),
)
SHARED_LOCKS = Table(
    "shared_locks",
    METADATA,
    Column("key", String, primary_key=True),
    Column("owner", String, nullable=False),
    Column("expires", Float(53), nullable=False),
)
KEPT_SECRETS = Table(
    "kept_secrets",
    METADATA,
    Column("name", String, primary_key=True),
    Column("value", LargeBinary, nullable=False),
)
# WITHOUT ROWID: the key is the row's place, which halves the work of a lookup on SQLite.
SIGHTINGS = Table(
    "sightings",
    METADATA,
    Column("key", LargeBinary(16), primary_key=True),
    Column("digest", LargeBinary(16), nullable=False),
    Column("seen", BigInteger, nullable=False),
    sqlite_with_rowid=False,
)
LONG_NUMBERS = Table(
    "long_numbers",
    METADATA,
    Column("digest", LargeBinary, primary_key=True),
    Column("number", LargeBinary, nullable=False),
)
PAGE_KEYS = Table(
    "page_keys",
    METADATA,
    Column("fingerprint", LargeBinary, primary_key=True),
)
# A person's patient numbers; a number is one person's.
CROSSWALK = Table(
    "crosswalk",
    METADATA,
    Column("authority", String, primary_key=True),
    Column("number", LargeBinary, primary_key=True),
    Column("person", LargeBinary, nullable=False, index=True),
)
PROXIES = Table(
    "proxies",
    METADATA,
    Column("proxy", LargeBinary, primary_key=True),
    Column("person", LargeBinary, primary_key=True),
    Column("billing", Boolean, nullable=False),
    Column("expires", Date),
    Column("until_age", Integer),
    Column("birth_date", Date),
)
# The audit trail (state/trail.py): entries by their place in the chain; both ends of it; how far spool files are in it.
AUDIT_EVENTS = Table(
    "audit_events",
    METADATA,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("recorded", BigInteger, nullable=False),
    Column("authority", String, nullable=False),
    Column("number", LargeBinary, nullable=False),
    Column("entry", LargeBinary, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
    Index("audit_events_of_patient", "authority", "number", "seq"),
)
AUDIT_ENDS = Table(
    "audit_ends",
    METADATA,
    Column("place", String, primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("hash", LargeBinary(32), nullable=False),
)
AUDIT_SPOOLS = Table(
    "audit_spools",
    METADATA,
    Column("name", String, primary_key=True),
    Column("taken", BigInteger, nullable=False),
)
# The ledger (state/ledger.py).  ``payment`` is the whole payment as JSON; it is found by the columns beside it.
PAYMENTS = Table(
    "payments",
    METADATA,
    Column("id", String, primary_key=True),
    Column("state", String, nullable=False, index=True),
    Column("authority", String, nullable=False),
    Column("number", LargeBinary, nullable=False),
    Column("idempotency", LargeBinary(32), unique=True),  # hash of client, target and key; NULL for none
    Column("gateway", String, nullable=False),
    Column("reference", String, nullable=False),
    Column("due", BigInteger, index=True),  # milliseconds since 1970; NULL for never
    Column("owner", String),
    Column("leased", BigInteger),
    Column("created", BigInteger, nullable=False, index=True),
    Column("changed", BigInteger, nullable=False, index=True),
    Column("version", Integer, nullable=False),
    Column("payment", LargeBinary, nullable=False),
    Index("payments_of_patient", "authority", "number"),
    Index("payments_of_session", "gateway", "reference"),
)
PAYMENT_HISTORY = Table(
    "payment_history",
    METADATA,
    Column("payment", String, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("step", LargeBinary, nullable=False),
)
# What a session is paying, so that no other session pays it, too.
PAYMENT_LOCKS = Table(
    "payment_locks",
    METADATA,
    Column("billing_system", String, primary_key=True),
    Column("kind", String, primary_key=True),
    Column("number", LargeBinary, primary_key=True),
    Column("payment", String, nullable=False, index=True),
)
