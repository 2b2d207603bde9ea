"""Customers: threads that place one order after the other and keep what they were told.

An order without an answer is sent again under its key, until it is known what became of it. One that was
surely not sent (no connection, or 503 of the balancer) is sent under another key, which may go to the other
instance.
"""
import http.client
import json
import queue
import threading
import time

from instances import new_key

TOTAL = 2100
UNITS = {"tea": 2, "cup": 1}
OUTCOMES = (201, 409, 422)
KEYS = 8  # keys that a customer tries while nothing is sent


def checkout(customer):
    account = {"kind": "MONEY", "name": customer, "unit": "EUR"}
    return json.dumps({"currency": "EUR", "customer": customer, "total": TOTAL,
                       "lines": [{"sku": "tea", "quantity": 2, "unit_price": 450},
                                 {"sku": "cup", "quantity": 1, "unit_price": 1200}],
                       "payments": [{"account": account, "amount": TOTAL}]})


BODIES = {name: checkout(name) for name in ("ada", "bob", "eve")}  # eve has no money


class Customers:
    def __init__(self, front, count):
        self.front, self.lock = front, threading.Lock()
        self.acknowledged, self.unknown = {}, []  # by key: when; keys
        self.refused, self.turned_away, self.repeated, self.first = {}, 0, 0, 0
        self.latency = []  # of those acknowledged: (when, seconds)
        self.again = queue.Queue()  # orders without an answer
        self.ends = threading.Event()
        self.threads = [threading.Thread(target=self.place_orders, args=(n,)) for n in range(count)]
        self.asking = threading.Thread(target=self.ask_again)

    def start(self):
        for thread in (*self.threads, self.asking):
            thread.start()

    def stop(self):
        """Ends the load; orders without an answer have half a minute to get one."""
        self.ends.set()
        for thread in self.threads:
            thread.join()
        self.again.put(None)
        self.asking.join()

    def place_orders(self, number):
        """A customer: one order after the other."""
        links = {}
        while not self.ends.is_set():
            number += 1
            customer = "eve" if number % 25 == 0 else "ada" if number % 2 else "bob"
            began = time.monotonic()
            for _ in range(KEYS):
                key = new_key()
                status, problem = self.send(key, customer, links)
                if status != 0:
                    break
            if status in OUTCOMES:
                self.keep(key, status, problem, began, False)
            elif status == 0:
                with self.lock:
                    self.turned_away += 1
                time.sleep(0.02)
            else:
                self.again.put((key, customer, began))

    def ask_again(self):
        """Sends what had no answer under the same key, until there is one."""
        links, waiting, until = {}, [], None
        while until is None or (waiting and time.monotonic() < until):
            time.sleep(0.02)
            while not self.again.empty():
                one = self.again.get()
                if one is None:
                    until = time.monotonic() + 30
                else:
                    waiting.append(one)
            waiting = [one for one in waiting if not self.has_outcome(*one, links)]
        self.unknown = [key for key, _, _ in waiting]

    def has_outcome(self, key, customer, began, links):
        status, problem = self.send(key, customer, links)
        if status in OUTCOMES:
            self.keep(key, status, problem, began, True)
        return status in OUTCOMES

    def keep(self, key, status, problem, began, repeated):
        now = time.monotonic()
        with self.lock:
            self.repeated += repeated
            self.first += not repeated
            if status == 201:
                self.acknowledged[key] = now
                self.latency.append((now, now - began))
            else:
                self.refused[problem] = self.refused.get(problem, 0) + 1

    def send(self, key, customer, links):
        """The status, and the code of a problem; 0: it was surely not sent; 599: no answer came."""
        at = self.front.address(key)
        link = links.get(at) or http.client.HTTPConnection(at, timeout=30)
        links[at] = link
        try:
            link.request("POST", "/v1/orders", BODIES[customer],
                         {"Content-Type": "application/json", "Idempotency-Key": key})
            answer = link.getresponse()
            text = answer.read()
        except ConnectionRefusedError:
            link.close()
            return 0, ""
        except (OSError, http.client.HTTPException):
            link.close()
            return 599, ""
        if "problem" in answer.getheader("Content-Type", ""):
            return answer.status, json.loads(text)["code"]
        return (0 if answer.status == 503 else answer.status), ""
