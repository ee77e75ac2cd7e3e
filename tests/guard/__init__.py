"""The guard: scopes, decisions, whom a token names."""
