"""One patient's records of each kind, and what made them so: the mappings, on what was asked.

What a mapping cannot read is told to the log, as every surprise is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from fhir_facade.backends.athenahealth import accounts, bills, payments, persons, visits
from fhir_facade.backends.athenahealth.asking import Asking
from fhir_facade.backends.athenahealth.client import Client
from fhir_facade.backends.athenahealth.endpoints import PATIENT, PATIENTS_APPOINTMENTS, RECEIPTS
from fhir_facade.backends.port import Ground
from fhir_facade.records import Account, Bill, Kind, Payment, Person, Visit

Asked = tuple[Any, ...] | None

# What is asked about a record's kind, and what of the answer made the record; both as for the records themselves.
EXPLAINED: Mapping[Kind, tuple[Callable[[Asking, str], Asked], Callable[..., Iterable[Ground]]]] = {
    Kind.BILLS: (Asking.bills, bills.grounds),
    Kind.ACCOUNTS: (Asking.accounts, accounts.grounds),
    Kind.VISITS: (Asking.visits, visits.grounds),
    Kind.PAYMENTS: (Asking.payments, payments.grounds),
}


class Reading:
    """Reads a patient's records.  ``number`` is digits, as asked for; a merged one answers for the one in force."""

    def __init__(self, asking: Asking, client: Client, clean_is_collectable: bool) -> None:
        self._asking, self._client, self._clean_is_collectable = asking, client, clean_is_collectable

    def person(self, number: str) -> Person | None:
        """The patient, or None."""
        asked = self._asking.person(number)
        with self._client.telling(PATIENT):
            return None if asked is None else persons.person(*asked)

    def bills(self, number: str) -> Sequence[Bill]:
        """The patient's claims."""
        asked, surprised = self._asking.bills(number), partial(self._client.surprised, PATIENT)
        with self._client.telling(PATIENT):
            return () if asked is None else bills.bills(*asked, surprised, self._clean_is_collectable)

    def accounts(self, number: str) -> Sequence[Account]:
        """The patient's balances."""
        asked = self._asking.accounts(number)
        return () if asked is None else accounts.accounts(*asked)

    def visits(self, number: str) -> Sequence[Visit]:
        """The patient's appointments: past, future and cancelled."""
        asked, surprised = self._asking.visits(number), partial(self._client.surprised, PATIENTS_APPOINTMENTS)
        with self._client.telling(PATIENTS_APPOINTMENTS):
            return () if asked is None else visits.visits(*asked, surprised)

    def payments(self, number: str) -> Sequence[Payment]:
        """The patient's receipts and the payments listed on their claims."""
        asked, surprised = self._asking.payments(number), partial(self._client.surprised, RECEIPTS)
        with self._client.telling(RECEIPTS):
            return () if asked is None else payments.payments(*asked, surprised)

    def explain(self, kind: Kind, number: str, own: str) -> Sequence[Ground]:
        """What made the patient's record ``own`` what it is; nothing for kinds that are not explained."""
        if kind not in EXPLAINED:
            return ()
        ask, grounds = EXPLAINED[kind]
        asked = ask(self._asking, number)
        return () if asked is None else tuple(grounds(own, *asked))
