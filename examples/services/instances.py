"""Processes of the example: instances of the server, and HAProxy in front of the orders."""
import http.client
import json
import os
import random
import shutil
import socket
import subprocess
import time
import uuid
import zlib

HERE = os.path.dirname(os.path.abspath(__file__))


def free_address():
    """One where nobody listens, below the ports of outgoing connections: it stays free meanwhile."""
    while True:
        at = "127.0.0.1", random.randrange(30000, 32768)
        with socket.socket() as link:
            link.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                link.bind(at)
            except OSError:
                continue
        return "%s:%d" % at


def new_key():
    """A UUIDv7 of now: an idempotency key, and the id of the order."""
    raw = bytearray(int(time.time() * 1000).to_bytes(6, "big") + os.urandom(10))
    raw[6], raw[8] = 0x70 | raw[6] & 0x0F, 0x80 | raw[8] & 0x3F
    return str(uuid.UUID(bytes=bytes(raw)))


class Instance:
    """One instance: its address and its store stay the same when it is started again."""

    def __init__(self, server, work, store, role, number, *flags):
        self.name, self.role, self.at = f"{role}-{number}", role, free_address()
        self.command = [server, "--role", role, "--listen", self.at, "--log-requests", "false",
                        "--store", f"{store}:{work}/{role}-{number}.db", *flags]
        self.log, self.process = f"{work}/{role}-{number}.log", None

    def start(self):
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(self.command, stdout=log, stderr=log)

    def kill(self):
        self.process.kill()
        self.process.wait()

    def stop(self):
        self.process.terminate()
        return self.process.wait()

    def is_ready(self):
        try:
            return self.ask("GET", "/readyz")[0] == 200
        except OSError:
            return False

    def ask(self, method, path, body=None):
        """One request of an operator: the status, and what was answered."""
        link = http.client.HTTPConnection(self.at, timeout=30)
        link.request(method, path, None if body is None else json.dumps(body),
                     {"Content-Type": "application/json", "Idempotency-Key": new_key()})
        answer = link.getresponse()
        text = answer.read()
        link.close()
        return answer.status, json.loads(text)

    def make(self, path, body):
        status, answer = self.ask("POST", path, body)
        if status not in (200, 201):
            raise RuntimeError(f"{self.name}: {path}: {answer}")
        return answer

    def rows(self, path, name):
        """Every record of a list, page by page."""
        cursor = ""
        while cursor is not None:
            mark = "&" if "?" in path else "?"
            page = self.ask("GET", f"{path}{mark}limit=256" + (cursor and f"&cursor={cursor}"))[1]
            yield from page[name]
            cursor = page["next_cursor"]


def wait_for(instances, seconds=60):
    """Waits until all of them are ready."""
    until = time.monotonic() + seconds
    while not all(i.is_ready() for i in instances):
        for i in instances:
            if i.process.poll() is not None:
                with open(i.log, encoding="utf-8") as log:
                    raise RuntimeError(f"{i.name} has ended: {log.read()[-500:]}")
        if time.monotonic() > until:
            raise RuntimeError("the instances do not get ready")
        time.sleep(0.02)


class Front:
    """Where clients send a key: to HAProxy, or without it to the instance that HAProxy would pick."""

    def __init__(self, orders):
        self.orders, self.process = orders, None
        if shutil.which("haproxy") is None:
            return
        self.at = free_address()
        self.process = subprocess.Popen(
            ["haproxy", "-q", "-db", "-f", os.path.join(HERE, "haproxy.cfg")],
            env={**os.environ, "FRONT": self.at, "ORDER_1": orders[0].at, "ORDER_2": orders[1].at},
            stdout=subprocess.DEVNULL)

    def address(self, key):
        return self.at if self.process else self.orders[zlib.crc32(key.encode()) % 2].at

    def wait(self, seconds=30):
        """Waits until both instances are reached."""
        until = time.monotonic() + seconds
        keys = [next(k for k in map(str, range(99)) if zlib.crc32(k.encode()) % 2 == half)
                for half in (0, 1)]
        while not all(self.reaches(key) for key in keys):
            if time.monotonic() > until:
                raise RuntimeError("HAProxy does not reach the instances")
            time.sleep(0.02)

    def reaches(self, key):
        link = http.client.HTTPConnection(self.address(key), timeout=30)
        try:
            link.request("GET", f"/v1/orders/{key}")
            return link.getresponse().status < 500
        except OSError:
            return False
        finally:
            link.close()

    def stop(self):
        if self.process:
            self.process.terminate()
            self.process.wait()
