"""A plain sequential model of accounts and holds, to compare the library with.

Records are dicts, one operation runs after the other, and a refused chain is undone by putting back
copies of what it touched. There is no store, batch or cache in it; what it knows are the rules of
the headers. parts.py, money.py, facts.py, answers.py, follow.py, waiting.py, guards.py and orders.py
add the rest, each to the one before.
"""

ITEM, MONEY, LIMIT = 1, 2, 3
MAX_ALL = 2**63 - 1
SHORT = {ITEM: "HF_E_STOCK_SHORT", MONEY: "HF_E_FUNDS_SHORT", LIMIT: "HF_E_LIMIT_SHORT"}
HELD, PARTIAL, DONE, VOID, EXPIRED = 1, 2, 3, 4, 5
MASK = {1: "min_balance", 2: "min_available", 4: "max_balance", 8: "frozen", 16: "overtake"}
BEYOND = 1  # attention: beyond its limits


class Refused(Exception):
    """A refusal by its name, e.g. HF_E_STOCK_SHORT."""


class Unsure(Exception):
    """What would have to be refused is a fact: no rule says what happens then."""


def refuse_if(condition, name):
    if condition:
        raise Refused(name)


def is_world(key):
    return key[0] == 0


def copied(value):
    """A row with all that it contains; what is no list or dictionary never changes."""
    if isinstance(value, dict):
        return {name: copied(one) for name, one in value.items()}
    return [copied(one) for one in value] if isinstance(value, list) else value


class Books:
    """Records by table and key, and the way back to before the running chain."""
    def __init__(self, now, wrong=""):
        self.now, self.wrong = now, wrong  # `wrong` names a rule that is broken on purpose
        self.tables = {name: {} for name in ("account", "hold", "order", "payment", "fact", "op",
                                             "unit", "series", "command")}
        self.saved = {}
        self.place = 0  # of the order that is worked on; 0: it has none, everybody is ahead
        self.gains = []  # accounts that may have more to give than before, as they got it
        self.joined = {}  # see waiting.py

    def get(self, table, key):
        return self.tables[table].get(key)

    def edit(self, table, key):
        rows = self.tables[table]
        if (table, key) not in self.saved:
            self.saved[table, key] = copied(rows.get(key))
        return rows.get(key)

    def add(self, table, key, row):
        self.edit(table, key)
        self.tables[table][key] = row
        return row

    def find(self, table, key):
        row = self.edit(table, key)
        refuse_if(row is None, "HF_E_NOT_FOUND")
        return row

    def undo(self):
        for (table, key), row in self.saved.items():
            if row is None:
                self.tables[table].pop(key, None)
            else:
                self.tables[table][key] = row
        self.saved = {}

    # ---- Limits ---------------------------------------------------------------------------------

    @staticmethod
    def headroom_out(account):
        return account["balance"] - account["held_out"] - account["min_available"]

    @staticmethod
    def headroom_in(account):
        return account["max_balance"] - account["balance"] - account["held_in"]

    def outside(self, account):
        return (account["balance"] < account["min_balance"] or self.headroom_out(account) < 0 or
                self.headroom_in(account) < 0)

    def touch(self, account, fact=False):
        self.gains.append(account["key"])
        if not self.outside(account):
            account["attention"] &= ~BEYOND
        elif fact:
            account["attention"] |= BEYOND

    # ---- Movements: (from, to, amount) ----------------------------------------------------------

    def ends(self, source, target):
        if not is_world(source) and not is_world(target):
            refuse_if(source[3] != target[3], "HF_E_CURRENCY")
            refuse_if(source == target, "HF_E_ARGUMENT")
        return [None if is_world(key) else self.find("account", key) for key in (source, target)]

    def check_in(self, account, amount):
        refuse_if(account and self.headroom_in(account) < amount, "HF_E_MAX_BALANCE")

    def hold(self, source, target, amount):
        giver, taker = self.ends(source, target)
        if amount == 0:
            return
        if giver:
            refuse_if(giver["frozen"], "HF_E_FROZEN")
            refuse_if(self.ahead(source), "HF_E_QUEUED_AHEAD")
            refuse_if(giver["attention"] & BEYOND and self.outside(giver), "HF_E_ATTENTION")
            spare = 1 if self.wrong == "hold" else 0
            refuse_if(self.headroom_out(giver) + spare < amount, SHORT[source[0]])
        self.check_in(taker, amount)
        self.promise(giver, taker, amount)

    def promise(self, giver, taker, amount):
        if giver:
            giver["held_out"] += amount
            self.touch(giver)
        if taker:
            taker["held_in"] += amount
            self.touch(taker)

    def release(self, source, target, amount):
        self.promise(*self.ends(source, target), -amount)

    def shift(self, giver, taker, amount, fact=False):
        if giver:
            giver["balance"] -= amount
            self.touch(giver, fact)
        if taker:
            taker["balance"] += amount
            self.touch(taker, fact)

    def post(self, source, target, amount):
        giver, taker = self.ends(source, target)
        if amount == 0:
            return
        if giver:
            refuse_if(giver["frozen"], "HF_E_FROZEN")
            refuse_if(giver["balance"] - amount < giver["min_balance"], SHORT[source[0]])
        if giver:
            giver["held_out"] -= amount
        if taker:
            taker["held_in"] -= amount
        self.shift(giver, taker, amount)

    def move(self, source, target, amount):
        giver, taker = self.ends(source, target)
        if amount == 0:
            return
        if giver:
            refuse_if(giver["frozen"], "HF_E_FROZEN")
            refuse_if(self.ahead(source), "HF_E_QUEUED_AHEAD")
            short = (self.headroom_out(giver) < amount or
                     giver["balance"] - amount < giver["min_balance"])
            refuse_if(short, SHORT[source[0]])
        self.check_in(taker, amount)
        self.shift(giver, taker, amount)

    # ---- Operations on accounts: each returns the table and key of its answer -------------------

    def check_unit(self, unit, scale):
        known = self.get("unit", unit)
        refuse_if(known is not None and scale >= 0 and known != scale, "HF_E_UNIT_SCALE")
        refuse_if(known is None and scale < 0, "HF_E_UNIT_UNKNOWN")
        if known is None:
            self.add("unit", unit, scale)

    def do_unit_put(self, v):
        known = self.get("unit", v["code"]) is not None
        self.check_unit(v["code"], v["scale"])
        return "unit", v["code"], known

    def do_account_put(self, v):
        key, mode = v["key"], v.get("mode", 0)
        self.check_unit(key[3], v["unit_scale"])
        row = self.get("account", key)
        refuse_if(row is not None and mode == 1, "HF_E_EXISTS")
        refuse_if(row is None and mode == 3, "HF_E_NOT_FOUND")
        if row is not None and mode == 2:
            return "account", key, True
        fresh = row is None
        row = self.open(key) if fresh else self.edit("account", key)
        before = dict(row)
        for bit, name in MASK.items():
            if fresh or v.get("mask", 0) & bit:
                row[name] = v.get(name, MAX_ALL if name == "max_balance" else 0)
        row["meta"] = v.get("meta", row["meta"])
        least = max(row["min_balance"], row["min_available"])
        refuse_if(least > row["max_balance"], "HF_E_ARGUMENT")
        if fresh:
            self.move((0, None, None, None), key, v.get("opening", 0))
            row["attention"] |= BEYOND if row["balance"] < row["min_balance"] else 0
            return "account", key, False
        if row == before:
            return "account", key, True
        self.touch(row, fact=True)
        return "account", key, False

    def open(self, key):
        return self.add("account", key, {"key": key, "balance": 0, "held_out": 0, "held_in": 0,
                                         "attention": 0,
                                         "queue": [], "meta": b""})

    do_item_put = do_account_put

    def do_account_transfer(self, v):
        self.move(v["from"], v["to"], v["amount"])
        return "account", v["to"] if is_world(v["from"]) else v["from"], False

    do_account_deposit = do_account_withdraw = do_item_receive = do_account_transfer

    def do_item_adjust(self, v):
        row = self.find("account", v["key"])
        by = v["quantity"]
        if v.get("mode", 0) == 1:
            by -= row["balance"]
        else:
            refuse_if(by == 0, "HF_E_QUANTITY")
        if by != 0:
            self.shift(None, row, by, fact=True)
        return "account", v["key"], by == 0

    do_account_adjust = do_item_adjust

    # ---- Holds ----------------------------------------------------------------------------------

    def do_hold_place(self, v):
        deadline = v.get("deadline_ms", 0)
        refuse_if(deadline and deadline <= self.now, "HF_E_DEADLINE")
        self.hold(v["from"], v["to"], v["amount"])
        self.add("hold", v["id"], {
            "from": v["from"], "to": v["to"], "amount": v["amount"], "posted": 0, "released": 0,
            "reversed": 0, "deadline": deadline, "state": HELD})
        return "hold", v["id"], False

    def overdue(self, hold):
        return (hold["deadline"] and hold["deadline"] <= self.now and hold["state"] != VOID and
                hold["posted"] < hold["amount"])

    def spend(self, hold, take, free):
        rest = hold["amount"] - hold["posted"] - hold["released"]
        refuse_if(take > rest or free > rest - take, "HF_E_OVER_POST")
        hold["posted"] += take
        hold["released"] += free
        if rest > take + free:
            hold["state"] = PARTIAL
        else:
            hold["state"] = DONE if hold["posted"] else VOID

    def do_hold_post(self, v):
        hold = self.find("hold", v["hold"])
        refuse_if(self.overdue(hold), "HF_E_EXPIRED")
        refuse_if(hold["state"] not in (HELD, PARTIAL), "HF_E_HOLD_STATE")
        rest = hold["amount"] - hold["posted"] - hold["released"]
        post, release = v.get("post", 0), v.get("release", 0)
        post = rest if post == MAX_ALL else post
        release = max(rest - post, 0) if release == MAX_ALL else release
        refuse_if(post == 0 and release == 0, "HF_E_QUANTITY")
        self.spend(hold, post, release)
        self.post(hold["from"], hold["to"], post)
        self.release(hold["from"], hold["to"], release)
        return "hold", v["hold"], False

    def do_hold_release(self, v):
        hold = self.find("hold", v["hold"])
        refuse_if(hold["state"] not in (HELD, PARTIAL), "HF_E_HOLD_STATE")
        rest = hold["amount"] - hold["posted"] - hold["released"]
        free = rest if v["amount"] == MAX_ALL else v["amount"]
        self.spend(hold, 0, free)
        self.release(hold["from"], hold["to"], free)
        return "hold", v["hold"], False

    def do_hold_adjust(self, v):
        hold = self.find("hold", v["hold"])
        refuse_if(self.overdue(hold), "HF_E_EXPIRED")
        refuse_if(hold["state"] not in (HELD, PARTIAL), "HF_E_HOLD_STATE")
        if v.get("set_deadline", 0):
            deadline = v["deadline_ms"]
            refuse_if(deadline and deadline <= self.now, "HF_E_DEADLINE")
            hold["deadline"] = deadline
        hold["amount"] += v.get("grow", 0)
        self.hold(hold["from"], hold["to"], v.get("grow", 0))
        return "hold", v["hold"], False

    def do_hold_reverse(self, v):
        hold = self.find("hold", v["hold"])
        refuse_if(hold["state"] != DONE, "HF_E_HOLD_STATE")
        most = hold["posted"] - hold["reversed"]
        amount = most if v["amount"] == MAX_ALL else v["amount"]
        refuse_if(amount > most or amount == 0, "HF_E_OVER_REVERSE")
        hold["reversed"] += amount
        self.move(hold["to"], hold["from"], amount)
        return "hold", v["hold"], False

    def expire_hold(self, key):
        hold = self.edit("hold", key)
        rest = hold["amount"] - hold["posted"] - hold["released"]
        self.release(hold["from"], hold["to"], rest)
        hold["released"] += rest
        hold["state"] = DONE if hold["posted"] else EXPIRED
