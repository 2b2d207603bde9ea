"""Starts holdfast-server on a store of its own, speaks HTTP with it, and ends it."""
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "e2e"))

from description import Description  # noqa: E402  pylint: disable=C0413
from harness import (  # noqa: E402,F401  pylint: disable=C0413
    ROOT, Skip, contains, equal, free_port, free_ports, holdfast, run)

SERVER = os.path.abspath(sys.argv[3])
SANITIZED = "HOLDFAST_SANITIZED" in os.environ
DRIVER = sys.argv[4] if len(sys.argv) > 4 else "memory"


keys_made = 0


def new_key():
    """A UUIDv7 of now, not below the last one of its millisecond: an idempotency key."""
    global keys_made
    keys_made = (keys_made + 1) % 16384
    if keys_made == 0:
        time.sleep(0.002)  # the next ones begin with a later millisecond
    raw = bytearray(int(time.time() * 1000).to_bytes(6, "big") +
                    (keys_made << 66 | int.from_bytes(os.urandom(8), "big")).to_bytes(10, "big"))
    raw[6], raw[8] = 0x70 | raw[6] & 0x0F, 0x80 | raw[8] & 0x3F
    return str(uuid.UUID(bytes=bytes(raw)))


class Answer:
    """A response: status, headers by lower-case name, body."""

    def __init__(self, response):
        self.status = response.status
        self.headers = {name.lower(): value for name, value in response.getheaders()}
        self.body = response.read()

    def json(self):
        return json.loads(self.body)

    def code(self):
        """The code of a problem, which must be whole."""
        equal(self.headers["content-type"], "application/problem+json")
        problem = self.json()
        equal(problem["status"], self.status, "status in the body")
        for name in ("type", "title", "class", "retryable", "trace_id"):
            equal(name in problem, True, name)
        return problem["code"]


class Server:
    """The program on a new store, or on the one of that path."""

    count = 0
    described = {}

    def __init__(self, *flags, store=None, driver=None, environment=None):
        driver = driver or DRIVER
        Server.count += 1
        path = os.path.abspath(f"store-{Server.count}.db")
        self.store = store or ("memory:" if driver == "memory" else f"{driver}:{path}")
        self.flags = [*flags]
        self.role = flags[flags.index("--role") + 1] if "--role" in flags else "all"
        self.environment = environment or {}
        self.log = []

    def __enter__(self):
        self.start()
        return self

    def start(self):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("HOLDFAST_SERVER_")}
        self.process = subprocess.Popen(
            [SERVER, "--store", self.store, "--listen", "127.0.0.1:0", *self.flags],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={**clean, **self.environment})
        self.address = None
        for line in self.process.stdout:
            self.log.append(json.loads(line))
            if self.log[-1]["msg"] == "listening":
                self.address = self.log[-1]["address"]
                break
        if self.address is None:
            raise AssertionError("the server does not listen: " + self.process.stderr.read())
        self.host, self.port = self.address.rsplit(":", 1)

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self):
        """Waits for its end, keeps its log, and returns its exit code."""
        out, self.err = self.process.communicate(timeout=600)
        self.log += [json.loads(line) for line in out.splitlines()]
        return self.process.returncode

    def stop(self):
        self.signal(signal.SIGTERM)
        return self.wait()

    def kill(self):
        self.process.kill()
        self.wait()

    def __exit__(self, kind, error, trace):
        if self.process.poll() is None:
            code = self.stop()
            if kind is None:
                equal(code, 0, "exit code; " + self.err[-500:])

    def connect(self):
        return http.client.HTTPConnection(self.host, int(self.port), timeout=600)

    def socket(self):
        return socket.create_connection((self.host, int(self.port)), timeout=600)

    def raw(self, data):
        """Sends bytes as they are; returns what comes until the end, or b"" when it is cut."""
        with self.socket() as link:
            try:
                link.sendall(data)
                link.shutdown(socket.SHUT_WR)
            except OSError:  # it has been cut already
                pass
            return read_all(link)

    def ask(self, method, path, body=None, key=None, link=None, **headers):
        """One request; names of headers have '_' for '-'."""
        own = link is None
        link = link or self.connect()
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if key is not None:
            sent["Idempotency-Key"] = key
        if body is not None and not isinstance(body, bytes):
            body = json.dumps(body).encode()
        if body is not None and "Content-Type" not in sent:
            sent["Content-Type"] = "application/json"
        link.request(method, path, body, sent)
        answer = Answer(link.getresponse())
        if own:
            link.close()
        if path != "/openapi.json":
            self.description().check(method, path, answer)
        return answer

    def description(self):
        """What the server says of itself; the same for every server of this program and role."""
        if self.role not in Server.described:
            link = self.connect()
            link.request("GET", "/openapi.json")
            Server.described[self.role] = Description(Answer(link.getresponse()).json())
            link.close()
        return Server.described[self.role]

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def post(self, path, body=None, key=None, **more):
        return self.ask("POST", path, {} if body is None else body, key or new_key(), **more)

    def good(self, path, body=None, key=None, **more):
        """A POST that must succeed; what it returned."""
        answer = self.post(path, body, key, **more)
        if answer.status not in (200, 201):
            raise AssertionError(f"{path}: {answer.status} {answer.body!r}")
        return answer.json()

    def open_shop(self, tea=1000, money=0, customer="ada"):
        """A unit, an item and, with money, a wallet."""
        self.good("/v1/units", {"code": "EUR", "scale": 2})
        self.good("/v1/items", {"key": {"name": "tea"}, "opening": tea})
        self.good("/v1/items", {"key": {"name": "cup"}, "opening": tea})
        if money:
            wallet = {"kind": "MONEY", "name": customer, "unit": "EUR"}
            self.good("/v1/accounts", {"key": wallet, "opening": money})

    def item(self, name):
        return self.get(f"/v1/items/{name}").json()["item"]


def preload(code):
    """The path of a library of that code, whose functions a server has in place of the system's."""
    compiler = shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise Skip("there is no compiler for the library")
    with open("preload.c", "w", encoding="ascii") as file:
        file.write(code)
    subprocess.run([compiler, "-shared", "-fPIC", "-o", "preload.so", "preload.c"], check=True)
    return os.path.abspath("preload.so")


def read_all(link):
    data = b""
    try:
        while True:
            part = link.recv(65536)
            if not part:
                return data
            data += part
    except ConnectionResetError:
        return data


def order(quantity=1, **more):
    """An order of tea that is paid later."""
    return {"currency": "EUR", "total": 450 * quantity, "policy": ["PAY_LATER"],
            "lines": [{"sku": "tea", "quantity": quantity, "unit_price": 450}], **more}


def checkout(customer="ada"):
    """Two lines, paid from the wallet of the customer."""
    return {"currency": "EUR", "customer": customer, "total": 2100,
            "lines": [{"sku": "tea", "quantity": 2, "unit_price": 450},
                      {"sku": "cup", "quantity": 1, "unit_price": 1200}],
            "payments": [{"account": {"kind": "MONEY", "name": customer, "unit": "EUR"},
                          "amount": 2100}]}
