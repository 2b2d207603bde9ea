"""holdfast.cache: a mapping with bounds, policies, times to live and one load for all who miss."""
import asyncio
import gc
import threading
import weakref
from typing import Any, Dict, List, Tuple

import tap

import holdfast
from holdfast.cache import Cache, CachePolicy, CacheReason, Key, keys_of


class Thing:
    """A value that shows whether it is released."""


def expect(kind: Any, function: Any, *arguments: Any) -> None:
    """Calls; an exception of the kind must come."""
    try:
        function(*arguments)
    except kind:
        return
    raise AssertionError(f"{kind.__name__} was expected")


def test_mapping() -> None:
    """A cache is a mapping of texts and bytes to objects, and the two kinds of keys are different."""
    with Cache[object](10) as cache:
        cache["a"], cache[b"a"], cache["ä"] = 1, "two", None
        assert (cache["a"], cache[b"a"], cache.get("ä", 5)) == (1, "two", None)
        assert "a" in cache and b"\xe4" not in cache and len(cache) == 3 and cache.get("b") is None
        assert set(cache) == {"a", b"a", "ä"} and cache.keys()[0] == "ä"
        del cache["a"]
        assert not cache.remove("a") and cache.get("a", "none") == "none"
        expect(KeyError, cache.__getitem__, "a")
        expect(KeyError, cache.__delitem__, "a")
        expect(TypeError, cache.get, 5)
        expect(holdfast.ArgumentError, cache.put, "k" * 65, 1)
        assert "2 entries" in repr(cache), cache
    expect(ValueError, cache.get, "a")
    assert repr(cache) == "<holdfast.cache.Cache closed>"
    cache.close()
    expect(ValueError, Cache, -1)
    expect(holdfast.Misuse, Cache, 0)


def test_values_live_as_long() -> None:
    """A value lives as long as its entry: evicted, replaced, removed, cleared, closed and forgotten."""
    gone: List[Tuple[Key, CacheReason]] = []
    cache: Cache[Thing] = Cache(2, removed=lambda key, value, reason: gone.append((key, reason)))
    alive = []
    for key in ("a", "b", "c", "c"):
        thing = Thing()
        alive.append(weakref.ref(thing))
        cache[key] = thing
        del thing
    assert [one() is None for one in alive] == [True, False, True, False]
    cache.remove("b")
    cache.clear()
    assert gone == [("a", CacheReason.EVICTED), ("c", CacheReason.REPLACED),
                    ("b", CacheReason.REMOVED), ("c", CacheReason.REMOVED)], gone
    cache["d"] = Thing()
    last = weakref.ref(cache["d"])
    del cache
    gc.collect()
    assert last() is None and not [one for one in alive if one() is not None]


def test_policies_and_statistics() -> None:
    """Every policy keeps its bounds, and the statistics count what happened."""
    for policy in CachePolicy:
        cache: Cache[int] = Cache(50, policy=policy)
        for n in range(1000):
            cache.get(str(n % 70))
            cache.put(str(n % 70), n)
        found = cache.stats()
        assert found.entries == 50 == len(cache) == len(cache.keys()), policy
        assert found.hits + found.misses == 1000 and found.puts == 1000, found
        assert found.evictions > 0, found
    cache = Cache(50, cost_max=100)
    for n in range(20):
        cache.put(str(n), n, cost=30)
    assert len(cache) == 3 and cache.stats().cost == 90
    expect(holdfast.TooManyError, lambda: cache.put("1", 1, cost=101))


def test_time_to_live() -> None:
    """An entry is good as long as its time to live, by the clock that the cache was given."""
    now = [0.0]
    cache: Cache[int] = Cache(10, ttl=5, clock=lambda: now[0])
    cache["a"] = 1
    cache.put("b", 2, ttl=1)
    cache.put("c", 3, ttl=-1)
    now[0] = 2
    assert (cache.get("a"), cache.get("b"), cache.get("c")) == (1, None, 3)
    now[0] = 100
    assert (cache.get("a"), cache.get("c")) == (None, 3) and cache.stats().expired == 2


async def test_one_load() -> None:
    """All who miss a key at the same time cause one load, and one who gives up stops nobody."""
    calls: List[Key] = []
    begin = asyncio.Event()

    async def load(key: Key) -> int:
        calls.append(key)
        await begin.wait()
        return len(calls)

    cache: Cache[int] = Cache(10)
    tasks = [asyncio.ensure_future(cache.load("a", load)) for _ in range(20)]
    await asyncio.sleep(0)
    tasks[0].cancel()
    begin.set()
    ended = await asyncio.gather(*tasks, return_exceptions=True)
    assert isinstance(ended[0], asyncio.CancelledError) and ended[1:] == [1] * 19, ended
    assert calls == ["a"] and cache["a"] == 1 and await cache.load("a", load) == 1
    found = cache.stats()
    assert (found.loads, found.waits) == (1, 20), found


async def test_load_fails() -> None:
    """All who wait get the exception of a load; KeyError is kept, other exceptions are not."""
    problems: Dict[Key, Exception] = {"a": OSError("no route"), "b": KeyError("b")}
    calls: List[Key] = []

    async def load(key: Key) -> int:
        calls.append(key)
        await asyncio.sleep(0)
        raise problems[key]

    cache: Cache[int] = Cache(10)
    for key, kind in (("a", OSError), ("b", KeyError)):
        for _ in range(2):
            ended = await asyncio.gather(*(cache.load(key, load) for _ in range(3)),
                                         return_exceptions=True)
            assert [type(one) for one in ended] == [kind] * 3, ended
    assert calls == ["a", "a", "b"] and "b" not in cache and len(cache) == 0
    cache.put_absent("c", ttl=60)
    expect(KeyError, cache.get_or_load, "c", len)


def test_loop_ends_while_loading() -> None:
    """When the loop of a load ends, before it has begun or later, others load the key again."""
    begun = threading.Event()

    async def load(key: Key) -> int:
        begun.set()
        await asyncio.get_running_loop().create_future()
        return 1

    async def leave(cache: "Cache[int]", steps: int) -> None:
        task = asyncio.ensure_future(cache.load("a", load))
        for _ in range(steps):
            await asyncio.sleep(0)
        if steps > 1:
            while cache.stats().waits < 2:  # the other thread's
                await asyncio.sleep(0)
        task.cancel()
        for one in asyncio.all_tasks() - {asyncio.current_task()}:
            one.cancel()

    for steps in (1, 5):
        cache: Cache[int] = Cache(10)
        found: List[int] = []
        begun.clear()

        def ask(of: "Cache[int]" = cache, out: List[int] = found) -> None:
            begun.wait(60)
            out.append(of.get_or_load("a", lambda key: 2))

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        asyncio.run(leave(cache, steps))
        begun.set()
        thread.join(60)
        assert found == [2], (steps, found)


async def test_removed_while_loading() -> None:
    """A key that is removed or put while it is loaded never gets the older value."""
    answers = [asyncio.get_running_loop().create_future() for _ in range(2)]
    count = 0

    async def load(key: Key) -> str:
        nonlocal count
        count += 1
        text: str = await answers[count - 1]
        return text

    cache: Cache[str] = Cache(10)
    task = asyncio.ensure_future(cache.load("a", load))
    await asyncio.sleep(0)
    cache.remove("a")
    answers[1].set_result("new")
    answers[0].set_result("old")
    assert await asyncio.wait_for(task, 60) == "new" and cache["a"] == "new"
    cache.remove("a")
    count, answers[0] = 0, asyncio.get_running_loop().create_future()
    task = asyncio.ensure_future(cache.load("a", load))
    await asyncio.sleep(0)
    cache["a"] = "put"
    answers[0].set_result("old")
    assert await asyncio.wait_for(task, 60) == "put" == cache["a"]


def test_threads() -> None:
    """Threads that miss a key at the same time cause one load; a crowd of them loses nothing."""
    begin, calls = threading.Event(), []

    def load(key: Key) -> int:
        calls.append(key)
        begin.wait()
        return 7

    cache: Cache[int] = Cache(20)
    found: List[int] = []
    threads = [threading.Thread(target=lambda: found.append(cache.get_or_load("a", load)))
               for _ in range(8)]
    for thread in threads:
        thread.start()
    while cache.stats().waits + len(calls) < 8:
        pass
    begin.set()
    for thread in threads:
        thread.join()
    assert found == [7] * 8 and calls == ["a"]

    def crowd(first: int) -> None:
        for n in range(300):
            key = str((first + n) % 40)
            cache.put(key, int(key))
            assert cache.get(key, int(key)) == int(key)
            cache.remove(str(n % 40))

    threads = [threading.Thread(target=crowd, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(cache) == len(cache.keys()) == len(cache._values) <= 20


def test_nested() -> None:
    """What is called for a removed value, and a value's own end, may use the cache, also when both
    end together.
    """
    closed: List[str] = []
    cache: Cache[object] = Cache(2, removed=lambda key, value, reason: cache.get("x"))

    class Last:
        """Uses the cache when it ends."""

        def __init__(self) -> None:
            self.cache = cache

        def __del__(self) -> None:
            try:
                self.cache.get("y")
            except ValueError as problem:
                closed.append(str(problem))

    for n in range(10):
        cache[str(n)] = Last()
    assert len(cache) == 2 and not closed
    cache = Cache(1)
    gc.collect()
    assert closed in ([], ["the cache is closed"] * 2)


def test_restart() -> None:
    """The keys outlive the process, in their order; bytes that are not theirs are refused."""
    cache: Cache[int] = Cache(10)
    for n in range(5):
        cache[f"k{n}"] = n
    cache[b"raw"] = 9
    saved = cache.keys_bytes()
    assert keys_of(saved) == [b"raw", "k4", "k3", "k2", "k1", "k0"]
    assert keys_of(Cache[int](3).keys_bytes()) == []
    expect(holdfast.CorruptError, keys_of, saved[:-1])
    expect(TypeError, cache.__reduce__)


if __name__ == "__main__":
    tap.run(__name__)
