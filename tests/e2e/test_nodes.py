"""What `holdfast nodes` shows of an engine that ended without closing: killed, it left its row."""
import signal
import subprocess
import sys

from harness import contains, equal, holdfast, run

ENGINE = """
import sys
from holdfast import Engine
engine = Engine(sys.argv[1], node_name=b"till-3", node_role=b"shop", node_address=b"10.0.0.3:80")
for name in (b"a", b"b", b"c"):
    done, = engine.do([("account_put", {"key": (2, name, b"", b"EUR"), "unit_scale": 2})])
    assert done.status == 0, done.detail
print("ready", flush=True)
while True:
    engine.completions()
"""


def leave(store):
    """An engine with a name works on the store and is killed."""
    child = subprocess.Popen([sys.executable, "-B", "-c", ENGINE, store], stdout=subprocess.PIPE)
    equal(child.stdout.readline(), b"ready\n", store)
    child.send_signal(signal.SIGKILL)
    equal(child.wait(), -signal.SIGKILL, store)
    child.stdout.close()


def listed():
    """A killed engine is listed with its name, role and address."""
    for store in ("lmdb:left.mdb", "sqlite:left.db"):
        leave(store)
        (node,) = holdfast("nodes", "--json", store=store).json()["nodes"]
        equal((node["name"], node["role"], node["address"]), ("till-3", "shop", "10.0.0.3:80"))
        equal(node["draining"], False, store)
        table = holdfast("nodes", store=store)
        equal(table.code, 0, store)
        contains(table.out, "till-3")


if __name__ == "__main__":
    run([listed])
