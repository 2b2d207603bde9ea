"""The synchronous twin: the same names, from any thread."""
import asyncio
import threading
from typing import Any

import tap

import holdfast
from holdfast import Answer, Call, OrderState, branch, item, line, money, payment, sync

ADA = money("ada", "EUR")
CASES = [("queue",), ("loop",)]


def shop(driver: str, store: str = "memory:") -> sync.Engine:
    """An open shop."""
    hf = sync.open(store, driver)
    hf.items.put(item("tea"), opening=1000, unit_scale=0)
    hf.accounts.put(ADA, opening=100_000, unit_scale=2)
    return hf


def test_order(driver: str) -> None:
    """An order is placed, read, refused and listed without asyncio."""
    with shop(driver, "sqlite:shop.db") as hf:
        placed = hf.orders.place("EUR", total=900, lines=[line("tea", 2, unit_price=450)],
                                 payments=[payment(account=ADA, amount=900)])
        assert placed.order.state is OrderState.CLOSED
        assert hf.orders.get(placed.order.id) == placed
        try:
            hf.orders.place("EUR", total=0, lines=[line("tea", 5000)])
        except holdfast.StockShortError as problem:
            assert problem.culprit == "line 1: ITEM tea [pcs]"
        else:
            raise AssertionError("too much was sold")
        assert [a.key for a in hf.accounts.list(limit=1)] == [item("tea"), ADA]
        assert len(hf.accounts.list(limit=1).page().rows) == 1
        assert [o.number for o in hf.orders.list()] == [1]
        assert hf.verify().findings == () and hf.health().state == 0
        hf.backup("copy.db")
    hf.close()
    try:
        hf.accounts.get(ADA)
    except holdfast.ClosedError:
        return
    raise AssertionError("a closed engine answered")


def test_peek(driver: str) -> None:
    """Any thread looks at a cached order; without one it is None."""
    with shop(driver) as hf:
        assert hf.orders.peek(hf.new_id()) is None
        placed = hf.orders.place("EUR", total=0, lines=[line("tea", 2)])
        assert hf.orders.peek(placed.order.id) == placed
        assert hf.items.peek(item("tea")) is None
        assert hf.items.get(item("tea")) == hf.items.peek(item("tea"))


def test_wrong_types(driver: str) -> None:
    """A value of the wrong type is refused by the call, which names the argument."""
    with shop(driver) as hf:
        wrong: Any = hf  # what mypy would refuse
        try:
            wrong.orders.place("EUR", total=1.5)
        except TypeError as problem:
            assert "total must be int" in str(problem)
        else:
            raise AssertionError("a float was an amount")
        try:
            hf.orders.place("EUR", lines=[line("tea", 0)])
        except holdfast.QuantityError as problem:
            assert "lines[0].quantity" in problem.detail


def test_threads(driver: str) -> None:
    """Threads use one engine at once, and nothing is lost or done twice."""
    with shop(driver) as hf:
        def work() -> None:
            for _ in range(100):
                hf.accounts.deposit(1, to=ADA)

        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert hf.accounts.get(ADA).balance == 100_800


def test_batches(driver: str) -> None:
    """Batches, chains and guards have the same form as in asyncio."""
    with shop(driver) as hf:
        done = hf.submit_many([holdfast.accounts.get(ADA), holdfast.items.get(item("none"))])
        assert done[0].value.balance == 100_000
        assert isinstance(done[1].error, holdfast.NotFoundError)
        assert len(hf.chain(holdfast.accounts.withdraw(5, from_=ADA),
                            holdfast.accounts.deposit(5, to=ADA))) == 2


def test_events(driver: str) -> None:
    """Events are followed by an ordinary loop, which waits for new ones."""
    with shop(driver) as hf:
        later = threading.Timer(0.01, lambda: hf.accounts.deposit(7, to=ADA))
        later.start()
        seen = []
        for event in hf.follow("books"):
            seen.append(event.seq)
            if len(seen) == 3:
                break
        later.join()
        assert seen == [1, 2, 3]


def test_transaction(driver: str) -> None:
    """A participant of plain functions may call the engine that calls it."""
    with shop(driver) as hf:
        class Audit:
            """Takes part, and reads a balance meanwhile."""

            def attempt(self, call: Call) -> Answer:
                """Looks at the books."""
                return Answer.OK if hf.accounts.get(ADA).balance else Answer.REJECTED

            def confirm(self, call: Call) -> Answer:
                """Final."""
                return Answer.OK

            def cancel(self, call: Call) -> Answer:
                """Nothing to undo."""
                return Answer.OK

        hf.register_participant("audit", Audit())
        with hf.transaction(moves=[holdfast.txn_move(100, from_=ADA)]) as txn:
            txn.branch("audit", b"x")
        assert txn.view.txn.state is holdfast.TxnState.CONFIRMED
        assert hf.accounts.get(ADA).balance == 99_900
        view = hf.transactions.submit(branches=[branch("audit")])
        assert view.txn.state is holdfast.TxnState.CONFIRMED


def test_of(driver: str) -> None:
    """Threads use an engine of an asyncio loop through a view of it; the engine itself refuses."""
    async def main() -> None:
        async with holdfast.open("memory:", driver) as hf:
            await hf.accounts.put(ADA, unit_scale=2)
            view, found = sync.of(hf), []

            def work() -> None:
                for _ in range(50):
                    view.accounts.deposit(1, to=ADA)
                try:
                    hf.accounts.get(ADA)
                except holdfast.ThreadError as problem:
                    found.append(problem)
                view.close()

            await asyncio.gather(*(asyncio.to_thread(work) for _ in range(4)))
            assert len(found) == 4 and (await hf.accounts.get(ADA)).balance == 200

    asyncio.run(main())


def test_open_error(driver: str) -> None:
    """A store that cannot be opened raises, and its thread is gone."""
    before = threading.active_count()
    try:
        sync.open("nothing:", driver)
    except holdfast.UrlError:
        assert threading.active_count() == before
        return
    raise AssertionError("nothing was opened")


if __name__ == "__main__":
    tap.run(__name__, CASES)
