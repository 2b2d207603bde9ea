"""The synchronous twin: the same names as `holdfast`, for programs without asyncio.

    with holdfast.sync.open("sqlite:shop.db") as hf:
        placed = hf.orders.place("EUR", total=900, lines=[holdfast.line("tea", 2, unit_price=450)])

An engine has a thread of its own, which runs its loop. Any thread may call it; each call waits for
its outcome, and the interpreter runs other threads meanwhile. `of(engine)` gives other threads the
same view of an engine that was opened in an asyncio loop.
"""
from __future__ import annotations

import asyncio
import atexit
import ctypes as c
import itertools
import os
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from threading import get_ident
from typing import Any, Awaitable, Callable, Iterator, List, Optional, Sequence, Set, Tuple, Union
from uuid import UUID
from weakref import WeakSet

from . import _engine, errors
from ._api import Event, HealthInfo, MetricsInfo, SyncFamilies, TxnView, VerifyResult
from ._arguments import Memory
from ._batch import _OP
from ._events import Follow as AsyncFollow
from ._library import lib, text_of
from ._maintenance import journal, restore
from ._operations import ARGUMENT_BYTES_MAX, PACK_ERRORS, Chain, Done, Op, Operation
from ._options import Progress
from ._pages import SyncPages
from ._transactions import Transaction as AsyncTransaction

__all__ = ["Engine", "Follow", "Transaction", "journal", "of", "open", "restore"]
_FIRST_TOKEN = 2**62  # those of the asyncio side are far below
_tokens = itertools.count(_FIRST_TOKEN)
_open: "WeakSet[Engine]" = WeakSet()
_leaving: "WeakSet[threading.Thread]" = WeakSet()
_tasks: "Set[asyncio.Task[None]]" = set()
_UNKNOWN = next(code for code, kind in errors.known().items() if kind.__name__ == "UnknownError")


class _Waiter:
    """Waits for one completion that another thread takes."""

    __slots__ = ("lock", "value", "error")

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.lock.acquire()
        self.value: Any = None
        self.error: Optional[BaseException] = None

    def done(self) -> bool:
        """Whether nobody waits for the completion."""
        return False

    def set_result(self, value: Any) -> None:
        """Called by the thread that took the completion."""
        self.value = value
        self.lock.release()

    def set_exception(self, error: BaseException) -> None:
        """Called by the thread that took the completion."""
        self.error = error
        self.lock.release()

    def ended(self) -> bool:
        """Waits for a second at most; whether there is an outcome."""
        return self.lock.acquire(timeout=1)

    def value_of(self) -> Any:
        """Returns the result or raises the error."""
        if self.error is not None:
            raise self.error
        return self.value


class _Desk(threading.local):
    """What one thread packs its operations into."""

    def __init__(self) -> None:
        super().__init__()
        self.arguments = c.create_string_buffer(ARGUMENT_BYTES_MAX)
        self.memory = Memory(self.arguments)
        self.op = c.create_string_buffer(_OP.size)
        self.detail = c.create_string_buffer(512)


_desk = _Desk()


class Engine(SyncFamilies):
    """An open store. Every method waits for its outcome; any thread may call it."""

    def __init__(self, engine: _engine.Engine, loop: asyncio.AbstractEventLoop,
                 thread: Optional[threading.Thread]) -> None:
        self._engine, self._loop, self._thread = engine, loop, thread
        self._batch, self._waiting = engine._batch, engine._batch.waiting
        super().__init__(self._run, self._new_pages, self._peek)
        _open.add(self)

    # ---- Operations --------------------------------------------------------------------------

    def _run(self, operation: Operation, arguments: Tuple[Any, ...]) -> Any:
        self._check_thread()
        desk, waiter, token = _desk, _Waiter(), next(_tokens)
        try:
            operation.pack(desk.memory, 0, *arguments)
        except PACK_ERRORS as problem:
            raise operation.wrong(arguments, problem) from None
        _OP.pack_into(desk.op, 0, operation.number, 0, c.addressof(desk.arguments), token)
        with self._batch.gate:
            if self._batch.refusal is not None:
                raise self._batch.refusal()
            self._waiting[token] = (waiter, operation)
            accepted = lib.hf_submit_from(self._batch.engine, desk.op, 1, None, desk.detail,
                                          len(desk.detail))
        desk.memory.trim()
        if accepted < 0:
            self._waiting.pop(token, None)
            raise errors.of(accepted, text_of(desk.detail))
        while not waiter.ended():
            if self._loop.is_closed():
                self._waiting.pop(token, None)
                raise errors.of(_UNKNOWN, "the asyncio loop that runs the engine has ended")
        return waiter.value_of()

    def _check_thread(self) -> None:
        """Raises when the call would wait for its own thread, or for one that has ended."""
        if get_ident() == self._batch.thread and self._engine._pid == os.getpid():
            raise _engine.thread_error("a call of the synchronous twin would wait for its own "
                                       "thread; there await the engine itself")
        if self._batch.refusal is not None:
            raise self._batch.refusal()
        if self._loop.is_closed():
            raise _engine.closed_error(self._engine.store)

    def _new_pages(self, operation: Operation, arguments: Tuple[Any, ...]) -> SyncPages[Any, Any]:
        return SyncPages(self._run, operation, arguments)

    def _peek(self, operation: Operation, arguments: Tuple[Any, ...]) -> Any:
        return self._call_plain(self._engine._batch.peek, operation, arguments)

    def _call(self, function: Callable[..., Awaitable[Any]], *arguments: Any) -> Any:
        """Runs a coroutine on the engine's thread and waits for its result."""
        async def run() -> Any:
            return await function(*arguments)

        self._check_thread()
        return asyncio.run_coroutine_threadsafe(run(), self._loop).result()

    def _call_plain(self, function: Callable[..., Any], *arguments: Any) -> Any:
        async def run() -> Any:
            return function(*arguments)

        return self._call(run)

    def submit_many(self, ops: Sequence[Union[Op, Chain]]) -> List[Done]:
        """See holdfast.Engine.submit_many."""
        found: List[Done] = self._call(self._engine.submit_many, ops)
        return found

    def chain(self, *ops: Op) -> List[Any]:
        """See holdfast.Engine.chain."""
        found: List[Any] = self._call(self._engine.chain, *ops)
        return found

    # ---- The engine itself -------------------------------------------------------------------

    def health(self) -> HealthInfo:
        """See holdfast.Engine.health."""
        found: HealthInfo = self._call_plain(self._engine.health)
        return found

    def metrics(self) -> MetricsInfo:
        """See holdfast.Engine.metrics."""
        found: MetricsInfo = self._call_plain(self._engine.metrics)
        return found

    def metrics_text(self) -> str:
        """See holdfast.Engine.metrics_text."""
        found: str = self._call_plain(self._engine.metrics_text)
        return found

    def new_id(self) -> UUID:
        """See holdfast.Engine.new_id."""
        found: UUID = self._call_plain(self._engine.new_id)
        return found

    def clock_advance(self, ms: int) -> None:
        """See holdfast.Engine.clock_advance."""
        self._call_plain(self._engine.clock_advance, ms)

    def time_accept(self) -> None:
        """See holdfast.Engine.time_accept."""
        self._call_plain(self._engine.time_accept)

    def verify(self, progress: Optional[Progress] = None) -> VerifyResult:
        """See holdfast.Engine.verify. `progress` is called on the engine's thread."""
        found: VerifyResult = self._call(self._engine.verify, progress)
        return found

    def backup(self, path: "Union[str, os.PathLike[str]]",
               progress: Optional[Progress] = None) -> None:
        """See holdfast.Engine.backup. `progress` is called on the engine's thread."""
        self._call(self._engine.backup, path, progress)

    def follow(self, consumer: str = "", after: Optional[int] = None,
               types: Sequence[int] = ()) -> "Follow":
        """See holdfast.Engine.follow."""
        return Follow(self, self._call_plain(self._engine.follow, consumer, after, types))

    def transaction(self, **given: Any) -> "Transaction":
        """See holdfast.Engine.transaction."""
        self._check_thread()
        return Transaction(self, AsyncTransaction(self._engine, given))

    def register_participant(self, name: str, handler: Any, **given: Any) -> None:
        """See holdfast.Engine.register_participant. The functions of the handler are plain; each
        call runs in a thread of its own and may call this engine.
        """
        handler = _InThreads(handler)
        self._call_plain(lambda: self._engine.register_participant(name, handler, **given))

    def register_provider(self, name: str, handler: Any, **given: Any) -> None:
        """See holdfast.Engine.register_provider; plain functions as with register_participant."""
        handler = _InThreads(handler)
        self._call_plain(lambda: self._engine.register_provider(name, handler, **given))

    # ---- Closing -----------------------------------------------------------------------------

    def __enter__(self) -> "Engine":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def close(self) -> None:
        """Closes the store. Closing twice does nothing. A view made by `of` leaves it open."""
        _open.discard(self)
        if self._thread is None or self._loop.is_closed() or self._engine._pid != os.getpid():
            return
        thread, self._thread = self._thread, None
        _leave(thread, self._loop, self._engine)
        if thread is not threading.current_thread():
            thread.join()
        if self._engine._outcome is not None:
            raise self._engine._outcome

    def __del__(self) -> None:
        thread = getattr(self, "_thread", None)
        if thread is None or self._engine._pid != os.getpid():
            return
        try:
            warnings.warn(f"{self._engine.store} was not closed", ResourceWarning, source=self)
        finally:  # it must not wait: the collector of garbage may run in any thread
            _leave(thread, self._loop, self._engine)

    def __repr__(self) -> str:
        return f"<holdfast.sync.Engine {self._engine.store}>"

    def __reduce__(self) -> Any:
        return self._engine.__reduce__()


class _InThreads:
    """A handler of plain functions as one of coroutines."""

    def __init__(self, handler: Any) -> None:
        self._handler = handler

    def __getattr__(self, name: str) -> Callable[[Any], Awaitable[Any]]:
        function = getattr(self._handler, name)

        async def run(call: Any) -> Any:
            return await asyncio.get_running_loop().run_in_executor(None, function, call)

        return run


class Follow:
    """Events in order, without end: each step waits for the next one."""

    def __init__(self, engine: Engine, follow: AsyncFollow) -> None:
        self._engine, self._follow = engine, follow

    @property
    def handled(self) -> int:
        """The number of the last event that counts as handled."""
        return self._follow.handled

    def save(self) -> None:
        """Stores the position of the consumer now."""
        self._engine._call(self._follow.save)

    def __iter__(self) -> Iterator[Event]:
        events = self._follow.__aiter__()
        try:
            while True:
                yield self._engine._call(events.__anext__)
        finally:
            if not self._engine._loop.is_closed():
                self._engine._loop.call_soon_threadsafe(_start, self._engine._loop, events.aclose)


class Transaction:
    """Begun when the block is entered, sealed when it is left, aborted by an exception."""

    def __init__(self, engine: Engine, made: AsyncTransaction) -> None:
        self._engine, self._made = engine, made

    @property
    def view(self) -> TxnView:
        """The transaction with its branches; RuntimeError before the block was entered."""
        return self._made.view

    @property
    def id(self) -> UUID:
        """The id of the transaction; RuntimeError before the block was entered."""
        return self._made.id

    def __enter__(self) -> "Transaction":
        self._engine._call(self._made.__aenter__)
        return self

    def branch(self, participant: str, payload: bytes = b"", **given: Any) -> TxnView:
        """Adds a branch, whose try begins at once."""
        async def add() -> TxnView:
            return await self._made.branch(participant, payload, **given)

        view: TxnView = self._engine._call(add)
        return view

    def __exit__(self, *problem: Any) -> None:
        self._engine._call(self._made.__aexit__, *problem)


def open(store: str, driver: str = "loop", progress: Optional[Progress] = None,
         **options: Any) -> Engine:
    """Opens a store; arguments as holdfast.open. `progress` is called on the engine's thread."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=_serve, args=(loop,), name=f"holdfast {store}", daemon=True)
    thread.start()

    async def begin() -> _engine.Engine:
        return await _engine.Engine(store, driver, progress, **options)

    try:
        engine = asyncio.run_coroutine_threadsafe(begin(), loop).result()
    except BaseException:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        raise
    return Engine(engine, loop, thread)


def of(engine: _engine.Engine) -> Engine:
    """A view for other threads of an engine that was opened in an asyncio loop and is run there."""
    engine._check()
    return Engine(engine, engine._driver.loop, None)


def _leave(thread: threading.Thread, loop: asyncio.AbstractEventLoop,
           engine: _engine.Engine) -> None:
    """Lets the thread of an engine close it and end."""
    async def end() -> None:
        try:
            await engine.close()
        finally:
            loop.stop()

    _leaving.add(thread)
    loop.call_soon_threadsafe(_start, loop, end)


def _start(loop: asyncio.AbstractEventLoop, function: Callable[[], Awaitable[None]]) -> None:
    """Runs a coroutine that nobody waits for. Its exception is of no interest to anybody."""
    async def run() -> None:
        try:
            await function()
        except (Exception, asyncio.CancelledError):
            pass

    task = loop.create_task(run())
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


def _serve(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    executor = ThreadPoolExecutor(thread_name_prefix="holdfast")
    loop.set_default_executor(executor)
    try:
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        executor.shutdown()  # not by asyncio, which starts a thread for it
    finally:
        loop.close()


def _close_all() -> None:
    for engine in list(_open):
        if engine._thread is not None and engine._engine._pid == os.getpid():
            try:
                warnings.warn(f"{engine._engine.store} was not closed", ResourceWarning,
                              source=engine)
            finally:
                engine.close()
    for thread in list(_leaving):
        thread.join()


def _after_fork() -> None:
    for engine in list(_open):
        engine._thread = None
    _open.clear()
    _leaving.clear()


atexit.register(_close_all)
os.register_at_fork(after_in_child=_after_fork)
