#!/usr/bin/env python3
"""A payment provider to try things out with: knows the truth, and misbehaves when it is told to.

Usage: fake_provider.py [--port N] [--truth FILE]
    prints "listening on PORT"; port 0 takes a free one. FILE keeps what happened, a line each, so
    that it outlives a kill.

    POST /authorize /capture /void /refund   Idempotency-Key: KEY   {"payment", "amount", "unit"}
    GET  /commands/KEY                       what became of it
    GET  /truth                              {"payments": {ID: {"authorized", "captured", ...}},
                                              "requests": N, "repeats": N}
    POST /try /confirm /cancel               {"txn", "branch", "epoch", "amount"}: a participant
    GET  /bookings                           {"TXN/BRANCH": {"state", "epoch", "amount"}}
    POST /behave {"mode": MODE, "times": N, "path": "capture"}
        ok         does what it is asked (the default)
        refuse     refuses
        slow       answers after half a second
        timeout    does it, and closes the connection without an answer
        twice      does it, and answers two times
        garbage    does it, and answers what nobody understands
        error      does nothing, and answers 500
        action     says that the payer must act first, and does it when it is asked again
        late       does it after half a second, when nobody listens any more
        forget     does it without remembering the key, and closes the connection: a bad provider
        any        one of MODES, at random, for a share of the requests: "share": 0.3
"""
import argparse
import json
import random
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

COUNTERS = {"authorize": "authorized", "capture": "captured", "void": "voided",
            "refund": "refunded"}
MODES = ("refuse", "slow", "timeout", "twice", "garbage", "error", "action")

# What a call of a participant finds, and what it leaves: (answer, state). See hf_barrier_decide.
BARRIER = {
    "try": {"NONE": ("ok", "TRIED"), "TRIED": ("ok", "TRIED"), "CONFIRMED": ("ok", "CONFIRMED")},
    "confirm": {"TRIED": ("ok", "CONFIRMED"), "CONFIRMED": ("ok", "CONFIRMED")},
    "cancel": {"NONE": ("ok", "NULL_CANCELLED"), "TRIED": ("ok", "CANCELLED"),
               "CANCELLED": ("ok", "CANCELLED"), "NULL_CANCELLED": ("ok", "NULL_CANCELLED")},
}


class Truth:
    """What really happened, by idempotency key."""

    def __init__(self, path):
        self.lock = threading.Lock()
        self.commands, self.payments, self.bookings = {}, {}, {}
        self.behaviour = {"mode": "ok", "times": 0, "path": None}
        self.requests = self.repeats = 0
        self.file = open(path, "a+", encoding="utf-8") if path else None
        if self.file:
            self.file.seek(0)
            for line in self.file:
                command, key, body = json.loads(line)
                if command in COUNTERS:
                    self.do(command, key, body)
                else:
                    self.bookings[key] = body

    def mode(self, command):
        """How to treat this request; counts it."""
        with self.lock:
            self.requests += 1
            told = self.behaviour
            if told["times"] <= 0 or told["path"] not in (None, command):
                return "ok"
            told["times"] -= 1
            if told["mode"] != "any":
                return told["mode"]
            return random.choice(told["modes"]) if random.random() < told["share"] else "ok"

    def book(self, phase, body, refuse):
        """What a participant answers; what it refused once it refuses for ever."""
        with self.lock:
            name = f"{body['txn']}/{body['branch']}"
            row = self.bookings.get(name, {"state": "NONE", "epoch": 0, "amount": 0})
            if body["epoch"] < row["epoch"]:
                return {"result": "refused", "reason": "of an engine that was replaced"}
            if refuse and phase == "try" and row["state"] == "NONE":
                said, state = "refused", "NULL_CANCELLED"
            else:
                said, state = BARRIER[phase].get(row["state"], ("refused", row["state"]))
            self.bookings[name] = {"state": state, "epoch": body["epoch"],
                                   "amount": body["amount"]}
            self.keep("book", name, self.bookings[name])
            return {"result": said}

    def keep(self, command, key, body):
        if self.file:
            print(json.dumps([command, key, body]), file=self.file, flush=True)

    def do(self, command, key, body):
        payment = self.payments.setdefault(body["payment"], dict.fromkeys(COUNTERS.values(), 0))
        payment[COUNTERS[command]] += body["amount"]
        self.commands[key] = {"result": "ok", "key": key, "amount": body["amount"],
                              "reference": f"{command[:3]}-{key}"}

    def take(self, command, key, body, mode):
        """The answer to a command: the first one again when the key is known."""
        with self.lock:
            if key in self.commands:
                self.repeats += 1
                return self.commands[key]
            if mode == "refuse":
                self.commands[key] = {"result": "refused", "key": key,
                                      "reason": "insufficient funds"}
                return self.commands[key]
            if mode == "action":
                return {"result": "action_required", "key": key, "reason": "3-D Secure"}
            self.do(command, key, body)
            self.keep(command, key, body)
            return self.commands.pop(key) if mode == "forget" else self.commands[key]


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
            key = self.path[len("/commands/"):]
            with truth.lock:
                known = truth.commands.get(key)
            self.answer(known or {"result": "not_found", "key": key})
        elif self.path == "/bookings":
            with truth.lock:
                self.answer(truth.bookings)
        else:
            self.answer({"error": "no such path"}, 404)

    def do_POST(self):
        truth = self.server.truth
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        command = self.path.strip("/")
        if command == "behave":
            with truth.lock:
                truth.behaviour = {"mode": "ok", "times": 1, "path": None, "share": 0.3,
                                   "modes": MODES, **body}
            self.answer({})
        elif command in COUNTERS or command in BARRIER:
            self.run(command, body, truth.mode(command))
        else:
            self.answer({"error": "no such path"}, 404)

    def run(self, command, body, mode):
        if mode == "error":
            self.answer({"error": "try later"}, 500)
            return
        if mode == "late":
            time.sleep(0.5)
        if command in BARRIER:
            said = self.server.truth.book(command, body, mode == "refuse")
        else:
            said = self.server.truth.take(command, self.headers["Idempotency-Key"], body, mode)
        if mode in ("timeout", "late", "forget"):
            self.close_connection = True
            return
        if mode == "slow":
            time.sleep(0.5)
        self.answer(b"\x00<html>?</html>" if mode == "garbage" else said)
        if mode == "twice":
            self.answer(said)


class Server(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 256

    def handle_error(self, request, client_address):
        """Clients that are gone before the answer are a part of the game."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--truth", help="file that keeps what happened")
    given = parser.parse_args()
    server = Server(("127.0.0.1", given.port), Handler)
    server.truth = Truth(given.truth)
    print("listening on", server.server_port, flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
