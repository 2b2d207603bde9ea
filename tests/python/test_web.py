"""The web shop with FastAPI: orders over HTTP, never oversold, done once, and there after a restart."""
import importlib.util
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from pathlib import Path

import tap

EXAMPLES = Path(__file__).resolve().parents[2] / "bindings" / "python" / "examples"


class Server:
    """The web shop in a process of its own, on a free port of the loopback."""

    def __init__(self, store):
        for name in ("fastapi", "uvicorn"):
            if importlib.util.find_spec(name) is None:
                raise tap.Skip(f"{name} is not installed")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        env = {**os.environ, "PYTHONPATH": str(EXAMPLES.parent), "HOLDFAST_STORE": store}
        self.process = subprocess.Popen(
            [sys.executable, "-B", "-m", "uvicorn", "--app-dir", str(EXAMPLES), "--port",
             str(self.port), "--log-level", "warning", "web_shop:app"], env=env)

    def __enter__(self):
        while True:
            try:
                self.ask("GET", "/items/none")
                return self
            except urllib.error.URLError:
                assert self.process.poll() is None, "the server has ended"
                time.sleep(0.02)

    def __exit__(self, *_):
        self.process.terminate()
        assert self.process.wait(60) in (0, -15)

    def ask(self, method, path, body=None, **headers):
        """One request; (status, what was answered)."""
        data = None if body is None else json.dumps(body).encode()
        asked = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data, method=method,
                                       headers={"Content-Type": "application/json", **headers})
        try:
            with urllib.request.urlopen(asked, timeout=60) as answer:
                return answer.status, json.load(answer)
        except urllib.error.HTTPError as answer:
            return answer.code, json.load(answer)

    def order(self, key, quantity=1, **headers):
        """Orders tea for ada."""
        body = {"customer": "ada",
                "lines": [{"sku": "tea", "quantity": quantity, "unit_price": 450}]}
        return self.ask("POST", "/orders", body, **{"Idempotency-Key": key, **headers})


def test_shop():
    """An order is placed, read and repeated; refusals are problems with the right status."""
    with Server("sqlite:shop.db") as shop:
        assert shop.ask("GET", "/items/tea")[0] == 404
        assert shop.ask("PUT", "/items/tea?quantity=10")[1] == {"on_hand": 10}
        assert shop.ask("PUT", "/wallets/ada?amount=100000")[1] == {"balance": 100_000}
        status, order = shop.order("basket-1", 2)
        assert status == 201 and order["state"] == "CLOSED" and order["captured"] == 900
        assert shop.order("basket-1", 2) == (201, order)
        status, problem = shop.order("basket-1", 3)
        assert status == 409 and problem["title"] == "HF_E_ID_REUSED" and not problem["retryable"]
        status, problem = shop.order("basket-2", 9)
        assert status == 409 and "ITEM tea [pcs]: 9 wanted, 8 available" in problem["detail"]
        assert shop.ask("GET", f"/orders/{order['id']}") == (200, order)
        assert shop.ask("GET", "/items/tea")[1] == {"on_hand": 8, "available": 8}
        assert shop.ask("POST", "/orders", {"customer": "ada", "lines": []})[0] == 422
    with Server("sqlite:shop.db") as shop:
        assert shop.ask("GET", f"/orders/{order['id']}") == (200, order)


def test_never_oversold():
    """Many clients at once sell exactly what there is, each order once."""
    with Server("memory:") as shop:
        shop.ask("PUT", "/items/tea?quantity=25")
        shop.ask("PUT", "/wallets/ada?amount=1000000")
        answers = []

        def client(number):
            for n in range(5):
                for _ in range(2):
                    answers.append(shop.order(f"{number}-{n}"))

        clients = [threading.Thread(target=client, args=(number,)) for number in range(8)]
        for one in clients:
            one.start()
        for one in clients:
            one.join()
        sold = {answer["number"] for status, answer in answers if status == 201}
        assert sold == set(range(1, 26)) and {status for status, _ in answers} == {201, 409}
        assert shop.ask("GET", "/items/tea")[1] == {"on_hand": 0, "available": 0}


if __name__ == "__main__":
    tap.run(__name__)
