"""Orders over services: an order instance coordinates, inventory and payment have stock and money."""
import hashlib
import json
import os
import signal
import subprocess

from services import Instance, Services, equal, new_key
from shop import SERVER, Server, checkout, contains, free_port, order, run

UNTOUCHED = ((0, 0), (0, 0))


def taken(s):
    return s.sold("tea"), s.paid()


def refused(answer, status, code, **more):
    equal((answer.status, answer.code()), (status, code), answer.body)
    for name, value in more.items():
        equal(answer.json().get(name), value, name)


def placed(at, key):
    """Sends an order again while a service is away."""
    answer = at.post("/v1/orders", checkout(), key)
    while answer.status == 503:
        answer = at.post("/v1/orders", checkout(), key)
    return answer


def a_checkout_takes_from_all_three():
    """A checkout is whole: stock and money are taken, and the order is recorded as paid."""
    with Services() as s:
        key = new_key()
        made = s.order[0].post("/v1/orders", checkout(), key)
        equal(made.status, 201)
        equal(made.headers["location"], f"/v1/orders/{key}")
        equal("idempotent-replayed" in made.headers, False)
        view = made.json()
        equal((view["order"]["state"], view["order"]["customer"]), ("CLOSED", "ada"))
        equal([view["order"]["attention"], view["payments"][0]["attention"]], [None, None])
        equal(view["payments"][0]["captured"], 2100)
        read = s.order[0].get(f"/v1/orders/{key}")
        equal((read.json(), read.headers["etag"]), (view, made.headers["etag"]))
        equal(s.is_whole([key]), 1)
        txn = s.order[0].get("/v1/transactions?which=ALL").json()["transactions"][0]
        branches = s.order[0].get(f"/v1/transactions/{txn['id']}").json()["branches"]
        contains(branches[0]["payload"], s.inventory[0].at)


def a_repeat_has_the_same_outcome():
    """The same request under one key acts once, also after kill -9; other content is refused."""
    with Services(2) as s:
        at = s.order[0]
        for key in (new_key(), "order-7"):
            first = at.post("/v1/orders", checkout(), key)
            equal(first.status, 201, first.body)
            for _ in range(4):  # other instances are picked meanwhile
                again = at.post("/v1/orders", checkout(), key)
                equal((again.status, again.body), (201, first.body))
                equal(again.headers["idempotent-replayed"], "true")
            at.kill()
            at.start()
            again = at.post("/v1/orders", checkout(), key)
            equal((again.status, again.body), (201, first.body))
            refused(at.post("/v1/orders", {**checkout(), "external_ref": "B"}, key), 422, "ID_REUSED")
            found = at.get(f"/v1/operations/{key}").json()
            equal((found["outcome"], found["result"]), ("DONE", first.json()))
        equal(s.is_whole([]), 2)


def out_of_stock_is_a_refusal():
    """Without stock an order is refused with the culprit, takes nothing, and stays refused."""
    with Services(stock=1) as s:
        key = new_key()
        first = s.order[0].post("/v1/orders", checkout(), key)
        refused(first, 409, "STOCK_SHORT", culprit="line 1: ITEM tea [pcs]",
                pointer="/lines/0", retryable=False)
        s.inventory[0].good("/v1/items/tea/receive", {"amount": 9})
        refused(s.order[0].post("/v1/orders", checkout(), key), 409, "STOCK_SHORT")
        s.settle()
        equal((s.paid(), s.inventory[0].item("tea")["balance"]), ((0, 0), 10))
        equal(s.order[0].get(f"/v1/orders/{key}").status, 404)
        equal(s.order[0].post("/v1/orders", checkout()).status, 201)
        for one in s.all():
            one.is_clean()


def a_refusal_names_its_culprit_wholly():
    """A refusal that is too long to be kept names the line, and no part of a name."""
    with Services() as s:
        for name, end in (("tee-schwarz-assam-second-flush", "line 2: refused"),
                          ("assam-ff", "line 2: ITEM assam-ff-100g [pcs]: refused"),
                          ("ff", "line 2: ITEM ff-100g [pcs]: 3 wanted, 1 available")):
            for sku, stock in (("200g", 100), ("100g", 1)):
                s.inventory[0].good("/v1/items", {"key": {"name": f"{name}-{sku}"},
                                                  "opening": stock})
            lines = [{"sku": f"{name}-200g", "quantity": 2, "unit_price": 900},
                     {"sku": f"{name}-100g", "quantity": 3, "unit_price": 100}]
            answer = s.order[0].post("/v1/orders", {**checkout(), "lines": lines})
            refused(answer, 409, "STOCK_SHORT", detail=end, culprit=end.rsplit(": ", 1)[0],
                    pointer="/lines/1")


def a_refusal_names_the_part_of_the_order():
    """A refusal names the line or payment by its number in the order, beside lines that hold nothing."""
    with Services(stock=1) as s:
        gift = {"sku": "gift", "quantity": 1, "unit_price": 0, "untracked": True}
        tea, cup = checkout()["lines"]
        refused(s.order[0].post("/v1/orders", {**checkout(), "lines": [gift, cup, gift, tea]}), 409,
                "STOCK_SHORT", pointer="/lines/3", culprit="line 4: ITEM tea [pcs]")
        for at in s.inventory:
            at.good("/v1/items/tea/receive", {"amount": 9})
        pay = checkout()["payments"][0]
        parts = [{**pay, "amount": 100},
                 {**pay, "amount": 2000, "account": {**pay["account"], "name": "eve"}}]
        refused(s.order[0].post("/v1/orders", {**checkout(), "payments": parts}), 422, "NOT_FOUND",
                pointer="/payments/1", culprit="payment 2: MONEY eve [EUR]")


def without_money_no_stock_is_taken():
    """A customer who cannot pay takes no stock, and one who is not known neither."""
    with Services(money=2000) as s:
        refused(s.order[0].post("/v1/orders", checkout()), 409, "FUNDS_SHORT")
        refused(s.order[0].post("/v1/orders", checkout("eve")), 422, "NOT_FOUND")
        pot = {**order(), "lines": [{"sku": "pot", "quantity": 1, "unit_price": 450}]}
        refused(s.order[0].post("/v1/orders", pot), 422, "NOT_FOUND")
        s.settle()
        equal(taken(s), UNTOUCHED)
        equal(s.orders(), {})


def another_instance_may_have_the_stock():
    """What one stock room lacks is taken from another; only when all lack it, it is short."""
    with Services(2, stock=4) as s:
        keys = [new_key() for _ in range(5)]
        codes = [s.order[0].post("/v1/orders", checkout(), key).status for key in keys]
        equal(codes, [201] * 4 + [409])
        equal(s.is_whole(keys[:4]), 4)
        refused(s.order[0].post("/v1/orders", checkout(), keys[4]), 409, "STOCK_SHORT")


def what_an_order_lacks_here_is_refused():
    """What an order of several services cannot have is refused with its place, before any call."""
    with Services() as s:
        pay = checkout()["payments"][0]
        line = checkout()["lines"][0]
        for change, status, code, pointer in (
                ({"policy": ["QUEUE"]}, 400, "VALUE", "/policy"),
                ({"deadline_ms": 4102444800000}, 400, "VALUE", "/deadline_ms"),
                ({"lines": [{**line, "places": ["north"]}]}, 400, "VALUE", "/lines/0"),
                ({"payments": [{"method": "PROVIDER", "provider": "psp", "amount": 2100}]},
                 400, "VALUE", "/payments/0"),
                ({"payments": [{**pay, "settle_on": "FULFIL"}]}, 400, "VALUE", "/payments/0"),
                ({"payments": [pay, {**pay, "account": {**pay["account"], "unit": "PTS"}}]},
                 409, "CURRENCY", "/payments/1"),
                ({"currency": "USD"}, 409, "CURRENCY", "/payments/0"),
                ({"payments": [{**pay, "amount": 2099}]}, 409, "UNPAID", None),
                ({"payments": [pay, {**pay, "amount": 1}]}, 409, "OVER_PAID", None),
                ({"total": 2101}, 400, "TOTAL", "/total"),
                ({"lines": [{"sku": "tea", "quantity": 0, "unit_price": 1}]}, 400, "QUANTITY",
                 "/lines/0/quantity"),
                ({"colour": "red"}, 400, "VALUE", "/colour")):
            refused(s.order[0].post("/v1/orders", {**checkout(), **change}), status, code,
                    pointer=pointer)
        equal(s.order[0].get("/v1/transactions?which=ALL").json()["transactions"], [])
        later = s.order[0].good("/v1/orders", {**checkout(), "policy": ["PAY_LATER"], "payments": []})
        equal((later["order"]["state"], later["order"]["attention"]), ("CONFIRMED", None))
        free = {**order(), "lines": [{**order()["lines"][0], "untracked": True}]}
        equal(s.order[0].post("/v1/orders", free).status, 201)
        equal(taken(s), ((2, 0), (0, 0)))


def another_currency_is_refused_as_by_one_store():
    """An account in another unit pays no order: the refusal is that of the role all, word for word."""
    with Services() as s, Server() as one:
        account = {"kind": "MONEY", "name": "ada", "unit": "PTS"}
        one.open_shop()
        for at in (one, s.payment[0], s.order[0]):
            at.good("/v1/units", {"code": "PTS", "scale": 0})
        for at in (one, s.payment[0]):
            at.good("/v1/accounts", {"key": account, "opening": 10 ** 6})
        for place in ({}, {"place": "north"}):
            body = {**checkout(), "payments": [{"account": {**account, **place}, "amount": 2100}]}
            answers = [at.post("/v1/orders", body) for at in (one, s.order[0])]
            for answer in answers:
                refused(answer, 409, "CURRENCY", pointer="/payments/0", culprit="payment 1")
            equal(answers[1].json()["detail"], answers[0].json()["detail"])
        equal(s.order[0].get("/v1/transactions?which=ALL").json()["transactions"], [])


def a_service_that_is_away_is_waited_for():
    """Without an answer of a service an order is refused for now; the same key succeeds later."""
    with Services(1, "--call-ms", "500", "--health-ms", "1000") as s:
        key = new_key()
        s.payment[0].kill()
        refused(s.order[0].post("/v1/orders", checkout(), key), 503, "NO_SERVICE", retryable=True)
        s.payment[0].start()
        equal(placed(s.order[0], key).status, 201)
        equal(s.is_whole([key]), 1)


def another_instance_takes_over():
    """When an instance is killed, orders go through the other one at once, and its branches end
    when it is back."""
    with Services(2, "--health-ms", "1000") as s:
        keys = [new_key() for _ in range(12)]
        for of in (s.inventory, s.payment):
            of[0].kill()
            for key in keys[:6] if of is s.inventory else keys[6:]:
                answer = s.order[0].post("/v1/orders", checkout(), key)
                equal(answer.status, 201, answer.body)
            of[0].start()
        equal(s.is_whole(keys), 12)


def a_confirm_waits_for_its_instance():
    """A branch is confirmed where it was tried: after kill -9 of that instance, and of the order's."""
    with Services(1, "--health-ms", "1000") as s:
        keys = []
        for one in (s.inventory[0], s.payment[0], s.order[0]):
            key = new_key()
            keys.append(key)
            equal(placed(s.order[0], key).status, 201)
            one.kill()  # its confirm may be on its way, done, or not sent yet
            one.start()
        answer = placed(s.order[0], keys[0])
        equal((answer.status, answer.headers["idempotent-replayed"]), (201, "true"))
        equal(s.is_whole(keys), 3)


def services_have_tokens():
    """Instances that need tokens are called with the token of the role service."""
    with open("known", "w", encoding="utf-8") as file:
        for role in ("service", "operator"):
            print(role, role, hashlib.sha256(role.encode()).hexdigest(), file=file)
    for name, text in (("right", "service\n"), ("wrong", "operator\n")):
        with open(name, "w", encoding="utf-8") as file:
            file.write(text)
    who = {"Authorization": "Bearer operator"}
    ada = {"kind": "MONEY", "name": "ada", "unit": "EUR"}
    with Instance("inventory", "--tokens", "known") as stock, \
            Instance("payment", "--tokens", "known") as money:
        for sku in ("tea", "cup"):
            stock.good("/v1/items", {"key": {"name": sku}, "opening": 10}, **who)
        money.good("/v1/units", {"code": "EUR", "scale": 2}, **who)
        money.good("/v1/accounts", {"key": ada, "opening": 9000}, **who)
        for name, status in (("right", 201), ("wrong", 503)):
            with Instance("order", "--inventory", stock.at, "--payment", money.at,
                          "--service-token", name) as orders:
                orders.good("/v1/units", {"code": "EUR", "scale": 2})
                equal(orders.post("/v1/orders", checkout()).status, status, name)


def a_token_is_changed_without_a_restart():
    """SIGHUP has calls of services made with the token that the file has now; a broken file changes nothing."""
    def write(name, text):
        with open(name, "w", encoding="utf-8") as file:
            file.write(text)

    def reload(s):
        s.signal(signal.SIGHUP)
        line = {}
        while line.get("msg") != "settings":
            line = json.loads(s.process.stdout.readline())
        return line

    def placed():
        answer = orders.post("/v1/orders", checkout())
        while (answer.status == 201) != (words[0] == words[1]):  # until instances are well again
            answer = orders.post("/v1/orders", checkout())
        return answer.status

    def known(word):
        write("known", f"service service {hashlib.sha256(word.encode()).hexdigest()}\n"
              f"operator operator {hashlib.sha256(b'operator').hexdigest()}\n")

    who = {"Authorization": "Bearer operator"}
    words = ["first", "first"]  # that the instances know, and that the order instance has
    known("first")
    write("token", "first\n")
    with Instance("inventory", "--tokens", "known") as stock, \
            Instance("payment", "--tokens", "known") as money, \
            Instance("order", "--inventory", stock.at, "--payment", money.at, "--health-ms", "50",
                     "--service-token", "token") as orders:
        for sku in ("tea", "cup"):
            stock.good("/v1/items", {"key": {"name": sku}, "opening": 1000}, **who)
        for s in (money, orders):
            s.good("/v1/units", {"code": "EUR", "scale": 2}, **(who if s is money else {}))
        money.good("/v1/accounts", {"key": {"kind": "MONEY", "name": "ada", "unit": "EUR"},
                                    "opening": 10 ** 9}, **who)
        equal(placed(), 201)
        known("second")
        for s in (stock, money):
            equal(reload(s)["text"], "read anew")
        words[0] = "second"
        equal(placed(), 503)
        write("token", "x" * 200)
        equal(reload(orders)["level"], "error")
        equal(placed(), 503)
        write("token", "second\n")
        equal(reload(orders)["text"], "read anew")
        words[1] = "second"
        equal(placed(), 201)


def settings_are_checked():
    """A role order whose instances are missing, doubled or malformed does not start."""
    for flags in ((), ("--inventory", "127.0.0.1:1"), ("--inventory", "x", "--payment", "x"),
                  ("--inventory", "127.0.0.1:1,127.0.0.1:1", "--payment", "127.0.0.1:2"),
                  ("--inventory", '127.0.0.1:1"', "--payment", "127.0.0.1:2"),
                  ("--inventory", ",".join(f"h:{n}" for n in range(65)), "--payment", "h:1")):
        done = subprocess.run([SERVER, "--role", "order", "--listen", "127.0.0.1:0", *flags],
                              capture_output=True, text=True, timeout=600, check=False)
        equal(done.returncode, 4, flags)
        contains(done.stderr, "the role order needs 1 to 64 different instances")


def write_settings(path, text):
    with open(path, "w", encoding="utf-8") as file:
        file.write(text)


def the_limit_of_a_call_holds_until_a_restart():
    """The engine knows the limit of a call since it was opened, so SIGHUP only reports another one."""
    path = os.path.abspath("calls.conf")
    write_settings(path, "call_ms = 300\ntxn_ms = 5000\n")
    with Instance("order", "--inventory", "127.0.0.1:1", "--payment", "127.0.0.1:2",
                  "--config", path) as s:
        write_settings(path, "call_ms = 5000\ntxn_ms = 9000\n")
        s.signal(signal.SIGHUP)
        texts = []
        while "read anew" not in texts:
            texts.append(json.loads(s.process.stdout.readline()).get("text"))
        equal([text for text in texts if text is not None and "restart" in text],
              ["call_ms holds after a restart"])


def an_end_is_in_good_order():
    """On SIGTERM an order that waits for its services is answered, and goes on at the next start."""
    at = f"127.0.0.1:{free_port()}"  # nobody is there
    with Instance("order", "--inventory", at, "--payment", at) as orders:
        orders.good("/v1/units", {"code": "EUR", "scale": 2})
        refused(orders.post("/v1/orders", checkout()), 503, "NO_SERVICE")
        equal(orders.stop(), 0)
        orders.start()
        equal(orders.get("/readyz").status, 200)
        orders.is_clean()


def the_check_notices():
    """The check of these tests notices an order that is lost, doubled stock, and doubled money."""
    with Services() as s:
        key = new_key()
        equal(s.order[0].post("/v1/orders", checkout(), key).status, 201)
        equal(s.is_whole([key]), 1)
        for spoil, undo, what in (
                (None, None, "acknowledged orders lost"),
                (("/v1/items/tea/receive", {"amount": 1}),
                 ("/v1/items/tea/adjust", {"mode": "TO", "quantity": s.stock - 2}), "stock")):
            if spoil is not None:
                s.inventory[0].good(*spoil)
            try:
                s.is_whole([key, new_key()] if spoil is None else [key])
            except AssertionError as error:
                contains(str(error), what)
            else:
                raise AssertionError(f"{what}: passed")
            if undo is not None:
                s.inventory[0].good(*undo)
        equal(s.is_whole([key]), 1)


run([a_checkout_takes_from_all_three, a_repeat_has_the_same_outcome, out_of_stock_is_a_refusal,
     a_refusal_names_its_culprit_wholly, a_refusal_names_the_part_of_the_order,
     without_money_no_stock_is_taken, another_instance_may_have_the_stock,
     what_an_order_lacks_here_is_refused, another_currency_is_refused_as_by_one_store,
     a_service_that_is_away_is_waited_for, another_instance_takes_over,
     a_confirm_waits_for_its_instance, services_have_tokens, a_token_is_changed_without_a_restart,
     settings_are_checked, the_limit_of_a_call_holds_until_a_restart, an_end_is_in_good_order,
     the_check_notices])
