"""Kill -9 at random moments under load, judged by a ledger that another process keeps.

Usage: test_crash.py lmdb|sqlite
A child works on a store and tells each answer through a pipe; it is killed at a random moment, also
while it opens; another process reopens the store and compares it with the ledger (look.py).
HOLDFAST_CRASH_CYCLES=1000 is the long run; without it the cycles are as many as fit
HOLDFAST_CRASH_SECONDS (18). HF_TEST_SEED repeats a run as far as kills can be repeated.
Two negative controls: orders and holds are told before they are committed, and answers are put
into the ledger that the store never gave. Both must be noticed.
"""
import json
import os
import pickle
import random
import signal
import subprocess
import sys
import time

from load import ACK, OPEN, STARTING
from stream import Stream

HERE = os.path.dirname(os.path.abspath(__file__))
STORE_CYCLES = 6  # kills of one store before a new one is begun
CONTROL_CYCLES = 60
TOLD_EARLY = {"order", "waiting order", "hold"}  # each must be found lost, see stream.sure
FORGED = ("order_place", "hold_place", "item_receive", "account_deposit", "order_fulfil",
          "hold_post")
ADVANCED = ("order_place", "hold_place")
NEVER_SENT = 400  # further on than a window: no operation of that number was ever submitted


def read_acks(pipe, wanted):
    """Reads until `wanted` answers are there, or all that was written when it is None."""
    raw, acks = b"", []
    while wanted is None or sum(one[0] < OPEN for one in acks) < wanted:
        more = os.read(pipe, 65536)
        if not more:
            break
        raw += more
        whole = len(raw) // ACK.size * ACK.size
        acks += ACK.iter_unpack(raw[:whole])
        raw = raw[whole:]
        if wanted == 0 and acks and acks[0][0] == STARTING:
            break
    return acks


def spin(count):
    for _ in range(count):
        pass


def run_and_kill(url, seed, cycle, early, chosen):
    """Starts the load and kills it; (base_ms, acks) of what it told."""
    base_ms = time.time_ns() // 1000000
    child = subprocess.Popen(
        [sys.executable, "-B", os.path.join(HERE, "load.py"), url, str(seed), str(cycle),
         str(base_ms), str(early)], stdout=subprocess.PIPE)
    wanted = 0 if chosen.random() < 0.15 and not early else chosen.randint(1, 1500)
    acks = read_acks(child.stdout.fileno(), wanted)
    spin(chosen.randint(0, 300000))
    child.send_signal(signal.SIGKILL)
    acks += read_acks(child.stdout.fileno(), None)
    child.stdout.close()
    ended = child.wait()
    assert ended == -signal.SIGKILL, f"the load ended by itself: {ended}"
    return base_ms, [one for one in acks if one[0] < OPEN]


def look(url, seed, ledger):
    done = subprocess.run([sys.executable, "-B", os.path.join(HERE, "look.py"), url, str(seed)],
                          input=pickle.dumps(ledger), stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        return {"problems": [f"it could not be looked at: {done.returncode}"], "told": 0,
                "repeated": 0, "lost": [], "orders": 0, "holds": 0, "events": 0}
    return json.loads(done.stdout)


class Run:
    def __init__(self, kind, number, seed, early):
        self.place, self.seed, self.early = f"{kind}:{kind}-{number}", seed, early
        self.chosen = random.Random(seed)
        self.cycles = self.told = self.repeated = 0
        self.ledger, self.url, self.lost = [], None, set()

    def begin_store(self):
        self.url = f"{self.place}-{self.cycles}"
        self.ledger = []

    def cycle(self):
        """One kill; what is wrong after it."""
        if self.cycles % STORE_CYCLES == 0:
            self.begin_store()
        base_ms, acks = run_and_kill(self.url, self.seed, self.cycles, self.early, self.chosen)
        self.ledger.append((self.cycles, base_ms, acks))
        found = look(self.url, self.seed, self.ledger)
        self.cycles += 1
        self.told += len(acks)
        self.repeated += found["repeated"]
        self.lost.update(found["lost"])
        return found["problems"]


def test_kills(run):
    """Kills until the budget is used up; the first problem ends it."""
    cycles = int(os.environ.get("HOLDFAST_CRASH_CYCLES", 0))
    until = time.monotonic() + float(os.environ.get("HOLDFAST_CRASH_SECONDS", 18))
    while run.cycles < cycles if cycles else run.cycles < 2 or time.monotonic() < until:
        problems = run.cycle()
        if problems:
            return problems
    return []


def test_early(run):
    """Kills until of each kind something that was told too early is found lost."""
    while run.cycles < CONTROL_CYCLES and run.lost != TOLD_EARLY:
        problems = [text for text in run.cycle() if "lost" not in text]
        if problems:
            return problems
    return [f"{run.cycles} kills, and no {kind} that was told too early was found lost"
            for kind in sorted(TOLD_EARLY - run.lost)]


def forged(run, name):
    """The ledger with one answer more, to the first such operation that was never submitted."""
    cycle, base_ms, acks = run.ledger[-1]
    stream = Stream(run.seed, cycle, base_ms)
    first = max([one[0] for one in acks], default=0) + NEVER_SENT
    number = next(n for n in range(first + 1000)
                  if stream.next()[0] == name and n >= first)
    answer = (number, 0, 10**9, 0, 0, 0, 0, 0, 0)
    return run.ledger[:-1] + [(cycle, base_ms, acks + [answer])]


def advanced(run, name):
    """The ledger with the first such answer told as further on than it was, or None."""
    cycle, base_ms, acks = run.ledger[-1]
    stream = Stream(run.seed, cycle, base_ms)
    names = [stream.next()[0] for _ in range(max([one[0] for one in acks], default=0) + 1)]
    for at, one in enumerate(acks):
        if one[1] == 0 and names[one[0]] == name:
            further = [*acks[:at], (*one[:5], 10**9, *one[6:]), *acks[at + 1:]]
            return run.ledger[:-1] + [(cycle, base_ms, further)]
    return None


def test_forged(run):
    """One kill, and a ledger that says more than the store ever did."""
    further = []
    while not further or None in further:
        problems = run.cycle()
        if problems:
            return problems
        further = [advanced(run, name) for name in ADVANCED]
    ledgers = [(name, "lost", forged(run, name)) for name in FORGED]
    ledgers += [(name, "told", ledger) for name, ledger in zip(ADVANCED, further)]
    return [f"{name}: a forged answer was not found: {wanted}" for name, wanted, ledger in ledgers
            if not any(wanted in text for text in look(run.url, run.seed, ledger)["problems"])]


TESTS = (
    ("nothing that was told is lost", test_kills, 0),
    ("orders and holds told before their commit are found lost", test_early, 1),
    ("answers that were never given are found lost", test_forged, 0),
)


def main():
    kind = sys.argv[1]
    seed = int(os.environ.get("HF_TEST_SEED", time.time_ns() % 10**9))
    print(f"# HF_TEST_SEED={seed}; again: HF_TEST_SEED={seed} meson test crash_{kind}")
    print(f"1..{len(TESTS)}", flush=True)
    failed = False
    for number, (title, test, early) in enumerate(TESTS, 1):
        run = Run(kind, number, seed, early)
        problems = test(run)
        failed = failed or bool(problems)
        print(*problems, sep="\n", file=sys.stderr)
        print(f"{'not ok' if problems else 'ok'} {number} {kind}: {title}: {run.cycles} kills, "
              f"{run.told} answers, {run.repeated} repeated", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
