"""Random operations agree with a plain model: stock, wallets, holds and orders (hypothesis).

HOLDFAST_EXAMPLES_MAX=2000 tries so many sequences instead of 60.
"""
import os
import sys
from functools import partial
from typing import Callable, Dict, Optional, Tuple, Type, TypeVar, Union
from uuid import UUID

import tap

try:
    from hypothesis import HealthCheck, settings
    from hypothesis import strategies as st
    from hypothesis.stateful import (Bundle, RuleBasedStateMachine, initialize, invariant, rule,
                                     run_state_machine_as_test)
except ImportError:
    print("1..0 # SKIP hypothesis is not installed")
    sys.exit(0)

import holdfast
from holdfast import OrderState, item, line, line_quantity, money, payment, sync

SKUS = ("tea", "cup", "pot")
PEOPLE = ("ada", "bob")
TILL = money("till", "EUR")
skus, people = st.sampled_from(SKUS), st.sampled_from(PEOPLE)
amounts = st.integers(1, 12)
Result = TypeVar("Result")
#: The classes of the refusal that is expected; None when there is to be none.
Expected = Union[None, Type[holdfast.Error], Tuple[Type[holdfast.Error], ...]]


class Placed:
    """An order of the model: `count` and `total` are those of what was not sent back."""

    def __init__(self, state: OrderState, sku: str, count: int, name: str, total: int) -> None:
        self.state, self.sku, self.count, self.name, self.total = state, sku, count, name, total


class Shop(RuleBasedStateMachine):
    """The engine beside a model of dicts: every refusal is foretold, every number agrees."""

    orders: "Bundle[Optional[UUID]]" = Bundle("orders")
    holds: "Bundle[Optional[UUID]]" = Bundle("holds")

    @initialize()
    def open(self) -> None:
        """Opens an empty store."""
        self.hf = sync.open("memory:", random_seed=7)
        self.stock, self.held = dict.fromkeys(SKUS, 20), dict.fromkeys(SKUS, 0)
        self.wallet, self.promised = dict.fromkeys(PEOPLE, 50), dict.fromkeys(PEOPLE, 0)
        self.till = self.number = 0
        self.placed: Dict[UUID, Placed] = {}
        self.open_holds: Dict[UUID, Tuple[str, int]] = {}
        for sku in SKUS:
            self.hf.items.put(item(sku), opening=20, unit_scale=0)
        for name in PEOPLE:
            self.hf.accounts.put(money(name, "EUR"), opening=50, unit_scale=2)
        self.hf.accounts.put(TILL)

    def refused(self, function: Callable[[], Result], expected: Expected) -> Optional[Result]:
        """Calls; the outcome must be as expected. None when it was refused."""
        try:
            result = function()
        except holdfast.Error as problem:
            assert expected is not None and isinstance(problem, expected), problem
            assert problem.detail and problem.code < 0
            return None
        assert expected is None, f"{expected} was expected"
        return result

    @rule(sku=skus, count=amounts)
    def receive(self, sku: str, count: int) -> None:
        """Goods arrive."""
        self.stock[sku] += count
        assert self.hf.items.receive(count, to=item(sku)).balance == self.stock[sku]

    @rule(name=people, amount=amounts)
    def top_up(self, name: str, amount: int) -> None:
        """Money arrives."""
        self.wallet[name] += amount
        self.hf.accounts.deposit(amount, to=money(name, "EUR"))

    @rule(name=people, amount=amounts)
    def withdraw(self, name: str, amount: int) -> None:
        """Money leaves, when it is there and not promised."""
        short = self.wallet[name] - self.promised[name] < amount
        self.refused(lambda: self.hf.accounts.withdraw(amount, from_=money(name, "EUR")),
                     holdfast.FundsShortError if short else None)
        if not short:
            self.wallet[name] -= amount

    @rule(target=orders, name=people, sku=skus, count=amounts, price=st.integers(0, 3),
          paid=st.booleans())
    def place(self, name: str, sku: str, count: int, price: int,
              paid: bool) -> Optional[UUID]:
        """An order, paid at once or not yet."""
        total = count * price
        expected: Expected = None
        if self.stock[sku] - self.held[sku] < count:
            expected = holdfast.StockShortError
        elif paid and total and self.wallet[name] - self.promised[name] < total:
            expected = holdfast.FundsShortError
        pays = [payment(account=money(name, "EUR"), amount=total)] if paid and total else []
        view = self.refused(lambda: self.hf.orders.place(
            "EUR", customer=name, total=total, lines=[line(sku, count, unit_price=price)],
            payments=pays), expected)
        if view is None:
            return None
        self.number += 1
        assert view.order.number == self.number
        if pays or total == 0:
            self.stock[sku] -= count
            self.wallet[name] -= total if pays else 0
            assert view.order.state is OrderState.CLOSED
        else:
            self.held[sku] += count
            assert view.order.state is OrderState.PENDING
        self.placed[view.order.id] = Placed(view.order.state, sku, count, name, total)
        return view.order.id

    @rule(order=orders)
    def pay(self, order: Optional[UUID]) -> None:
        """A pending order is paid."""
        if order is None:
            return
        one = self.placed[order]
        expected: Expected = None
        if one.state is not OrderState.PENDING:
            # a closed order owes nothing more; a cancelled one takes no payment
            expected = holdfast.Rejected
        elif self.wallet[one.name] - self.promised[one.name] < one.total:
            expected = holdfast.FundsShortError
        pay = payment(account=money(one.name, "EUR"), amount=max(one.total, 1))
        view = self.refused(partial(self.hf.payments.add, order, pay), expected)
        if view is not None:
            one.state = OrderState.CLOSED
            self.held[one.sku] -= one.count
            self.stock[one.sku] -= one.count
            self.wallet[one.name] -= one.total

    @rule(order=orders)
    def cancel(self, order: Optional[UUID]) -> None:
        """A pending order is cancelled."""
        if order is None:
            return
        one = self.placed[order]
        pending = one.state is OrderState.PENDING
        self.refused(partial(self.hf.orders.cancel, order),
                     None if pending else holdfast.OrderStateError)
        if pending:
            one.state = OrderState.CANCELLED
            self.held[one.sku] -= one.count

    @rule(order=orders, count=amounts)
    def send_back(self, order: Optional[UUID], count: int) -> None:
        """Units of a closed order come back, once, and their price with them."""
        if order is None or self.placed[order].state is not OrderState.CLOSED:
            return
        one = self.placed[order]
        price = one.total // one.count if one.count else 0
        self.refused(partial(self.hf.orders.return_, order, lines=[line_quantity(1, count)]),
                     holdfast.OverReturnError if count > one.count else None)
        if count <= one.count:
            one.count, one.total = one.count - count, price * (one.count - count)
            self.stock[one.sku] += count
            self.wallet[one.name] += price * count

    @rule(target=holds, name=people, amount=amounts)
    def promise(self, name: str, amount: int) -> Optional[UUID]:
        """Money is promised to the till."""
        short = self.wallet[name] - self.promised[name] < amount
        hold = self.refused(lambda: self.hf.holds.place(amount, from_=money(name, "EUR"), to=TILL),
                            holdfast.FundsShortError if short else None)
        if hold is None:
            return None
        self.promised[name] += amount
        self.open_holds[hold.id] = name, amount
        return hold.id

    @rule(hold=holds, post=st.integers(0, 8), release=st.integers(0, 8))
    def post(self, hold: Optional[UUID], post: int, release: int) -> None:
        """A part of a promise is moved, another one is released."""
        if hold is None or post + release == 0:
            return
        name, left = self.open_holds[hold]
        fits = 0 < left and post + release <= left
        self.refused(partial(self.hf.holds.post, hold, post=post, release=release),
                     None if fits else (holdfast.OverPostError, holdfast.HoldStateError))
        if fits:
            self.open_holds[hold] = name, left - post - release
            self.promised[name] -= post + release
            self.wallet[name] -= post
            self.till += post

    @invariant()
    def agrees(self) -> None:
        """Every account has the numbers of the model."""
        if not hasattr(self, "hf"):
            return
        rows = {row.key: (row.balance, row.held_out) for row in self.hf.accounts.list(limit=2)}
        wanted = {item(sku): (self.stock[sku], self.held[sku]) for sku in SKUS}
        wanted.update({money(name, "EUR"): (self.wallet[name], self.promised[name])
                       for name in PEOPLE})
        wanted[TILL] = (self.till, 0)
        assert rows == wanted

    def teardown(self) -> None:
        """The books of the whole store are right."""
        if hasattr(self, "hf"):
            assert self.hf.verify().findings == ()
            states = {row.id: row.state for row in self.hf.orders.list(limit=3)}
            assert states == {order: one.state for order, one in self.placed.items()}
            self.hf.close()


def test_model() -> None:
    """Random sequences of operations agree with a model of dicts, refusals included."""
    run: Callable[..., None] = run_state_machine_as_test  # which has no types
    run(Shop, settings=settings(
        max_examples=int(os.environ.get("HOLDFAST_EXAMPLES_MAX", "60")), stateful_step_count=50,
        deadline=None, derandomize="HOLDFAST_EXAMPLES_MAX" not in os.environ, database=None,
        suppress_health_check=list(HealthCheck), print_blob=True))


def test_values() -> None:
    """Texts, amounts and ids of any kind are stored and read back, or refused; nothing crashes."""
    from hypothesis import given

    with sync.open("memory:") as hf:
        hf.units.put("EUR", scale=2)

        @settings(max_examples=300, deadline=None, database=None, derandomize=True,
                  suppress_health_check=list(HealthCheck))
        @given(st.text(max_size=70), st.text(max_size=70), st.binary(max_size=300),
               st.integers(-2**70, 2**70), st.text(max_size=70))
        def stored(name: str, place: str, meta: bytes, amount: int, actor: str) -> None:
            key = money(name, "EUR", place)
            try:
                row = hf.accounts.put(key, opening=amount, meta=meta, actor=actor,
                                      mode=holdfast.PutMode.NEW)
            except holdfast.Error as problem:
                assert isinstance(problem, (holdfast.Misuse, holdfast.Rejected))
                return
            except (ValueError, TypeError, OverflowError):
                return  # NUL or a lone surrogate in a text, an amount beyond 64 bits
            assert (row.key, row.balance, row.meta) == (key, amount, meta)
            assert hf.accounts.get(key) == row

        stored()
        assert hf.verify().findings == ()


if __name__ == "__main__":
    tap.run(__name__)
