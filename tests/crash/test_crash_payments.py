"""Kill -9 with outside participants in flight: what they did and what the store says must agree.

Usage: test_crash_payments.py lmdb|sqlite PAY FAKE_PROVIDER
The load (pay.c) has orders paid by card and transactions that book outside; the provider, a process
of its own that keeps the truth, misbehaves at random. The load is killed at a random moment, also
while it opens. After some kills a last process works off what is open; then nothing may be open,
and look_payments.py compares the store with the truth and with what was told.
HOLDFAST_CRASH_CYCLES=500 is the long run; without it the kills are as many as fit
HOLDFAST_CRASH_SECONDS (14). HF_TEST_SEED repeats a run as far as kills can be repeated.
The negative control is a provider that forgets its keys, which must be noticed as a double charge.
"""
import json
import os
import random
import select
import signal
import subprocess
import sys
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
STORE_KILLS = 8  # kills of one store, then it is worked off and compared, and a new one is begun
CONTROL_STORES = 10
WELL = {"mode": "ok", "times": 0}
ILL = {"mode": "any", "times": 10**9}
FORGETFUL = {"mode": "any", "modes": ["forget"], "times": 10**9}
MIXES = [{**ILL, "share": 0.3}, {**ILL, "share": 0.1}, {**ILL, "modes": ["late", "timeout"]},
         {**ILL, "modes": ["slow", "action"]}, {**ILL, "modes": ["timeout"], "share": 0.5},
         {**ILL, "modes": ["error", "garbage", "twice"], "share": 0.5}, WELL]


class Provider:
    """The fake provider in a process of its own, with its truth."""

    def __init__(self, program, truth):
        self.truth = truth
        self.process = subprocess.Popen([sys.executable, "-B", program, "--truth", truth],
                                        stdout=subprocess.PIPE, text=True)
        self.port = self.process.stdout.readline().split()[-1]

    def ask(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}{path}", data) as answer:
            return json.load(answer)

    def acts(self):
        with open(self.truth, encoding="utf-8") as lines:
            return [one for one in map(json.loads, lines) if one[0] != "book"]

    def close(self):
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()


def read_until(pipe, wanted, until):
    """Reads until `wanted` lines are there or that time has come, or all when it is None."""
    raw = b""
    while until is None or raw.count(b"\n") < wanted:
        left = None if until is None else max(until - time.monotonic(), 0)
        if not select.select([pipe], [], [], left)[0]:
            break
        more = os.read(pipe, 65536)
        if not more:
            break
        raw += more
    return raw


def parse(raw):
    """Whole lines only: the last one may be cut by the kill."""
    rows = [line.split() for line in raw.decode().split("\n")[:-1]]
    return [[kind, operation, int(event), subject, *map(int, rest)]
            for kind, operation, event, subject, *rest in (row for row in rows if len(row) == 7)]


class Run:
    def __init__(self, kind, pay, program, seed, control):
        self.kind, self.pay, self.program, self.control = kind, pay, program, control
        self.chosen = random.Random(seed)
        self.kills = self.stores = self.told = self.orders = self.txns = self.acts = 0

    def kill(self, url, provider, cycle):
        """Runs the load and kills it; what it told."""
        chosen = self.chosen
        provider.ask("/behave", FORGETFUL if self.control else chosen.choice(MIXES))
        child = subprocess.Popen([self.pay, url, provider.port, str(cycle)],
                                 stdout=subprocess.PIPE)
        early = chosen.random() < 0.15 and not self.control
        # The moment is counted from the first answer on, however slow the machine: before it only
        # where the opening is to be killed.
        raw = b"" if early else read_until(child.stdout.fileno(), 1, time.monotonic() + 60)
        raw += read_until(child.stdout.fileno(), 1 if early else chosen.randint(2, 300),
                          time.monotonic() + chosen.random() * 1.2)
        child.send_signal(signal.SIGKILL)
        raw += read_until(child.stdout.fileno(), 0, None)
        child.stdout.close()
        ended = child.wait()
        assert ended == -signal.SIGKILL, f"the load ended by itself: {ended}"
        self.kills += 1
        return parse(raw)

    def store(self, kills):
        """A new store, killed so many times, worked off and compared; what is wrong."""
        name = f"{self.kind}-{self.control}-{self.stores}"
        url, told = f"{self.kind}:{name}", []
        self.stores += 1
        provider = Provider(self.program, name + ".truth")
        try:
            for cycle in range(kills):
                told += self.kill(url, provider, cycle + 1)
            return self.compare(url, provider, told)
        finally:
            provider.close()

    def compare(self, url, provider, told):
        provider.ask("/behave", WELL)
        done = subprocess.run([self.pay, url, provider.port], stdout=subprocess.PIPE, check=False)
        if done.returncode != 0:
            return [f"{url}: what was open was not worked off: {done.returncode}"]
        told += parse(done.stdout)
        acts = provider.acts()
        given = {"told": told, "acts": acts, "bookings": provider.ask("/bookings")}
        looked = subprocess.run([sys.executable, "-B", os.path.join(HERE, "look_payments.py"), url],
                                input=json.dumps(given), stdout=subprocess.PIPE, text=True,
                                check=False)
        if looked.returncode != 0:
            return [f"{url}: it could not be looked at: {looked.returncode}"]
        found = json.loads(looked.stdout)
        self.told += len(told)
        self.acts += len(acts)
        self.orders += found["orders"]
        self.txns += found["txns"]
        return [f"{url}: {text}" for text in found["problems"]]


def test_kills(run):
    """Kills until the budget is used up; the first problem ends it."""
    kills = int(os.environ.get("HOLDFAST_CRASH_CYCLES", 0))
    until = time.monotonic() + float(os.environ.get("HOLDFAST_CRASH_SECONDS", 14))
    while run.kills < kills if kills else run.stores == 0 or time.monotonic() < until:
        problems = run.store(STORE_KILLS)
        if problems:
            return problems
    return []


def test_control(run):
    for _ in range(CONTROL_STORES):
        problems = run.store(1)
        if any("double" in text for text in problems):
            return []
        if problems:
            return problems
    return [f"{CONTROL_STORES} stores, and no double charge was found"]


def main():
    kind, pay, program = sys.argv[1:4]
    seed = int(os.environ.get("HF_TEST_SEED", time.time_ns() % 10**9))
    print(f"# HF_TEST_SEED={seed}; again: HF_TEST_SEED={seed} meson test crash_payments_{kind}")
    print("1..2", flush=True)
    failed = False
    for number, (title, test, control) in enumerate((
            ("provider, participants and store agree", test_kills, 0),
            ("a provider that forgets its keys is found to charge twice", test_control, 1)), 1):
        run = Run(kind, pay, program, seed, control)
        problems = test(run)
        failed = failed or bool(problems)
        print(*problems, sep="\n", file=sys.stderr)
        print(f"{'not ok' if problems else 'ok'} {number} {kind}: {title}: {run.kills} kills, "
              f"{run.orders} orders, {run.txns} transactions, {run.acts} acts of the provider, "
              f"{run.told} told", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
