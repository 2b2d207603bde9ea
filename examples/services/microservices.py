"""Checkouts over six instances while one of each role is killed: what happened, from the stores."""
import argparse
import collections
import sys
import time

from clients import TOTAL, UNITS, Customers
from instances import Front, Instance, wait_for

STOCK, MONEY = 1_000_000, 10 ** 12


def start_all(server, work, store):
    """Two instances of each role, with stock, money and a currency."""
    def two(role, *flags):
        return [Instance(server, work, store, role, n, *flags) for n in (1, 2)]
    stock, money = two("inventory"), two("payment")
    orders = two("order", "--inventory", ",".join(i.at for i in stock), "--health-ms", "100",
                 "--payment", ",".join(i.at for i in money), "--call-ms", "1000")
    for i in stock + money + orders:
        i.start()
    wait_for(stock + money + orders)
    for i in stock:
        for sku in UNITS:
            i.make("/v1/items", {"key": {"name": sku}, "opening": STOCK})
    for i in money + orders:
        i.make("/v1/units", {"code": "EUR", "scale": 2})
    for i in money:
        for name, opening in (("ada", MONEY), ("bob", MONEY), ("eve", 0)):
            key = {"kind": "MONEY", "name": name, "unit": "EUR"}
            i.make("/v1/accounts", {"key": key, "opening": opening})
    return stock, money, orders


# ---- The load ------------------------------------------------------------------------------------

def acts(stock, money, orders, seconds):
    """(second, what is said, what is done): each role loses one instance for a tenth of the time."""
    for number, instance in enumerate((stock[0], money[0], orders[0])):
        at = seconds * (2 + 3 * number) / 12
        yield at, f"kill -9 {instance.name}", instance.kill
        yield at + seconds / 12, f"start {instance.name}", instance.start


def print_row(second, customers, before):
    now = collections.Counter(acknowledged=len(customers.acknowledged), away=customers.turned_away,
                              refused=sum(customers.refused.values()), again=customers.repeated)
    with customers.lock:
        recent = sorted(s for _, s in customers.latency[before["acknowledged"]:])
    middle = f"{recent[len(recent) // 2] * 1000:.1f}" if recent else "-"
    row = (now[n] - before[n] for n in ("acknowledged", "refused", "away", "again"))
    print("%6.1f %8d %8d %8d %8d %8s" % (second, *row, middle), flush=True)
    return now


def run_load(customers, plan, seconds):
    """Prints a row for each step of the time, and a line for each act."""
    print("%6s %8s %8s %8s %8s %8s" % ("second", "orders", "refused", "away", "repeated", "p50 ms"))
    began, before, step = time.monotonic(), collections.Counter(), max(0.5, seconds / 24)
    due = sorted([(at, said, act) for at, said, act in plan] +
                 [(step * n, "", None) for n in range(1, int(seconds / step) + 1)],
                 key=lambda one: one[0])
    customers.start()
    for at, said, act in due:
        time.sleep(max(0.0, began + at - time.monotonic()))
        if act is not None:
            print("%6.1f %s" % (time.monotonic() - began, said), flush=True)
            act()
        else:
            before = print_row(time.monotonic() - began, customers, before)
    customers.stop()
    return began


# ---- What the stores say -------------------------------------------------------------------------

def settle(instances):
    """Waits until no transaction is under way anywhere."""
    until = time.monotonic() + 60
    while any(i.ask("GET", "/v1/transactions?which=OPEN&limit=1")[1]["transactions"] for i in instances):
        if time.monotonic() > until:
            raise RuntimeError("transactions do not end")
        time.sleep(0.05)


def count(stock, money, orders, drop):
    """Figures of the stores alone; `drop` orders are left out, as if a store had lost them."""
    ids = [row["id"] for i in orders for row in i.rows("/v1/orders", "orders")]
    ids = ids[drop:]
    left = collections.Counter()
    for i in stock:
        for row in i.rows("/v1/items", "items"):
            left[row["name"]] += STOCK - row["balance"]
            left["below zero"] += max(0, row["held_out"] - row["balance"])
    taken = sum(MONEY - row["balance"] for i in money for row in i.rows("/v1/accounts", "accounts")
                if row["name"] in ("ada", "bob"))
    findings = sum(i.make("/v1/verify", {})["findings_total"] for i in stock + money + orders)
    return ids, left, taken, findings


def print_figures(customers, began, figures):
    """Prints the outcome; what must be 0 is returned as a sum."""
    ids, left, taken, findings = figures
    times = sorted(customers.acknowledged.values())
    gap = max((b - a for a, b in zip([began, *times], times)), default=0)
    requests = customers.first + customers.repeated + customers.turned_away + len(customers.unknown)
    refused = ", ".join(f"{n:,} {code}" for code, n in sorted(customers.refused.items()))
    print(f"\nrequests: {requests:,}\nacknowledged: {len(times):,}\nrefused: {refused or 'none'}")
    print(f"availability: {100 * customers.first / max(1, requests):.2f} % had an answer at once, "
          f"{customers.repeated:,} after a repeat, {customers.turned_away:,} were turned away")
    print(f"longest time without an order: {gap * 1000:.0f} ms\norders in the stores: {len(ids):,}")
    zero = {
        "outcomes not known": len(customers.unknown),
        "acknowledged orders lost": len(set(customers.acknowledged) - set(ids)),
        "orders nobody was told of": len(set(ids) - set(customers.acknowledged)),
        "orders twice": len(ids) - len(set(ids)),
        "stock oversold": left["below zero"] + sum(max(0, n * len(ids) - left[sku])
                                                   for sku, n in UNITS.items()),
        "stock gone without an order": sum(max(0, left[sku] - n * len(ids))
                                           for sku, n in UNITS.items()),
        "money taken without an order": max(0, taken - TOTAL * len(ids)),
        "money not taken": max(0, TOTAL * len(ids) - taken),
        "findings of verify": findings,
    }
    for name, number in zero.items():
        print(f"{name}: {number}")
    return sum(zero.values())


def main():
    parser = argparse.ArgumentParser(prog="examples/microservices.sh")
    parser.add_argument("server", help=argparse.SUPPRESS)
    parser.add_argument("work", help=argparse.SUPPRESS)
    parser.add_argument("--seconds", type=float, default=24, help="of load")
    parser.add_argument("--store", choices=("lmdb", "sqlite"), default="lmdb")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--drop", type=int, default=0, metavar="N",
                        help="leave out N orders of the stores, which must be found")
    args = parser.parse_args()
    stock, money, orders = start_all(args.server, args.work, args.store)
    front = Front(orders)
    try:
        front.wait()
        if front.process is None:
            print("HAProxy is not installed (package haproxy): clients pick the instance themselves")
        customers = Customers(front, args.clients)
        began = run_load(customers, acts(stock, money, orders, args.seconds), args.seconds)
        wait_for(stock + money + orders)
        settle(stock + money + orders)
        wrong = print_figures(customers, began, count(stock, money, orders, args.drop))
    finally:
        front.stop()
        codes = [i.stop() for i in stock + money + orders]
    sys.exit(1 if wrong or any(codes) else 0)


if __name__ == "__main__":
    main()
