"""`holdfast status` and `holdfast top`: a running engine, one that was killed, a store at rest."""
import json
import os
import signal
import subprocess
import sys

from harness import TOOL, contains, equal, holdfast, replay, run

ENGINE = """
import sys
from holdfast import Engine
engine = Engine(sys.argv[1], metrics_file=sys.argv[2].encode())
for name in (b"a", b"b", b"c"):
    done, = engine.do([("account_put", {"key": (2, name, b"", b"EUR"), "unit_scale": 2})])
    assert done.status == 0, done.detail
print("ready", flush=True)
if sys.argv[3] == "close":
    sys.stdin.readline()
    engine.close()
while sys.argv[3] != "close":
    engine.completions()
"""


class Child:
    """An engine in a process of its own."""

    def __init__(self, store, path, end):
        self.process = subprocess.Popen([sys.executable, "-B", "-c", ENGINE, store, path, end],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        equal(self.process.stdout.readline(), b"ready\n", store)

    def end(self, how=None):
        """Kills it, or lets it close the engine."""
        if how is not None:
            self.process.send_signal(how)
        self.process.communicate(b"\n")
        equal(self.process.returncode, 0 if how is None else -how, "its end")


def status(*arguments, store=None):
    answer = holdfast("status", "--json", *arguments, store=store)
    equal(answer.code, 0, answer.err)
    return answer.json()["status"][0]


def running():
    """A running engine is shown with its process and what it did in the last minute."""
    for store in ("lmdb:run.mdb", "sqlite:run.db"):
        path = store.split(":")[1] + ".metrics"
        child = Child(store, path, "run")
        found = status(store=store)  # PATH.metrics is found beside the store
        equal((found["state"], found["pid"]), ("OK", child.process.pid), store)
        while found["operations"] < 3:
            found = status("--metrics", path)
        equal((found["availability"], found["event_seq"], found["queued"]), (1, 3, 0), store)
        for name in ("operations_per_s", "write_p50_us", "write_p99_us", "flush_p50_us"):
            equal(found[name] > 0, True, f"{name} {found}")
        table = holdfast("status", store=store)
        contains(table.out, "operations_per_s")
        rows = holdfast("top", "--rounds", 2, "--json", store=store)
        equal((rows.code, rows.out.count('"status"')), (0, 2), rows.err)
        child.end(signal.SIGKILL)


def killed():
    """What a killed engine left is recognised, and the store is shown as it is."""
    store, path = "lmdb:killed.mdb", "killed.prom"
    child = Child(store, path, "run")
    child.end(signal.SIGKILL)
    equal(os.path.exists(path), True, path)
    answer = holdfast("status", "--json", "--metrics", path, store=store)
    contains(answer.err, f"process {child.process.pid} has ended without closing")
    found = answer.json()["status"][0]
    equal((found["state"], found["event_seq"]), ("STORED", 3))
    equal(found["backlog_bytes"] > 0, True, "only the journal has the changes")
    equal(holdfast("status", "--metrics", path).code, 1, "without a store")
    equal(holdfast("top", "--metrics", path).code, 1, "nothing goes on")
    child = Child(store, path, "close")  # the next engine takes the file over
    equal(status("--metrics", path)["pid"], child.process.pid)
    child.end()
    equal(os.path.exists(path), False, path)


def closed():
    """Top ends when the engine is closed."""
    child = Child("sqlite:closed.db", "closed.db.metrics", "close")
    top = subprocess.Popen([TOOL, "top", "--json", "--store", "sqlite:closed.db"],
                           stdout=subprocess.PIPE)
    equal(top.stdout.readline(), b"{\n")
    child.end()
    rest = top.stdout.read()
    equal(top.wait(), 0)
    contains(rest.decode(), '"state": "OK"')


def at_rest():
    """Of a store without figures the state that is stored is shown, and nothing is written."""
    store = "sqlite:rest.db"
    put = json.dumps({"op": "item_put", "args": {"key": {"name": "tea"}, "opening": 5}})
    equal(replay(store, put).code, 0)
    before = sorted(os.listdir("."))
    found = status(store=store)
    equal((found["state"], found["event_seq"], found["backlog_bytes"]), ("STORED", 1, 0))
    equal(found["batch"] > 0, True, "the number of the last batch")
    equal(sorted(os.listdir(".")), before, "files")
    equal(holdfast("status", store="sqlite:none.db").code, 4, "no store")
    equal(holdfast("status").code, 2, "nothing named")
    equal(holdfast("top", store=store).code, 1, "no engine")


def unreadable():
    """A file that cannot be read is named with its cause, and the store is shown."""
    store = "sqlite:cause.db"
    put = json.dumps({"op": "item_put", "args": {"key": {"name": "tea"}, "opening": 5}})
    equal(replay(store, put).code, 0)
    with open("file", "w", encoding="utf-8") as out:
        out.write("text")
    answer = holdfast("status", "--json", "--metrics", "file/below", store=store)
    equal(answer.code, 0, answer.err)
    contains(answer.err, "file/below: Not a directory; the store itself is read")
    equal(answer.json()["status"][0]["state"], "STORED")
    for command in ("status", "top"):
        answer = holdfast(command, "--metrics", "file/below")
        equal(answer.code, 1, command)
        contains(answer.err, "file/below: Not a directory")


def tool_writes():
    """Replay and bench write the file too, and remove it; no other file is taken for it."""
    put = json.dumps({"op": "item_put", "args": {"key": {"name": "tea"}, "opening": 5}})
    equal(replay("memory:", put, options=["--metrics", "replay.prom"]).code, 0)
    equal(os.path.exists("replay.prom"), False, "after the replay")
    with open("text", "w", encoding="utf-8") as out:
        out.write("mine\n")
    answer = replay("memory:", put, options=["--metrics", "text"])
    equal(answer.code, 4, answer.err)
    contains(answer.err, "another program's file")
    with open("text", encoding="utf-8") as found:
        equal(found.read(), "mine\n")
    equal(holdfast("status", "--metrics", "text").code, 1)
    equal(holdfast("status", "--metrics", ".").code, 1)


if __name__ == "__main__":
    run([running, killed, closed, at_rest, unreadable, tool_writes])
