"""A development authorization server: SMART App Launch on Authlib, for people and apps on this machine alone.

https://hl7.org/fhir/smart-app-launch/
"""

from __future__ import annotations

from fhir_facade.sandbox.authorization.clients import Client
from fhir_facade.sandbox.authorization.people import People, Person
from fhir_facade.sandbox.authorization.service import DevelopmentAuthorizationServer

__all__ = ["Client", "DevelopmentAuthorizationServer", "People", "Person"]
