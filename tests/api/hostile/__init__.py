"""Whatever is sent: never a 500, never somebody else's record."""
