"""A web server of the examples in a process of its own, on a free port of the loopback."""
import importlib.util
import json
import os
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any, Callable, List, Tuple, TypeVar

import tap
from ports import free_port

#: The status of an HTTP response, and its body: what its JSON text means, else the bytes.
Answer = Tuple[int, Any]
Started = TypeVar("Started", bound="Server")
EXAMPLES = Path(__file__).resolve().parents[2] / "bindings" / "python" / "examples"


class Server:
    """Started in `with`; `needs` are the modules that its command needs, `ready` a path that it has."""

    needs: Tuple[str, ...] = ()
    ready = "/"

    def __init__(self, store: str) -> None:
        for name in self.needs:
            if importlib.util.find_spec(name) is None:
                raise tap.Skip(f"{name} is not installed")
        self.port = free_port()
        env = {**os.environ, "PYTHONPATH": str(EXAMPLES.parent), "HOLDFAST_STORE": store}
        self.process = subprocess.Popen([sys.executable, "-B", "-m", *self.command()], env=env)

    def command(self) -> List[str]:
        """The module to run, with its arguments."""
        raise NotImplementedError

    def __enter__(self: Started) -> Started:
        while True:
            try:
                self.ask("GET", self.ready)
                return self
            except urllib.error.URLError:
                assert self.process.poll() is None, "the server has ended"
                time.sleep(0.02)

    def __exit__(self, *_: object) -> None:
        self.process.terminate()
        assert self.process.wait(60) in (0, -15)

    def ask(self, method: str, path: str, body: object = None, **headers: str) -> Answer:
        """One request; (status, what was answered)."""
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, method=method,
                                       headers={"Content-Type": "application/json", **headers})
        try:
            with urllib.request.urlopen(asked, timeout=600) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as answer:
            text = answer.read()
            return answer.code, json.loads(text) if "json" in answer.headers["Content-Type"] else text


def orders_of_clients(order: Callable[[str], Answer], clients: int = 8,
                      orders: int = 5) -> List[Answer]:
    """What all answered when each client sends each of its orders twice, all at the same time."""
    answers: List[Answer] = []

    def client(number: int) -> None:
        for n in range(orders):
            for _ in range(2):
                answers.append(order(f"{number}-{n}"))

    threads = [threading.Thread(target=client, args=(number,)) for number in range(clients)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    return answers
