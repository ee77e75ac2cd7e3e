"""Who asked what, and about whom: written down before the answer leaves, kept in a chain, shown as AuditEvents."""
