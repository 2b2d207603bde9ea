"""The load that is killed: operations that a seed determines, and the child that runs them.

Usage: load.py URL SEED CYCLE BASE_MS EARLY
The child tells each answer on standard output as one ACK. Whoever knows seed, cycle and base can
make the same operations again, so an answer is known by its number. EARLY 1 is the negative
control: orders are told when they are submitted, before they are committed.
"""
import os
import random
import struct
import sys

from holdfast import WORLD, Engine, id_of

ACK = struct.Struct("<IiQI5q")  # number, status, event, state, five counters that only grow
STARTING, OPEN = 0xFFFFFFFF, 0xFFFFFFFE  # numbers that stand for no operation
ID_MS, ITEM_OPENING, RARE_OPENING, WALLET_OPENING = 1700000000000, 10**9, 60, 10**12
ITEMS, WALLETS = [f"sku-{i}" for i in range(6)] + ["rare"], [f"wallet-{i}" for i in range(4)]


def item_key(sku):
    return (1, sku, "", "pcs")


def wallet_key(name):
    return (2, name, "", "EUR")


def accounts():
    """Opened when they are not there; the answer leaves them as they are."""
    for sku in ITEMS:
        opening = RARE_OPENING if sku == "rare" else ITEM_OPENING
        yield ("item_put", {"key": item_key(sku), "mode": 2, "opening": opening, "unit_scale": 0})
    for name in WALLETS:
        yield ("account_put", {"key": wallet_key(name), "mode": 2, "opening": WALLET_OPENING,
                               "unit_scale": 2})


class Stream:
    """Operation by operation, always the same for one seed, cycle and base."""
    def __init__(self, seed, cycle, base_ms):
        self.random = random.Random(seed * 1000003 + cycle)
        self.cycle, self.base_ms, self.count, self.orders = cycle, base_ms, 0, []

    def next(self):
        number, self.count = self.count, self.count + 1
        ident = id_of(ID_MS, f"{self.cycle}/{number}")
        kind = self.random.random()
        if kind < 0.60 or not self.orders:
            return self.place(ident, pending=kind > 0.45)
        if kind < 0.70:
            return ("account_deposit", {"id": ident, "from": WORLD, "amount": number + 1,
                                        "to": wallet_key(self.random.choice(WALLETS))})
        what = self.random.choice(["order_fulfil", "order_fulfil", "order_cancel", "order_return"])
        order = self.random.choice(self.orders[-60:])
        lines = [{"line": 1, "quantity": 1}] if self.random.random() < 0.5 else []
        return (what, {"id": ident, "order": order, "lines": lines})

    def place(self, ident, pending):
        lines, total = [], 0
        for _ in range(self.random.randint(1, 2)):
            quantity, price = self.random.randint(1, 3), self.random.randint(0, 500)
            lines.append({"sku": self.random.choice(ITEMS), "quantity": quantity,
                          "unit_price": price, "settle_on": self.random.randint(0, 1)})
            total += quantity * price
        order = {"id": ident, "currency": "EUR", "total": total, "lines": lines,
                 "customer": f"customer-{self.random.randint(0, 9)}"}
        wallet, deadline = self.random.choice(WALLETS), self.random.randint(50, 700)
        if pending:
            order["deadline_ms"] = self.base_ms + deadline
        elif total > 0:
            order["payments"] = [{"account": wallet_key(wallet), "amount": total,
                                  "settle_on": self.random.randint(0, 1)}]
        self.orders.append(ident)
        return ("order_place", order)


def counters(view):
    lines = view["lines"]
    return (*(sum(line[name] for line in lines) for name in ("fulfilled", "cancelled", "returned")),
            view["captured"], view["refunded"])


def ack(number, done):
    if done.status == 0 and done.type.startswith("order_"):
        return ACK.pack(number, 0, done.event_seq, done.result["order"]["state"],
                        *counters(done.result))
    return ACK.pack(number, done.status, done.event_seq, 0, 0, 0, 0, 0, 0)


def abundant(operation):
    """An order that cannot be refused: told early, it must be there."""
    name, values = operation
    return (name == "order_place" and "payments" in values and
            all(line["sku"] != "rare" for line in values["lines"]))


def run(url, seed, cycle, base_ms, early):
    os.write(1, ACK.pack(STARTING, 0, 0, 0, 0, 0, 0, 0, 0))
    engine = Engine(url)
    for done in engine.do(list(accounts())):
        assert done.status == 0, done
    os.write(1, ACK.pack(OPEN, 0, 0, 0, 0, 0, 0, 0, 0))
    stream = Stream(seed, cycle, base_ms)
    window = random.Random(seed * 7 + cycle).choice([1, 8, 64, 256])
    sent = answered = 0
    told = set()
    while True:
        fresh = [stream.next() for _ in range(window - (sent - answered))]
        accepted = engine.submit(fresh, sent) if fresh else 0
        assert accepted == len(fresh), accepted
        if early:
            now = [sent + i for i, one in enumerate(fresh) if abundant(one)]
            told.update(now)
            os.write(1, b"".join(ACK.pack(n, 0, 0, 0, 0, 0, 0, 0, 0) for n in now))
        sent += len(fresh)
        done = engine.completions()
        answered += len(done)
        os.write(1, b"".join(ack(n, one) for n, one in done if n not in told))


if __name__ == "__main__":
    run(sys.argv[1], *(int(text) for text in sys.argv[2:6]))
