"""Orders of the model that wait: queues in front of accounts, and promotion out of them.

An order waits on the accounts where it is short, in order of placing, and holds nothing anywhere.
Whoever came later takes nothing from such an account unless it may be overtaken. When an account
has more to give than before the operation, the first that waits on it is looked at as a whole: it
gets everything, or waits on exactly what it lacks then. Nobody is promoted past one that stays.
An order that waits may become smaller: it is looked at as if its accounts had got something.
"""

from follow import Follow
from model import BEYOND, is_world, refuse_if
from money import NEW, covers, secured, total_of
from parts import (CANCELLED, CONFIRMED, IMPORT, PAY_LATER, PENDING, QUEUE, WAITING, follows,
                   open_units)


class Waiting(Follow):
    def __init__(self, now, wrong=""):
        super().__init__(now, wrong)
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
            self.joined.setdefault(key, (self.takable(key), set(row["queue"]), row["overtake"]))
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
                        amount = self.needs_of(leg)
                        needs[key] = needs.get(key, 0) + amount
        short += [key for key, amount in out.items() if not is_world(key) and
                  self.available(key) < amount and key not in short]
        full = any(self.get("account", key) is None or
                   0 < amount > self.headroom_in(self.get("account", key))
                   for key, amount in into.items() if not is_world(key))
        return short, full

    @staticmethod
    def needs_of(leg):
        """Units that were cancelled while the order waited are not needed."""
        return (leg["units"] - leg["cancelled"]) * leg["per_unit"]

    def split_again(self, line, legs, out):
        """Over the places as much as each has left; when that is too little, all are lacking."""
        rest = line["quantity"] - line["cancelled"]
        for leg in legs:
            left = max(self.available(leg["from"]) - out.get(leg["from"], 0), 0)
            units = min(left // leg["per_unit"], rest)
            leg["units"] = units + leg["cancelled"]
            rest -= units
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
        return True

    # ---- Promotion ------------------------------------------------------------------------------

    def takable(self, key):
        row = self.get("account", key)
        if row is None or row["frozen"] or row["attention"] & BEYOND:
            return 0
        return max(self.headroom_out(row), 0)

    def offers(self):
        """What each account has to give, who waits for it, and whether they may overtake."""
        self.joined = {}  # the same of accounts on which an order waits since then
        return {key: (self.takable(key), set(row["queue"]), row["overtake"])
                for key, row in self.tables["account"].items() if row["queue"]}

    def supplied(self, before):
        """Accounts on which orders wait and which offer more than before, as they were supplied.

        So does one whose queue moves up: by an order that left it, or as all may overtake now.
        """
        known = {**self.joined, **before}

        def offers_more(key, takable, waiting, overtake):
            was, waited, overtook = known.get(key, (takable, waiting, overtake))
            moved_up = overtake > overtook if overtake else waited - waiting
            return takable > 0 and (takable > was or moved_up)

        found = [key for key, now in self.offers().items() if offers_more(key, *now)]
        gains = {key: at for at, key in reversed(list(enumerate(self.gains)))}
        return sorted(found, key=lambda key: gains.get(key, len(gains)))

    def promote_all(self, keys):
        """Until nobody gets anything any more."""
        keys, behind = list(keys), {}
        while keys:
            key = keys.pop(0)
            before, self.gains = self.offers(), []
            after = self.promote_from(key, behind.pop(key, 0))
            keys += [one for one in self.supplied(before) if one not in keys and one != key]
            if after:
                keys.append(key)
                behind[key] = after

    def promote_from(self, key, after):
        """In order of placing; whoever stays stops the queue unless it may be overtaken.

        One that moves to another queue comes before those behind it there as well: then the others
        are looked at later, behind the place that is returned.
        """
        queue, overtake = self.queue(key), self.get("account", key)["overtake"]
        if self.wrong == "queue":
            queue.reverse()
        for place, ident in queue:
            if overtake and place <= after:
                continue
            order = self.edit("order", ident)
            waits = set(order["waits"])
            self.place = order["seq"]
            self.reconsider(order)
            moved = order["state"] == WAITING and key not in order["waits"]
            if moved or overtake and set(order["waits"]) - waits:
                return place
            if key in order["waits"] and not overtake:
                break
        return 0

    def reconsider(self, order):
        """Promotes an order of which everything is there; else it waits for what it lacks."""
        short, full = self.lacking(order)
        if short:
            self.set_waits(order, short)
        elif not full:
            self.promote(order)

    def shrunk(self, order):
        """An order that waits has become smaller: it ends when nothing but coupons is left."""
        if any(open_units(line) and not follows(order, line) for line in order["lines"]):
            self.reconsider(order)
        else:
            self.end_unconfirmed(order, CANCELLED)

    def hold_all(self, order):
        for line in order["lines"]:
            for leg in line["legs"]:
                self.hold(leg["from"], leg["to"], self.needs_of(leg))

    def promote(self, order):
        """Holds everything and authorizes what has not been paid yet."""
        self.set_waits(order, [])
        order["state"] = PENDING
        self.hold_all(order)
        for p in order["payments"]:
            if p["state"] != NEW:
                continue
            in_time = not p["deadline"] or p["deadline"] > self.now
            if in_time if p["provider"] else self.available(p["account"]) >= p["amount"]:
                self.authorize(order, p, order["deadline"])
            else:
                self.fail_payment(p)
        self.wait_for(order)
        unasked = order["policy"] & (PAY_LATER | IMPORT)
        paid = total_of(order, secured) >= self.owed(order) or unasked
        unpayable = covers(order) < self.owed(order) and not order["deadline"]
        if not paid and unpayable and self.wrong != "unpayable":
            self.end_unconfirmed(order, CANCELLED)
        else:
            self.confirm_if_paid(order)
            if order["state"] == CONFIRMED:
                self.see_import(order)
        self.finish(order)

    # ---- Reviving -------------------------------------------------------------------------------

    def revive(self, order):
        """Confirms an order that has ended, when everything can be held again."""
        for line in order["lines"]:
            for counted in [line] + line["legs"]:
                counted["cancelled"] = counted["cancelled"] if self.wrong == "anew" else 0
        short, full = self.lacking(order)
        if short or full:
            for counted in [one for line in order["lines"] for one in [line] + line["legs"]]:
                counted["cancelled"] += open_units(counted)
            return False
        order["kept"] = order["given_away"] = 0
        self.hold_all(order)
        self.confirm(order)
        return True
