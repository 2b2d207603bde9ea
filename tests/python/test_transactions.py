"""Events, transactions, participants and payment providers through the asynchronous engine."""
import asyncio
from typing import Any, Awaitable, List, Tuple, Union
from uuid import UUID

import tap

import holdfast
from holdfast import (Answer, Call, FactKind, OrderState, ParticipantFlags, PaymentMethod, PaymentState,
                      Reply, TxnState, branch, item, line, money, payment)

CASES = [("queue",), ("loop",)]
TILL = money("till", "EUR")


async def opened(driver: str, store: str = "memory:", **options: Any) -> holdfast.Engine:
    """A store with a till and tea."""
    hf = await holdfast.open(store, driver, **options)
    await hf.items.put(item("tea"), opening=100, unit_scale=0)
    await hf.accounts.put(TILL, opening=1000, unit_scale=2)
    return hf


class Seats:
    """A participant that keeps seats in a dict."""

    def __init__(self) -> None:
        self.calls: List[Tuple[str, Union[bytes, int]]] = []
        self.answer = Answer.OK

    async def attempt(self, call: Call) -> Answer:
        """Reserves."""
        self.calls.append(("try", call.payload))
        return self.answer

    async def confirm(self, call: Call) -> Answer:
        """Makes it final."""
        self.calls.append(("confirm", call.payload))
        return Answer.OK

    async def cancel(self, call: Call) -> Reply:
        """Releases."""
        self.calls.append(("cancel", call.payload))
        return Reply(Answer.OK, detail="given back")


async def test_confirmed(driver: str) -> None:
    """A transaction with a branch is confirmed by its participant's coroutines."""
    async with await opened(driver) as hf:
        seats = Seats()
        hf.register_participant("seats", seats)
        view = await hf.transactions.submit(
            moves=[holdfast.txn_move(300, from_=TILL)],
            branches=[branch("seats", payload=b"row 7")])
        assert view.txn.state is TxnState.CONFIRMED, view
        assert seats.calls == [("try", b"row 7"), ("confirm", b"row 7")]
        assert (await hf.accounts.get(TILL)).balance == 700


async def test_refused(driver: str) -> None:
    """A refused try cancels the transaction and moves nothing."""
    async with await opened(driver) as hf:
        seats, other = Seats(), Seats()
        seats.answer = Answer.REJECTED
        hf.register_participant("seats", seats)
        hf.register_participant("meals", other)
        try:
            await hf.transactions.submit(moves=[holdfast.txn_move(300, from_=TILL)],
                                         branches=[branch("meals"), branch("seats")])
        except holdfast.TxnAbortedError:
            pass
        else:
            raise AssertionError("it was not cancelled")
        assert ("cancel", b"") in other.calls and ("cancel", b"") not in seats.calls
        assert (await hf.accounts.get(TILL)).balance == 1000


async def test_context(driver: str) -> None:
    """A block is a transaction: leaving it confirms, an exception aborts with its text."""
    async with await opened(driver) as hf:
        seats = Seats()
        hf.register_participant("seats", seats)
        async with hf.transaction() as txn:
            await txn.branch("seats", b"1A")
            await txn.branch("seats", b"1B")
        assert txn.view.txn.state is TxnState.CONFIRMED and len(txn.view.branches) == 2
        try:
            async with hf.transaction(moves=[holdfast.txn_move(1, from_=TILL)]) as txn:
                await txn.branch("seats", b"2A")
                raise KeyError("changed my mind")
        except KeyError:
            pass
        view = await hf.transactions.get(txn.id)
        while view.txn.state is TxnState.CANCELLING:
            view = await hf.transactions.get(txn.id)
        assert view.txn.state is TxnState.CANCELLED and "changed my mind" in view.txn.reason
        assert (await hf.accounts.get(TILL)).balance == 1000


async def test_exception(driver: str) -> None:
    """An exception in a coroutine counts as UNKNOWN: the call is made again."""
    async with await opened(driver) as hf:
        class Shaky(Seats):
            """Fails the first time."""

            async def attempt(self, call: Call) -> Answer:
                """Fails, then succeeds."""
                self.calls.append(("try", call.attempt))
                if len(self.calls) == 1:
                    raise ConnectionError("no route")
                return Answer.OK

        shaky = Shaky()
        hf.register_participant("shaky", shaky)
        view = await hf.transactions.submit(branches=[branch("shaky")])
        assert view.txn.state is TxnState.CONFIRMED and shaky.calls[:2] == [("try", 1), ("try", 2)], shaky.calls
        history = [one async for one in hf.transactions.history(view.txn.id, limit=1)]
        assert history[0].answer is Answer.UNKNOWN and "no route" in history[0].detail, history


class Card:
    """A payment provider that remembers what it did."""

    def __init__(self) -> None:
        self.done: List[Tuple[Union[str, int], ...]] = []

    async def authorize(self, call: Call) -> Reply:
        """Authorizes up to 1000."""
        self.done.append(("authorize", call.amount))
        if call.amount > 1000:
            return Reply(Answer.REJECTED, detail="over the limit")
        return Reply(Answer.OK, reference=f"auth-{len(self.done)}")

    async def capture(self, call: Call) -> Reply:
        """Captures."""
        self.done.append(("capture", call.amount, call.reference))
        return Reply(Answer.OK, reference=f"charge-{len(self.done)}")

    async def void(self, call: Call) -> Answer:
        """Voids."""
        self.done.append(("void", call.amount))
        return Answer.OK

    async def refund(self, call: Call) -> Reply:
        """Refunds."""
        self.done.append(("refund", call.amount))
        return Reply(Answer.OK, reference=f"refund-{len(self.done)}")

    async def query(self, call: Call) -> Answer:
        """Nothing was lost."""
        return Answer.NOT_FOUND


async def until(hf: holdfast.Engine, order: UUID, *states: OrderState) -> holdfast.OrderView:
    """Waits until an order has one of the states; every event may have changed it."""
    async for _ in hf.follow():
        view = await hf.orders.get(order)
        if view.order.state in states:
            return view
    raise AssertionError("events have no end")


def by_card(hf: holdfast.Engine, amount: int) -> Awaitable[holdfast.OrderView]:
    """An order that is paid by the provider."""
    return hf.orders.place("EUR", total=amount, lines=[line("tea", 1, unit_price=amount)],
                           payments=[payment(provider="card", amount=amount,
                                             method=PaymentMethod.PROVIDER)])


async def test_provider(driver: str) -> None:
    """An order is paid by a provider's coroutines, and a refusal ends it."""
    async with await opened(driver) as hf:
        card = Card()
        hf.register_provider("card", card)
        placed = await by_card(hf, 900)
        view = await until(hf, placed.order.id, OrderState.CLOSED)
        assert view.payments[0].captured == 900 and view.payments[0].provider_ref == "auth-1"
        assert card.done == [("authorize", 900), ("capture", 900, "auth-1")]
        placed = await by_card(hf, 5000)
        view = await until(hf, placed.order.id, OrderState.CANCELLED)
        assert view.payments[0].state is PaymentState.FAILED
        found = await hf.payments.find("card", "auth-1")
        assert found.amount == 900
        await hf.payments.report("card", "msg-1", "EUR", payment=found.id, amount=900,
                                 kind=FactKind.AUTHORIZED, reference="auth-1",
                                 payment_ref="order-1")
        assert (await hf.payments.find("card", "order-1")).id == found.id


async def test_report(driver: str) -> None:
    """A webhook that is reported counts once, and a chargeback raises attention."""
    async with await opened(driver) as hf:
        hf.register_provider("card", Card())
        placed = await by_card(hf, 900)
        view = await until(hf, placed.order.id, OrderState.CLOSED)
        for _ in range(2):
            fact = await hf.payments.report(
                "card", "msg-9", "EUR", payment=view.payments[0].id, amount=900,
                kind=FactKind.CHARGEBACK, reference="dispute-1")
        assert fact.kind is FactKind.CHARGEBACK and fact.amount == 900
        paid = await hf.payments.get(view.payments[0].id)
        assert paid.charged_back == 900 and paid.attention & holdfast.Attention.CHARGEBACK
        listed = [p.id async for p in hf.attention.list(
            subject=holdfast.AttentionSubject.PAYMENT, limit=1)]
        assert listed == [paid.id]
        await hf.attention.clear("seen", subject=holdfast.AttentionSubject.PAYMENT,
                                 bits=holdfast.Attention.CHARGEBACK, id=paid.id, actor="eve")
        assert not (await hf.payments.get(paid.id)).attention


async def test_parked(driver: str) -> None:
    """Operators see a transaction that is parked, and resolve it."""
    async with await opened(driver) as hf:
        class Stuck(Seats):
            """Cannot confirm."""

            async def confirm(self, call: Call) -> Answer:
                """Asks for a person."""
                return Answer.PARK

        hf.register_participant("stuck", Stuck())
        view = await hf.transactions.submit(branches=[branch("stuck")],
                                            wait=holdfast.TxnWait.DECIDED)
        while not view.txn.parked:
            view = await hf.transactions.get(view.txn.id)
        parked = [t async for t in hf.transactions.list(which=holdfast.TxnWhich.PARKED, limit=1)]
        assert [t.id for t in parked] == [view.txn.id]
        view = await hf.transactions.resolve_branch(view.txn.id, "done by hand", branch=1,
                                                    answer=Answer.OK, actor="eve")
        assert view.txn.state is TxnState.CONFIRMED


async def test_follow(driver: str) -> None:
    """Events come in order, first those that are stored and then each new one."""
    async with await opened(driver) as hf:
        seen = []

        async def consume() -> None:
            async for event in hf.follow("mail"):
                seen.append(event)
                if len(seen) == 12:
                    return

        task = asyncio.ensure_future(consume())
        for _ in range(10):
            await hf.accounts.deposit(1, to=TILL)
        await task
        assert [e.seq for e in seen] == list(range(1, 13))
        assert seen[-1].type is holdfast.EventType.ACCOUNT_DEPOSIT
        moved = holdfast.changes(seen[-1])
        assert moved[0].type is holdfast.ChangeType.MOVE and moved[0].amount == 1
        assert moved[0].to == TILL and moved[0].from_ == holdfast.WORLD


async def test_cursor(driver: str) -> None:
    """A consumer goes on behind the last event that it handled, also after a restart."""
    got: List[int] = []
    for count in (3, 4):
        async with holdfast.open("sqlite:events.db", driver) as hf:
            if not got:
                await hf.accounts.put(TILL, opening=5, unit_scale=2)
                for _ in range(9):
                    await hf.accounts.deposit(1, to=TILL)
            stream = hf.follow("mail")
            async for event in stream:
                got.append(event.seq)
                if len(got) in (3, 7):
                    break
            # the last one was not handled to its end: it comes again
            assert stream.handled == got[-1] - 1
            await stream.save()
    assert got == [1, 2, 3, 3, 4, 5, 6], got


async def test_close_with_calls(driver: str) -> None:
    """Closing while a participant works does not wait for it, and its call is made again."""
    started = asyncio.Event()

    class Slow(Seats):
        """Never answers the first time."""

        async def attempt(self, call: Call) -> Answer:
            """Waits for ever."""
            started.set()
            await asyncio.Event().wait()
            return Answer.OK

    async with holdfast.open("sqlite:slow.db", driver) as hf:
        hf.register_participant("slow", Slow())
        view = await hf.transactions.submit(branches=[branch("slow")],
                                            wait=holdfast.TxnWait.ACCEPTED)
        await started.wait()
    async with holdfast.open("sqlite:slow.db", driver) as hf:
        hf.register_participant("slow", Seats())
        while (await hf.transactions.get(view.txn.id)).txn.state is not TxnState.CONFIRMED:
            await asyncio.sleep(0)


if __name__ == "__main__":
    tap.run(__name__, CASES)
