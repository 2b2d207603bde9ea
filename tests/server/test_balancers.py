"""Three servers behind HAProxy and behind nginx: spread, killed, drained, and no order twice."""
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time

from shop import ROOT, Server, Skip, equal, free_ports, new_key, order, run

TEA = 10**6
NAMES = ("s1", "s2", "s3")


class Balancer:
    """A program of the table with its file of examples/deploy, at ports of its own."""

    PROGRAMS = {
        "haproxy": ("haproxy.cfg", ["-db", "-f", "haproxy.cfg"]),
        "nginx": ("nginx.conf", ["-p", ".", "-c", "nginx.conf", "-g", "daemon off;"]),
    }
    count = 0

    def __init__(self, name, backends, change=lambda text: text):
        self.name = name
        path = shutil.which(name) or shutil.which("/usr/sbin/" + name)
        if path is None:
            raise Skip(f"package {name} is not installed")
        file, arguments = self.PROGRAMS[name]
        Balancer.count += 1
        self.folder = os.path.abspath(f"{name}-{Balancer.count}")
        os.mkdir(self.folder)
        with open(os.path.join(ROOT, "examples", "deploy", file), encoding="utf-8") as source:
            text = change(source.read())
        self.ports = dict(zip(("turn", "least", "customers"), free_ports(3)))
        for old, new in zip((8081, 8082, 8083, 8000, 8001, 8002), [*backends, *self.ports.values()]):
            if f":{old}" not in text:
                raise AssertionError(f"{file} names no port {old}")
            text = text.replace(f":{old}", f":{new}")
        with open(os.path.join(self.folder, file), "w", encoding="utf-8") as out:
            out.write(text)
        self.command = [path, *arguments]

    def __enter__(self):
        with open(os.path.join(self.folder, "out"), "wb") as out:
            self.process = subprocess.Popen(self.command, cwd=self.folder, stdin=subprocess.DEVNULL,
                                            stdout=out, stderr=out)
        while True:  # the limit of time is that of the test
            if self.process.poll() is not None:
                with open(os.path.join(self.folder, "out"), encoding="utf-8") as out:
                    raise AssertionError(f"{self.name} ended: {out.read()}")
            try:
                status = self.ask("turn", "GET", "/readyz")[0]
            except OSError:
                continue
            if status == 200:
                return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=600)

    def ask(self, port, method, path, body=None, **headers):
        """Status, the instance that the cookie names or None, and the body; OSError: no answer."""
        link = http.client.HTTPConnection("127.0.0.1", self.ports[port], timeout=600)
        try:
            sent = {name.replace("_", "-"): value for name, value in headers.items()}
            if isinstance(body, dict):
                body, sent["Content-Type"] = json.dumps(body).encode(), "application/json"
            link.request(method, path, body, sent)
            answer = link.getresponse()
            cookie = answer.getheader("Set-Cookie") or ""
            name = cookie[9:11] if cookie.startswith("HOLDFAST=") else None
            return answer.status, name, answer.read()
        except http.client.HTTPException as error:
            raise OSError(error) from error
        finally:
            link.close()

    def place(self, port, key, **headers):
        return self.ask(port, "POST", "/v1/orders", order(), Idempotency_Key=key, **headers)


class Shops:
    """Three servers at fixed ports, each with a store and stock of its own."""

    def __init__(self, *flags):
        self.ports = free_ports(3)
        self.all = [Server("--listen", f"127.0.0.1:{port}", "--log-requests", "false", *flags,
                           driver="lmdb") for port in self.ports]

    def __enter__(self):
        for s in self.all:
            s.start()
            s.open_shop(tea=TEA)
        return self

    def __exit__(self, kind, error, trace):
        for s in self.all:
            s.__exit__(kind, error, trace)

    def named(self, name):
        return self.all[NAMES.index(name)]

    def holders(self, key):
        """Which instances have the order of that key."""
        return [name for name, s in zip(NAMES, self.all) if s.get(f"/v1/orders/{key}").status == 200]

    def sold(self):
        return [TEA - s.item("tea")["balance"] for s in self.all]


def work_is_spread(name):
    with Shops() as shops, Balancer(name, shops.ports) as b:
        placed = [b.place("turn", new_key()) for _ in range(9)]
        equal({p[0] for p in placed}, {201})
        equal(shops.sold(), [3, 3, 3], "in turn")
        equal(sorted(p[1] for p in placed), sorted(3 * NAMES), "cookies")
        for key in [new_key() for _ in range(9)]:
            equal(b.place("least", key)[0], 201)
        equal(sum(shops.sold()), 18)
        keys = {}
        for customer in [f"customer-{n}" for n in range(24)]:
            found = set()
            for _ in range(3):
                key = new_key()
                equal(b.place("customers", key, X_Customer=customer)[0], 201)
                found.update(shops.holders(key))
                equal(b.ask("customers", "GET", f"/v1/orders/{key}", X_Customer=customer)[0], 200)
            equal(len(found), 1, customer)
            keys[customer] = found.pop()
            equal(b.ask("customers", "GET", f"/v1/orders?customer={customer}")[0], 200)
        equal(set(keys.values()), set(NAMES))
        equal(b.place("customers", new_key())[0], 400, "no customer")


def the_one_with_fewest_connections_is_asked(name):
    with Shops() as shops, Balancer(name, shops.ports) as b:
        streams = []
        while len({who for _, who in streams}) < 2:  # two instances have a stream, the third has none
            link = http.client.HTTPConnection("127.0.0.1", b.ports["least"], timeout=600)
            link.request("GET", "/v1/events/stream")
            answer = link.getresponse()
            streams.append((link, answer.getheader("Set-Cookie")[9:11]))
        free = next(n for n in NAMES if n not in {who for _, who in streams})
        for _ in range(6):
            equal(b.place("least", new_key())[:2], (201, free))
        for link, _ in streams:
            link.close()


def streams_and_limits_are_those_of_the_server(name):
    with Shops() as shops, Balancer(name, shops.ports) as b:
        link = http.client.HTTPConnection("127.0.0.1", b.ports["turn"], timeout=600)
        link.request("GET", "/v1/events/stream", headers={"Cookie": "HOLDFAST=s2"})
        answer = link.getresponse()
        equal(answer.status, 200)
        for seq in range(1, 8):
            if seq > 3:  # each comes although nothing follows it
                equal(b.place("turn", new_key(), Cookie="HOLDFAST=s2")[0], 201)
            while answer.readline() != b"id:1-%d\n" % seq:
                pass
        link.close()
        for size, wanted in ((262144, {400}), (262145, {413})):
            status = b.ask("turn", "POST", "/v1/orders", b" " * size, Idempotency_Key=new_key(),
                           Content_Type="application/json")[0]
            equal(status in wanted, True, (size, status))
        equal(b.ask("turn", "GET", "/livez", X_A="a" * 7000)[0], 200)
        equal(b.ask("turn", "GET", "/livez", X_A="a" * 30000)[0] in (400, 413, 414, 431), True)
        for cookie in ("HOLDFAST=s4", "HOLDFAST=x"):
            equal(b.place("turn", new_key(), Cookie=cookie)[0], 400, cookie)
        equal(shops.sold(), [0, 4, 0])


class Client(threading.Thread):
    """Places orders until it is told to end; repeats each at its instance until it has an answer."""

    def __init__(self, b, port, number, end):
        super().__init__(daemon=True)
        self.b, self.port, self.number, self.end = b, port, number, end
        self.acknowledged, self.failure = {}, None

    def belongs(self):
        """Headers by which a repeat finds its instance, and its name when it is known."""
        if self.port == "customers":
            return {"X_Customer": f"customer-{self.number}"}, None
        while True:
            try:
                status, name, _ = self.b.ask(self.port, "GET", "/livez")
            except OSError:
                continue
            if status == 200 and name is not None:
                return {"Cookie": f"HOLDFAST={name}"}, name

    def run(self):
        try:
            while not self.end.is_set():
                headers, name = self.belongs()
                key, status = fresh_key(), None
                while status != 201:
                    try:
                        status, _, body = self.b.place(self.port, key, **headers)
                    except OSError:
                        continue
                    if status not in (201, 409, 502, 503, 504):
                        raise AssertionError(f"{status} {body[:300]}")
                with changed:
                    self.acknowledged[key] = name
                    changed.notify_all()
        except Exception as error:  # pylint: disable=broad-except
            with changed:
                self.failure = error
                changed.notify_all()


changed = threading.Condition()


def fresh_key():
    with changed:
        return new_key()


def restart(s):
    """Starts a server that has ended, when its port is free."""
    s.log.clear()
    s.start()


def grows(clients, by):
    """Waits until the clients have placed so many more orders together."""
    def now():
        for c in clients:
            if c.failure is not None:
                raise c.failure
        return sum(len(c.acknowledged) for c in clients)
    with changed:
        wanted = now() + by
        equal(changed.wait_for(lambda: now() >= wanted, 120), True, f"{by} more orders in two minutes")


def new_work_continues(b, acknowledged):
    """Requests without a cookie are taken by the instances that are there."""
    for port in ("turn", "least"):
        for _ in range(3):
            key = fresh_key()
            equal(b.place(port, key)[0], 201)
            acknowledged[key] = None


def faults_lose_and_double_nothing(name):
    with Shops("--drain-ms", "1000") as shops, Balancer(name, shops.ports) as b:
        end, acknowledged = threading.Event(), {}
        clients = [Client(b, port, n, end) for n, port in enumerate(3 * ["turn", "least", "customers"])]
        for c in clients:
            c.start()
        grows(clients, 60)
        shops.all[0].kill()
        new_work_continues(b, acknowledged)
        restart(shops.all[0])
        grows(clients, 60)
        shops.all[1].signal(signal.SIGTERM)
        equal(shops.all[1].wait(), 0)
        new_work_continues(b, acknowledged)
        restart(shops.all[1])
        grows(clients, 60)
        end.set()
        for c in clients:
            c.join()
            if c.failure is not None:
                raise c.failure
        for c in clients:
            acknowledged.update(c.acknowledged)
        for key, where in acknowledged.items():
            holders = shops.holders(key)
            equal(len(holders), 1, key)
            equal(where in (None, holders[0]), True, (where, holders))
        equal(sum(shops.sold()), len(acknowledged), "an order that nobody knows of")
        for s in shops.all:
            equal(s.good("/v1/verify")["findings_total"], 0)


def what_was_sent_is_not_sent_elsewhere(name):
    unsafe = {
        "haproxy": lambda text: text.replace("retry-on conn-failure", "retry-on conn-failure empty-response"),
        "nginx": lambda text: text.replace("proxy_next_upstream error", "proxy_next_upstream error non_idempotent"),
    }[name]
    for change, wanted in ((lambda text: text, 1), (unsafe, 2)):  # the second one shows what would happen
        with Shops() as shops, Swallower(shops.ports[0]) as swallower, \
                Balancer(name, [swallower.port, *shops.ports[1:]], change) as b:
            doubled = 0
            end = time.monotonic() + 600  # an instance whose health check came late is left out for a while
            while (swallower.swallowed < 3 or doubled < wanted) and time.monotonic() < end:
                key = new_key()
                try:
                    b.place("turn", key)
                except OSError:
                    pass
                doubled = max(doubled, len(shops.holders(key)))
            equal(doubled, wanted, "instances with one order")
            equal(swallower.swallowed >= 3, True)


class Swallower:
    """In front of an instance: has it act on a POST, then ends the connection without the answer."""

    def __init__(self, to):
        self.to, self.swallowed = to, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]

    def __enter__(self):
        threading.Thread(target=self.accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def accept(self):
        while True:
            try:
                link, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(link,), daemon=True).start()

    def serve(self, link):
        with link, link.makefile("rb") as file:
            while True:
                head = []
                while not head or head[-1] not in (b"\r\n", b""):
                    head.append(file.readline())
                if head[-1] == b"":
                    return
                length = sum(int(line.split(b":")[1]) for line in head if line.lower().startswith(b"content-length:"))
                head.insert(1, b"Connection: close\r\n")
                request = b"".join(line for line in head if not line.lower().startswith(b"connection: keep"))
                with socket.create_connection(("127.0.0.1", self.to)) as instance:
                    instance.sendall(request + file.read(length))
                    answer = b""
                    while part := instance.recv(65536):
                        answer += part
                if head[0].startswith(b"POST"):
                    self.swallowed += 1
                    return
                link.sendall(answer)
                return


def of_a_customer_only_its_instance_acts(name):
    with Shops() as shops, Balancer(name, shops.ports) as b:
        key = new_key()
        equal(b.place("customers", key, X_Customer="ada")[0], 201)
        owner = shops.holders(key)[0]
        shops.named(owner).kill()
        for _ in range(5):
            equal(b.place("customers", key, X_Customer="ada")[0] in (502, 503), True)
        restart(shops.named(owner))
        while b.place("customers", key, X_Customer="ada")[0] != 201:
            pass
        equal(shops.holders(key), [owner])
        equal(sum(shops.sold()), 1)


def cases():
    """Each sentence for either balancer."""
    sentences = {
        work_is_spread: "requests are spread in turn, by connections and by customer",
        the_one_with_fewest_connections_is_asked: "the instance with the fewest connections is asked",
        streams_and_limits_are_those_of_the_server: "streams come at once, and the limits are the server's",
        faults_lose_and_double_nothing: "one instance killed and one drained under load lose and double nothing",
        what_was_sent_is_not_sent_elsewhere: "a request that was sent goes to no other instance",
        of_a_customer_only_its_instance_acts: "while the instance of a customer is down no other one acts",
    }
    for name in Balancer.PROGRAMS:
        for case, sentence in sentences.items():
            def one(case=case, name=name):
                case(name)
            one.__doc__ = f"{name}: {sentence}."
            yield one


if __name__ == "__main__":
    run(list(cases()))
