"""The patient's file: a patient's records of one kind at one billing system, fetched, rendered and kept once."""
