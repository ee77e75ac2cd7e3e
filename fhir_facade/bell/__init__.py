"""The bell: a bearer token becomes claims, or is refused.  Who the caller is, others say."""
