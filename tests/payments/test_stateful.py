"""Whatever happens to a ledger, two workers, a gateway and a billing system: each payment ends once, to the cent."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from fhir_facade.backends.posting import NotSent, Verdict
from fhir_facade.gateways.port import Outcome
from fhir_facade.keys import PatientKey
from fhir_facade.payments.decision import Decision, Verb
from fhir_facade.payments.payment import BillShare, Payment
from fhir_facade.payments.results import apply
from fhir_facade.payments.states import NOT_VISIBLE_YET, State
from fhir_facade.payments.sweeping import SWEEP, Sweeping
from fhir_facade.payments.watching import Watching
from fhir_facade.state.database import Database
from tests.payments.bench import Bench
from tests.payments.conftest import payment
from tests.payments.fakes import FAULTS, Fate, Fault, Killed

NUMBERS = ("1001", "1001", "1002", "1003")
CENTS = st.decimals(min_value=Decimal("0.01"), max_value=Decimal("999999999999.99"), places=2)
PAID = (Outcome.CAPTURED, Outcome.REFUNDED)


class Payments(RuleBasedStateMachine):
    """Patients pay, gateways tell late or never, workers are killed, clocks jump, billing systems fail."""

    @initialize()
    def begin(self) -> None:
        self.place = Bench(Database("sqlite:///:memory:"))
        self.place.database.create()
        self.begun: list[Payment] = []
        self.place.decide = lambda held: Decision(Verb.CAPTURE, held.amount)

    def teardown(self) -> None:
        if hasattr(self, "place"):
            self.end()
            self.place.database.close()

    @rule(
        amount=CENTS,
        patient=st.sampled_from(NUMBERS),
        hold=st.booleans(),
        paid=st.sampled_from([Outcome.CAPTURED, Outcome.CAPTURED, Outcome.AUTHORIZED, Outcome.OPEN]),
        notified=st.sampled_from([1, 1, 2, 0]),
    )
    def a_session_is_begun(self, amount: Decimal, patient: str, hold: bool, paid: Outcome, notified: int) -> None:
        id = f"p{len(self.begun)}"
        more: dict[str, Any] = {"patient": PatientKey("riverside", patient), "amount": amount}
        whole: dict[str, Any] = {"shares": (), "visit": "5001"} if hold else {"shares": (BillShare("9301", amount),)}
        now = self.place.now()
        made = payment(id, created=now, due=now, expires=self._in(1_800), **more, **whole)
        self.place.ledger.add(made, [], "caller")
        self.place.gateway.stand(made, Outcome.OPEN)
        self.begun.append(made)
        if paid is not Outcome.OPEN:
            self._paid(made, paid, notified)

    @rule(
        data=st.data(),
        outcome=st.sampled_from([Outcome.CAPTURED, Outcome.CAPTURED, Outcome.AUTHORIZED, Outcome.DECLINED]),
        notified=st.integers(0, 3),
    )
    def the_patient_pays(self, data: st.DataObject, outcome: Outcome, notified: int) -> None:
        """The gateway tells it so many times, or never."""
        if not self.begun:
            return
        made = data.draw(st.sampled_from(self.begun))
        stands = self.place.gateway.sessions[made.reference].outcome
        if stands not in (Outcome.OPEN, Outcome.DECLINED) and (stands, outcome) != (
            Outcome.AUTHORIZED,
            Outcome.CAPTURED,
        ):
            return
        self._paid(made, outcome, notified)

    def _paid(self, made: Payment, outcome: Outcome, notified: int) -> None:
        result = self.place.gateway.stand(made, outcome)
        for _ in range(notified):
            apply(self.place.ledger, self.place.one(made.id), result, "gateway", self.place.now())

    @rule(data=st.data())
    def an_old_notification_comes_again(self, data: st.DataObject) -> None:
        if not self.begun:
            return
        made = data.draw(st.sampled_from(self.begun))
        now = self.place.one(made.id)
        result = self.place.gateway.sessions[made.reference]
        if result.outcome in PAID:
            apply(self.place.ledger, now, result, "gateway", self.place.now())

    @rule(
        faults=st.lists(st.sampled_from(sorted(FAULTS)), max_size=4), looks=st.integers(0, 3), silent=st.integers(0, 4)
    )
    def things_are_about_to_fail(self, faults: list[str], looks: int, silent: int) -> None:
        self.place.poster.faults["tell"] = [FAULTS[fault] for fault in faults]
        found: list[tuple[Fault, bool]] = [(Verdict.UNDECIDED, False), (NotSent(), False)]
        self.place.poster.faults["found"] = found[:looks]
        self.place.poster.faults["snapshot"] = [(NotSent(), False)] * (looks % 2)
        self.place.gateway.silent = silent

    @rule(name=st.sampled_from("ab"), turns=st.integers(1, 6), fault=st.sampled_from(sorted(FAULTS)))
    def a_worker_works(self, name: str, turns: int, fault: str) -> None:
        self.place.poster.faults["tell"] = [FAULTS[fault]]
        worker = self.place.worker(name)
        for _ in range(turns):
            if not worker.turn():
                return

    @rule(at=st.integers(1, 30))
    def a_worker_is_killed(self, at: int) -> None:
        worker = self.place.worker(f"mortal {at}", Fate(at))
        try:
            while worker.turn():
                pass
        except Killed:
            return

    @rule(call=st.sampled_from(["snapshot", "tell", "found"]), seconds=st.sampled_from([5, 121, 4_000]))
    def a_worker_sleeps_in_a_call_while_another_works(self, call: str, seconds: int) -> None:
        slept: list[int] = []

        def sleep(now: str, _: object) -> None:
            if now == call and not slept:
                slept.append(1)
                self.place.now.advance(seconds)
                other = self.place.worker("other")
                for _ in range(5):
                    other.turn()

        self.place.poster.during = sleep
        try:
            self.place.worker("sleeper").turn()
        finally:
            self.place.poster.during = lambda call, posting: None

    @rule(seconds=st.sampled_from([1, 30, 61, 121, 900, 3_700, 90_000, -1, -100, -4_000]))
    def the_clock_jumps(self, seconds: int) -> None:
        self.place.now.advance(seconds)

    @rule()
    def chores_are_done(self) -> None:
        shop = self.place.shop()
        Sweeping(shop).chore()
        Watching(shop).stuck()
        Watching(shop).given_back()

    @rule(data=st.data())
    def an_operator_says_that_it_is_not_there(self, data: st.DataObject) -> None:
        """Where it is surely not: the operator has looked."""
        waiting = [each for each in self.place.ledger.listed([State.NEEDS_REVIEW]) if self._absent(each)]
        if waiting:
            chosen = data.draw(st.sampled_from(waiting))
            self.place.ledger.move(chosen, State.CAPTURED, "pat", "not there", due=self.place.now())

    @invariant()
    def no_payment_was_told_twice(self) -> None:
        if hasattr(self, "place"):
            assert set(self.place.poster.told.values()) <= {1}

    @invariant()
    def money_that_was_taken_is_not_forgotten(self) -> None:
        if hasattr(self, "place"):
            for made in self.place.ledger.listed():
                if made.captured is not None:
                    assert made.state in NOT_VISIBLE_YET | {State.POSTED}

    def end(self) -> None:
        """Nothing fails any more, and there is time."""
        self.place.poster.faults.clear()
        self.place.gateway.silent = 0
        Sweeping(self.place.shop()).sweep(self.place.now() - self._days(30))
        self.place.settle(60)
        Sweeping(self.place.shop()).sweep(self.place.now() - self._days(60))
        self.place.settle(10)
        taken = {ref: res.amount for ref, res in self.place.gateway.sessions.items() if res.outcome in PAID}
        known = {each.reference: each for each in self.place.ledger.listed() if each.captured is not None}
        assert set(known) == set(taken)
        for reference, amount in taken.items():
            each = known[reference]
            assert each.amount == amount
            assert each.state in (State.POSTED, State.NEEDS_REVIEW)
            if each.state is State.POSTED:
                assert self.place.poster.amounts[each.id] == amount
                assert self.place.poster.told[each.id] == 1
            else:
                assert each.reason
        untaken = {made.id for made in self.begun} - {each.id for each in known.values()}
        assert untaken.isdisjoint(self.place.poster.told)
        assert all(each.due is None for each in self.place.ledger.listed())
        assert [each for each in self.place.ledger.listed() if self.place.ledger.history(each.id)[0].by == SWEEP] == []

    def _absent(self, waiting: Payment) -> bool:
        return waiting.id not in self.place.poster.amounts

    def _in(self, seconds: float) -> Any:
        return self.place.now() + self._days(seconds / 86_400)

    @staticmethod
    def _days(days: float) -> Any:
        return dt.timedelta(days=days)


TestPayments = Payments.TestCase
TestPayments.settings = settings(
    max_examples=100, stateful_step_count=40, deadline=None, suppress_health_check=list(HealthCheck)
)
