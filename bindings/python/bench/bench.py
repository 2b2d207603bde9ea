"""Measures what the binding costs: operations a second by driver, store and operations in flight.

    python3 bindings/python/bench/bench.py [--seconds 2] [--rounds 3]

Each figure is the best of some rounds, with the CPU time of the thread that runs asyncio for each
operation. Beside it: one checkout a transaction through sqlite3 of the standard library, and
threads that call the synchronous twin. A move is one deposit into a wallet; a checkout is an order
of two lines, paid from a wallet. Where the benchmark in C is built (tests/bench), the checkouts on
LMDB of both are measured in turn, and the ratio of their medians is printed.
"""
import argparse
import asyncio
import csv
import os
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any, Awaitable, Callable, Iterator, List, Optional, Tuple

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
import holdfast  # noqa: E402
from holdfast import item, line, money, payment, sync  # noqa: E402

WALLET = money("ada", "EUR")
FLIGHTS = (1, 32, 512)
Work = Callable[[holdfast.Engine], Awaitable[Any]]
Figure = Tuple[float, float]  # operations a second, microseconds of CPU of the thread for each


def move(hf: holdfast.Engine) -> Awaitable[Any]:
    """One small write."""
    return hf.accounts.deposit(1, to=WALLET)


def read(hf: holdfast.Engine) -> Awaitable[Any]:
    """One small read."""
    return hf.accounts.get(WALLET)


def checkout(hf: holdfast.Engine) -> Awaitable[Any]:
    """An order of two lines that is paid at once."""
    return hf.orders.place(
        "EUR", total=2100, customer="ada",
        lines=[line("tea", 2, unit_price=450), line("cup", 1, unit_price=1200)],
        payments=[payment(account=WALLET, amount=2100)])


async def fill(hf: holdfast.Engine) -> None:
    """Opens what the operations need."""
    for sku in ("tea", "cup"):
        await hf.items.put(item(sku), opening=10**12, unit_scale=0)
    await hf.accounts.put(WALLET, opening=10**15, unit_scale=2)


async def measure(driver: str, store: str, work: Work, flight: int, seconds: float) -> Figure:
    """Runs as many at once as given for some time."""
    async with holdfast.open(store, driver) as hf:
        await fill(hf)
        done, end = 0, time.perf_counter() + seconds

        async def client() -> None:
            nonlocal done
            while time.perf_counter() < end:
                await work(hf)
                done += 1

        begun, cpu = time.perf_counter(), time.thread_time()
        await asyncio.gather(*(client() for _ in range(flight)))
        cpu = time.thread_time() - cpu
        return done / (time.perf_counter() - begun), cpu / max(done, 1) * 1e6


def by_threads(store: str, threads: int, seconds: float) -> Figure:
    """run_in_executor over the synchronous twin, as many threads at once as given."""
    with sync.open(store) as hf:
        hf.accounts.put(WALLET, opening=10**15, unit_scale=2)

        async def main() -> Figure:
            loop, pool = asyncio.get_running_loop(), ThreadPoolExecutor(threads)
            done, end = 0, time.perf_counter() + seconds

            async def client() -> None:
                nonlocal done
                while time.perf_counter() < end:
                    await loop.run_in_executor(pool, lambda: hf.accounts.deposit(1, to=WALLET))
                    done += 1

            begun, cpu = time.perf_counter(), time.thread_time()
            await asyncio.gather(*(client() for _ in range(threads)))
            cpu = time.thread_time() - cpu
            pool.shutdown()
            return done / (time.perf_counter() - begun), cpu / max(done, 1) * 1e6

        return asyncio.run(main())


def by_sqlite3(seconds: float) -> Figure:
    """The checkout as one transaction of the standard library's sqlite3, flushed each time."""
    store = sqlite3.connect("hand.db", isolation_level=None)
    store.executescript(
        "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
        "CREATE TABLE accounts (name TEXT PRIMARY KEY, balance INTEGER NOT NULL);"
        "CREATE TABLE orders (id INTEGER PRIMARY KEY, customer TEXT, total INTEGER);"
        "CREATE TABLE order_lines (id INTEGER, no INTEGER, sku TEXT, quantity INTEGER);"
        "CREATE TABLE payments (id INTEGER, account TEXT, amount INTEGER);"
        "INSERT INTO accounts VALUES ('tea', 1e12), ('cup', 1e12), ('ada', 1e15);")
    done, begun, cpu = 0, time.perf_counter(), time.thread_time()
    while time.perf_counter() - begun < seconds:
        store.execute("BEGIN IMMEDIATE")
        order = store.execute("INSERT INTO orders (customer, total) VALUES ('ada', 2100)").lastrowid
        for name, amount in (("tea", 2), ("cup", 1), ("ada", 2100)):
            changed = store.execute("UPDATE accounts SET balance = balance - ? WHERE name = ? AND "
                                    "balance >= ?", (amount, name, amount)).rowcount
            assert changed == 1
        store.executemany("INSERT INTO order_lines VALUES (?, ?, ?, ?)",
                          [(order, 1, "tea", 2), (order, 2, "cup", 1)])
        store.execute("INSERT INTO payments VALUES (?, 'ada', 2100)", (order,))
        store.execute("COMMIT")
        done += 1
    cpu = time.thread_time() - cpu
    store.close()
    return done / (time.perf_counter() - begun), cpu / done * 1e6


def cases(seconds: float) -> Iterator[Tuple[str, str, int, Callable[[], Figure]]]:
    """Every figure of the table."""
    for title, store, work in (("move", "memory:", move), ("read", "memory:", read),
                               ("move", "lmdb:b.lmdb", move), ("checkout", "memory:", checkout),
                               ("checkout", "lmdb:b.lmdb", checkout)):
        for driver in ("queue", "loop"):
            for flight in FLIGHTS if title != "checkout" else (1, 64, 512):
                def run(a: Tuple[str, str, Work, int] = (driver, store, work, flight)) -> Figure:
                    return asyncio.run(measure(*a, seconds=seconds))

                yield f"{title} on {store.split(':')[0]}", driver, flight, run
    for flight in (1, 32):
        yield "move on memory", "threads", flight, lambda f=flight: by_threads(  # type: ignore[misc]
            "memory:", f, seconds)
    yield "checkout", "sqlite3", 1, lambda: by_sqlite3(seconds)


def c_bench() -> Optional[Path]:
    """The benchmark in C that was built last; None when there is none."""
    builds = Path(__file__).resolve().parents[3] / "build"
    found = sorted(builds.glob("*/tests/bench/bench"), key=lambda path: path.stat().st_mtime)
    return found[-1] if found else None


def by_c(program: Path, flight: int, seconds: float) -> Figure:
    """The same checkout through C, with so many in flight."""
    subprocess.run([str(program), "--case", f"checkout-{flight}", "--subject", "holdfast-lmdb",
                    "--rounds", "1", "--seconds", str(max(1, round(seconds))), "--out", "."],
                   check=True, stdout=subprocess.DEVNULL)
    lines = [line for line in Path("medians.csv").read_text().splitlines() if line[:1] != "#"]
    row = next(csv.DictReader(lines))
    return float(row["a_second"]), float(row["cpu_us"])


def beside_c(given: argparse.Namespace) -> None:
    """The checkout on LMDB in Python and in C, in turn."""
    program = c_bench()
    if program is None:
        print("the benchmark in C is not built: meson setup build/release -Dbench=enabled")
        return
    for flight in (64, 512):
        both: Tuple[List[Figure], List[Figure]] = ([], [])
        for _ in range(given.rounds):
            both[0].append(in_folder(lambda: asyncio.run(measure(
                "queue", "lmdb:b.lmdb", checkout, flight, given.seconds))))
            both[1].append(in_folder(partial(by_c, program, flight, given.seconds)))
        rates = [statistics.median(rate for rate, _ in figures) for figures in both]
        cpu = [statistics.median(each for _, each in figures) for figures in both]
        print(f"checkout on lmdb, {flight} in flight: Python {rates[0]:,.0f} a second "
              f"({cpu[0]:.1f} us of CPU of its thread), C {rates[1]:,.0f} ({cpu[1]:.1f} us of all "
              f"threads), ratio {rates[0] / rates[1]:.2f}", flush=True)


def in_folder(run: Callable[[], Figure]) -> Figure:
    """Runs in a folder that is empty."""
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            return run()
        finally:
            os.chdir("/")


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(description="measures the Python binding")
    parser.add_argument("--seconds", type=float, default=2)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--beside-c", action="store_true", help="only the ratio to C")
    given = parser.parse_args()
    print(f"holdfast {holdfast.version()}, Python {sys.version.split()[0]}, "
          f"{os.cpu_count()} cores")
    if not given.beside_c:
        print(f"{'':20}{'driver':>9}{'in flight':>11}{'a second':>11}{'us of CPU':>11}")
    for title, driver, flight, run in [] if given.beside_c else cases(given.seconds):
        rate, cpu = max(in_folder(run) for _ in range(given.rounds))
        print(f"{title:20}{driver:>9}{flight:>11}{rate:>11,.0f}{cpu:>11.1f}", flush=True)
    beside_c(given)


if __name__ == "__main__":
    main()
