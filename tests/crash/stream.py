"""The operations of the load, as a seed determines them, and the accounts they work on.

Whoever knows seed, cycle and base can make the same operations again.
"""
import random

from holdfast import WORLD, id_of

ID_MS, WALLET_OPENING = 1700000000000, 10**12
# Opening by sku: plenty, too few for all orders, and what orders wait for until some is received.
STOCK = {**{f"sku-{i}": 10**9 for i in range(6)}, "rare": 60, "scarce": 40}
ITEMS, WALLETS = list(STOCK), [f"wallet-{i}" for i in range(4)]
QUEUE = 1  # policy: wait when stock is short

# What the load consists of: the share, the method of Stream that makes one, its arguments.
KINDS = (
    (30, "place", {"paid": True}),
    (13, "place", {"paid": False}),
    (5, "wait", {"paid": True}),
    (5, "wait", {"paid": False}),
    (5, "receive", {}),
    (7, "deposit", {}),
    (12, "order_change", {"name": "order_fulfil"}),
    (6, "order_change", {"name": "order_cancel"}),
    (6, "order_change", {"name": "order_return"}),
    (5, "hold", {}),
    (3, "hold_change", {"name": "hold_post", "amounts": {"post": (1, 9), "release": (0, 3)}}),
    (1, "hold_change", {"name": "hold_release", "amounts": {"amount": (1, 9)}}),
    (1, "hold_change", {"name": "hold_adjust", "amounts": {"grow": (1, 9)}}),
    (1, "hold_change", {"name": "hold_reverse", "amounts": {"amount": (1, 9)}}),
)
SHARES = [share for share, _, _ in KINDS]


def item_key(sku):
    return (1, sku, "", "pcs")


def wallet_key(name):
    return (2, name, "", "EUR")


def openings():
    """What every account is opened with, by key."""
    return {**{item_key(sku): opening for sku, opening in STOCK.items()},
            **{wallet_key(name): WALLET_OPENING for name in WALLETS}}


def accounts():
    """Opened when they are not there; the answer leaves them as they are."""
    for key, opening in openings().items():
        yield ("item_put" if key[0] == 1 else "account_put",
               {"key": key, "mode": 2, "opening": opening, "unit_scale": 0 if key[0] == 1 else 2})


class Stream:
    """Operation by operation, always the same for one seed, cycle and base."""
    def __init__(self, seed, cycle, base_ms):
        self.random = random.Random(seed * 1000003 + cycle)
        self.cycle, self.base_ms, self.count = cycle, base_ms, 0
        self.orders, self.holds = [], []

    def next(self):
        number, self.count = self.count, self.count + 1
        ident = id_of(ID_MS, f"{self.cycle}/{number}")
        _, make, arguments = self.random.choices(KINDS, SHARES)[0]
        return getattr(self, make)(ident, **arguments)

    def some_of(self, known, what):
        return self.random.choice(known[-60:] or [id_of(ID_MS, f"no {what}")])

    # ---- Orders ---------------------------------------------------------------------------------

    def line(self, sku):
        return {"sku": sku, "quantity": self.random.randint(1, 3),
                "unit_price": self.random.randint(0, 500), "settle_on": self.random.randint(0, 1)}

    def order(self, ident, lines, paid):
        """With a payment it is confirmed as soon as it holds its stock, else it has a deadline."""
        total = sum(line["quantity"] * line["unit_price"] for line in lines)
        order = {"id": ident, "currency": "EUR", "total": total, "lines": lines,
                 "customer": f"customer-{self.random.randint(0, 9)}"}
        if not paid:
            order["deadline_ms"] = self.base_ms + self.random.randint(50, 700)
        elif total > 0:
            order["payments"] = [{"account": wallet_key(self.random.choice(WALLETS)),
                                  "amount": total, "settle_on": self.random.randint(0, 1)}]
        self.orders.append(ident)
        return order

    def place(self, ident, paid):
        lines = [self.line(self.random.choice(ITEMS)) for _ in range(self.random.randint(1, 2))]
        return ("order_place", self.order(ident, lines, paid))

    def wait(self, ident, paid):
        """What is scarce first, perhaps with something of which there is plenty."""
        lines = [self.line(sku) for sku in ["scarce", "sku-0"][:self.random.randint(1, 2)]]
        return ("order_place", {**self.order(ident, lines, paid), "policy": QUEUE})

    def order_change(self, ident, name):
        lines = [{"line": 1, "quantity": 1}] if self.random.random() < 0.5 else []
        return (name, {"id": ident, "order": self.some_of(self.orders, "order"), "lines": lines})

    # ---- Supply and money -----------------------------------------------------------------------

    def receive(self, ident):
        """Mostly less than waits; sometimes enough for many at once."""
        amount = self.random.choice([1] * 60 + [150])
        return ("item_receive", {"id": ident, "from": WORLD, "to": item_key("scarce"),
                                 "amount": amount})

    def deposit(self, ident):
        return ("account_deposit", {"id": ident, "from": WORLD, "amount": self.count,
                                    "to": wallet_key(self.random.choice(WALLETS))})

    # ---- Holds ----------------------------------------------------------------------------------

    def hold(self, ident):
        source, target = self.random.sample(WALLETS, 2)
        ends = self.random.choice([(wallet_key(source), WORLD), (item_key("sku-1"), WORLD),
                                   (wallet_key(source), wallet_key(target))])
        hold = {"id": ident, "from": ends[0], "to": ends[1], "amount": self.random.randint(1, 20)}
        if self.random.random() < 0.3:
            hold["deadline_ms"] = self.base_ms + self.random.randint(50, 700)
        self.holds.append(ident)
        return ("hold_place", hold)

    def hold_change(self, ident, name, amounts):
        drawn = {field: self.random.randint(*limits) for field, limits in amounts.items()}
        return (name, {"id": ident, "hold": self.some_of(self.holds, "hold"), **drawn})


def sure(operation):
    """What kind of record it makes if it cannot be refused: told early, it must be there; or ""."""
    name, values = operation
    if name == "hold_place":
        return "" if "deadline_ms" in values else "hold"
    if name != "order_place" or "payments" not in values:
        return ""
    if "policy" in values:
        return "waiting order"
    return "order" if all(line["sku"] in ITEMS[:6] for line in values["lines"]) else ""
