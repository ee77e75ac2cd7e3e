"""The command line ``fhir-facade``: one module a command, found by entry point."""
