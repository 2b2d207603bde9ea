"""Looks at a store after a kill, in a process of its own, with the parent's ledger in hand.

Usage: look.py URL SEED; the ledger (a pickle) comes on standard input: a list of
(cycle, base_ms, [ack as a tuple]). Prints a JSON object: what is wrong, and how much was looked at.
What must hold: every operation told as done stands in the events under the number that was told;
its order or hold is there, no less far than told; repeated with the same id it gives the first
answer and changes nothing; verify is clean; items and wallets are what all orders, holds and
supplies say; who waits for an item is served in order, and as soon as it is there (judge.py).
"""
import json
import pickle
import random
import sys

from holdfast import Engine, error_name
from judge import SUPPLIES, check_queue, check_sums, check_told
from stream import Stream, accounts, openings, sure

REPEATS, PAGE = 40, 256
BEYOND = 600  # operations that may have been done after the last that was told: more than a window


def told_operations(seed, ledger):
    """(operation, ack) of every success that was told, by cycle."""
    for cycle, base_ms, acks in ledger:
        stream, known = Stream(seed, cycle, base_ms), []
        for one in acks:
            while len(known) <= one[0]:
                known.append(stream.next())
        yield cycle, [(known[one[0]], one) for one in acks if one[1] == 0]


def possible(seed, ledger):
    """Every operation that may have happened."""
    for cycle, base_ms, acks in ledger:
        stream = Stream(seed, cycle, base_ms)
        for _ in range(max([one[0] for one in acks], default=0) + BEYOND):
            yield stream.next()


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
    return read_each(engine, "order_get", "order", ids)


def read_each(engine, name, field, keys):
    """Those that are there, by key."""
    found = engine.do([(name, {field: key}) for key in keys])
    return {key: one.result for key, one in zip(keys, found) if one.status == 0}


def read_all(engine, holds):
    """Events and records between two moments at which no event was written."""
    while True:
        events = read_events(engine)
        tables = {"order": read_orders(engine),
                  "hold": read_each(engine, "hold_get", "hold", holds),
                  "account": read_each(engine, "account_get", "key", list(openings()))}
        if not read_events(engine, events[-1][1] if events else 0):
            return events, tables


def repeated_seqs(operation, seq):
    """The event a repeat may name: the first one's; a hold need not keep which one placed it."""
    return (seq, 0) if operation[0] == "hold_place" else (seq,)


def check_repeats(engine, told, chosen):
    some = [(operation, one[0], repeated_seqs(operation, one[2])) for operation, one in told
            if one[2] != 0]
    some = chosen.sample(some, min(REPEATS, len(some)))
    answers = engine.do([operation for operation, _, _ in some])
    return [f"{name} {number} repeated: {error_name(done.status)}, event {done.event_seq} "
            f"instead of {seqs}" for ((name, _), number, seqs), done in zip(some, answers)
            if done.status != 0 or done.event_seq not in seqs], len(some)


def kinds_lost(told, seqs):
    """Of which kinds something was told early and is not there."""
    return sorted({sure(operation) for operation, one in told
                   if one[2] == 0 and operation[1]["id"] not in seqs} - {""})


def look(url, seed, ledger):
    engine = Engine(url)
    problems, repeated = list(engine.verify().findings), 0
    for done in engine.do(list(accounts())):
        assert done.status == 0, done
    by_cycle = list(told_operations(seed, ledger))
    for cycle, told in by_cycle[-1:]:
        wrong, repeated = check_repeats(engine, told, random.Random(seed + cycle))
        problems += wrong
    operations = list(possible(seed, ledger))
    events, tables = read_all(engine, [v["id"] for name, v in operations if name == "hold_place"])
    seqs, lost = {op: seq for op, seq, _ in events}, set()
    for _, told in by_cycle:
        problems += check_told(told, seqs, tables)
        lost.update(kinds_lost(told, seqs))
    problems += check_sums(events, tables, {v["id"]: v for name, v in operations
                                            if name in SUPPLIES})
    problems += check_queue("scarce", tables)
    problems += engine.verify().findings
    engine.close()
    return {"problems": problems[:20], "told": sum(len(told) for _, told in by_cycle),
            "repeated": repeated, "lost": sorted(lost), "orders": len(tables["order"]),
            "holds": len(tables["hold"]), "events": len(events)}


if __name__ == "__main__":
    print(json.dumps(look(sys.argv[1], int(sys.argv[2]), pickle.load(sys.stdin.buffer))))
