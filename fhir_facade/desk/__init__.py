"""The stories: read, search, metadata.  What happens, in order, and nothing of how."""
