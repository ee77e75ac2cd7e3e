"""Records become FHIR R4 resources here: one file a type, one place for what they share, one judge for all."""
