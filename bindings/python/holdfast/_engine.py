"""The asynchronous engine: opened in a running asyncio loop, used in the thread of that loop."""
from __future__ import annotations

import asyncio
import atexit
import ctypes as c
import os
import warnings
from functools import partial
from threading import Lock, get_ident
from typing import Any, Callable, Generator, List, NoReturn, Optional, Sequence, Set, Union
from uuid import UUID
from weakref import WeakSet

from . import _maintenance, _manual, _metrics, _options, _records, errors
from . import _shapes as s
from ._api import AsyncFamilies, HealthInfo, MetricsInfo, VerifyResult
from ._batch import Batch
from ._drivers import DRIVERS, Driver
from ._events import Follow
from ._library import lib
from ._operations import Chain, Done, Op
from ._options import Progress
from ._pages import Pages
from ._participants import Participants
from ._transactions import Transaction
from .values import in_64_bits

_CLOSED = c.CFUNCTYPE(None, c.c_void_p, c.c_int, c.c_void_p)
_open: "WeakSet[Engine]" = WeakSet()
_closing: "Set[Engine]" = set()  # what C will call when it has closed them
_read_health = _records.read(s.struct_of("hf_health_info"))


def _code(name: str) -> int:
    return next(code for code, kind in errors.known().items() if kind.__name__ == name)


def closed_error(store: str) -> errors.Error:
    """What a store that is closed refuses with."""
    return errors.of(_code("ClosedError"), f"{store} is closed")


def thread_error(text: str) -> errors.Error:
    """What a call from the wrong thread is refused with."""
    return errors.of(_code("ThreadError"), text)


@_manual.continued("options")
class Engine(AsyncFamilies):
    """A store that is open. `async with holdfast.open("sqlite:shop.db") as hf:` closes it again.

    Each family of operations is an attribute: `await hf.orders.place(...)`. Cancelling an await
    does not undo its operation and does not say that it was not executed; look it up by its id.

    `store` is "memory:", "lmdb:PATH" or "sqlite:PATH". `driver` is "queue", the default, for the
    highest throughput, or "loop" for the lowest latency of one operation after the other.
    `progress` is called with what is done and what there is while the store is recovered. Options:
    """

    def __init__(self, store: str, driver: str = "queue", progress: Optional[Progress] = None,
                 **options: Any) -> None:
        if driver not in DRIVERS:
            raise ValueError(f"driver is one of {', '.join(DRIVERS)}, not {driver!r}")
        self.store = store
        self._driver_name, self._progress, self._options = driver, progress, options
        self._handle: Any = None
        self._uv: Any = None
        self._pid = os.getpid()
        self._closed = False
        self._ended: Optional["asyncio.Future[None]"] = None
        self._outcome: Optional[errors.Error] = None
        super().__init__(self._not_open, self._not_open)

    # ---- Opening and closing -----------------------------------------------------------------

    def _not_open(self, *_: Any) -> Any:
        raise errors.of(_code("ClosedError"), f"{self.store} is not open; use `async with`")

    def __await__(self) -> "Generator[Any, None, Engine]":
        return self.__aenter__().__await__()

    async def __aenter__(self) -> "Engine":
        if self._handle is not None:
            return self  # `async with await holdfast.open(...)`
        if self._closed:
            raise errors.of(_code("ClosedError"), f"{self.store} was closed; open it anew")
        loop = asyncio.get_running_loop()
        uv = c.c_void_p()
        errors.check(lib.hf_loop_create(c.byref(uv)))
        driver = DRIVERS[self._driver_name](loop, uv)
        options = {"threads": driver.threads, **self._options}
        try:
            self._handle = _options.open_engine(uv, self.store, self._progress, options)
        except BaseException:
            lib.hf_loop_destroy(uv)
            raise
        self._start(uv, driver, loop)
        return self

    def __enter__(self) -> NoReturn:
        raise TypeError("use `async with holdfast.open(...)`, or holdfast.sync.open without asyncio")

    def __exit__(self, *_: Any) -> None:
        """Never called; Python looks for it before __enter__."""

    def __repr__(self) -> str:
        state = "closed" if self._closed else "not open" if self._handle is None else "open"
        return f"<holdfast.Engine {self.store} {state}>"

    def __reduce__(self) -> NoReturn:
        raise TypeError("an engine cannot be copied or sent to another process: open the store "
                        "there, or send operations (holdfast.orders.place(...)) here")

    def _start(self, uv: Any, driver: Driver, loop: asyncio.AbstractEventLoop) -> None:
        self._uv, self._driver = uv, driver
        self._participants = Participants(self._handle, loop, driver.turn_soon)
        self._batch = Batch(self._handle, loop.create_future, driver.wake,
                            self._participants.called)
        AsyncFamilies.__init__(self, self._batch.add, self._new_pages, self._batch.peek)
        driver.start(self._batch)
        _open.add(self)

    def _new_pages(self, operation: Any, arguments: Any) -> Pages[Any, Any]:
        return Pages(self._batch.add, operation, arguments)

    async def __aexit__(self, *_: Any) -> None:
        await self.close()

    async def close(self) -> None:
        """Closes the store. What was submitted ends with its true outcome, what had not started
        with CancelledError. Closing twice does nothing. Cancelling this await does not keep the
        engine from being closed.
        """
        if self._handle is None or self._pid != os.getpid():
            self._closed = True
            return
        if get_ident() != self._batch.thread:
            raise thread_error(f"{self.store} is closed in the thread that opened it")
        if asyncio.get_running_loop() is not self._driver.loop:
            self._abandon()  # its loop has ended and will not run it any more
            return
        if self._ended is None:
            self._ended = self._begin_close()
        await asyncio.shield(self._ended)

    def _begin_close(self) -> "asyncio.Future[None]":
        ended: "asyncio.Future[None]" = self._driver.loop.create_future()
        self._closed = True
        self._batch.flush()
        self._batch.refuse(partial(closed_error, self.store))
        self._participants.cancel()
        self._callback = _CLOSED(self._has_closed)
        _closing.add(self)
        errors.check(lib.hf_engine_close(self._handle, self._callback, None))
        self._driver.turn()
        return ended

    def _has_closed(self, _: Any, status: int, detail: Optional[int]) -> None:
        """Called by C, inside a run of its loop, when nothing of the handle is left."""
        if status != 0:
            self._outcome = errors.of(status, s.text_at(detail) or self.store)
        self._batch.engine = None
        if not self._driver.loop.is_closed():
            self._driver.loop.call_soon(self._end, context=self._driver.context)

    def _end(self) -> None:
        """Forgets what was the engine's. Nothing of C refers to it any more."""
        if self._handle is None:
            return
        self._handle = None
        usable = self._driver.loop.is_running()
        self._driver.stop()
        self._batch.fail_all(partial(errors.of, _code("UnknownError"), "the engine was closed"),
                             usable)
        lib.hf_loop_destroy(self._uv)
        _open.discard(self)
        _closing.discard(self)
        if self._ended is None or self._ended.done() or not usable:
            return
        if self._outcome is None:
            self._ended.set_result(None)
        else:
            self._ended.set_exception(self._outcome)

    def _check(self) -> None:
        """Raises when the engine is not open, or is another process's or thread's."""
        if self._handle is None:
            self._not_open()
        if self._batch.refusal is not None:
            raise self._batch.refusal()
        if get_ident() != self._batch.thread:
            raise thread_error("an engine is used in the thread that opened it; holdfast.sync.of "
                               "gives other threads a view of it")

    def _abandon(self) -> None:
        """Closes in a hurry: nobody waits any more, or the loop of asyncio is not to be used."""
        if self._handle is None or self._pid != os.getpid():
            return
        self._closed = True
        self._batch.refuse(partial(closed_error, self.store))
        if get_ident() != self._batch.thread:
            self._handle = None  # only its own thread could close it
            return
        if self._ended is not None:  # C closes it already
            while self._batch.engine is not None and lib.hf_loop_run_once(self._uv, 1):
                pass
        else:
            lib.hf_run_close(self._handle)
            self._batch.engine = None
        self._end()

    def __del__(self) -> None:
        if getattr(self, "_handle", None) is None or self._pid != os.getpid():
            return
        try:
            warnings.warn(f"{self.store} was not closed", ResourceWarning, source=self)
        finally:
            loop = self._driver.loop
            if loop.is_closed() or not loop.is_running():
                self._abandon()
            else:  # the collector of garbage may run in any thread and in the middle of anything
                _closing.add(self)
                loop.call_soon_threadsafe(self._abandon)

    # ---- Several operations ------------------------------------------------------------------

    async def submit_many(self, ops: Sequence[Union[Op, Chain]]) -> List[Done]:
        """Does all of them and returns how each ended, in their order. One that was refused does
        not keep the others from being done, except those of its own chain.
        """
        self._check()
        chains: List[Sequence[Op]] = [one if isinstance(one, Chain) else (one,) for one in ops]
        done: List[Done] = await self._batch.add_all(chains)
        return done

    async def chain(self, *ops: Op) -> List[Any]:
        """Does all of them or none, and returns their results. Raises the error of the one that
        was refused; the others were not done then.
        """
        done = await self.submit_many([Chain(ops)])
        failed = [one.error for one in done if one.error is not None]
        if failed:
            raise next((e for e in failed if type(e).__name__ != "ChainError"), failed[0])
        return [one.result for one in done]

    # ---- The engine itself -------------------------------------------------------------------

    def health(self) -> HealthInfo:
        """How the engine is: its state, queue, clock, journal and counters."""
        self._check()
        info = s.Record("hf_health_info")
        errors.check(lib.hf_health(self._handle, info.address))
        found: HealthInfo = _read_health(info.address)
        return found

    def metrics(self) -> MetricsInfo:
        """All figures of the engine: counters, gauges and latencies, in ns where they are times.
        `holdfast.METRICS` says what each field means.
        """
        self._check()
        return _metrics.read(self._handle)

    def metrics_text(self) -> str:
        """The same figures as Prometheus text, for a page that is scraped."""
        self._check()
        return _metrics.text(self._handle)

    def new_id(self) -> UUID:
        """A new id: now, in order within this engine, the rest random."""
        self._check()
        out = c.create_string_buffer(16)
        errors.check(lib.hf_id_make(self._handle, out))
        return UUID(bytes=out.raw)

    def clock_advance(self, ms: int) -> None:
        """Moves a virtual clock on; what became due by it is done before what comes next."""
        self._check()
        errors.check(lib.hf_clock_advance(self._handle, in_64_bits("ms", ms)), f"{ms} ms")
        self._driver.turn()

    def time_accept(self) -> None:
        """Follows a step of the clock of more than 60 s that health() shows as clock_step_ms."""
        self._check()
        errors.check(lib.hf_time_accept(self._handle))
        self._driver.turn_soon()

    async def verify(self, progress: Optional[Progress] = None) -> VerifyResult:
        """Checks a snapshot of the whole store against its rules, while the engine works."""
        self._check()
        return await _maintenance.verify(self._handle, self._driver, progress)

    async def backup(self, path: Union[str, "os.PathLike[str]"],
                     progress: Optional[Progress] = None) -> None:
        """Writes a complete copy of the store to a path that is free, while the engine works."""
        self._check()
        await _maintenance.backup(self._handle, self._driver, os.fspath(path), progress)

    # ---- Events, transactions, participants --------------------------------------------------

    def follow(self, consumer: str = "", after: Optional[int] = None,
               types: Sequence[int] = ()) -> Follow:
        """Every event from `after` on, and each new one when it is there: an iterator without end.

        With a consumer the position is kept in the store: the iterator begins behind the last event
        that was handled, and an event counts as handled when the next one is asked for.
        """
        self._check()
        return Follow(self, consumer, after, types)

    def transaction(self, **given: Any) -> Transaction:
        """A transaction as a context: branches are added inside, leaving it seals the transaction,
        an exception aborts it. Arguments are those of transactions.begin.
        """
        self._check()
        return Transaction(self, given)

    @_manual.continued("participant")
    def register_participant(self, name: str, handler: Any, **given: Any) -> None:
        """Registers who takes part in transactions under this name.

        The handler has coroutines `attempt`, `confirm`, `cancel` and `query`, each of which takes a
        Call and returns an Answer or a Reply. Further arguments:
        """
        self._check()
        self._participants.register("participant", name, handler, given)

    @_manual.continued("provider")
    def register_provider(self, name: str, handler: Any, **given: Any) -> None:
        """Registers a payment provider: coroutines `authorize`, `capture`, `void`, `refund` and
        `query`, each of which takes a Call and returns an Answer or a Reply. Further arguments:
        """
        self._check()
        self._participants.register("provider", name, handler, given)


def _close_all() -> None:
    for engine in {*_open, *_closing}:
        try:
            if not engine._closed:
                warnings.warn(f"{engine.store} was not closed", ResourceWarning, source=engine)
        finally:
            engine._abandon()


def _after_fork() -> None:
    """In a child: its parent's engines are not its own, and nothing of them may be touched."""
    for engine in {*_open, *_closing}:
        text = f"{engine.store} belongs to the process {engine._pid}"
        engine._batch.gate = Lock()  # another thread may have held it
        engine._batch.refuse(partial(errors.of, _code("ForkedError"), text))
        engine._driver.forked = engine._closed = True
    _open.clear()
    _closing.clear()


atexit.register(_close_all)
os.register_at_fork(after_in_child=_after_fork)
