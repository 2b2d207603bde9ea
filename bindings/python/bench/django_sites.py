"""Measures orders a second over HTTP: the site on holdfast beside one with models on PostgreSQL.

    python3 bindings/python/bench/django_sites.py [--seconds 5] [--rounds 3]

Both run Django REST framework under gunicorn on this machine and flush each order before they
answer; a round measures them one after the other. The site on holdfast is one process with threads,
the one with models two processes with threads, on a PostgreSQL server of its own. Needs the Debian
packages of the group "bench" in .ci/packages. Exit code 1 when a request failed.
"""
import argparse
import json
import os
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone
from glob import glob
from itertools import product
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple

HERE = Path(__file__).resolve().parent
CONNECTIONS = (1, 8, 64)
DELIVERIES = 50
DELIVERED = 100_000  # the most that the site on holdfast takes at once


class Figure(NamedTuple):
    """What one run of wrk found."""

    rate: float
    p50_ms: float
    p99_ms: float
    errors: int


def as_postgres(*command: str) -> List[str]:
    """PostgreSQL refuses to run as root."""
    return ["runuser", "-u", "postgres", "--", *command] if os.getuid() == 0 else [*command]


@contextmanager
def postgresql() -> Iterator[str]:
    """A server of its own on a socket in a temporary folder, with its defaults: every commit is
    flushed.
    """
    programs = sorted(glob("/usr/lib/postgresql/*/bin"))[-1]
    folder = tempfile.mkdtemp(prefix="holdfast-bench-")
    try:
        if os.getuid() == 0:
            shutil.chown(folder, "postgres")
        data = f"{folder}/data"
        subprocess.run(as_postgres(f"{programs}/initdb", "-A", "trust", "-U", "postgres", "-D",
                                   data), check=True, stdout=subprocess.DEVNULL, cwd=folder)
        with subprocess.Popen(as_postgres(
                f"{programs}/postgres", "-D", data, "-k", folder, "-c", "listen_addresses="),
                cwd=folder, stderr=subprocess.DEVNULL) as server:
            ready = as_postgres(f"{programs}/pg_isready", "-q", "-h", folder)
            while subprocess.run(ready, check=False, cwd=folder).returncode != 0:
                if server.poll() is not None:
                    raise SystemExit("PostgreSQL has ended")
                time.sleep(0.1)
            try:
                yield folder
            finally:
                subprocess.run(as_postgres(f"{programs}/pg_ctl", "-D", data, "-m", "fast", "stop"),
                               check=True, stdout=subprocess.DEVNULL, cwd=folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def site(folder: Path, workers: int, env: Dict[str, str]) -> Iterator[int]:
    """A site under gunicorn; its port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    command = [sys.executable, "-B", "-m", "gunicorn", "--chdir", str(folder), "--workers",
               str(workers), "--threads", str(32 // workers), "--keep-alive", "60", "--bind",
               f"127.0.0.1:{port}", "--log-level", "error", "wsgi"]
    with subprocess.Popen(command, env=env) as server:
        try:
            while not receive(port):
                if server.poll() is not None:
                    raise SystemExit(f"{folder.name} has ended")
                time.sleep(0.1)
            yield port
        finally:
            server.terminate()


def receive(port: int) -> bool:
    """Goods arrive; False when the site does not answer yet."""
    for sku, delivery in product(("tea", "cup"), range(DELIVERIES)):
        body = {"sku": sku, "quantity": DELIVERED,
                "asked_at": datetime.now(timezone.utc).isoformat()}
        key = f"receive {sku} {delivery}"
        try:
            urllib.request.urlopen(urllib.request.Request(
                f"http://127.0.0.1:{port}/inventories/", json.dumps(body).encode(),
                {"Content-Type": "application/json", "Idempotency-Key": key}))
        except urllib.error.URLError as problem:
            if isinstance(problem, urllib.error.HTTPError):
                raise SystemExit(f"{problem.code}: {problem.read()[:500]!r}") from None
            return False
    return True


def measure(port: int, connections: int, seconds: int, key: str) -> Figure:
    """Orders for some time."""
    done = subprocess.run(
        ["wrk", "-t", str(min(connections, 2)), "-c", str(connections), "-d", f"{seconds}s",
         "--timeout", "30s", "-s", str(HERE / "django.lua"), f"http://127.0.0.1:{port}", "--", key,
         datetime.now(timezone.utc).isoformat()], check=True, text=True, capture_output=True)
    result = next(line for line in done.stdout.split("\n") if line.startswith("RESULT "))
    requests, micros, p50, p99, errors = (int(word) for word in result.split()[1:])
    return Figure(requests / micros * 1e6, p50 / 1e3, p99 / 1e3, errors)


@contextmanager
def site_with_models(env: Dict[str, str]) -> Iterator[int]:
    """The site with models of its own, on the PostgreSQL server that `env` names; its port."""
    models = HERE / "django_models"
    subprocess.run([sys.executable, "-B", "-m", "django", "migrate", "--run-syncdb"],
                   env={**env, "PYTHONPATH": f"{models}:{env.get('PYTHONPATH', '')}",
                        "DJANGO_SETTINGS_MODULE": "settings"}, check=True,
                   stdout=subprocess.DEVNULL)
    with site(models, 2, env) as port:
        yield port


def show(name: str, figures: Dict[int, List[Figure]]) -> None:
    """A line for each number of connections: medians, and the spread of the rate."""
    for connections, found in figures.items():
        rates = sorted(one.rate for one in found)
        print(f"{name:12}{connections:13}{statistics.median(rates):10.0f}"
              f"{rates[0]:10.0f}..{rates[-1]:<8.0f}"
              f"{statistics.median(one.p50_ms for one in found):8.1f}"
              f"{statistics.median(one.p99_ms for one in found):10.1f}")


def run(seconds: int, rounds: int) -> int:
    """Measures both sites; the number of requests that failed."""
    python = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])
    figures: Dict[str, Dict[int, List[Figure]]] = {"holdfast": {}, "models": {}}
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="holdfast-bench-"))
        env = {**os.environ, "PYTHONPATH": python, "HOLDFAST_STORE": f"lmdb:{folder}/shop.lmdb",
               "SHOP_POSTGRESQL": stack.enter_context(postgresql())}
        ports = {"holdfast": stack.enter_context(
                     site(HERE.parent / "examples" / "django_site", 1, env)),
                 "models": stack.enter_context(site_with_models(env))}
        for number in range(rounds):
            for connections in CONNECTIONS:
                for name, port in ports.items():
                    figures[name].setdefault(connections, []).append(
                        measure(port, connections, seconds, f"{number}-{connections}"))
    print(f"{'site':12}{'connections':>13}{'orders/s':>10}{'spread':>20}{'p50 ms':>8}"
          f"{'p99 ms':>10}")
    for name, found in figures.items():
        show(name, found)
    return sum(one.errors for found in figures.values() for many in found.values() for one in many)


def main() -> int:
    """Reads the arguments."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    for program in ("wrk", "runuser"):
        if shutil.which(program) is None:
            parser.error(f"{program} is not installed")
    errors = run(given.seconds, given.rounds)
    if errors:
        print(f"{errors} requests failed")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
