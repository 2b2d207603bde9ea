"""What guards operations of the model: expectations and versions.

A version is known by when it was read: what was read before the batch is moved as soon as an
operation of the batch changed the record, and what is older is moved anyway.
"""
from model import Unsure, refuse_if
from parts import WAITING
from waiting import Waiting

SUBJECTS = {1: "account", 2: "order", 3: "payment", 4: "hold"}
# The record whose version an operation may expect: table, and the argument that names it.
TARGETS = {
    **dict.fromkeys(("account_put", "account_adjust", "item_put", "item_adjust"), ("account", "key")),
    **dict.fromkeys(("account_deposit", "item_receive"), ("account", "to")),
    **dict.fromkeys(("account_withdraw", "account_transfer"), ("account", "from")),
    **dict.fromkeys(("hold_post", "hold_release", "hold_adjust", "hold_reverse"),
                    ("hold", "hold")),
    **dict.fromkeys(("order_amend", "order_cancel", "order_fulfil", "order_return",
                     "payment_add"), ("order", "order")),
    **dict.fromkeys(("payment_capture", "payment_void", "payment_refund"),
                    ("payment", "payment")),
}
NOT_WATCHED = ("queue", "waits")  # who waits is no business of those who watch a version


def target(name, v):
    """(table, key) of the record whose version is expected."""
    if name == "expect":
        return SUBJECTS[v["subject"]], v["key"] if v["subject"] == 1 else v["id"]
    table, field = TARGETS[name]
    return table, v[field]


class Guards(Waiting):
    def __init__(self, now, wrong=""):
        super().__init__(now, wrong)
        self.watched, self.moved = {}, set()
        self.unclear = set()  # worked on, maybe to be as before: whether it is moved no rule says

    def payment(self, key):
        order = self.edit("order", self.get("payment", key)["order"])
        return next(payment for payment in order["payments"] if payment["id"] == key)

    # ---- Versions -------------------------------------------------------------------------------

    def content(self, table, key):
        if self.get(table, key) is None:
            return None
        row = self.payment(key) if table == "payment" else self.get(table, key)
        found = {name: value for name, value in row.items() if name not in NOT_WATCHED}
        if table == "order":  # its payments are records of their own
            found["payments"] = len(row["payments"])
            if row["state"] == WAITING:  # which takes its units from any place
                found["lines"] = [{**line, "legs": 0} for line in row["lines"]]
        return repr(found)

    def watch(self, chains):
        """Before a batch: notes the records whose version it expects."""
        named = {target(name, v) for chain in chains for name, v in chain
                 if "expected_version" in v}
        self.watched, self.moved = {one: self.content(*one) for one in named}, set()
        self.unclear = set()

    def touch(self, account, fact=False):
        super().touch(account, fact)
        self.unclear.add(("account", account["key"]))

    def seen(self):
        """What to come back to when a chain is refused."""
        return dict(self.watched), set(self.moved)

    def see_moves(self):
        for one, before in self.watched.items():
            now = self.content(*one)
            if now != before:
                self.moved.add(one)
            self.watched[one] = now

    def see_done(self, name, v):
        """Also what has the same content as before has a new version when it was worked on."""
        self.see_moves()
        if name in TARGETS:
            table, key = target(name, v)
            self.moved.add((table, key))
            order = self.get("order", key) if table == "order" else None
            self.unclear |= {("payment", p["id"]) for p in order["payments"]} if order else set()

    def check_version(self, name, v):
        if "expected_version" not in v:
            return
        one = target(name, v)
        refuse_if(self.get(*one) is None, "HF_E_NOT_FOUND")
        stale = v["expected_version"] == "older" or one in self.moved
        if not stale and one in self.unclear:
            raise Unsure(one)
        refuse_if(stale and self.wrong != "version", "HF_E_VERSION_MOVED")

    def do_expect(self, v):
        table, key = target("expect", v)
        refuse_if(self.get(table, key) is None, "HF_E_NOT_FOUND")
        if table == "account":
            row = self.get(table, key)
            refuse_if(row["balance"] - row["held_out"] < v["available_min"], "HF_E_EXPECT")
        else:
            row = self.payment(key) if table == "payment" else self.get(table, key)
            refuse_if(v["state"] not in (0, row["state"]), "HF_E_EXPECT")
        return None, None, True
