"""How the state database of one version becomes that of the next: scripts that alembic runs, in ``versions``.

A revision is four digits, so that an older one is also a smaller one.  First expand, and contract only in a later
release: while a shared database is migrated, workers of the version before still use it.
"""
