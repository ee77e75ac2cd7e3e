"""A payment in hand: its lease is renewed while somebody works on it, and is looked at before every call.

Whoever stops for longer than a lease (a machine that sleeps, a long pause of the interpreter) may find the payment
somebody else's: ``still`` says so, and the work ends there.  Should it stop *after* having asked, the ledger's versions
keep the two apart: only one of them can have moved the payment to ``posting``.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from fhir_facade.errors import StateUnavailable
from fhir_facade.payments.payment import Payment
from fhir_facade.state.ledger import Ledger

Still = Callable[[], bool]
"""Whether the payment is still in hand, for a whole lease from now on."""


@contextmanager
def held(ledger: Ledger, payment: Payment, owner: str, seconds: float) -> Iterator[Still]:
    """Renew every third of the lease, and give the payment back at the end."""
    over = threading.Event()

    def renew() -> bool:
        with suppress(StateUnavailable):
            return ledger.renew(payment, owner, seconds)
        return False

    def renewing() -> None:
        while not over.wait(seconds / 3):
            renew()

    keeper = threading.Thread(target=renewing, name="lease", daemon=True)
    keeper.start()
    try:
        yield renew
    finally:
        over.set()
        keeper.join()
        with suppress(StateUnavailable):  # then it ends by itself
            ledger.release(payment, owner)
