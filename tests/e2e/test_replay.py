"""Replay loses no line: it waits for a full queue, repeats what may be repeated, and ends."""
import array
import contextlib
import fcntl
import os
import signal
import subprocess
import sys
import termios
import time

from harness import contains, equal, lines_of, run

TEA = {"op": "item_put", "args": {"key": {"name": "tea"}}}
TO = {"kind": "ITEM", "name": "tea", "unit": "pcs"}
EUR = {"op": "unit_put", "args": {"code": "EUR", "scale": 2}}
WAITING = {"currency": "EUR", "total": 0, "policy": ["QUEUE"],
           "lines": [{"sku": "tea", "quantity": 1, "unit_price": 0}]}


def receive(number):
    return {"op": "item_receive", "id": f"019b76da-a801-79b3-b1ca-{number:012x}",
            "args": {"to": TO, "amount": 1}}


def order(number):
    return {"op": "order_place", "id": f"019b76da-a801-79b3-b1cb-{number:012x}", "args": WAITING}


def write(name, operations):
    with open(name, "wb") as file:
        file.write(lines_of(operations))
    return name


def replayed(store, name, *options):
    """Replays a file; a run of two minutes is ended and fails."""
    done = subprocess.run([sys.argv[1], "--store", store, "replay", *options, name], check=False,
                          capture_output=True, timeout=600)
    equal((done.returncode, done.stderr), (0, b""), (store, name, options))
    return done.stdout.decode().split()


@contextlib.contextmanager
def busy_machine():
    """Other processes want every processor meanwhile."""
    count = 4 * (os.cpu_count() or 1)
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def ends_when_busy():
    """On a busy machine a replay ends, whatever the number of lines and the window."""
    names = [(write(f"{count}.jsonl", [TEA, *map(receive, range(count - 1))]), count)
             for count in (32, 64)]
    with busy_machine():
        for turn in range(8):
            for name, count in names:
                for options in ([], ["--window", "1"]):
                    store = ("memory:", f"lmdb:{name}.{turn}{len(options)}")[turn % 2]
                    equal(replayed(store, name, *options)[-1], str(count - 1))


def has_read_all(child):
    """Whether the child has taken everything that was written to its standard input, or has ended."""
    unread = array.array("i", [0])
    fcntl.ioctl(child.stdin, termios.FIONREAD, unread)
    return unread[0] == 0 or child.poll() is not None


def catches(child, number):
    """Whether the child has a handler for a signal; an ended child has none."""
    with open(f"/proc/{child.pid}/status", encoding="utf-8") as status:
        caught = next(line.split()[1] for line in status if line.startswith("SigCgt:"))
    return int(caught, 16) >> (number - 1) & 1 == 1


def until(condition, *arguments):
    while not condition(*arguments):
        time.sleep(0.001)


def ended_by(lines, first, second):
    """
    The exit code after two signals; 130 when the first one came before the last line was executed.
    The second one is sent as soon as the first one has reset the handlers.
    """
    with subprocess.Popen([sys.argv[1], "--store", "memory:", "replay", "-"],
                          stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                          stderr=subprocess.PIPE) as child:
        child.stdin.write(lines_of(lines))
        child.stdin.flush()
        contains(child.stderr.readline().decode(), "HF_E_AMOUNT")
        until(has_read_all, child)
        child.send_signal(first)
        until(lambda: not catches(child, second))
        child.send_signal(second)
        return child.wait(timeout=600)


def second_signal():
    """A second signal of either kind ends a replay that waits for what does not come."""
    branch = {"participant": "nobody", "payload": "x"}
    waits = {"op": "txn_submit",
             "args": {"wait": "DECIDED", "wait_ms": 60000, "branches": [branch]}}
    refused = {"op": "item_receive", "args": {"to": TO, "amount": 0}}
    for first, second in ((signal.SIGINT, signal.SIGTERM), (signal.SIGTERM, signal.SIGINT),
                          (signal.SIGINT, signal.SIGINT)):
        code = 130
        while code == 130:
            code = ended_by([TEA, refused, waits], first, second)
        equal(code, -second)


def repeated_file():
    """A file of 40,001 operations is replayed a second time with the largest window."""
    name = write("again.jsonl", [TEA, *map(receive, range(40000))])
    for store in ("memory:", "lmdb:again.lmdb", "sqlite:again.db"):
        for _ in range(1 if store == "memory:" else 2):
            equal(replayed(store, name, "--window", "16384")[-1], "40000", store)


def queued_orders():
    """30,000 orders that wait for an item that is not there are all accepted."""
    name = write("queued.jsonl", [TEA, EUR, *map(order, range(30000))])
    equal("30000" in replayed("memory:", name), True)


if __name__ == "__main__":
    run([ends_when_busy, second_signal, repeated_file, queued_orders])
