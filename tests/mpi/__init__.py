"""The master person index: what it is asked, and what its answers mean."""
