"""What the server declares and obeys, as data: FHIR definitions, rules of access and switches, and the R4 schema."""
