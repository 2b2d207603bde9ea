"""Ports of the loopback that stay a test's own, also while nothing listens there.

A port that the system gave and that is left again may be given to an outgoing connection of any
process, and a server that is started there again is refused. The ports here lie below those that
the system gives, and a name in the abstract namespace keeps other tests away from them.
"""
import errno
import random
import socket
from typing import List

FIRST, PAST = 10000, 30000  # the system gives 32768 to 60999 unless it is told otherwise
held: List[socket.socket] = []  # until the end of this process


def is_ours(port: int) -> bool:
    """Whether no other test has the port; none will have it then."""
    name = socket.socket(socket.AF_UNIX)
    try:
        name.bind(f"\0holdfast-test-port-{port}")
    except OSError as problem:
        name.close()
        if problem.errno != errno.EADDRINUSE:
            raise
        return False
    held.append(name)
    return True


def is_free(port: int) -> bool:
    """Whether nothing listens at the port."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def free_port() -> int:
    """A port that nobody else listens on before this process has ended."""
    while True:
        port = random.randrange(FIRST, PAST)
        if is_ours(port) and is_free(port):
            return port


def free_ports(count: int) -> List[int]:
    """Different ports of that kind."""
    return [free_port() for _ in range(count)]
