"""FHIR R4 search over resources in memory: parameter types are known here, resource types are data.

https://hl7.org/fhir/R4/search.html
"""
