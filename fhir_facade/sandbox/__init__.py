"""The sandbox: an athenahealth simulator, a sample clinic database and the settings to put the facade in front.

A room of its own: nothing outside imports it but the demo command, the bench and the tests.
"""
