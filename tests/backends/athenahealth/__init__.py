"""Tests of the athenahealth backend: pure rooms on composed payloads, the rest against the simulator."""
