#!/usr/bin/env python3
"""A payment provider to try things out with: knows the truth, and misbehaves when it is told to.

Usage: fake_provider.py [--port N] [--truth FILE]
    prints "listening on PORT"; port 0 takes a free one. FILE keeps what happened, a line each, so
    that it outlives a kill.

    POST /authorize /capture /void /refund   Idempotency-Key: KEY   {"payment", "amount", "unit"}
    GET  /commands/KEY                       what became of it
    GET  /truth                              {"payments": {ID: {"authorized", "captured", ...}},
                                              "requests": N, "repeats": N}
    POST /behave {"mode": MODE, "times": N, "path": "capture"}
        ok         does what it is asked (the default)
        refuse     refuses
        slow       answers after half a second
        timeout    does it, and closes the connection without an answer
        twice      does it, and answers two times
        garbage    does it, and answers what nobody understands
        error      does nothing, and answers 500
        action     says that the payer must act first, and does it when it is asked again
"""
import argparse
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COUNTERS = {"authorize": "authorized", "capture": "captured", "void": "voided",
            "refund": "refunded"}


class Truth:
    """What really happened, by idempotency key."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.commands, self.payments = {}, {}
        self.behaviour = {"mode": "ok", "times": 0, "path": None}
        self.requests = self.repeats = 0
        self.file = open(path, "a+", encoding="utf-8") if path else None
        if self.file:
            self.file.seek(0)
            for line in self.file:
                self.do(*json.loads(line))

    def mode(self, command):
        """How to treat this request; counts it."""
        with self.lock:
            self.requests += 1
            told = self.behaviour
            if told["times"] <= 0 or told["path"] not in (None, command):
                return "ok"
            told["times"] -= 1
            return told["mode"]

    def do(self, command, key, body):
        payment = self.payments.setdefault(body["payment"], dict.fromkeys(COUNTERS.values(), 0))
        payment[COUNTERS[command]] += body["amount"]
        self.commands[key] = {"result": "ok", "amount": body["amount"],
                              "reference": f"{command[:3]}-{key[:18]}"}

    def take(self, command, key, body, mode):
        """The answer to a command: the first one again when the key is known."""
        with self.lock:
            if key in self.commands:
                self.repeats += 1
                return self.commands[key]
            if mode == "refuse":
                self.commands[key] = {"result": "refused", "reason": "insufficient funds"}
                return self.commands[key]
            if mode == "action":
                return {"result": "action_required", "reason": "3-D Secure"}
            self.do(command, key, body)
            if self.file:
                print(json.dumps([command, key, body]), file=self.file, flush=True)
            return self.commands[key]


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, body, status=200):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def do_GET(self):
        truth = self.server.truth
        if self.path == "/truth":
            with truth.lock:
                self.answer({"payments": truth.payments, "requests": truth.requests,
                             "repeats": truth.repeats})
        elif self.path.startswith("/commands/"):
            with truth.lock:
                known = truth.commands.get(self.path[len("/commands/"):])
            self.answer(known or {"result": "not_found"})
        else:
            self.answer({"error": "no such path"}, 404)

    def do_POST(self):
        truth = self.server.truth
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        command = self.path.strip("/")
        if command == "behave":
            with truth.lock:
                truth.behaviour = {"mode": "ok", "times": 1, "path": None, **body}
            self.answer({})
        elif command in COUNTERS:
            self.run(command, body, truth.mode(command))
        else:
            self.answer({"error": "no such path"}, 404)

    def run(self, command, body, mode):
        if mode == "error":
            self.answer({"error": "try later"}, 500)
            return
        said = self.server.truth.take(command, self.headers["Idempotency-Key"], body, mode)
        if mode == "timeout":
            self.close_connection = True
            return
        if mode == "slow":
            time.sleep(0.5)
        self.answer(b"\x00<html>?</html>" if mode == "garbage" else said)
        if mode == "twice":
            self.answer(said)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--truth", help="file that keeps what happened")
    given = parser.parse_args()
    server = ThreadingHTTPServer(("127.0.0.1", given.port), Handler)
    server.daemon_threads = True
    server.truth = Truth(given.truth)
    print("listening on", server.server_port, flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
