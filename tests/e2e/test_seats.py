"""A service behind the barrier: duplicates, reordering, and engines that were replaced."""
import os
import random
import sqlite3
import subprocess
import uuid

from harness import TOOL, equal, run

SEATS = 400


def new_id():
    """A UUIDv7 of no particular time."""
    raw = bytearray(uuid.uuid4().bytes)
    raw[6] = 0x70 | raw[6] & 0x0F
    return str(uuid.UUID(bytes=bytes(raw)))


class Service:
    """The program, on a database of its own."""

    def __init__(self, path="seats.db"):
        self.path = path

    def __enter__(self):
        if os.path.exists(self.path):
            os.remove(self.path)
        self.start()
        return self

    def start(self):
        self.process = subprocess.Popen([TOOL, self.path, f"hamlet={SEATS}"], text=True,
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def __exit__(self, *_):
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()

    def call(self, phase, txn, epoch=1, seats=2, attempt=1, branch=1):
        print(phase, txn, branch, attempt, epoch, "hamlet", seats, file=self.process.stdin,
              flush=True)
        return self.process.stdout.readline().split()[0]

    def kill(self):
        self.process.kill()
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
        self.start()

    def books(self):
        with sqlite3.connect(self.path) as db:
            return db.execute("SELECT reserved, sold FROM shows").fetchone()


def calls_come_twice():
    """What was done is answered again, and done once."""
    with Service() as service:
        txn = new_id()
        for phase, books in (("try", (2, 0)), ("confirm", (0, 2))):
            equal([service.call(phase, txn) for _ in range(3)], ["OK"] * 3)
            equal(service.books(), books)
        equal(service.call("cancel", txn), "REJECTED")
        equal(service.books(), (0, 2))


def a_cancel_overtakes_its_try():
    """The cancel succeeds, and the try that comes after it reserves nothing."""
    with Service() as service:
        txn = new_id()
        equal(service.call("cancel", txn), "OK")
        equal(service.call("try", txn), "REJECTED")
        equal(service.call("cancel", txn), "OK")
        equal(service.books(), (0, 0))


def a_refused_try_stays_refused():
    """A copy of a try that was refused must not reserve what nobody will cancel."""
    with Service() as service:
        full, txn = new_id(), new_id()
        equal(service.call("try", full, seats=SEATS), "OK")
        equal(service.call("try", txn), "REJECTED")
        equal(service.call("cancel", full), "OK")
        equal(service.call("try", txn), "REJECTED")
        equal(service.books(), (0, 0))


def an_engine_that_was_replaced_is_refused():
    """A lower epoch than the row's does nothing, whatever it asks."""
    with Service() as service:
        txn = new_id()
        equal(service.call("try", txn, epoch=5), "OK")
        equal(service.call("cancel", txn, epoch=4), "REJECTED")
        equal(service.call("confirm", txn, epoch=6), "OK")
        equal(service.books(), (0, 2))


def what_is_no_call_is_unknown():
    """A malformed line changes nothing and is not taken for a refusal."""
    with Service() as service:
        equal(service.call("tries", new_id()), "UNKNOWN")
        equal(service.call("try", "no-id"), "UNKNOWN")
        equal(service.call("try", new_id(), seats=-1), "UNKNOWN")
        equal(service.books(), (0, 0))


def random_orders_end_right():
    """Duplicates in any order, with kills between: nothing is left reserved, each is sold once."""
    seed = int(os.environ.get("HF_TEST_SEED", random.SystemRandom().randrange(1 << 32)))
    print(f"# HF_TEST_SEED={seed}")
    chosen = random.Random(seed)
    with Service() as service:
        fates = {new_id(): chosen.choice(["confirm", "cancel"]) for _ in range(150)}
        late, sold = [], 0
        for txn, fate in fates.items():
            first = service.call("try", txn) if fate == "confirm" or chosen.random() < 0.6 else ""
            fate = fate if first == "OK" else "cancel"
            fates[txn] = fate
            sold += 2 if fate == "confirm" else 0
            late += [(fate, txn)] * chosen.randint(1, 3) + [("try", txn)] * chosen.randint(0, 2)
        chosen.shuffle(late)
        for place, (phase, txn) in enumerate(late):
            service.call(phase, txn, attempt=place + 2)
            if place % 100 == 50:
                service.kill()
        equal(service.books(), (0, sold))


if __name__ == "__main__":
    run([calls_come_twice, a_cancel_overtakes_its_try, a_refused_try_stays_refused,
         an_engine_that_was_replaced_is_refused, what_is_no_call_is_unknown,
         random_orders_end_right])
