"""Draws operations at random: few accounts, ids and records, so that they often meet.

Amounts are small against balances that are small too, so refusals are as frequent as successes.
"""
import random

from draw_payments import DrawPayments, PROVIDERS
from guards import TARGETS
from holdfast import WORLD, id_of
from money import CAPTURE_ONLY
from parts import IMPORT, PAY_LATER, QUEUE, REVIVE, WAITING

ID_MS, START_MS, ALL = 1700000000000, 1700000000000, 2**63 - 1
PLACES, SKUS = ["", "north", "south"], ["tea", "cup"]
ITEMS = [(1, sku, place, "pcs") for sku in SKUS for place in PLACES] + [(1, "back", "", "pcs")]
WALLETS = [(2, "anna", "", "EUR"), (2, "bert", "", "EUR"), (2, "carl", "", "USD")]
CUSTOMERS = ["", "ada", "ben"]
COUPONS = [(3, "coupon", "", "pcs"), (3, "nobody", "", "pcs")]
# A rest of 0.1 is for those that no list names.
WEIGHTS = {"order_place": 30, "order_fulfil": 12, "order_cancel": 8, "order_return": 8,
           "order_amend": 6, "payment_add": 8, "payment_capture": 5, "payment_void": 4,
           "payment_refund": 4, "hold_place": 8, "hold_post": 6, "hold_release": 4,
           "hold_adjust": 4, "hold_reverse": 4, "account_put": 5, "item_put": 3, "item_receive": 8,
           "item_adjust": 4, "account_adjust": 2, "account_deposit": 8, "account_withdraw": 3,
           "account_transfer": 4, "payment_report": 25,
           "attention_clear": 5, "expect": 5, "unit_put": 1, "erase": 3}
UNKEYED = ("expect", "attention_clear")


class Draw(DrawPayments):
    def __init__(self, seed):
        self.random, self.count, self.now = random.Random(seed), 0, START_MS
        self.ids = {"order": [], "hold": [], "payment": []}
        self.lines, self.past, self.names = {}, [], {}
        self.model, self.deadlines, self.refs, self.answered = None, set(), 0, set()
        self.versions = False  # whether the batch may expect versions

    def one_of(self, items):
        return items[int(self.random.random() * len(items))]

    def up_to(self, most):
        return self.random.randint(1, most)

    def chance(self, of):
        return self.random.random() < of

    def new_id(self, what="op"):
        self.count += 1
        name = f"{what} {self.count}"
        self.names[id_of(ID_MS, name)] = name
        return id_of(ID_MS, name)

    def known(self, what):
        """A record of late, or one that never was."""
        made = self.ids[what][-25:]
        return self.one_of(made) if made and not self.chance(0.02) else id_of(ID_MS, "none")

    def deadline(self):
        """None, one that has passed, or one of its own: two records are never due at once."""
        if not self.chance(0.4):
            return 0
        if self.chance(0.03):
            return self.now - self.random.randint(0, 1)
        at = self.now + self.up_to(80)
        while at in self.deadlines:
            at += 1
        self.deadlines.add(at)
        return at

    def passing(self):
        """While orders wait one deadline at most: what is served late may have expired as well."""
        waits = any(order["state"] == WAITING for order in self.model.tables["order"].values())
        soon = min(self.model.deadlines(), default=self.now + 40) if waits else self.now + 40
        return self.up_to(max(1, min(40, soon - self.now)))

    def quantity(self, most):
        return ALL if self.chance(0.15) else self.up_to(most)

    def opening(self):
        """Most of the accounts, before everything else."""
        for key in ITEMS + WALLETS + COUPONS[:1]:
            scale, back = (2 if key[0] == 2 else 0), key[1] == "back"
            most = 60 if key[0] == 3 else ALL
            yield "account_put", {
                "key": key, "id": self.new_id(), "unit_scale": scale, "max_balance": most,
                "min_available": -20 if back else 0,
                "opening": 0 if back else {1: 60, 2: 200, 3: 0}[key[0]]}

    def forget(self, tables):
        """Ids of records that were refused are not worth naming again."""
        for what, ids in self.ids.items():
            self.ids[what] = [ident for ident in ids[-60:] if ident in tables[what]]

    # ---- Accounts -------------------------------------------------------------------------------

    def account_put(self, keys=tuple(WALLETS + COUPONS + [(2, "dora", "", "ZZZ")])):
        key = self.one_of(keys)
        mask = self.one_of([0, 0, 1, 2, 4, 8, 8, 16])
        scales = {"pcs": 0, "EUR": 2, "USD": 2}
        return {"key": key, "mode": self.one_of([0, 0, 1, 2, 3]), "mask": mask,
                "opening": self.random.randint(0, 300), "frozen": int(self.chance(0.2)),
                "min_balance": self.one_of([0, 0, -100]), "min_available": self.one_of([0, 0, 10]),
                "overtake": int(mask == 16 and self.chance(0.5)),
                "max_balance": self.one_of([ALL, ALL, 200, -5]) if mask == 4 else ALL,
                "unit_scale": self.one_of([-1] * 5 + [scales.get(key[3], -1), 1])}

    def item_put(self):
        values = self.account_put(ITEMS)
        if values["key"][1] == "back":
            values["min_available"] = -20
        return values

    def item_receive(self):
        return {"from": WORLD, "to": self.one_of(ITEMS), "amount": self.up_to(20)}

    def item_adjust(self):
        return {"key": self.one_of(ITEMS), "mode": self.one_of([0, 1]),
                "quantity": self.random.randint(-5, 60)}

    def account_adjust(self):
        return {"key": self.one_of(WALLETS + COUPONS), "mode": self.one_of([0, 0, 1]),
                "quantity": self.random.randint(-150, 150)}

    def unit_put(self):
        return {"code": self.one_of(["EUR", "pcs", "ZZZ", "KWD"]), "scale": self.one_of([0, 2, 3])}

    def account_deposit(self):
        return {"from": WORLD, "to": self.one_of(WALLETS), "amount": self.up_to(300)}

    def account_withdraw(self):
        return {"from": self.one_of(WALLETS), "to": WORLD, "amount": self.up_to(200)}

    def account_transfer(self):
        return {"from": self.one_of(WALLETS), "to": self.one_of(WALLETS), "amount": self.up_to(100)}

    # ---- Holds ----------------------------------------------------------------------------------

    def hold_place(self):
        ends = self.one_of([(WALLETS, [WORLD]), (WALLETS, WALLETS), (ITEMS, [WORLD]),
                            ([WORLD], COUPONS)])
        return {"from": self.one_of(ends[0]), "to": self.one_of(ends[1]),
                "amount": self.up_to(60), "deadline_ms": self.deadline()}

    def hold_post(self):
        return {"hold": self.known("hold"), "post": self.one_of([0, self.quantity(40)]),
                "release": self.one_of([0, 0, self.quantity(20)])}

    def hold_release(self):
        return {"hold": self.known("hold"), "amount": self.quantity(40)}

    hold_reverse = hold_release

    def hold_adjust(self):
        return {"hold": self.known("hold"), "grow": self.random.randint(0, 20),
                "set_deadline": int(self.chance(0.4)), "deadline_ms": self.deadline()}

    # ---- Orders ---------------------------------------------------------------------------------

    def line(self):
        line = {"sku": self.one_of(SKUS + ["back"]), "quantity": self.up_to(4),
                "unit_price": 2**62 if self.chance(0.005) else self.random.randint(0, 30),
                "settle_on": self.random.randint(0, 1)}
        if line["sku"] == "back":
            line["settle_on"] = int(not self.chance(0.1))
        elif self.chance(0.2):
            line["places"] = self.one_of([PLACES, PLACES[1:], PLACES[:1]])
        elif self.chance(0.15):
            line["legs"] = [{"from": self.one_of(ITEMS), "to": WORLD, "per_unit": self.up_to(2)},
                            {"from": WORLD, "to": self.one_of(COUPONS[:1] * 9 + COUPONS),
                             "per_unit": 1}]
        elif self.chance(0.1):
            line["untracked"] = 1
        elif self.chance(0.12):
            line["legs"] = [{"from": WORLD, "to": COUPONS[0], "per_unit": 1}]
        if self.chance(0.1):
            line["price_per"] = 3
        return line

    def order_lines(self, waits):
        """An order that may wait names accounts that are there: else it could wait for ever."""
        lines = [self.line() for _ in range(self.up_to(3))]
        if waits and self.chance(0.5):  # more than there is, most of the time
            lines[0].update(quantity=self.random.randint(30, 90),
                            unit_price=self.random.randint(0, 2))
        for line in lines if waits else []:
            for leg in line.get("legs", [])[1:]:
                leg["to"] = COUPONS[0]
        return lines

    @staticmethod
    def half_up(a, b):
        return (2 * a + b) // (2 * b)

    def total(self, lines, adjustments):
        return sum(adjustments) + sum(self.half_up(line["quantity"] * line["unit_price"],
                                                   line.get("price_per", 1)) for line in lines)

    def adjustments(self, lines):
        if not self.chance(0.3):
            return []
        return [{"amount": self.random.randint(-8, 15), "line": self.random.randint(0, lines),
                 "kind": self.random.randint(0, 5)} for _ in range(self.up_to(2))]

    def payments(self, total):
        if total <= 0 or self.chance(0.2):
            return []
        parts, rest = [], total + self.one_of([0] * 19 + [1])
        while rest > 0 and len(parts) < 3:
            amount = rest if self.chance(0.6) or len(parts) == 2 else self.up_to(rest)
            parts.append(dict(self.payment(amount), id=self.new_id("payment")))
            self.ids["payment"].append(parts[-1]["id"])
            rest -= amount
        return parts

    def payment(self, amount):
        """From a wallet, or by a provider."""
        settle = self.one_of([0, 1, 1, 2])
        if self.chance(0.5):
            return {"account": self.one_of(WALLETS[:2] * 9 + WALLETS), "amount": amount,
                    "settle_on": settle}
        name = self.one_of(list(PROVIDERS))
        return {"method": 1, "account": WORLD, "provider": name, "amount": amount,
                "settle_on": settle, "deadline_ms": self.deadline() if self.chance(0.4) else 0,
                "flags": CAPTURE_ONLY if self.chance(0.1) else 0}

    def policy(self):
        chances = {QUEUE: 0.3, PAY_LATER: 0.2, REVIVE: 0.25, IMPORT: 0.03}
        return sum(bit for bit, chance in chances.items() if self.chance(chance))

    def order_place(self):
        ident = self.new_id("order")
        policy = self.policy()
        lines = self.order_lines(policy & QUEUE)
        adjustments = self.adjustments(len(lines))
        total = self.total(lines, [one["amount"] for one in adjustments])
        total = total if total <= ALL else 0
        self.lines[ident] = (lines, adjustments, total)
        return {"id": ident, "currency": self.one_of(["EUR"] * 30 + ["XYZ"]), "lines": lines,
                "adjustments": adjustments, "total": max(total, 0) + self.one_of([0] * 30 + [1]),
                "payments": self.payments(min(total, 10**6)), "deadline_ms": self.deadline(),
                "policy": policy, "customer": self.one_of(CUSTOMERS),
                "series": self.one_of(["", "web"])}

    def units(self):
        if self.chance(0.4):
            return []
        lines = self.random.sample([1, 2, 3], self.up_to(2))
        return [self.at_a_place({"line": line, "quantity": self.quantity(3)})
                for line in lines]

    def at_a_place(self, one):
        if self.chance(0.15):
            one["place"] = self.one_of(PLACES[1:])
        elif self.chance(0.1):
            one["leg"] = self.up_to(3)
        return one

    def order_fulfil(self):
        return {"order": self.known("order"), "lines": self.units(), "actor": "clerk",
                "unpaid": int(self.chance(0.1))}

    def order_cancel(self):
        refunds = []
        mode = self.one_of([0, 0, 0, 1, 2])
        if mode == 2:
            refunds = [{"payment": self.known("payment"), "amount": self.up_to(20)}]
        return {"order": self.known_or_waiting(), "lines": self.units(), "refund_mode": mode,
                "refunds": refunds, "final": int(self.chance(0.15))}

    def order_return(self):
        values = self.order_cancel()
        del values["final"]
        for one in values["lines"]:
            one["scrap"] = int(self.chance(0.2))
            if not one["scrap"] and self.chance(0.2):
                one["elsewhere"], one["to_place"] = 1, self.one_of(PLACES + ["moon"])
        return values

    def known_or_waiting(self):
        """Few orders wait, so one that does is looked for at times."""
        waiting = [ident for ident in self.ids["order"][-25:]
                   if (self.model.get("order", ident) or {}).get("state") == WAITING]
        return self.one_of(waiting) if waiting and self.chance(0.25) else self.known("order")

    @staticmethod
    def lines_of(order):
        return [{"quantity": line["quantity"], "unit_price": line["unit_price"],
                 "price_per": line["per"]} for line in order["lines"]]

    def order_amend(self):
        """Another quantity or price of a line; more lines; units that come back; what pays for it.
        """
        ident = self.known_or_waiting()
        order = self.model.get("order", ident) or {"lines": [], "adjustments": [], "total": 0}
        if order.get("state") == WAITING and not self.chance(0.1):
            return self.order_shrink(ident, order)
        lines = self.lines_of(order)
        returns = self.order_return()["lines"] if self.chance(0.25) else []
        changes = self.changes(lines) if not returns or self.chance(0.3) else []
        added = [self.line() for _ in range(self.up_to(2))] if self.chance(0.4) or returns else []
        more = self.adjustments(len(lines + added)) if added else []
        total = self.total(lines + added,
                           [one["amount"] for one in order["adjustments"] + more])
        total = total if total <= ALL else 0
        grown = min(total - order["total"], 10**6)
        mask = int(self.chance(0.2) and not returns)
        return {"order": ident, "total": max(total, 0), "mask": mask, "changes": changes,
                "deadline_ms": self.deadline() if mask else 0, "lines": added, "returns": returns,
                "adjustments": more, "payments": self.more_payments(
                    self.up_to(max(grown, 1)) if returns else grown)}

    def order_shrink(self, ident, order):
        """Less of a line of an order that waits, or a discount, and not much that is dearer."""
        lines = self.lines_of(order)
        changes = self.changes(lines, 0) if self.chance(0.85) else []
        more = [{"amount": self.random.randint(-12, 2), "line": 0, "kind": 1}
                ] if self.chance(0.2) else []
        total = self.total(lines, [one["amount"] for one in order["adjustments"] + more])
        mask = int(self.chance(0.2))
        return {"order": ident, "total": min(max(total, 0), ALL), "mask": mask,
                "changes": changes, "deadline_ms": self.deadline() if mask else 0,
                "adjustments": more}

    def changes(self, lines, most=6):
        """Of one line; `most` units of it, 0: as many as it had."""
        if not lines:
            return []
        no = self.random.randint(0, len(lines) - 1)
        lines[no]["quantity"] = self.up_to(most or lines[no]["quantity"])
        if self.chance(0.3):
            lines[no]["unit_price"] = self.random.randint(0, 30)
        return [{"line": no + 1, "quantity": lines[no]["quantity"],
                 "unit_price": lines[no]["unit_price"]}]

    def more_payments(self, missing):
        if missing <= 0 or self.chance(0.3):
            return []
        ident = self.new_id("payment")
        self.ids["payment"].append(ident)
        return [dict(self.payment(missing + self.one_of([0] * 9 + [1])), id=ident)]

    def payment_add(self):
        order = self.known("order")
        total = max(self.lines.get(order, ([], [], 9))[2], 2)
        row = self.model.get("order", order)
        if row and self.chance(0.7):
            total = max(self.model.uncovered(row), 1)
        return {"order": order,
                "payment": self.payment(self.one_of([total, total, self.up_to(total)]))}

    def payment_capture(self):
        return {"payment": self.known("payment"), "amount": self.quantity(40)}

    payment_void = payment_refund = payment_capture

    def erase(self):
        """What always has something to erase: a customer, or a meta that is replaced by a new one."""
        by = self.one_of(["order", "customer", "customer", "account", "hold"])
        meta = f"erased {self.count}".encode()
        return {"limit": self.up_to(3), "replacement": self.one_of(["", "gone"]), **{
            "order": lambda: {"by": 0, "record": self.known("order"), "what": 2},
            "customer": lambda: {"by": 1, "customer": self.one_of(CUSTOMERS[1:]), "what": 3},
            "account": lambda: {"by": 2, "account": self.one_of(WALLETS), "meta": meta,
                                "replacement": ""},
            "hold": lambda: {"by": 3, "record": self.known("hold"), "meta": meta,
                             "replacement": ""}}[by]()}

    def expect(self):
        if self.chance(0.4):
            return {"subject": 1, "key": self.one_of(WALLETS), "available_min": self.up_to(200)}
        what, subject = self.one_of([("order", 2), ("payment", 3), ("hold", 4)])
        return {"subject": subject, "id": self.known(what), "state": self.random.randint(0, 5)}

    def with_version(self, name, values):
        """Sometimes with the version read before the batch, sometimes with an older one."""
        if self.versions and (name in TARGETS or name == "expect") and self.chance(0.15):
            values["expected_version"] = "older" if self.chance(0.2) else "read"
        return values

    # ---- One operation, one chain ---------------------------------------------------------------

    def repeated(self):
        """An operation of the past again, or its id with other content."""
        name, values = self.one_of(self.past[-60:])
        if self.chance(0.7):
            return name, values
        if name == "erase":  # not every one takes a meta
            return name, dict(values, limit=values["limit"] % 3 + 1)
        known = self.model.is_known(name, values)  # else the meta would be stored
        return name, dict(values, meta=b"another") if known else values

    def operation(self):
        if self.past and self.chance(0.06):
            return self.repeated()
        name = self.random.choices(list(WEIGHTS), WEIGHTS.values())[0]
        values = self.with_version(name, getattr(self, name)())
        if name in UNKEYED:
            return name, values
        what = {"hold_place": "hold", "payment_add": "payment", "order_place": "order"}.get(name)
        values.setdefault("id", self.new_id(what or "op"))
        if what:
            self.ids[what].append(values["id"])
        if "expected_version" not in values:
            self.past.append((name, values))
        return name, values

    def chain(self):
        length = self.up_to(4) if self.chance(0.15) else 1
        return [self.operation() for _ in range(length)]
