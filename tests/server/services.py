"""Several instances of each role, as real processes on ports of their own."""
import contextlib
import http.client
import threading

from shop import Server, equal, free_port, new_key


class Instance(Server):
    """An instance that has the same address and the same store after a restart."""

    def __init__(self, role, *flags, driver=None):
        self.at = f"127.0.0.1:{free_port()}"
        super().__init__("--role", role, "--log-requests", "false", *flags, "--listen", self.at,
                         driver=driver)

    def all_of(self, path, name):
        """Every record of a list, over all pages."""
        rows, cursor = [], None
        while True:
            mark = "&" if "?" in path else "?"
            more = "" if cursor is None else f"&cursor={cursor}"
            page = self.get(f"{path}{mark}limit=256{more}").json()
            rows += page[name]
            cursor = page["next_cursor"]
            if cursor is None:
                return rows

    def is_clean(self):
        equal(self.good("/v1/verify")["findings_total"], 0, f"findings of {self.at}")


class Services:
    """`count` instances of each role; orders find the others through `inventory` and `payment`."""

    def __init__(self, count=1, *flags, stock=1000, money=10 ** 9, driver=None, through=None):
        self.stock, self.money = stock, money
        self.inventory = [Instance("inventory", driver=driver) for _ in range(count)]
        self.payment = [Instance("payment", driver=driver) for _ in range(count)]
        named = [i.at for i in self.inventory], [i.at for i in self.payment]
        lists = named if through is None else [[through(at) for at in each] for each in named]
        self.order = [Instance("order", "--inventory", ",".join(lists[0]),
                               "--payment", ",".join(lists[1]), *flags, driver=driver)
                      for _ in range(count)]
        self.stack = contextlib.ExitStack()

    def all(self):
        return self.inventory + self.payment + self.order

    def __enter__(self):
        with contextlib.ExitStack() as stack:
            for instance in self.all():
                stack.enter_context(instance)
            self.open()
            self.stack = stack.pop_all()
        return self

    def __exit__(self, *error):
        return self.stack.__exit__(*error)

    def open(self):
        for s in self.inventory:
            for sku in ("tea", "cup"):
                s.good("/v1/items", {"key": {"name": sku}, "opening": self.stock})
        for s in self.payment + self.order:
            s.good("/v1/units", {"code": "EUR", "scale": 2})
        for s in self.payment:
            for name in ("ada", "bob"):
                key = {"kind": "MONEY", "name": name, "unit": "EUR"}
                s.good("/v1/accounts", {"key": key, "opening": self.money})

    def sold(self, sku="tea"):
        """What all stock rooms have sold, and what they hold."""
        items = [s.item(sku) for s in self.inventory]
        return (len(items) * self.stock - sum(i["balance"] for i in items),
                sum(i["held_out"] for i in items))

    def paid(self, name="ada"):
        """What a customer has paid everywhere, and what is held."""
        accounts = [s.get(f"/v1/accounts/MONEY/EUR/{name}").json()["account"] for s in self.payment]
        return (len(accounts) * self.money - sum(a["balance"] for a in accounts),
                sum(a["held_out"] for a in accounts))

    def settle(self):
        """Waits until no transaction is under way anywhere."""
        for s in self.order + self.inventory + self.payment:
            while s.get("/v1/transactions?which=OPEN&limit=1").json()["transactions"]:
                pass

    def orders(self):
        """Every order of every store, by id; none is in two stores."""
        found = {}
        for s in self.order:
            for row in s.all_of("/v1/orders", "orders"):
                equal(row["id"] in found, False, "an order in two stores")
                found[row["id"]] = row
        return found

    def branches(self, of):
        """The transactions of a service that hold or moved something, by their state."""
        return [t for s in of for t in s.all_of("/v1/transactions?which=ALL", "transactions")
                if t["move_count"] != 0]

    def is_whole(self, acknowledged, price=2100):
        """Every acknowledged order is there once, and all three services agree on all of them."""
        self.settle()
        orders = self.orders()
        lost = [key for key in acknowledged if key not in orders]
        equal(lost, [], "acknowledged orders lost")
        equal({row["state"] for row in orders.values()} - {"CLOSED"}, set(), "states")
        count = len(orders)
        equal((self.sold("tea"), self.sold("cup")), ((2 * count, 0), (count, 0)), "stock")
        equal(self.paid(), (price * count, 0), "money")
        for of in (self.inventory, self.payment):
            states = [t["state"] for t in self.branches(of)]
            equal(states.count("CONFIRMED"), count, "confirmed branches")
            equal(set(states) - {"CONFIRMED", "CANCELLED"}, set(), "states of branches")
        for s in self.all():
            s.is_clean()
        return count


class Load:
    """Checkouts from several threads, each with a connection of its own, until it is stopped."""

    def __init__(self, services, threads=4, body=None):
        self.services, self.body = services, body
        self.acknowledged, self.refused, self.unknown = [], [], []
        self.wrong = []
        self.ends = threading.Event()
        self.moved = threading.Condition()
        self.threads = [threading.Thread(target=self.run, args=(n,)) for n in range(threads)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *error):
        self.ends.set()
        for thread in self.threads:
            thread.join()
        if error[0] is None and self.wrong:
            raise self.wrong[0]

    def run(self, number):
        while not self.ends.is_set():
            at = self.services.order[number % len(self.services.order)]
            try:
                number += 0 if self.one(at) else 1  # then at another instance
            except AssertionError as error:
                self.wrong.append(error)
            if self.wrong:
                return

    def one(self, at):
        """One checkout; False: there was no connection, or none until its answer."""
        key = new_key()
        link = at.connect()
        answer = None
        try:
            answer = at.ask("POST", "/v1/orders", self.body(), key, link=link)
        except ConnectionRefusedError:  # nothing was sent: a client comes back later
            self.ends.wait(0.05)
        except (OSError, http.client.HTTPException) as error:
            self.unknown.append((at, key, error))
        link.close()
        if answer is not None and answer.status == 201:
            self.acknowledged.append(key)
        elif answer is not None and answer.json()["retryable"]:
            self.unknown.append((at, key, answer.code()))
        elif answer is not None:
            self.refused.append((key, answer.code()))
        with self.moved:
            self.moved.notify_all()
        return answer is not None

    def until(self, is_so, what):
        """Waits until that is so; it is asked after each checkout."""
        with self.moved:
            if not self.moved.wait_for(lambda: is_so() or self.wrong, timeout=600):
                raise AssertionError(f"{what}: {len(self.acknowledged)} acknowledged; "
                                     f"{self.refused[-3:]} {self.unknown[-3:]}")

    def wait(self, more):
        """Waits until so many more checkouts have been acknowledged."""
        wanted = len(self.acknowledged) + more
        self.until(lambda: len(self.acknowledged) >= wanted, f"{wanted} never came")
