"""Exits, forks, forgotten engines and cancelled tasks: nothing hangs, crashes or is used twice.

HOLDFAST_STORM=1000 makes so many exits, and a fifth as many forks and cancelled loops.
"""
import asyncio
import gc
import os
import subprocess
import sys
from pathlib import Path
from typing import List, Sequence, Tuple

import tap

import holdfast

PACKAGE = Path(__file__).resolve().parents[2] / "bindings" / "python"
STORM = int(os.environ.get("HOLDFAST_STORM", "12"))
START = """
import asyncio, os, sys, threading, holdfast
from holdfast import item, line, money, sync
TEA = item("tea")
STORES = ["memory:", "sqlite:shop.db", "lmdb:shop.lmdb"]
store, driver = STORES[int(sys.argv[1]) % 3], ["queue", "loop"][int(sys.argv[1]) // 3 % 2]
if store != "memory:":
    store += sys.argv[1]
async def opened():
    hf = await holdfast.open(store, driver)
    await hf.items.put(TEA, opening=10**9, unit_scale=0)
    await hf.accounts.put(money("till", "EUR"), unit_scale=2)
    return hf
def flood(hf, count=50):
    return [hf.orders.place("EUR", lines=[line("tea", 1)]) for _ in range(count)]
"""


def run(code: str, number: int = 0,
        flags: Sequence[str] = ("-W", "ignore")) -> "subprocess.CompletedProcess[str]":
    """Runs a program that begins with START; it must end by itself."""
    path = {**os.environ, "PYTHONPATH": str(PACKAGE)}
    return subprocess.run([sys.executable, "-B", "-X", "faulthandler", *flags, "-c", START + code,
                           str(number)], env=path, text=True, capture_output=True, timeout=600)


def storm(code: str, count: int, expected: int = 0) -> None:
    """Runs a program many times, with each store and driver in turn."""
    for number in range(count):
        done = run(code, number)
        assert done.returncode == expected, (number, done.returncode, done.stdout, done.stderr)


def test_exit_in_flight() -> None:
    """An interpreter that exits with operations in flight neither hangs nor crashes."""
    storm("""
async def main():
    global hf, futures
    hf = await opened()
    futures = flood(hf)
    await asyncio.sleep(0)
asyncio.run(main())
""", STORM)


def test_sys_exit() -> None:
    """sys.exit in the middle of a coroutine ends the program with its code."""
    storm("""
async def main():
    global hf, futures
    hf = await opened()
    futures = flood(hf)
    await futures[0]
    sys.exit(7)
asyncio.run(main())
""", max(STORM // 3, 6), 7)


def test_exit_sync() -> None:
    """An interpreter that exits while threads use the synchronous twin neither hangs nor crashes."""
    storm("""
hf = sync.open(store, driver)
hf.items.put(TEA, opening=10**9, unit_scale=0)
def work():
    try:
        while True:
            hf.items.receive(1, to=TEA)
    except holdfast.Error:
        pass
for _ in range(4):
    threading.Thread(target=work, daemon=True).start()
for _ in range(20):
    hf.items.get(TEA)
""", STORM)


def test_what_was_acknowledged() -> None:
    """What was acknowledged before an exit in flight is there when the store is opened again."""
    code = """
async def main():
    global hf, futures
    hf = await opened()
    futures = flood(hf, 200)
    print((await futures[60]).order.id)
asyncio.run(main())
"""
    for number in (1, 2, 4, 5):
        done = run(code, number)
        assert done.returncode == 0, done.stderr
        code_2 = f"""
import uuid
async def main():
    async with holdfast.open(store, driver) as hf:
        print((await hf.orders.get(uuid.UUID({done.stdout.strip()!r}))).order.number)
        assert (await hf.verify()).findings == ()
asyncio.run(main())
"""
        done = run(code_2, number)
        assert done.returncode == 0, done.stderr


def test_fork() -> None:
    """A child of fork cannot use its parent's engine, and the parent goes on as before."""
    storm("""
async def main():
    async with await opened() as hf:
        futures = flood(hf)
        pid = os.fork()
        if pid == 0:
            try:
                hf.items.get(TEA)
            except holdfast.ForkedError:
                await hf.close()
                os._exit(5)
            os._exit(1)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 5
        assert len(await asyncio.gather(*futures)) == 50
        assert (await hf.verify()).findings == ()
asyncio.run(main())
""", max(STORM // 5, 6))


def test_fork_and_exit() -> None:
    """A child that exits in the ordinary way leaves its parent's store alone."""
    storm("""
async def main():
    async with await opened() as hf:
        futures = flood(hf)
        pid = os.fork()
        if pid:
            assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 3
            assert len(await asyncio.gather(*futures)) == 50
            assert (await hf.verify()).findings == ()
    return pid
try:
    pid = asyncio.run(main())
except holdfast.ForkedError:
    sys.exit(3)
sys.exit(0 if pid else 3)
""", max(STORM // 5, 6))


def test_fork_and_run() -> None:
    """A child whose loop runs on takes none of what wakes its parent's engine."""
    storm("""
import time
async def main():
    async with await opened() as hf:
        futures = flood(hf)
        await asyncio.sleep(0)
        pid = os.fork()
        if pid == 0:
            time.sleep(0.05)  # the engine ends some of them
            for _ in range(20):
                await asyncio.sleep(0)
            os._exit(5)
        assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 5
        assert len(await asyncio.gather(*futures)) == 50
        assert (await hf.verify()).findings == ()
asyncio.run(main())
""", max(STORM // 5, 6))


def test_fork_sync() -> None:
    """A child of fork cannot use the synchronous engine of its parent and is told so at once."""
    storm("""
with sync.open(store, driver) as hf:
    hf.items.put(TEA, opening=10, unit_scale=0)
    pid = os.fork()
    if pid == 0:
        try:
            hf.items.get(TEA)
        except holdfast.ForkedError:
            hf.close()
            sys.exit(5)
        sys.exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 5
    assert hf.items.get(TEA).balance == 10
""", max(STORM // 5, 6))


def test_cancelled_loop() -> None:
    """A loop whose tasks are all cancelled closes its engine and loses no acknowledged order."""
    storm("""
async def seller(hf, done):
    while True:
        done.append((await hf.orders.place("EUR", lines=[line("tea", 1)])).order.number)
        await asyncio.sleep(0)
async def main():
    async with await opened() as hf:
        done = []
        tasks = [asyncio.ensure_future(seller(hf, done)) for _ in range(20)]
        while len(done) < 50:
            await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        assert len({o.number async for o in hf.orders.list()} & set(done)) == len(done)
        assert (await hf.verify()).findings == ()
asyncio.run(main())
""", max(STORM // 5, 6))


def test_forgotten() -> None:
    """An engine that is forgotten is reported by a ResourceWarning and is closed all the same."""
    for code in ("asyncio.run(opened())", "hf = sync.open('memory:'); del hf",
                 "async def main():\n    global hf\n    hf = await opened()\nasyncio.run(main())"):
        done = run(code, flags=("-W", "default"))
        assert done.returncode == 0 and "ResourceWarning: memory: was not closed" in done.stderr, (
            code, done.stderr)


def test_no_views() -> None:
    """Records keep nothing of the library's memory: they are the same after the engine is gone."""
    async def main() -> Tuple[str, holdfast.OrderView, List[holdfast.Account],
                              List[holdfast.Event]]:
        async with holdfast.open("memory:") as hf:
            await hf.items.put(holdfast.item("tea"), opening=5, unit_scale=0, meta=b"x" * 5000)
            await hf.accounts.put(holdfast.money("till", "EUR"), unit_scale=2)
            placed = await hf.orders.place("EUR", lines=[holdfast.line("tea", 1)], meta=b"m" * 999)
            rows = [row async for row in hf.accounts.list()]
            events = [event async for event in hf.events.read()]
            return repr((placed, rows, events)), placed, rows, events

    before, placed, rows, events = asyncio.run(main())
    gc.collect()
    assert repr((placed, rows, events)) == before
    assert [holdfast.changes(event)[0].type for event in events]


def test_every_close() -> None:
    """Closing twice, closing before opening and leaving by an exception are all in order."""
    done = run("""
async def main():
    hf = holdfast.open(store, driver)
    await hf.close()
    hf = await opened()
    await hf.close(); await hf.close()
    try:
        async with hf: pass
    except holdfast.ClosedError: pass
    try:
        async with holdfast.open("memory:") as hf:
            future = hf.items.get(TEA)
            raise KeyError
    except KeyError: pass
    try:
        await future
    except (holdfast.NotFoundError, holdfast.CancelledError): pass
    hf = sync.open("memory:")
    hf.close(); hf.close()
asyncio.run(main())
""", flags=("-W", "error"))
    assert done.returncode == 0 and not done.stderr, done.stderr


if __name__ == "__main__":
    tap.run(__name__)
