"""The site's master person index, a FHIR server: asked who somebody is, and by which numbers authorities know them."""
