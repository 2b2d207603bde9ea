"""Checkouts over HTTP: holdfast-server on LMDB and SQLite, durable, beside a bare libmicrohttpd.

usage: checkout.py HOLDFAST HOLDFAST-SERVER BARE-HTTP [--seconds N] [--rounds N] [--connections N,N]
                   [--only lmdb,sqlite,roles,bare] [--django]

"roles" is the form of several services: an order service that coordinates an inventory service and
a payment service, each with a store of its own on LMDB.

With --django also the site with models on PostgreSQL, under gunicorn (Debian packages of the group
"bench" in .ci/packages): the same two lines, an order with stock and without a payment.

Each request is an order of two lines, paid from a wallet, with a key of its own; wrk sends it from
one thread, with checkout.lua. Prints requests a second, latency, and the time that the servers'
threads ran for a request (wrk not included), the median of the rounds; and checks afterwards that
every acknowledged order is stored and the books add up.
"""
import argparse
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "..", "support"))

from ports import free_port  # noqa: E402  pylint: disable=C0413

ITEMS = WALLETS = 10000


UNIT = [{"op": "unit_put", "args": {"code": "EUR", "scale": 2}}]


def items():
    """What is sold, as lines for `holdfast replay`."""
    return [{"op": "item_put", "args": {"key": {"name": f"item-{i}"}, "opening": 10**9,
                                        "unit_scale": 0}} for i in range(ITEMS)]


def wallets():
    """Who pays, likewise."""
    return [{"op": "account_put", "args": {
        "key": {"kind": "MONEY", "name": f"c{i}", "unit": "EUR"}, "opening": 10**15}}
            for i in range(WALLETS)]


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


def ran(servers):
    """Seconds that the threads of these processes have run."""
    ticks = 0
    for server in servers:
        with open(f"/proc/{server.pid}/stat", encoding="ascii") as stat:
            fields = stat.read().rpartition(")")[2].split()
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def rounds(address, options, servers):
    """Rows of a table: connections, requests a second, p50, p99, us of the servers; and all requests."""
    total = 0
    for connections in options.connections:
        rates = []
        for _ in range(options.rounds):
            before = ran(servers)
            requests, seconds, p50, p99 = wrk(address, connections, options.seconds)
            total += requests
            rates.append((requests / seconds, p50, p99, (ran(servers) - before) * 1e6 / requests))
        rates.sort()
        yield (connections, *rates[len(rates) // 2]), total


def show(name, row):
    connections, rate, p50, p99, us = row
    print(f"{name:24} {connections:11} {rate:12,.0f} {p50:9,} {p99:9,} {us:9,.0f}", flush=True)


class Instance:
    """A server with a store of its own, which is filled first."""

    def __init__(self, options, store, lines, *flags):
        self.tool, self.store = options.tool, store
        subprocess.run([options.tool, "replay", "--store", store, "-"], text=True,
                       input="".join(json.dumps(line) + "\n" for line in lines),
                       stdout=subprocess.DEVNULL, check=True)
        self.process = subprocess.Popen([options.server, "--store", store, "--listen", "127.0.0.1:0",
                                         *flags], stdout=subprocess.PIPE,
                                        stderr=subprocess.DEVNULL, text=True)
        self.address = json.loads(self.process.stdout.readline())["address"]
        self.drain = subprocess.Popen(["cat"], stdin=self.process.stdout, stdout=subprocess.DEVNULL)
        self.process.stdout.close()

    def stop(self):
        """Ends the server; the orders that a check of the books finds."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait()
        self.drain.wait()
        checked = subprocess.run([self.tool, "verify", "--json", "--store", self.store],
                                 capture_output=True, text=True, check=False)
        if code != 0 or checked.returncode != 0:
            sys.exit(f"{self.store}: exit code {code}: {checked.stdout}")
        return json.loads(checked.stdout)["verify"][0]["orders"]


def measure(name, front, servers, options):
    """Rows of one form; `front` takes the orders."""
    total = 0
    for row, total in rounds(front.address, options, [one.process for one in servers]):
        show(name, row)
    orders = [one.stop() for one in servers]
    # What wrk did not wait for at the end of a round may be stored as well.
    if sum(orders) < total:
        sys.exit(f"{name}: {sum(orders)} orders of {total}")


def url(name, driver):
    return f"{driver}:{os.path.abspath(name + '.' + driver)}"


def measure_store(driver, options):
    shop = Instance(options, url("shop", driver), [*UNIT, *items(), *wallets()])
    measure(f"holdfast-server, {driver}", shop, [shop], options)


def measure_roles(options):
    stock = Instance(options, url("stock", "lmdb"), items(), "--role", "inventory")
    money = Instance(options, url("money", "lmdb"), [*UNIT, *wallets()], "--role", "payment")
    front = Instance(options, url("orders", "lmdb"), UNIT, "--role", "order",
                     "--inventory", stock.address, "--payment", money.address)
    measure("three services, lmdb", front, [front, stock, money], options)


def measure_bare(options):
    port = free_port()
    bare = subprocess.Popen([options.bare, str(port), "2147"], stdout=subprocess.PIPE, text=True)
    bare.stdout.readline()
    for row, _ in rounds(f"127.0.0.1:{port}", options, [bare]):
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
            show("Django on PostgreSQL",
                 (connections, rate, round(p50 * 1e3), round(p99 * 1e3), float("nan")))


FORMS = {
    "lmdb": lambda options: measure_store("lmdb", options),
    "sqlite": lambda options: measure_store("sqlite", options),
    "roles": measure_roles,
    "bare": measure_bare,
}


def main():
    parser = argparse.ArgumentParser()
    for name in ("tool", "server", "bare"):
        parser.add_argument(name, type=os.path.abspath)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--connections", default="1,8,64",
                        type=lambda text: [int(part) for part in text.split(",")])
    parser.add_argument("--only", default="lmdb,sqlite,roles,bare", type=lambda text: text.split(","))
    parser.add_argument("--django", action="store_true")
    options = parser.parse_args()
    if shutil.which("wrk") is None:
        print("wrk (package wrk) is not installed")
        sys.exit(77)  # meson: skipped
    with tempfile.TemporaryDirectory(dir=os.environ.get("HOLDFAST_BENCH_FOLDER", ".")) as folder:
        os.chdir(folder)
        print(f"{'':24} {'connections':>11} {'requests/s':>12} {'p50 us':>9} {'p99 us':>9} {'cpu us':>9}")
        for name, form in FORMS.items():
            if name in options.only:
                form(options)
        if options.django:
            measure_django(options)
        os.chdir("..")


if __name__ == "__main__":
    main()
