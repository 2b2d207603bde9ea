"""Looks at a store after a kill, in a process of its own, with the parent's ledger in hand.

Usage: look.py URL SEED; the ledger (a pickle) comes on standard input: a list of
(cycle, base_ms, [ack as a tuple]). Prints a JSON object: what is wrong, and how much was looked at.
What must hold: every operation told as done stands in the events under the number that was told;
its order is there, no less far than told; repeated with the same id it gives the first answer and
changes nothing; verify is clean; items and wallets are what all orders and deposits say.
"""
import json
import pickle
import random
import sys
from collections import Counter

from holdfast import Engine, error_name
from load import (ITEM_OPENING, ITEMS, RARE_OPENING, WALLET_OPENING, WALLETS, Stream, accounts,
                  counters, item_key, wallet_key)

REPEATS, PAGE, DEPOSIT = 40, 256, 7
# What an order told in a state may have become: WAITING 1, PENDING 2, CONFIRMED 3, CLOSED 4,
# CANCELLED 5, EXPIRED 6; 0 was told early.
LATER = {0: {2, 3, 4, 5, 6}, 2: {2, 3, 4, 5, 6}, 3: {3, 4, 5}, 4: {4}, 5: {5}, 6: {6}}


def told_operations(seed, ledger):
    """(operation, ack) of every success that was told, by cycle."""
    for cycle, base_ms, acks in ledger:
        stream, known = Stream(seed, cycle, base_ms), []
        for one in acks:
            while len(known) <= one[0]:
                known.append(stream.next())
        yield cycle, [(known[one[0]], one) for one in acks if one[1] == 0]


def all_deposits(seed, ledger):
    """Amount and wallet of every deposit that may have happened, by id."""
    found = {}
    for cycle, base_ms, acks in ledger:
        stream = Stream(seed, cycle, base_ms)
        for _ in range(max([one[0] for one in acks], default=0) + 600):
            name, values = stream.next()
            if name == "account_deposit":
                found[values["id"]] = (values["to"], values["amount"])
    return found


def read_events(engine, after=0):
    events = []
    while True:
        done = engine.do([("events_read", {"after_seq": after, "limit": PAGE})])[0]
        assert done.status == 0, done
        events += [(e["op"], e["seq"], e["type"]) for e in done.result["rows"]]
        after = done.result["next_seq"]
        if done.result["at_end"]:
            return events


def read_orders(engine):
    ids, after = [], b"\0" * 16
    while True:
        done = engine.do([("order_list", {"after": after, "limit": PAGE})])[0]
        rows = done.result["rows"]
        ids += [row["id"] for row in rows]
        if len(rows) < PAGE:
            break
        after = rows[-1]["id"]
    views = engine.do([("order_get", {"order": ident}) for ident in ids])
    return {ident: one.result for ident, one in zip(ids, views)}


def read_accounts(engine):
    keys = [item_key(sku) for sku in ITEMS] + [wallet_key(name) for name in WALLETS]
    rows = engine.do([("account_get", {"key": key}) for key in keys])
    return {key: one.result for key, one in zip(keys, rows)}


def read_all(engine):
    """Events, orders and accounts between two moments at which no event was written."""
    while True:
        events = read_events(engine)
        orders, rows = read_orders(engine), read_accounts(engine)
        if not read_events(engine, events[-1][1] if events else 0):
            return events, orders, rows


def check_told(told, events, orders):
    seqs, problems = {op: seq for op, seq, _ in events}, []
    for (name, values), (number, _, seq, state, *counts) in told:
        where = f"{name} {number}, told as event {seq}"
        if seq != 0 and seqs.get(values["id"]) != seq:
            problems.append(f"{where}: lost: the store has event {seqs.get(values['id'])}")
        if not name.startswith("order_"):
            continue
        view = orders.get(values["id"] if name == "order_place" else values["order"])
        if view is None:
            problems.append(f"{where}: lost: no such order")
        elif view["order"]["state"] not in LATER[state]:
            problems.append(f"{where}: told state {state}, is {view['order']['state']}")
        elif any(now < then for now, then in zip(counters(view), counts)):
            problems.append(f"{where}: told {counts}, is {counters(view)}")
    return problems


def check_repeats(engine, told, chosen):
    some = [one for one in told if one[1][2] != 0]
    some = chosen.sample(some, min(REPEATS, len(some)))
    answers = engine.do([operation for operation, _ in some])
    return [f"{operation[0]} {told[0]} repeated: {error_name(done.status)}, event {done.event_seq} "
            f"instead of {told[2]}" for (operation, told), done in zip(some, answers)
            if done.status != 0 or done.event_seq != told[2]], len(some)


def check_sums(events, orders, rows, deposits):
    balance, held = Counter(), Counter()
    for sku in ITEMS:
        balance[item_key(sku)] = RARE_OPENING if sku == "rare" else ITEM_OPENING
    for name in WALLETS:
        balance[wallet_key(name)] = WALLET_OPENING
    for op, _, kind in events:
        if kind == DEPOSIT:
            balance[deposits[op][0]] += deposits[op][1]
    for view in orders.values():
        for line in view["lines"]:
            key = item_key(line["sku"])
            balance[key] -= line["fulfilled"] - line["returned"]
            if view["order"]["state"] in (2, 3):
                held[key] += line["quantity"] - line["cancelled"] - line["fulfilled"]
        for paid in view["payments"]:
            balance[paid["account"]] -= paid["captured"] - paid["refunded"]
            held[paid["account"]] += paid["authorized"] - paid["voided"] - paid["captured"]
    return [f"{key}: balance {row['balance']} held {row['held_out']}, the orders say "
            f"{balance[key]} and {held[key]}" for key, row in rows.items()
            if (row["balance"], row["held_out"]) != (balance[key], held[key])]


def look(url, seed, ledger):
    engine = Engine(url)
    problems, repeated = [], 0
    if engine.verify().findings:
        problems += engine.verify().findings
    for done in engine.do(list(accounts())):
        assert done.status == 0, done
    by_cycle = list(told_operations(seed, ledger))
    for cycle, told in by_cycle[-1:]:
        wrong, repeated = check_repeats(engine, told, random.Random(seed + cycle))
        problems += wrong
    events, orders, rows = read_all(engine)
    for _, told in by_cycle:
        problems += check_told(told, events, orders)
    problems += check_sums(events, orders, rows, all_deposits(seed, ledger))
    problems += engine.verify().findings
    engine.close()
    return {"problems": problems[:20], "told": sum(len(told) for _, told in by_cycle),
            "repeated": repeated, "orders": len(orders), "events": len(events)}


if __name__ == "__main__":
    print(json.dumps(look(sys.argv[1], int(sys.argv[2]), pickle.load(sys.stdin.buffer))))
