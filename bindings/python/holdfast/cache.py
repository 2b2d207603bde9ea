"""A bounded cache of Python objects, over the library's own cache (holdfast/cache.h).

    prices = holdfast.cache.Cache(10_000, policy=CachePolicy.S3_FIFO, ttl=60)
    prices["tea"] = 450
    prices.get("tea")
    await prices.load("cup", ask_the_shop)      # one call for all who miss "cup" at once

A key is a str or bytes; "a" and b"a" are two keys. A value is any object. What is evicted is
released after the call. A cache may be used by several threads and loops; each call is one step
for all of them. It is a cache of a process: it cannot be sent to another one.
"""
from __future__ import annotations

import asyncio
import ctypes as c
import struct
import time
from concurrent.futures import Future
from threading import RLock
from typing import (Any, Awaitable, Callable, Dict, Generic, Iterator, List, NoReturn, Optional,
                    Set, Tuple, TypeVar, Union)

from . import _records, errors
from . import _shapes as s
from ._api import CacheStat
from ._library import lib
from .enums import CacheFound, CachePolicy, CacheReason

__all__ = ["Cache", "CachePolicy", "CacheReason", "CacheStat", "Key", "keys_of"]
Key = Union[str, bytes]
Value = TypeVar("Value")
Other = TypeVar("Other")
_REMOVED = c.CFUNCTYPE(None, c.c_void_p, c.c_void_p, c.c_uint32, c.c_void_p, c.c_uint32)
_ANSWERED = c.CFUNCTYPE(None, c.c_void_p, c.c_int, c.c_void_p)
_EACH = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_void_p, c.c_uint32, c.c_void_p)
_read_stat = _records.read(s.struct_of("hf_cache_stat"))
_NUMBER = struct.Struct("=Q")
_HIT, _ABSENT, _LOAD = CacheFound.HIT, CacheFound.ABSENT, CacheFound.LOAD
_CODES = {kind.__name__: code for code, kind in errors.known().items()}
_NOT_FOUND, _CANCELLED = _CODES["NotFoundError"], _CODES["CancelledError"]
_Removed = errors.known()[_CANCELLED]
_FAILED = _CODES["UnknownError"]  # the exception of the loader itself is what waiters get


def _raw(key: Key) -> bytes:
    """The bytes of a key in the cache: the first one says whether it is a text."""
    if isinstance(key, str):
        return b"s" + key.encode()
    if isinstance(key, bytes):
        return b"b" + key
    raise TypeError(f"a key is str or bytes, not {type(key).__name__}: {key!r}")


def _key(raw: bytes) -> Key:
    return raw[1:].decode() if raw[:1] == b"s" else raw[1:]


def _ms(seconds: Optional[float]) -> int:
    """A time to live in ms: 0 is that of the cache, less is without end."""
    return 0 if seconds is None else max(1, int(seconds * 1000)) if seconds >= 0 else -1


class Cache(Generic[Value]):
    """A bounded cache.

    At most `entries` entries, and with `cost_max` a bounded sum of the costs that `put` is given.
    `ttl` is how long an entry is good, in seconds; None: always. `key_bytes` is the longest key.
    `removed` is called with key, value and CacheReason of what is evicted, expired, replaced or
    removed, after the call that did it. `clock` gives seconds that never go back.
    """

    def __init__(self, entries: int, *, policy: CachePolicy = CachePolicy.LRU, cost_max: int = 0,
                 ttl: Optional[float] = None, key_bytes: int = 64,
                 removed: Optional[Callable[[Key, Value, CacheReason], object]] = None,
                 clock: Callable[[], float] = time.monotonic) -> None:
        self._handle = c.c_void_p()
        self._lock, self._clock, self._notify = RLock(), clock, removed
        self._values: Dict[int, Value] = {}
        self._number = 0
        self._out: List[Tuple[bytes, Value, int]] = []
        self._waiting: Dict[int, Tuple[Any, "Future[Value]", bytes]] = {}
        self._outcomes: List[Tuple["Future[Value]", int, Optional[Value], bytes,
                                   Optional[Exception]]] = []
        self._failure: Optional[Exception] = None  # of the load that is being answered
        self._tasks: "Set[asyncio.Task[Value]]" = set()
        self._found = c.c_void_p()
        self._removed, self._answered = _REMOVED(self._on_removed), _ANSWERED(self._on_answered)
        options = s.Record("hf_cache_options")
        lib.hf_cache_options_init(options.address)
        given = {"policy": policy, "entries_max": entries, "key_bytes_max": key_bytes + 1,
                 "value_bytes": _NUMBER.size, "cost_max": cost_max, "ttl_ms": _ms(ttl)}
        for name, value in given.items():
            try:
                options[name] = value
            except struct.error:
                raise ValueError(f"{name} is out of range: {value!r}") from None
        options["removed"] = c.cast(self._removed, c.c_void_p).value
        errors.check(lib.hf_cache_new(options.address, c.byref(self._handle)), repr(given))

    # ---- What C calls ------------------------------------------------------------------------

    def _on_removed(self, _: Any, key: int, size: int, value: int, reason: int) -> None:
        number, = _NUMBER.unpack_from(s.memory, value)
        self._out.append((c.string_at(key, size), self._values.pop(number), reason))

    def _on_answered(self, number: int, status: int, value: Optional[int]) -> None:
        _, future, raw = self._waiting.pop(number)
        found = self._values[_NUMBER.unpack_from(s.memory, value)[0]] if value else None
        self._outcomes.append((future, status, found, raw, self._failure))

    # ---- Steps -------------------------------------------------------------------------------

    def _step(self, function: Callable[..., int], *arguments: Any) -> int:
        """One call of the library. The lock is held; `_done` comes after it."""
        if not self._handle:
            raise ValueError("the cache is closed")
        lib.hf_cache_time(self._handle, int(self._clock() * 1000))
        return function(self._handle, *arguments)

    def _done(self) -> None:
        """Releases what was removed and notifies who waited. The lock is not held any more."""
        with self._lock:
            outcomes, self._outcomes = self._outcomes, []
            out, self._out = self._out, []
        for future, status, value, raw, failure in outcomes:
            if not future.set_running_or_notify_cancel():
                continue
            if status == 0:
                future.set_result(value)  # type: ignore[arg-type]
            elif status == _NOT_FOUND:
                future.set_exception(KeyError(_key(raw)))
            else:
                future.set_exception(failure or errors.of(status))
        if self._notify is not None:
            for raw, removed, reason in out:
                self._notify(_key(raw), removed, CacheReason(reason))

    def _look(self, key: Key) -> Tuple[int, Optional[Value]]:
        raw = _raw(key)
        with self._lock:
            code = self._step(lib.hf_cache_get, raw, len(raw), c.byref(self._found))
            found = self._at_found() if code == _HIT else None
        if self._out:
            self._done()
        return errors.check(code, f"{key!r}"), found

    def _at_found(self) -> Value:
        return self._values[_NUMBER.unpack_from(s.memory, self._found.value or 0)[0]]

    # ---- A mapping ---------------------------------------------------------------------------

    def get(self, key: Key, default: Optional[Other] = None) -> Union[Value, Other, None]:
        """The value of a key, or the default. Counts as a use."""
        code, value = self._look(key)
        return value if code == _HIT else default

    def __getitem__(self, key: Key) -> Value:
        code, value = self._look(key)
        if code != _HIT:
            raise KeyError(key)
        return value  # type: ignore[return-value]

    def __setitem__(self, key: Key, value: Value) -> None:
        self.put(key, value)

    def __delitem__(self, key: Key) -> None:
        if not self.remove(key):
            raise KeyError(key)

    def __contains__(self, key: Key) -> bool:
        """Whether a key has a value. Does not count as a use."""
        raw = _raw(key)
        with self._lock:
            return errors.check(self._step(lib.hf_cache_has, raw, len(raw))) == 1

    def __len__(self) -> int:
        return len(self._values)

    def __iter__(self) -> Iterator[Key]:
        """The keys that have a value, the most recent first."""
        return iter(self.keys())

    def keys(self) -> List[Key]:
        """The keys that have a value, the most recent first."""
        found: List[Key] = []

        def add(_: Any, key: int, size: int, value: Any) -> int:
            found.append(_key(c.string_at(key, size)))
            return 0

        with self._lock:
            errors.check(self._step(lib.hf_cache_each, _EACH(add), None))
        return found

    def put(self, key: Key, value: Value, *, cost: int = 0, ttl: Optional[float] = None) -> None:
        """Sets the value of a key. `ttl` in seconds: None is that of the cache, negative without
        end. TooManyError: the cost is above cost_max; OverloadedError: all entries are being loaded.
        """
        self._put(lib.hf_cache_put, key, value, cost, _ms(ttl))

    def _put(self, function: Callable[..., int], key: Key, value: Value, *rest: int) -> int:
        raw = _raw(key)
        with self._lock:
            number = self._number = self._number + 1
            self._values[number] = value
            middle = (0,) if function is lib.hf_cache_answer else ()
            code = self._step(function, raw, len(raw), *middle, _NUMBER.pack(number), *rest)
            if code < 0:
                del self._values[number]
        self._done()
        if code < 0 and not middle:
            errors.check(code, f"{key!r}")
        return code

    def put_absent(self, key: Key, *, ttl: Optional[float] = None) -> None:
        """Stores that a key has no value, so that `load` raises KeyError and does not ask again."""
        raw = _raw(key)
        with self._lock:
            code = self._step(lib.hf_cache_put_absent, raw, len(raw), _ms(ttl))
        self._done()
        errors.check(code, f"{key!r}")

    def remove(self, key: Key) -> bool:
        """Removes a key; whether it had an entry. While it is loaded, it is loaded again."""
        raw = _raw(key)
        with self._lock:
            code = self._step(lib.hf_cache_remove, raw, len(raw))
        self._done()
        return errors.check(code, f"{key!r}") == 1

    def clear(self) -> None:
        """Removes every key."""
        with self._lock:
            code = self._step(lib.hf_cache_clear)
        self._done()
        errors.check(code)

    def stats(self) -> CacheStat:
        """Hits, misses, evictions, loads and the rest, since the cache was made."""
        stat = s.Record("hf_cache_stat")
        with self._lock:
            errors.check(self._step(lib.hf_cache_read_stat, stat.address))
        found: CacheStat = _read_stat(stat.address)
        return found

    # ---- Loading -----------------------------------------------------------------------------

    def _ask(self, key: Key, raw: bytes) -> Tuple[int, Any]:
        """Whether there is a value, and it; or what will have it."""
        with self._lock:
            number = self._number = self._number + 1
            waiter, future = s.Record("hf_cache_waiter"), Future[Value]()
            waiter["cb"], waiter["data"] = c.cast(self._answered, c.c_void_p).value, number
            code = self._step(lib.hf_cache_ask, raw, len(raw), waiter.address, c.byref(self._found))
            result: Any = future
            if code == _HIT:
                result = self._at_found()
            elif code == CacheFound.WAIT:
                self._waiting[number] = waiter, future, raw
        self._done()
        if code == _ABSENT:
            raise KeyError(key)
        return errors.check(code, f"{key!r}"), result

    def _answer(self, key: Key, raw: bytes, load: Callable[[], Value], cost: int) -> Value:
        """Loads, and gives the outcome to all who wait."""
        try:
            value = load()
        except KeyError:
            self._answer_failure(raw, _NOT_FOUND, None)
            raise
        except Exception as problem:
            self._answer_failure(raw, _FAILED, problem)
            raise
        except BaseException:  # who loads was stopped: those who wait load again
            self._answer_failure(raw, _CANCELLED, None)
            raise
        self._put(lib.hf_cache_answer, key, value, cost)
        return value

    def _answer_failure(self, raw: bytes, status: int, problem: Optional[Exception]) -> None:
        with self._lock:
            self._failure = problem
            try:
                self._step(lib.hf_cache_answer, raw, len(raw), status, None, 0)
            finally:
                self._failure = None
        self._done()

    def get_or_load(self, key: Key, load: Callable[[Key], Value], *, cost: int = 0) -> Value:
        """The value of a key, which is loaded when it is missing: once, however many threads miss it
        at the same time; the others wait. When `load` raises, all of them get the exception, and
        nothing is stored but for KeyError: then the key is known to have no value.
        """
        raw = _raw(key)
        while True:
            code, found = self._ask(key, raw)
            if code == _LOAD:
                return self._answer(key, raw, lambda: load(key), cost)
            try:
                value: Value = found if code == _HIT else found.result()
            except _Removed:  # what was loaded may be out of date
                continue
            return value

    async def load(self, key: Key, load: Callable[[Key], Awaitable[Value]], *,
                   cost: int = 0) -> Value:
        """As get_or_load, with a coroutine. The load has a task of its own: cancelling one who
        waits, also the first one, cancels it for nobody else. When its loop ends, those in other threads and loops load again.
        """
        raw = _raw(key)
        while True:
            code, found = self._ask(key, raw)
            if code == _LOAD:
                self._begin(key, raw, load, cost)
                continue  # and wait as the others do
            try:
                value: Value = found if code == _HIT else await asyncio.wrap_future(found)
            except _Removed:  # what was loaded may be out of date
                continue
            return value

    def _begin(self, key: Key, raw: bytes, load: Callable[[Key], Awaitable[Value]],
               cost: int) -> None:
        async def run() -> Value:
            return await load(key)

        def answer(task: "asyncio.Task[Value]") -> None:
            self._tasks.discard(task)
            try:
                self._answer(key, raw, task.result, cost)
            except BaseException:
                pass  # those who wait have it

        task = asyncio.get_running_loop().create_task(run())
        self._tasks.add(task)
        task.add_done_callback(answer)  # also of one that is cancelled before it has begun

    # ---- Restarts and the end ----------------------------------------------------------------

    def keys_bytes(self) -> bytes:
        """The keys in a form that outlives the process; `keys_of` reads them, to load them again."""
        with self._lock:
            size = self._step(lib.hf_cache_keys_write, None, 0)
            out = c.create_string_buffer(max(size, 16))
            written = self._step(lib.hf_cache_keys_write, out, len(out))
        return out.raw[:written]

    def close(self) -> None:
        """Removes everything and gives the memory back. Closing twice does nothing."""
        with self._lock:
            handle, self._handle = self._handle, c.c_void_p()
            code = lib.hf_cache_free(handle)
            if code < 0:
                self._handle = handle
        self._done()
        errors.check(code)

    def __enter__(self) -> "Cache[Value]":
        return self

    def __exit__(self, *_: Any) -> None:
        self.close()

    def __del__(self) -> None:
        if getattr(self, "_handle", None):
            handle, self._handle = self._handle, c.c_void_p()  # values that end later may ask
            lib.hf_cache_free(handle)

    def __repr__(self) -> str:
        if not self._handle:
            return "<holdfast.cache.Cache closed>"
        stat = self.stats()
        return (f"<holdfast.cache.Cache {stat.entries} entries, {stat.hits} hits, "
                f"{stat.misses} misses>")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a cache cannot be copied or sent to another process; see keys_bytes")


def keys_of(saved: bytes) -> List[Key]:
    """The keys that `Cache.keys_bytes` wrote, the most recent first. CorruptError when the bytes are
    not what it wrote.
    """
    found: List[Key] = []

    def add(_: Any, key: int, size: int, value: Any) -> int:
        found.append(_key(c.string_at(key, size)))
        return 0

    errors.check(lib.hf_cache_keys_read(saved, len(saved), _EACH(add), None))
    return found
