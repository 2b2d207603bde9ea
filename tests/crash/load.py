"""The load that is killed: the child that runs the operations of a stream.

Usage: load.py URL SEED CYCLE BASE_MS EARLY
The child tells each answer on standard output as one ACK; an answer is known by the number of its
operation. EARLY 1 is the negative control: orders and holds are told when they are submitted,
before they are committed.
"""
import os
import random
import struct
import sys

from holdfast import Engine
from stream import Stream, accounts, sure

ACK = struct.Struct("<IiQI5q")  # number, status, event, state, five counters that only grow
STARTING, OPEN = 0xFFFFFFFF, 0xFFFFFFFE  # numbers that stand for no operation


def order_counters(view):
    lines = view["lines"]
    return (*(sum(line[name] for line in lines) for name in ("fulfilled", "cancelled", "returned")),
            view["captured"], view["refunded"])


def hold_counters(hold):
    return (*(hold[name] for name in ("amount", "posted", "released", "reversed")), 0)


def progress(name, result):
    """State and counters of what the operation worked on."""
    if name.startswith("order_"):
        return (result["order"]["state"], *order_counters(result))
    if name.startswith("hold_"):
        return (result["state"], *hold_counters(result))
    return (0,) * 6


def ack(number, done):
    told = progress(done.type, done.result) if done.status == 0 else (0,) * 6
    return ACK.pack(number, done.status, done.event_seq, *told)


def nothing_yet(number):
    return ACK.pack(number, 0, 0, 0, 0, 0, 0, 0, 0)


def run(url, seed, cycle, base_ms, early):
    os.write(1, nothing_yet(STARTING))
    engine = Engine(url)
    for done in engine.do(list(accounts())):
        assert done.status == 0, done
    os.write(1, nothing_yet(OPEN))
    stream = Stream(seed, cycle, base_ms)
    window = random.Random(seed * 7 + cycle).choice([1, 8, 64, 256])
    sent = answered = 0
    told = set()
    while True:
        fresh = [stream.next() for _ in range(window - (sent - answered))]
        accepted = engine.submit(fresh, sent) if fresh else 0
        assert accepted == len(fresh), accepted
        if early:
            now = [sent + i for i, one in enumerate(fresh) if sure(one)]
            told.update(now)
            os.write(1, b"".join(nothing_yet(n) for n in now))
        sent += len(fresh)
        done = engine.completions()
        answered += len(done)
        os.write(1, b"".join(ack(n, one) for n, one in done if n not in told))


if __name__ == "__main__":
    run(sys.argv[1], *(int(text) for text in sys.argv[2:6]))
