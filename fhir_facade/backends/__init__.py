"""Billing systems behind one port: ``port`` is the contract, every other module is one billing system."""
