"""The ports of tests/support/ports.py: no other test has them, and the system gives them to nobody."""
import json
import os
import socket
import subprocess
import sys

SUPPORT = os.path.join(sys.argv[1], "tests", "support")
sys.path.insert(0, SUPPORT)
from ports import PAST, free_port, free_ports, is_free, is_ours  # noqa: E402

from harness import Skip, run  # noqa: E402


def another(expression):
    """What the expression over the module is in another process that runs at the same time."""
    code = f"import sys; sys.path.insert(0, {SUPPORT!r}); import ports; print({expression})"
    return subprocess.run([sys.executable, "-B", "-c", code], capture_output=True, text=True,
                          check=True).stdout.strip()


def check(_):
    with open("/proc/sys/net/ipv4/ip_local_port_range", encoding="ascii") as file:
        first, last = map(int, file.read().split())
    if first < PAST:
        raise Skip(f"the system of this machine gives ports from {first} on")
    ports = free_ports(100)
    twice = [port for port in ports if ports.count(port) > 1]
    given = [port for port in ports if first <= port <= last]
    taken = json.loads(another(f"[port for port in {ports} if ports.is_ours(port)]"))
    return [f"{what}: {which}" for what, which in
            (("twice", twice), ("given by the system", given), ("another test's too", taken))
            if which]


def sees_that_one_is_listened_on(_):
    with socket.create_server(("127.0.0.1", 0)) as other:
        return ["free"] if is_free(other.getsockname()[1]) else []


def sees_that_one_is_left(_):
    port = int(another("ports.free_port()"))  # that process has ended
    return [] if is_ours(port) and is_free(port) else [f"{port} is still another's"]


def sees_one_of_its_own(_):
    return ["twice"] if is_ours(free_port()) else []


if __name__ == "__main__":
    run("ports are a test's own", check, [], more={
        "a port that another program listens on": sees_that_one_is_listened_on,
        "a port that an ended test has left": sees_that_one_is_left,
        "a port that the same test has": sees_one_of_its_own})
