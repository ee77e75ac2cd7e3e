"""A FHIR R4 billing API in front of billing systems that do not speak FHIR."""

__version__ = "0.1.0"
