"""The sandbox: an athenahealth simulator, a sample clinic, an authorization server, and settings for a facade.

A room of its own: nothing outside imports it but the demo command, the bench and the tests.
"""
