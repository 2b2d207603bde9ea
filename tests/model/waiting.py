"""Orders of the model that wait: queues in front of accounts, and promotion out of them.

An order waits on the accounts where it is short, in order of placing, and holds nothing anywhere.
Whoever came later takes nothing from such an account unless it may be overtaken. When an account
has more to give than before the operation, the first that waits on it is looked at as a whole: it
gets everything, or waits on exactly what it lacks then. Nobody is promoted past one that stays.
"""
from model import BEYOND, is_world, refuse_if
from parts import FAILED, NEW, PENDING, WAITING, Parts

QUEUE = 1  # policy


class Waiting(Parts):
    def __init__(self, now, wrong=""):
        super().__init__(now, wrong)
        self.unsure = False  # accounts were supplied at once: whose queue is first is no promise
        self.placed = 0  # orders so far: what a queue is ordered by

    # ---- Who waits where ------------------------------------------------------------------------

    def queue(self, key):
        """Orders that wait on an account, in order of placing; places that were given up first."""
        row = self.get("account", key)
        return sorted(row["queue"]) if row else []

    def set_waits(self, order, keys):
        """Lets an order wait on exactly these accounts."""
        for key in set(order["waits"]) ^ set(keys):
            row = self.edit("account", key)
            entry = (order["seq"], order["id"])
            row["queue"] = sorted(set(row["queue"]) ^ {entry})
        order["waits"] = sorted(keys)

    def ahead(self, key):
        """Whether somebody waits on the account who came before the order that is worked on."""
        row = self.get("account", key)
        waiting = [] if row is None or row["overtake"] else self.queue(key)
        return bool(waiting) and (self.place == 0 or waiting[0][0] < self.place)

    # ---- What an order lacks --------------------------------------------------------------------

    def lacking(self, order):
        """(accounts that have too little for all its legs together, whether a taker is full)."""
        out, into, short = {}, {}, []
        for line in order["lines"]:
            for legs in self.by_role(line):
                if len(legs) > 1:
                    short += self.split_again(line, legs, out)
                for leg in legs:
                    for key, needs in ((leg["from"], out), (leg["to"], into)):
                        amount = leg["units"] * leg["per_unit"]
                        needs[key] = needs.get(key, 0) + amount
        short += [key for key, amount in out.items() if not is_world(key) and
                  self.available(key) < amount and key not in short]
        full = any(self.get("account", key) is None or
                   self.room_in(self.get("account", key)) < amount
                   for key, amount in into.items() if not is_world(key))
        return short, full

    def split_again(self, line, legs, out):
        """Over the places as much as each has left; when that is too little, all are lacking."""
        rest = line["quantity"]
        for leg in legs:
            left = max(self.available(leg["from"]) - out.get(leg["from"], 0), 0)
            leg["units"] = min(left // leg["per_unit"], rest)
            rest -= leg["units"]
        legs[0]["units"] += rest
        return [leg["from"] for leg in legs] if rest else []

    def waits_instead(self, order):
        """True when an order that may wait has to; it is left WAITING."""
        short, _ = self.lacking(order)
        if not order["policy"] & QUEUE or not short:
            return False
        for key in short:
            row = self.get("account", key)
            refuse_if(row is None, "HF_E_NOT_FOUND")
            refuse_if(row["frozen"], "HF_E_FROZEN")
        self.set_waits(order, short)
        order["state"] = WAITING
        for payment in order["payments"]:
            payment["state"] = NEW
        return True

    # ---- Promotion ------------------------------------------------------------------------------

    def takable(self, key):
        row = self.get("account", key)
        if row is None or row["frozen"] or row["attention"] & BEYOND:
            return 0
        return max(self.room_out(row), 0)

    def offers(self):
        """What each account has to give, and how many wait for it."""
        return {key: (self.takable(key), len(row["queue"]))
                for key, row in self.tables["account"].items() if row["queue"]}

    def supplied(self, before):
        """Accounts on which orders wait and which offer more than before."""
        return [key for key, (takable, waiting) in self.offers().items() if takable > 0 and
                key in before and (takable > before[key][0] or waiting < before[key][1])]

    def promote_all(self, keys):
        """Until nobody gets anything any more."""
        keys = list(keys)
        while keys:
            self.unsure = self.unsure or len(keys) > 1
            key = keys.pop(0)
            before = self.offers()
            first = -1 if self.wrong == "queue" else 0
            while self.queue(key) and self.look_at(key, self.queue(key)[first][1]):
                pass
            keys += [one for one in self.supplied(before) if one not in keys and one != key]

    def look_at(self, key, ident):
        """The first that waits on an account; True when the next one may be looked at."""
        order = self.edit("order", ident)
        self.place = order["seq"]
        short, full = self.lacking(order)
        if not short and not full:
            self.promote(order)
            return True
        if short:
            self.set_waits(order, short)
        return key not in order["waits"]

    def promote(self, order):
        self.set_waits(order, [])
        order["state"] = PENDING
        for line in order["lines"]:
            for leg in line["legs"]:
                self.hold(leg["from"], leg["to"], leg["units"] * leg["per_unit"])
        for payment in order["payments"]:
            if self.available(payment["account"]) >= payment["amount"]:
                self.authorize(payment)
            else:
                payment["state"] = FAILED
        self.confirm_if_paid(order)
