"""(method, path) → interaction, for plain requests; one error boundary."""
