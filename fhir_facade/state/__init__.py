"""What all processes of a site share and keep: one database, small values, counters, locks, secrets, sightings."""
