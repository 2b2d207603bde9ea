"""Orders, accounts, lists and chains through the asynchronous engine, driven both ways."""
import asyncio
import dataclasses
import pickle
import sys
from typing import Any, Awaitable, Callable, List, Tuple

import tap

import holdfast
from holdfast import OrderState, item, line, money, payment

ADA = money("ada", "EUR")
CASES = [(driver, store) for driver in ("queue", "loop")
         for store in ("memory:", "sqlite:shop.db", "lmdb:shop.lmdb")]


async def shop(driver: str, store: str, **options: Any) -> holdfast.Engine:
    """An open shop with tea and a wallet."""
    hf = await holdfast.open(store, driver, **options)
    await hf.items.put(item("tea"), opening=1000, unit_scale=0)
    await hf.accounts.put(ADA, opening=100_000, unit_scale=2)
    return hf


def order(hf: holdfast.Engine, quantity: int = 2,
          **given: Any) -> Awaitable[holdfast.OrderView]:
    """An order of tea that ada pays for."""
    return hf.orders.place("EUR", total=450 * quantity, customer="ada",
                           lines=[line("tea", quantity, unit_price=450)],
                           payments=[payment(account=ADA, amount=450 * quantity)], **given)


async def test_order(driver: str, store: str) -> None:
    """An order that is paid from a wallet is closed, and its numbers are in the view."""
    async with await shop(driver, store) as hf:
        placed = await order(hf, meta=b"gift")
        assert placed.order.state is OrderState.CLOSED and placed.order.number == 1
        assert (placed.order.customer, placed.order.meta) == ("ada", b"gift")
        assert placed.lines[0].leg.from_ == item("tea") and placed.lines[0].fulfilled == 2
        assert placed.payments[0].captured == 900 and placed.owed == placed.covered == 900
        assert placed.order.created_at is not None and placed.order.deadline is None
        assert placed.order.created_at.tzinfo is not None
        assert (await hf.orders.get(placed.order.id)) == placed
        assert (await hf.accounts.get(ADA)).balance == 100_000 - 900


async def test_rows_are_copies(driver: str, store: str) -> None:
    """What belongs to an order is a copy that outlives the engine, made into records when looked at."""
    async with await shop(driver, store) as hf:
        placed, noted = await order(hf), await order(hf, meta=b"gift")
        same = await hf.orders.get(placed.order.id)
        for _ in range(20):  # other results lie where these did
            await order(hf, 1)
    unread_order = vars(holdfast.OrderView)["order"].member.__get__(same)
    assert not isinstance(unread_order, holdfast.Order)
    assert (placed.order.number, placed.order.meta) == (1, b"") and placed.order is placed.order
    assert (noted.order.number, noted.order.meta) == (2, b"gift")
    field = vars(holdfast.OrderView)["lines"]
    assert field is holdfast.OrderView.lines and type(field.member.__get__(placed)) is not tuple
    unread = pickle.loads(pickle.dumps(placed))
    assert [one.sku for one in placed.lines] == ["tea"] and placed.lines[0].quantity == 2
    assert placed.lines is placed.lines and type(field.member.__get__(placed)) is tuple
    assert placed == same == unread and repr(placed) == repr(same) and hash(placed) == hash(same)
    assert placed.payments[0].captured == 900 and placed.adjustments == ()
    assert dataclasses.replace(placed, lines=()).lines == ()
    try:
        setattr(placed, "lines", ())
    except AttributeError:
        return
    raise AssertionError("a record was changed")


async def test_peek(driver: str, store: str) -> None:
    """A peek is what get returns, at once, as soon as the record is cached; else it is None."""
    async with await shop(driver, store) as hf:
        assert hf.items.peek(item("tea")) is None
        tea = await hf.items.get(item("tea"))
        assert hf.items.peek(item("tea")) == tea
        assert hf.accounts.peek(ADA) is None and hf.orders.peek(hf.new_id()) is None
        placed = await order(hf, meta=b"gift")
        assert hf.orders.peek(placed.order.id) == placed
        sold = hf.items.peek(item("tea"))
        assert sold is not None and sold.balance == tea.balance - 2
        await hf.erase(record=placed.order.id)
        assert hf.orders.peek(placed.order.id) is None
        assert (await hf.orders.get(placed.order.id)).order.meta == b""
        erased = hf.orders.peek(placed.order.id)
        assert erased is not None and erased.order.meta == b""
        try:
            hf.items.peek(ADA)
        except holdfast.Misuse as problem:
            assert problem.name == "HF_E_ENUM" and "kind" in str(problem)
        else:
            raise AssertionError("a wallet is no item")
    try:
        hf.items.peek(item("tea"))
    except holdfast.ClosedError:
        pass
    else:
        raise AssertionError("the engine is closed")


async def test_peek_without_cache(driver: str, store: str) -> None:
    """Without a read cache a peek finds nothing, and get reads the store."""
    async with await shop(driver, store, read_cache_bytes_max=0) as hf:
        placed = await order(hf)
        assert await hf.orders.get(placed.order.id) == placed
        assert hf.orders.peek(placed.order.id) is None


async def test_refusal(driver: str, store: str) -> None:
    """A refusal is a Rejected with code, name, detail and culprit, and changes nothing."""
    async with await shop(driver, store) as hf:
        try:
            await hf.orders.place("EUR", total=9_000_000, lines=[
                line("tea", 2000, unit_price=4500)])
        except holdfast.StockShortError as problem:
            assert isinstance(problem, holdfast.Rejected) and problem.code == -47
            assert problem.name == "HF_E_STOCK_SHORT"
            assert problem.culprit == "line 1: ITEM tea [pcs]", problem
        else:
            raise AssertionError("more tea than there is was sold")
        assert (await hf.items.get(item("tea"))).held_out == 0


async def test_many_at_once(driver: str, store: str) -> None:
    """Orders placed at once are all closed, and their numbers have no gap."""
    async with await shop(driver, store) as hf:
        views = await asyncio.gather(*(order(hf, 1) for _ in range(200)))
        assert sorted(view.order.number for view in views) == list(range(1, 201))
        assert (await hf.verify()).findings == ()


async def test_same_id(driver: str, store: str) -> None:
    """Repeating an order with its id gives the first answer and moves nothing again."""
    async with await shop(driver, store) as hf:
        ident = hf.new_id()
        first, again = await order(hf, id=ident), await order(hf, id=ident)
        assert first.order == again.order and first.order.id == ident
        try:
            await order(hf, 3, id=ident)
        except holdfast.IdReusedError:
            return
        raise AssertionError("another order got the same id")


async def test_lists(driver: str, store: str) -> None:
    """A list gives every row over all its pages, and awaiting it gives the first page."""
    async with await shop(driver, store) as hf:
        await asyncio.gather(*(order(hf, 1) for _ in range(7)))
        for n in range(5):
            await hf.units.put(f"U{n}", scale=0)
            await hf.cursors.put(f"c{n}", seq=0)
            await hf.items.put(item(f"sku{n}"), unit_scale=0)
        assert [o.number async for o in hf.orders.list(limit=3)] == list(range(1, 8))
        newest = [o.number async for o in hf.orders.list(limit=3, newest_first=True)]
        assert newest == list(range(7, 0, -1))
        assert len((await hf.orders.list(limit=3)).rows) == 3
        assert [u.code async for u in hf.units.list(limit=2)] == [
            "EUR", "U0", "U1", "U2", "U3", "U4", "pcs"]
        assert [x.consumer async for x in hf.cursors.list(limit=2)] == [f"c{n}" for n in range(5)]
        assert len([a async for a in hf.accounts.list(limit=2)]) == 7
        assert len([p async for p in hf.payments.list(limit=2)]) == 7
        moves = [m.amount async for m in hf.statement(ADA, limit=2)]
        assert moves == [100_000] + [-450] * 7, moves
        events = [e.seq async for e in hf.events.read(limit=4)]
        assert events == list(range(1, len(events) + 1)) and len(events) > 10


async def test_batches(driver: str, store: str) -> None:
    """Operations of submit_many end each on its own; a chain is done as a whole or not at all."""
    async with await shop(driver, store) as hf:
        take = holdfast.accounts.withdraw
        done = await hf.submit_many([
            take(100, from_=ADA), take(10**9, from_=ADA),
            holdfast.chain(take(1, from_=ADA), take(10**9, from_=ADA), take(2, from_=ADA)),
            holdfast.accounts.get(item("none"))])
        names = [type(one.error).__name__ if one.error else None for one in done]
        assert names == [None, "FundsShortError", "ChainError", "FundsShortError", "ChainError",
                         "NotFoundError"], names
        assert done[0].value.balance == 99_900 and done[0].id.version == 7 and done[0].event_seq
        assert (await hf.accounts.get(ADA)).balance == 99_900
        try:
            done[1].value
        except holdfast.FundsShortError:
            pass
        else:
            raise AssertionError("the value of a refusal is no error")
        assert await hf.submit_many([]) == []


async def test_guard(driver: str, store: str) -> None:
    """A guard that does not hold keeps its whole chain from being done."""
    async with await shop(driver, store) as hf:
        def guarded(least: int) -> Awaitable[List[Any]]:
            return hf.chain(
                holdfast.expect(holdfast.SubjectKind.ACCOUNT, key=ADA, available_min=least),
                holdfast.accounts.withdraw(500, from_=ADA))

        assert (await guarded(100_000))[1].balance == 99_500
        try:
            await guarded(100_000)
        except holdfast.ExpectError:
            assert (await hf.accounts.get(ADA)).balance == 99_500
            return
        raise AssertionError("the guard did not hold and the money moved")


async def test_misuse(driver: str, store: str) -> None:
    """A value of the wrong type is refused by the call, which names the argument."""
    async with await shop(driver, store) as hf:
        wrong: Any = hf  # what mypy would refuse
        calls: List[Tuple[Callable[[], object], str]] = [
            (lambda: wrong.orders.place("EUR", total=1.5), "total must be int, not float"),
            (lambda: wrong.orders.place("EUR", lines=[("tea", 2)]), "lines[0]: must be LineArgs"),
            (lambda: wrong.orders.place("EUR", lines=[line("tea", 2)._replace(quantity="2")]),
             "lines[0]: quantity"),
            (lambda: wrong.accounts.get("ada"), "key must be Key"),
            (lambda: wrong.orders.get("x"), "order must be UUID")]
        for call, text in calls:
            try:
                call()
            except TypeError as problem:
                assert text in str(problem), problem
            else:
                raise AssertionError(text)
        try:
            await hf.orders.place("EUR", lines=[line("tea", 0)])
        except holdfast.QuantityError as problem:
            assert isinstance(problem, holdfast.Misuse) and problem.culprit == "lines[0].quantity", problem
        else:
            raise AssertionError("nothing was ordered and that was accepted")
        assert (await order(hf)).order.number == 1


async def test_more_than_fits(driver: str, store: str) -> None:
    """More operations than the engine has capacity for wait and all end."""
    async with await shop(driver, store, queue_ops_max=64, completions_max=64) as hf:
        done = await asyncio.gather(*(hf.accounts.deposit(1, to=ADA) for _ in range(1000)))
        assert len(done) == 1000 and (await hf.accounts.get(ADA)).balance == 101_000


async def test_cancelled_await(driver: str, store: str) -> None:
    """Cancelling an await does not keep the operation from being done, and disturbs no other."""
    async with await shop(driver, store) as hf:
        tasks = [asyncio.ensure_future(hf.accounts.deposit(1, to=ADA)) for _ in range(20)]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(one, (asyncio.CancelledError, holdfast.Account)) for one in ended)
        assert (await hf.accounts.get(ADA)).balance == 100_020


async def test_reopen(driver: str, store: str) -> None:
    """What was acknowledged is there when a store is opened again; a closed engine says so."""
    if store == "memory:":
        raise tap.Skip("a store in memory ends with its engine")
    async with await shop(driver, store) as hf:
        placed = await order(hf)
    await hf.close()
    try:
        hf.orders.get(placed.order.id)
    except holdfast.ClosedError:
        pass
    async with holdfast.open(store, driver) as again:
        assert await again.orders.get(placed.order.id) == placed


async def test_virtual_clock(driver: str, store: str) -> None:
    """A deadline passes when a virtual clock is moved on."""
    start = holdfast.values.from_ms(1_700_000_000_000)
    async with await shop(driver, store, virtual_time=start, random_seed=7) as hf:
        placed = await hf.orders.place("EUR", total=450, lines=[line("tea", 1, unit_price=450)],
                                       deadline=holdfast.values.from_ms(1_700_000_060_000))
        assert placed.order.state is OrderState.PENDING and placed.order.created_at == start
        hf.clock_advance(60_000)
        assert (await hf.orders.get(placed.order.id)).order.state is OrderState.EXPIRED


if __name__ == "__main__":
    if sys.argv[1:] == ["uvloop"]:
        try:
            import uvloop
        except ImportError:
            print("1..0 # SKIP uvloop is not installed")
            sys.exit(0)
        asyncio.set_event_loop_policy(uvloop.EventLoopPolicy())
    tap.run(__name__, CASES)
