"""Faults that other drivers were reported for: each is tried on this package.

Closing that is cancelled, engines that the garbage collector finds, loops that have ended, calls
that would wait for themselves, contexts, eager tasks, copies, interrupts, foreign kinds of values.
"""
import asyncio
import contextvars
import copy
import gc
import os
import pickle
import signal
import subprocess
import sys
import threading
import traceback
import warnings
from array import array
from typing import Any, Awaitable, Callable, List, Type

import tap

import holdfast
from holdfast import Answer, Call, branch, item, line, money, sync
from test_safety import PACKAGE, START, run

ADA = money("ada", "EUR")
CASES = [("queue",), ("loop",)]


async def opened(driver: str, store: str = "memory:", **options: Any) -> holdfast.Engine:
    """A store with a wallet."""
    hf = await holdfast.open(store, driver, **options)
    await hf.accounts.put(ADA, opening=1000, unit_scale=2)
    return hf


def expect(kind: Type[BaseException], function: Callable[[], object], text: str = "") -> None:
    """Calls; the exception must be of a kind and have a text."""
    try:
        function()
    except kind as problem:
        assert text in str(problem), problem
        return
    raise AssertionError(f"{kind.__name__} was expected")


class Seats:
    """A participant that agrees."""

    async def attempt(self, call: Call) -> Answer:
        """Agrees."""
        return Answer.OK

    async def confirm(self, call: Call) -> Answer:
        """Agrees."""
        return Answer.OK

    async def cancel(self, call: Call) -> Answer:
        """Agrees."""
        return Answer.OK


# ---- Closing -------------------------------------------------------------------------------------


async def test_close_cancelled(driver: str) -> None:
    """Cancelling a close does not keep the engine from being closed, and it can be awaited again."""
    for _ in range(5):
        hf = await opened(driver, "sqlite:shop.db")
        work = [hf.accounts.deposit(1, to=ADA) for _ in range(50)]
        closing = asyncio.ensure_future(hf.close())
        await asyncio.sleep(0)
        closing.cancel()
        await asyncio.gather(closing, *work, return_exceptions=True)
        gc.collect()
        await hf.close()
        assert repr(hf) == "<holdfast.Engine sqlite:shop.db closed>"
        os.remove("shop.db")


async def test_close_at_once(driver: str) -> None:
    """Tasks that close one engine at the same time all wait until it is closed."""
    hf = await opened(driver, "sqlite:shop.db")
    await asyncio.gather(*(hf.close() for _ in range(5)))
    async with holdfast.open("sqlite:shop.db", driver) as again:
        assert (await again.accounts.get(ADA)).balance == 1000


def test_other_loop(driver: str) -> None:
    """An engine whose loop has ended refuses operations with the reason, and can still be closed."""
    async def use() -> None:
        expect(holdfast.ClosedError, lambda: hf.accounts.get(ADA), "loop")
        done = hf.submit_many([holdfast.accounts.get(ADA)])
        try:
            await done
        except holdfast.ClosedError as problem:
            assert "loop" in str(problem)
        await hf.close()
        await hf.close()

    hf = asyncio.run(opened(driver, "sqlite:shop.db"))
    asyncio.run(use())
    asyncio.run(asyncio.wait_for(reopened(driver), 60))


async def reopened(driver: str) -> None:
    """The store can be opened: nobody has it open."""
    async with holdfast.open("sqlite:shop.db", driver):
        pass


def test_loop_ends_under_threads(driver: str) -> None:
    """A thread whose engine's loop ends is told so, and does not wait for ever."""
    done = run("""
async def main():
    global hf, view, thread
    hf = await opened()
    view = sync.of(hf)
    def work():
        try:
            while True:
                view.items.get(TEA)
        except holdfast.Error as problem:
            print(type(problem).__name__)
    thread = threading.Thread(target=work)
    thread.start()
    await asyncio.sleep(0.05)
asyncio.run(main())
thread.join()
""", 0 if driver == "queue" else 3)
    assert done.returncode == 0 and done.stdout.strip() in ("ClosedError", "UnknownError"), done


async def test_same_refusal(driver: str) -> None:
    """A closed engine raises a new exception each time: no traceback grows."""
    hf = await opened(driver)
    await hf.close()
    lengths = set()
    for _ in range(50):
        try:
            hf.accounts.get(ADA)
        except holdfast.ClosedError as problem:
            lengths.add(len(traceback.extract_tb(problem.__traceback__)))
    assert lengths == {max(lengths)} and max(lengths) < 6, lengths


# ---- The garbage collector -----------------------------------------------------------------------


async def test_forgotten_with_work(driver: str) -> None:
    """Whoever waits for an operation of a forgotten engine gets an outcome or an Unknown."""
    hf = await opened(driver)
    waiting = [hf.accounts.deposit(1, to=ADA) for _ in range(5)]
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        del hf
        gc.collect()
        ended = await asyncio.wait_for(asyncio.gather(*waiting, return_exceptions=True), 60)
    assert any(issubclass(one.category, ResourceWarning) for one in caught)
    assert all(isinstance(one, (holdfast.Account, holdfast.Unknown)) for one in ended), ended


def test_collected_by_its_own_thread(driver: str) -> None:
    """A synchronous engine in a cycle is closed also when its own thread collects the garbage."""
    hf: Any = sync.open("sqlite:shop.db", driver)
    hf.accounts.put(ADA, unit_scale=2)
    loop, thread = hf._loop, hf._thread
    hf.itself = hf
    gc.disable()
    del hf
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loop.call_soon_threadsafe(gc.collect)
        thread.join(60)
    gc.enable()
    assert not thread.is_alive()
    asyncio.run(reopened(driver))


def test_collected_by_another_thread(driver: str) -> None:
    """An engine that another thread collects is closed by the loop that it was opened in."""
    async def main() -> None:
        hf: Any = await opened(driver, "sqlite:shop.db")
        hf.itself = hf
        gc.disable()
        del hf
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            await asyncio.get_running_loop().run_in_executor(None, gc.collect)
        gc.enable()
        await asyncio.sleep(0)
        await reopened(driver)

    asyncio.run(main())


def test_warnings_are_errors(driver: str) -> None:
    """Forgotten engines are closed also where warnings are errors."""
    for code in ("hf = sync.open('sqlite:a.db', driver); del hf; import gc; gc.collect()",
                 "hf = sync.open('sqlite:a.db', driver)",
                 "asyncio.run(opened())",
                 "async def main():\n    global hf\n    hf = await opened()\nasyncio.run(main())"):
        done = run(code, 0 if driver == "queue" else 3, flags=("-W", "error"))
        assert done.returncode == 0 and "was not closed" in done.stderr, (code, done)


# ---- Threads -------------------------------------------------------------------------------------


def test_own_thread(driver: str) -> None:
    """A call that would wait for its own thread is refused: it would never end."""
    async def main() -> None:
        async with await opened(driver) as hf:
            view = sync.of(hf)
            expect(holdfast.ThreadError, lambda: view.accounts.get(ADA), "await the engine")
            expect(holdfast.ThreadError, view.health)
            expect(holdfast.ThreadError, lambda: view.submit_many([]))

    asyncio.run(main())
    with sync.open("memory:", driver) as hf:
        hf.accounts.put(ADA, unit_scale=2)
        problems: List[Exception] = []

        def progress(done: int, total: int) -> None:
            try:
                hf.accounts.get(ADA)
            except holdfast.Error as problem:
                problems.append(problem)

        hf.verify(progress)
        assert all(isinstance(one, holdfast.ThreadError) for one in problems), problems


async def test_other_thread(driver: str) -> None:
    """Everything of an engine refuses a foreign thread, not only operations."""
    async with await opened(driver) as hf:
        def work() -> None:
            calls: List[Callable[[], object]] = [hf.health, hf.new_id, hf.follow, hf.transaction,
                                                 hf.time_accept]
            for call in calls:
                expect(holdfast.ThreadError, call, "sync.of")
            expect(holdfast.ThreadError, lambda: hf.clock_advance(1))
            expect(holdfast.ThreadError, lambda: asyncio.run(hf.close()))

        await asyncio.get_running_loop().run_in_executor(None, work)
        assert (await hf.accounts.get(ADA)).balance == 1000


def test_close_under_threads(driver: str) -> None:
    """Closing while threads submit gives each of them an outcome; none is left waiting."""
    for _ in range(10):
        hf = sync.open("memory:", driver)
        hf.accounts.put(ADA, unit_scale=2)
        ended: List[holdfast.Error] = []

        def work() -> None:
            try:
                while True:
                    hf.accounts.deposit(1, to=ADA)
            except holdfast.Error as problem:
                ended.append(problem)

        threads = [threading.Thread(target=work, daemon=True) for _ in range(4)]
        for thread in threads:
            thread.start()
        hf.close()
        for thread in threads:
            thread.join(60)
        kinds = (holdfast.ClosedError, holdfast.CancelledError, holdfast.Unknown)
        assert len(ended) == 4 and all(isinstance(one, kinds) for one in ended), ended


def test_fork_twin(driver: str) -> None:
    """Every call of the twin is refused in a child of fork; none waits for a thread of its parent."""
    done = run("""
with sync.open(store, driver) as hf:
    hf.items.put(TEA, opening=10, unit_scale=0)
    pid = os.fork()
    if pid == 0:
        for call in (hf.health, hf.new_id, lambda: hf.submit_many([]), hf.follow, hf.verify,
                     lambda: hf.transaction()):
            try:
                call()
                os._exit(1)
            except holdfast.ForkedError:
                pass
        with sync.open("memory:") as own:
            own.items.put(TEA, opening=3, unit_scale=0)
            os._exit(5 if own.items.get(TEA).balance == 3 else 2)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 5
""", 0 if driver == "queue" else 3)
    assert done.returncode == 0, done


# ---- Tasks and contexts --------------------------------------------------------------------------


async def test_contexts(driver: str) -> None:
    """A participant sees the context of its registration, and the engine keeps nobody's context."""
    class Request:
        """What a context holds."""

    variable: "contextvars.ContextVar[object]" = contextvars.ContextVar("variable", default=None)
    seen: List[object] = []

    class Curious(Seats):
        """Looks at its context."""

        async def attempt(self, call: Call) -> Answer:
            """Looks."""
            seen.append(variable.get())
            return Answer.OK

    async def request() -> None:
        variable.set(Request())
        await hf.transactions.submit(branches=[branch("curious")])

    async with await opened(driver) as hf:
        variable.set("at registration")
        hf.register_participant("curious", Curious())
        await asyncio.gather(*(asyncio.ensure_future(request()) for _ in range(3)))
        assert seen == ["at registration"] * 3, seen
        await asyncio.sleep(0)
        gc.collect()
        assert not [one for one in gc.get_objects() if isinstance(one, Request)]


async def test_handlers(driver: str) -> None:
    """A handler without a method is refused, a plain function will do, a cancelled one is repeated."""
    class Plain:
        """Functions that are no coroutines."""

        tries = 0

        def attempt(self, call: Call) -> Answer:
            """Agrees."""
            return Answer.OK

        async def confirm(self, call: Call) -> Answer:
            """Is cancelled by something of its own the first time."""
            Plain.tries += 1
            if Plain.tries == 1:
                raise asyncio.CancelledError
            return Answer.OK

        def cancel(self, call: Call) -> Answer:
            """Agrees."""
            return Answer.OK

    async with await opened(driver) as hf:
        expect(TypeError, lambda: hf.register_participant("x", object()), "attempt(call)")
        expect(TypeError, lambda: hf.register_provider("x", Seats()), "authorize(call)")
        expect(TypeError, lambda: hf.register_participant("x", Seats(), nonsense=1), "nonsense")
        hf.register_participant("plain", Plain())
        view = await hf.transactions.submit(branches=[branch("plain")])
        assert view.txn.state is holdfast.TxnState.CONFIRMED and Plain.tries == 2


def test_eager_tasks(driver: str) -> None:
    """Participants may use the engine also where tasks start at once (Python 3.12)."""
    factory = getattr(asyncio, "eager_task_factory", None)
    if factory is None:
        raise tap.Skip("this Python has no eager tasks")

    class Busy(Seats):
        """Uses the engine before anything else."""

        async def attempt(self, call: Call) -> Answer:
            """Reads."""
            return Answer.OK if (await hf.accounts.get(ADA)).balance else Answer.REJECTED

    hf: holdfast.Engine

    async def main() -> None:
        nonlocal hf
        asyncio.get_running_loop().set_task_factory(factory)
        async with await opened(driver) as hf:
            hf.register_participant("busy", Busy())
            views = await asyncio.gather(*(hf.transactions.submit(branches=[branch("busy")])
                                           for _ in range(50)))
            assert {view.txn.state for view in views} == {holdfast.TxnState.CONFIRMED}

    asyncio.run(main())


async def test_timeouts(driver: str) -> None:
    """wait_for, shield, wait and as_completed work on operations as on every other future."""
    async with await opened(driver) as hf:
        assert (await asyncio.wait_for(hf.accounts.get(ADA), 60)).balance == 1000
        assert (await asyncio.shield(hf.accounts.get(ADA))).balance == 1000
        done, left = await asyncio.wait([asyncio.ensure_future(hf.accounts.get(ADA))])
        assert len(done) == 1 and not left
        for one in asyncio.as_completed([hf.accounts.get(ADA), hf.accounts.get(ADA)]):
            assert (await one).balance == 1000
        try:
            await asyncio.wait_for(hf.accounts.deposit(5, to=ADA), 0)
        except asyncio.TimeoutError:
            pass
        assert (await hf.accounts.deposit(1, to=ADA)).balance == 1006


async def test_progress_calls(driver: str) -> None:
    """A function that reports progress may call the engine; what it begins is done afterwards."""
    async with await opened(driver, "sqlite:shop.db") as hf:
        for _ in range(50):
            await hf.accounts.deposit(1, to=ADA)
        begun: List[Awaitable[holdfast.Account]] = []

        def progress(done: int, total: int) -> None:
            hf.health()
            begun.append(hf.accounts.deposit(1, to=ADA))

        await hf.verify(progress)
        await asyncio.gather(*begun)
        assert (await hf.accounts.get(ADA)).balance == 1050 + len(begun)


def test_interrupt(driver: str) -> None:
    """Ctrl-C ends a program as every other one; the store is whole."""
    program = """
async def main():
    async with await opened() as hf:
        print("ready", flush=True)
        while True:
            await asyncio.gather(*flood(hf))
import signal  # a shell starts what runs in the background with SIGINT ignored
signal.signal(signal.SIGINT, signal.default_int_handler)
try:
    asyncio.run(main())
except KeyboardInterrupt:
    print("interrupted")
"""
    number = "1" if driver == "queue" else "4"
    for _ in range(3):
        child = subprocess.Popen(
            [sys.executable, "-B", "-X", "faulthandler", "-c", START + program, number], text=True,
            env={**os.environ, "PYTHONPATH": str(PACKAGE)}, stdout=subprocess.PIPE)
        assert child.stdout is not None and child.stdout.readline() == "ready\n"
        child.send_signal(signal.SIGINT)
        out, _ = child.communicate(timeout=600)
        assert child.returncode == 0 and out == "interrupted\n", (child.returncode, out)
    done = run("""
async def main():
    async with await opened() as hf:
        assert (await hf.verify()).findings == ()
asyncio.run(main())
""", int(number))
    assert done.returncode == 0, done


def test_shutdown_with_threads() -> None:
    """A twin whose participant has worked in a thread closes at the exit of the interpreter."""
    done = run("""
class Seats:
    def attempt(self, call): return holdfast.Answer.OK
    confirm = cancel = attempt
hf = sync.open("sqlite:a.db")
hf.register_participant("seats", Seats())
hf.transactions.submit(branches=[holdfast.branch("seats")])
""")
    assert done.returncode == 0 and not done.stderr, done


# ---- Values --------------------------------------------------------------------------------------


def test_copies() -> None:
    """Records and descriptions of operations can be copied and sent; an engine says that it cannot."""
    described = holdfast.orders.place("EUR", total=3, lines=[line("tea", 2)])
    assert pickle.loads(pickle.dumps(described)) == described == copy.deepcopy(described)
    chained = holdfast.chain(described, described)
    assert pickle.loads(pickle.dumps(chained)) == chained
    with sync.open("memory:") as hf:
        hf.accounts.put(ADA, opening=7, unit_scale=2)
        row = hf.accounts.get(ADA)
        assert copy.deepcopy(row) == row == pickle.loads(pickle.dumps(row))
        functions: List[Callable[[object], object]] = [copy.copy, copy.deepcopy, pickle.dumps]
        for function in functions:
            expect(TypeError, lambda: function(hf), "cannot be copied")
            expect(TypeError, lambda: function(hf._engine), "cannot be copied")


def test_reprs() -> None:
    """What a debugger shows of an operation is the call that makes it."""
    described = holdfast.accounts.deposit(5, to=ADA, actor="eve")
    assert eval(repr(described), vars(holdfast) | {"holdfast": holdfast}) == described, described
    assert repr(described).startswith("holdfast.accounts.deposit(amount=5, to=Key("), described
    assert repr(holdfast.chain(described)) == f"holdfast.chain({described!r})"
    assert repr(holdfast.open("memory:")) == "<holdfast.Engine memory: not open>"


async def test_wrong_values(driver: str) -> None:
    """A value that would be taken wrongly or not at all is refused, and the argument is named."""
    async with await opened(driver) as hf:
        wrong: Any = hf
        expect(TypeError, lambda: wrong.accounts.deposit(1, to=ADA, meta=array("I", [1, 2])), "meta")
        expect(TypeError, lambda: wrong.accounts.deposit(1, to=ADA, meta=5), "meta must be bytes")
        expect(TypeError, lambda: wrong.accounts.deposit(1, to=ADA, meta="x"), "meta must be bytes")
        expect(OverflowError, lambda: hf.accounts.deposit(2**63, to=ADA), "amount")
        expect(OverflowError, lambda: hf.accounts.deposit(1, to=ADA, expected_version=-1),
               "expected_version")
        expect(ValueError, lambda: hf.accounts.get(money("a\0", "EUR")), "NUL")
        expect(ValueError, lambda: hf.accounts.get(money("\ud800", "EUR")), "UTF-8")
        expect(TypeError, lambda: wrong.accounts.get(ADA[:2]), "key must be Key")
        row = await hf.accounts.put(ADA, meta=bytearray(b"ab"), mode=holdfast.PutMode.CHANGE)
        assert row.meta == b"ab"
        row = await hf.accounts.put(ADA, meta=memoryview(b"cd"), mode=holdfast.PutMode.CHANGE)
        assert row.meta == b"cd"


def test_long_texts(driver: str) -> None:
    """Texts that are too long are refused without being kept, also when their end is cut off."""
    with sync.open("memory:", driver) as hf:
        for n in range(50):
            expect(holdfast.Misuse, lambda: hf.accounts.get(money("ü" * (500 + n), "EUR")))
        expect(holdfast.Error, lambda: holdfast.restore("ü" * 400, "sqlite:" + "ö" * 400))
        expect(holdfast.Error, lambda: sync.open("sqlite:/" + "ü" * 700))


if __name__ == "__main__":
    tap.run(__name__, CASES)
