"""Checkouts over HTTP: holdfast-server on LMDB and SQLite, durable, beside a bare libmicrohttpd.

usage: checkout.py HOLDFAST HOLDFAST-SERVER BARE-HTTP [--seconds N] [--rounds N] [--connections N,N]
                   [--django]

With --django also the site with models on PostgreSQL, under gunicorn (Debian packages of the group
"bench" in .ci/packages): the same two lines, an order with stock and without a payment.

Each request is an order of two lines, paid from a wallet, with a key of its own; wrk sends it from
one thread, with checkout.lua. Prints requests a second and latency, the median of the rounds, and
checks afterwards that every acknowledged order is stored and the books add up.
"""
import argparse
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ITEMS = WALLETS = 10000


def opening():
    """Lines for `holdfast replay`: what is sold, and who pays."""
    yield {"op": "unit_put", "args": {"code": "EUR", "scale": 2}}
    for i in range(ITEMS):
        yield {"op": "item_put", "args": {"key": {"name": f"item-{i}"}, "opening": 10**9,
                                          "unit_scale": 0}}
    for i in range(WALLETS):
        yield {"op": "account_put", "args": {
            "key": {"kind": "MONEY", "name": f"c{i}", "unit": "EUR"}, "opening": 10**15}}


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wrk(address, connections, seconds):
    """Requests, seconds, p50 and p99 in us; every answer must have been 201."""
    done = subprocess.run(["wrk", "-t1", f"-c{connections}", f"-d{seconds}s", "--timeout", "30s", "-s",
                           os.path.join(HERE, "checkout.lua"), f"http://{address}"],
                          capture_output=True, text=True, check=True)
    found = re.search(r"^figures (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)$", done.stdout, re.M)
    requests, us, p50, p99, refused, failed = map(int, found.groups())
    if refused or failed or not requests:
        sys.exit(f"{requests} requests, {refused} refused, {failed} failed\n{done.stdout}")
    return requests, us / 1e6, p50, p99


def rounds(address, options):
    """Rows of a table: connections, requests a second, p50, p99; and all requests."""
    total = 0
    for connections in options.connections:
        got = [wrk(address, connections, options.seconds) for _ in range(options.rounds)]
        total += sum(requests for requests, *_ in got)
        rates = sorted((requests / seconds, p50, p99) for requests, seconds, p50, p99 in got)
        yield (connections, *rates[len(rates) // 2]), total


def show(name, row):
    connections, rate, p50, p99 = row
    print(f"{name:24} {connections:11} {rate:12,.0f} {p50:9,} {p99:9,}", flush=True)


def measure_store(driver, options):
    store = f"{driver}:{os.path.abspath('shop.' + driver)}"
    lines = "".join(json.dumps(line) + "\n" for line in opening())
    subprocess.run([options.tool, "replay", "--store", store, "-"], input=lines, text=True,
                   stdout=subprocess.DEVNULL, check=True)
    server = subprocess.Popen([options.server, "--store", store, "--listen", "127.0.0.1:0"],
                              stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    address = json.loads(server.stdout.readline())["address"]
    drain = subprocess.Popen(["cat"], stdin=server.stdout, stdout=subprocess.DEVNULL)
    server.stdout.close()
    total = 0
    for row, total in rounds(address, options):
        show(f"holdfast-server, {driver}", row)
    server.send_signal(signal.SIGTERM)
    code = server.wait()
    drain.wait()
    checked = subprocess.run([options.tool, "verify", "--json", "--store", store],
                             capture_output=True, text=True, check=False)
    orders = json.loads(checked.stdout)["verify"][0]["orders"]
    # What wrk did not wait for at the end of a round may be stored as well.
    if code != 0 or checked.returncode != 0 or orders < total:
        sys.exit(f"{driver}: exit code {code}, {orders} orders of {total}: {checked.stdout}")


def measure_bare(options):
    port = free_port()
    bare = subprocess.Popen([options.bare, str(port), "2147"], stdout=subprocess.PIPE, text=True)
    bare.stdout.readline()
    for row, _ in rounds(f"127.0.0.1:{port}", options):
        show("bare libmicrohttpd", row)
    bare.terminate()
    bare.wait()


def measure_django(options):
    sys.path.insert(0, os.path.join(HERE, "..", "..", "..", "bindings", "python", "bench"))
    import django_sites as sites
    with sites.postgresql() as server, sites.site_with_models(
            {**os.environ, "SHOP_POSTGRESQL": server}) as port:
        for connections in options.connections:
            got = sorted(sites.measure(port, connections, options.seconds, f"{number}-{connections}")
                         for number in range(options.rounds))
            rate, p50, p99, errors = got[len(got) // 2]
            if errors:
                sys.exit(f"Django: {errors} requests failed")
            show("Django on PostgreSQL", (connections, rate, round(p50 * 1e3), round(p99 * 1e3)))


def main():
    parser = argparse.ArgumentParser()
    for name in ("tool", "server", "bare"):
        parser.add_argument(name, type=os.path.abspath)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", default="1,8,64",
                        type=lambda text: [int(part) for part in text.split(",")])
    parser.add_argument("--django", action="store_true")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        print("wrk (package wrk) is not installed")
        sys.exit(77)  # meson: skipped
    with tempfile.TemporaryDirectory(dir=os.environ.get("HOLDFAST_BENCH_FOLDER", ".")) as folder:
        os.chdir(folder)
        print(f"{'':24} {'connections':>11} {'requests/s':>12} {'p50 us':>9} {'p99 us':>9}")
        for driver in ("lmdb", "sqlite"):
            measure_store(driver, options)
        measure_bare(options)
        if options.django:
            measure_django(options)
        os.chdir("..")


if __name__ == "__main__":
    main()
