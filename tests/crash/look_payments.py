"""Looks at a store in which everything has ended, with what was told and the outside truth in hand.

Usage: look_payments.py STORE; standard input: a JSON object
    {"told": [[kind, operation, event, subject, state, captured, refunded]],
     "acts": [[command, key, body]], "bookings": {"TXN/BRANCH": {"state", "amount"}}}
Prints a JSON object: what is wrong, and how much was looked at. What must hold: what was told stands
in the events and is no less far than told; what the provider did is what the payments say, each key
acted once; nothing is reserved outside, and what is confirmed there is what the till has; nothing is
asked any more; verify is clean, goods and wallets are what orders and transactions say.
"""
import json
import sys
import uuid
from collections import Counter

from holdfast import WORLD, Engine
from look import read_events, read_orders

ITEM_OPENING, RARE_OPENING, WALLET_OPENING = 10**9, 60, 10**12
SKUS, WALLETS = ["sku-0", "sku-1", "sku-2", "sku-3", "rare"], [f"wallet-{i}" for i in range(4)]
ITEM_KEYS, TILL = [(1, sku, "", "pcs") for sku in SKUS], (2, "till", "", "EUR")
WALLET_KEYS = [(2, name, "", "EUR") for name in WALLETS]
COUNTERS = ("authorized", "captured", "voided", "refunded")
PENDING = ("pending_authorize", "pending_capture", "pending_void", "pending_refund")
DID = {"authorize": "authorized", "capture": "captured", "void": "voided", "refund": "refunded"}
ENDED, CONFIRMED, CANCELLED = {3: "CONFIRMED", 5: "CANCELLED"}, 3, 5
# What a transaction told in a state may have become: TRYING 1, CONFIRMING 2, CONFIRMED 3,
# CANCELLING 4, CANCELLED 5.
LATER = {1: {3, 5}, 2: {3}, 3: {3}, 4: {5}, 5: {5}}
COMMAND = 2  # the kind of transaction that asks a provider
CONFIRMED_ORDER = 3


def read_txns(engine):
    found, after = {}, b"\0" * 16
    while True:
        done = engine.do([("txn_list", {"which": 0, "after": after, "limit": 256})])[0]
        assert done.status == 0, done
        rows = done.result["rows"]
        found.update((row["id"], row) for row in rows)
        if done.result["at_end"]:
            return found
        after = rows[-1]["id"]


def check_told(told, events, orders, txns):
    """What was told is there, under the event that was told, and no less far."""
    seqs, problems = {op: seq for op, seq, _ in events}, []
    paid = {one["id"]: one for view in orders.values() for one in view["payments"]}
    for kind, operation, event, subject, state, *counts in told:
        where, op, ident = f"{kind} {operation}", uuid.UUID(operation).bytes, uuid.UUID(subject).bytes
        if kind in "op" and event != 0 and seqs.get(op) != event:
            problems.append(f"{where}: lost: told event {event}, the store has {seqs.get(op)}")
        row = {"o": orders, "p": paid}.get(kind, txns).get(ident)
        if row is None:
            problems.append(f"{where}: lost: there is no {subject}")
        elif kind in "ta" and row["state"] not in LATER[state]:
            problems.append(f"{where}: told state {state}, is {row['state']}")
        elif kind in "op" and (row["captured"] < counts[0] or row["refunded"] < counts[1]):
            problems.append(f"{where}: told {counts}, is {row['captured']}, {row['refunded']}")
    return problems


def check_provider(orders, acts):
    """The provider did what the payments say, and nothing two times."""
    truth, keys, problems = {}, Counter(), []
    for command, key, body in acts:
        keys[key] += 1
        one = truth.setdefault(uuid.UUID(body["payment"]).bytes, dict.fromkeys(COUNTERS, 0))
        one[DID[command]] += body["amount"]
    problems += [f"double: key {key} acted {times} times" for key, times in keys.items()
                 if times > 1]
    for view in orders.values():
        for paid in view["payments"]:
            if any(paid[name] for name in PENDING):
                problems.append(f"payment {paid['id'].hex()}: asks what nobody answers")
            if paid["method"] != 1:
                continue
            there = truth.pop(paid["id"], dict.fromkeys(COUNTERS, 0))
            here = {name: paid[name] for name in COUNTERS}
            if here != there:
                problems.append(f"payment {paid['id'].hex()} of order {view['order']['id'].hex()}: "
                                f"the store says {here}, the provider {there}")
            if there["captured"] + there["voided"] > there["authorized"]:
                problems.append(f"double: payment {paid['id'].hex()}: {there}")
    return problems + [f"the provider knows payment {ident.hex()}, the store does not"
                       for ident in truth]


def check_bookings(txns, bookings):
    """Each booking agrees with its transaction; nothing is only reserved."""
    problems, confirmed = [], Counter()
    for name, row in bookings.items():
        ident = uuid.UUID(name.split("/")[0]).bytes
        state = txns[ident]["state"] if ident in txns else 0
        fits = {CONFIRMED: ("CONFIRMED",), CANCELLED: ("CANCELLED", "NULL_CANCELLED")}
        if row["state"] not in fits.get(state, ()):
            problems.append(f"booking {name} is {row['state']}, its transaction {state}")
        if row["state"] == "CONFIRMED":
            confirmed[ident] += 1
    for ident, row in txns.items():
        if row["state"] not in ENDED or row["parked"]:
            problems.append(f"transaction {ident.hex()} has not ended: {row['state']}")
        if row["kind"] != COMMAND and row["state"] == CONFIRMED and (
                confirmed[ident] != row["branch_count"]):
            problems.append(f"transaction {ident.hex()}: {confirmed[ident]} bookings of "
                            f"{row['branch_count']} are confirmed")
    return problems


def check_sums(engine, orders, bookings):
    """Goods, wallets and till are what orders and bookings say."""
    keys = ITEM_KEYS + WALLET_KEYS + [TILL]
    rows = {key: done.result for key, done in
            zip(keys, engine.do([("account_get", {"key": key}) for key in keys]))}
    balance, held = Counter(), Counter()
    for key in ITEM_KEYS:
        balance[key] = RARE_OPENING if key[1] == "rare" else ITEM_OPENING
    moved = sum(row["amount"] for row in bookings.values() if row["state"] == "CONFIRMED")
    spent = 0
    for view in orders.values():
        for line in view["lines"]:
            key = (1, line["sku"], "", "pcs")
            balance[key] -= line["fulfilled"] - line["returned"]
            if view["order"]["state"] == CONFIRMED_ORDER:
                held[key] += line["quantity"] - line["cancelled"] - line["fulfilled"]
        for paid in view["payments"]:
            if paid["account"] != WORLD:
                spent += paid["captured"] - paid["refunded"]
                held[paid["account"]] += paid["authorized"] - paid["voided"] - paid["captured"]
    problems = [f"{key}: held {row['held_out']}, the orders say {held[key]}"
                for key, row in rows.items() if row["held_out"] != held[key]]
    problems += [f"{key}: balance {rows[key]['balance']}, the orders say {balance[key]}"
                 for key in ITEM_KEYS if rows[key]["balance"] != balance[key]]
    if rows[TILL]["balance"] != moved:
        problems.append(f"the till has {rows[TILL]['balance']}, {moved} are booked")
    left = sum(rows[key]["balance"] for key in WALLET_KEYS)
    if left != WALLET_OPENING * len(WALLETS) - moved - spent:
        problems.append(f"the wallets have {left}, {moved} went to the till, {spent} to orders")
    return problems


def look(url, given):
    engine = Engine(url)
    problems = list(engine.verify().findings)
    orders, txns = read_orders(engine), read_txns(engine)
    events = read_events(engine)
    problems += check_told(given["told"], events, orders, txns)
    problems += check_provider(orders, given["acts"])
    problems += check_bookings(txns, given["bookings"])
    problems += check_sums(engine, orders, given["bookings"])
    engine.close()
    return {"problems": problems[:20], "orders": len(orders), "txns": len(txns)}


if __name__ == "__main__":
    print(json.dumps(look(sys.argv[1], json.load(sys.stdin))))
