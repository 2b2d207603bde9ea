"""What must hold after a kill: what was told is there, sums agree, queues are in order.

Each check gets what was read from the store at one moment and says what is wrong, as texts.
"""
from collections import Counter

from load import hold_counters, order_counters
from stream import item_key, openings

WAITING, PENDING, CONFIRMED, CLOSED = 1, 2, 3, 4
HELD, PARTIAL = 1, 2
SUPPLIES = {"item_receive": 2, "account_deposit": 7}  # the type of their events
# What something told in a state may have become; 0 was told early.
# Orders: WAITING 1, PENDING 2, CONFIRMED 3, CLOSED 4, CANCELLED 5, EXPIRED 6.
# Holds: HELD 1, PARTIAL 2, DONE 3, VOID 4, EXPIRED 5.
LATER = {
    "order": {0: {1, 2, 3, 4, 5, 6}, 1: {1, 2, 3, 4, 5, 6}, 2: {2, 3, 4, 5, 6}, 3: {3, 4, 5},
              4: {4}, 5: {5}, 6: {6}},
    "hold": {0: {1, 2, 3, 4, 5}, 1: {1, 2, 3, 4, 5}, 2: {2, 3, 4, 5}, 3: {3}, 4: {4}, 5: {5}},
}


def progress_of(what, found):
    """State and counters."""
    if what == "order":
        return found["order"]["state"], order_counters(found)
    return found["state"], hold_counters(found)


def check_told(told, seqs, tables):
    """Events and records against what was told; `seqs` are the events' numbers by operation."""
    problems = []
    for (name, values), (number, _, seq, state, *counts) in told:
        where = f"{name} {number}, told as event {seq}"
        if seq != 0 and seqs.get(values["id"]) != seq:
            problems.append(f"{where}: lost: the store has event {seqs.get(values['id'])}")
        what = name.split("_", maxsplit=1)[0]
        if what not in LATER:
            continue
        found = tables[what].get(values["id"] if name.endswith("_place") else values[what])
        if found is None:
            problems.append(f"{where}: lost: no such {what}")
            continue
        state_now, counts_now = progress_of(what, found)
        if state_now not in LATER[what][state]:
            problems.append(f"{where}: told state {state}, is {state_now}")
        elif any(now < then for now, then in zip(counts_now, counts)):
            problems.append(f"{where}: told {counts}, is {counts_now}")
    return problems


# ---- Sums ----------------------------------------------------------------------------------------

class Sums:
    """Balance and holds by account, added up from everything that moved them."""
    def __init__(self):
        self.balance, self.out, self.into = Counter(openings()), Counter(), Counter()

    def move(self, source, target, amount):
        self.balance[source] -= amount
        self.balance[target] += amount

    def hold(self, source, target, amount):
        self.out[source] += amount
        self.into[target] += amount

    def add_order(self, view):
        for line in view["lines"]:
            key = item_key(line["sku"])
            self.balance[key] -= line["fulfilled"] - line["returned"]
            if view["order"]["state"] in (PENDING, CONFIRMED):
                self.out[key] += line["quantity"] - line["cancelled"] - line["fulfilled"]
        for paid in view["payments"]:
            self.balance[paid["account"]] -= paid["captured"] - paid["refunded"]
            self.out[paid["account"]] += paid["authorized"] - paid["voided"] - paid["captured"]

    def add_hold(self, hold):
        self.move(hold["from"], hold["to"], hold["posted"] - hold["reversed"])
        if hold["state"] in (HELD, PARTIAL):
            rest = hold["amount"] - hold["posted"] - hold["released"]
            self.hold(hold["from"], hold["to"], rest)

    def of(self, key):
        return self.balance[key], self.out[key], self.into[key]


def check_sums(events, tables, supplies):
    """`supplies` are the arguments of everything that may have brought something, by id."""
    sums = Sums()
    for op, _, kind in events:
        if kind in SUPPLIES.values():
            sums.balance[supplies[op]["to"]] += supplies[op]["amount"]
    for view in tables["order"].values():
        sums.add_order(view)
    for hold in tables["hold"].values():
        sums.add_hold(hold)
    return [f"{key}: balance, held out and in {there}, orders, holds and supply say {sums.of(key)}"
            for key, there in ((key, (row["balance"], row["held_out"], row["held_in"]))
                               for key, row in tables["account"].items()) if there != sums.of(key)]


# ---- Queues --------------------------------------------------------------------------------------

def check_queue(sku, tables):
    """Who waits for a sku: as many as the item says, nobody overtaken, the first not forgotten."""
    views = [view for view in tables["order"].values()
             if any(line["sku"] == sku and line["cancelled"] < line["quantity"]
                    for line in view["lines"])]  # else it may have taken the rest before others
    views.sort(key=lambda view: view["order"]["placed_seq"])
    waiting = [view for view in views if view["order"]["state"] == WAITING]
    item = tables["account"][item_key(sku)]
    problems = []
    if item["waiting"] != len(waiting):
        problems.append(f"{sku}: {item['waiting']} waiting, but {len(waiting)} orders wait")
    if not waiting:
        return problems
    first = waiting[0]["order"]["placed_seq"]
    took = [view["order"]["placed_seq"] for view in views
            if view["order"]["state"] in (PENDING, CONFIRMED, CLOSED)]
    if took and took[-1] > first:
        problems.append(f"{sku}: the order of event {took[-1]} took, that of {first} waits")
    wanted = sum(line["quantity"] for line in waiting[0]["lines"] if line["sku"] == sku)
    left = item["balance"] - item["held_out"]
    if wanted <= left:
        problems.append(f"{sku}: the order of event {first} waits for {wanted}, {left} are there")
    return problems
