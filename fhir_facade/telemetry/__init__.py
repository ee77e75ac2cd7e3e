"""What operators see: one JSON line an event, and numbers.  Neither ever names a person."""
