"""Several instances of which few have the stock, or the money: who is asked, and what a key answers later."""
import contextlib
import threading

from services import Instance, equal, new_key
from shop import checkout, free_port, run

PLENTY = 5000


@contextlib.contextmanager
def shop(rooms, full, balance="least", driver=None):
    """A payment, an order instance, and `rooms` inventories of which those of `full` have plenty."""
    with contextlib.ExitStack() as stack:
        money = stack.enter_context(Instance("payment", driver=driver))
        stock = [stack.enter_context(Instance("inventory", driver=driver)) for _ in range(rooms)]
        order = stack.enter_context(
            Instance("order", "--payment", money.at, "--inventory", ",".join(i.at for i in stock),
                     "--balance", balance, "--health-ms", "2000", driver=driver))
        for at in (money, order):
            at.good("/v1/units", {"code": "EUR", "scale": 2})
        money.good("/v1/accounts", {"key": {"kind": "MONEY", "name": "ada", "unit": "EUR"},
                                    "opening": 10 ** 9})
        for no, at in enumerate(stock):
            for sku in ("tea", "cup"):
                at.good("/v1/items", {"key": {"name": sku}, "opening": PLENTY if no in full else 1})
        yield order, stock, money


def with_inventories(order, stock):
    """Starts the order instance again with other inventories."""
    order.stop()
    order.flags[order.flags.index("--inventory") + 1] = ",".join(i.at for i in stock)
    order.start()


def settle(*instances):
    """Waits until no transaction is under way there."""
    for at in instances:
        while at.get("/v1/transactions?which=OPEN&limit=1").json()["transactions"]:
            pass


def short(answer, asked, count):
    equal((answer.status, answer.code()), (409, "STOCK_SHORT"), answer.body)
    equal(answer.json()["detail"], "line 1: ITEM tea [pcs]: "
          f"no instance has the stock, {asked} of {count} were asked")
    equal((answer.json()["culprit"], answer.json()["pointer"]), ("line 1: ITEM tea [pcs]", "/lines/0"))


def every_instance_is_asked_before_a_refusal():
    """The one inventory of six that has the stock is found, however the instances are balanced."""
    for balance in ("least", "round_robin", "hash"):
        with shop(6, {4}, balance) as (order, stock, money):
            for _ in range(8):
                answer = order.post("/v1/orders", checkout())
                equal(answer.status, 201, (balance, answer.body))
            settle(order, stock[4], money)
            equal(stock[4].item("tea")["balance"], PLENTY - 16)


def a_refusal_says_how_many_were_asked():
    """When no inventory has the stock the refusal says so, and stays the same under its key."""
    for balance in ("least", "hash"):
        with shop(6, (), balance) as (order, _, money):
            key = new_key()
            answers = [order.post("/v1/orders", checkout(), key) for _ in range(2)]
            for answer in answers:
                short(answer, 6, 6)
            settle(order, money)
            rounds = order.get("/v1/transactions?which=ALL").json()["transactions"]
            equal((len(rounds), {t["state"] for t in rounds}), (6, {"CANCELLED"}))


def an_item_may_be_at_one_instance_alone():
    """An inventory that does not have the item is passed over; NOT_FOUND is said when none has it."""
    def pots(quantity=2, sku="pot"):
        lines = [{"sku": sku, "quantity": quantity, "unit_price": 1050}]
        return {**checkout(), "total": 1050 * quantity, "lines": lines,
                "payments": [{**checkout()["payments"][0], "amount": 1050 * quantity}]}

    for balance in ("least", "round_robin", "hash"):
        with shop(3, {0, 1, 2}, balance) as (order, stock, money):
            stock[1].good("/v1/items", {"key": {"name": "pot"}, "opening": 9})
            for _ in range(4):
                equal(order.post("/v1/orders", pots()).status, 201, balance)
            settle(order, *stock, money)
            equal(stock[1].item("pot")["balance"], 1)
            for body, status, code in ((pots(), 409, "STOCK_SHORT"), (pots(1, "jug"), 422, "NOT_FOUND")):
                key = new_key()
                for _ in range(2):  # the repeat has the same answer
                    answer = order.post("/v1/orders", body, key)
                    equal((answer.status, answer.code(), answer.json()["detail"]),
                          (status, code, f"line 1: ITEM {body['lines'][0]['sku']} [pcs]: "
                           "no instance has the stock, 3 of 3 were asked"))
            settle(order, *stock, money)
            equal(stock[1].item("pot")["balance"], 1)


def an_account_may_be_at_one_instance_alone():
    """A payment instance without the account, its unit or the money is passed over, as an inventory is."""
    def paid_by(name, unit="EUR"):
        account = {"kind": "MONEY", "name": name, "unit": unit}
        return {**checkout(), "currency": unit,
                "payments": [{**checkout()["payments"][0], "account": account}]}

    for balance in ("least", "round_robin", "hash"):
        with contextlib.ExitStack() as stack:
            stock = stack.enter_context(Instance("inventory"))
            banks = [stack.enter_context(Instance("payment")) for _ in range(3)]
            order = stack.enter_context(
                Instance("order", "--inventory", stock.at, "--balance", balance, "--health-ms", "2000",
                         "--payment", ",".join(bank.at for bank in banks)))
            for at in (order, *banks):
                at.good("/v1/units", {"code": "EUR", "scale": 2})
            for at in (order, banks[2]):
                at.good("/v1/units", {"code": "CHF", "scale": 2})
            for at, name, unit, opening in ((banks[0], "bob", "EUR", 2099), (banks[1], "ada", "EUR", 8400),
                                            (banks[2], "bob", "EUR", 8400), (banks[2], "eve", "CHF", 8400)):
                at.good("/v1/accounts", {"key": {"kind": "MONEY", "name": name, "unit": unit},
                                         "opening": opening})
            for sku in ("tea", "cup"):
                stock.good("/v1/items", {"key": {"name": sku}, "opening": PLENTY})
            customers = (("ada", "EUR", "FUNDS_SHORT", 409), ("bob", "EUR", "FUNDS_SHORT", 409),
                         ("eve", "CHF", "FUNDS_SHORT", 409))
            for name, unit, _, _ in customers:
                for _ in range(4):
                    answer = order.post("/v1/orders", paid_by(name, unit))
                    equal(answer.status, 201, (balance, name, answer.body))
            for name, unit, code, status in (*customers, ("zoe", "EUR", "NOT_FOUND", 422)):
                key = new_key()
                for _ in range(2):  # the repeat has the same answer
                    answer = order.post("/v1/orders", paid_by(name, unit), key)
                    equal((answer.status, answer.code(), answer.json()["detail"]),
                          (status, code, f"payment 1: MONEY {name} [{unit}]: "
                           "no instance has the money, 3 of 3 were asked"))
                    equal(answer.json()["pointer"], "/payments/0")
            settle(order, stock, *banks)
            equal((stock.item("tea")["balance"], stock.item("tea")["held_out"]), (PLENTY - 24, 0))
            equal([bank.get(f"/v1/accounts/MONEY/EUR/{name}").json()["account"]["balance"]
                   for bank, name in ((banks[0], "bob"), (banks[1], "ada"), (banks[2], "bob"))], [2099, 0, 0])


def orders_at_once_find_the_stock():
    """Orders from several customers at once are all taken while one inventory of four has plenty."""
    for balance in ("least", "round_robin"):
        with shop(4, {2}, balance) as (order, stock, money):
            answers = []
            threads = [threading.Thread(target=lambda: answers.extend(
                order.post("/v1/orders", checkout()) for _ in range(10))) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            equal([a.body for a in answers if a.status != 201], [], balance)
            settle(order, stock[2], money)
            equal(stock[2].item("tea")["balance"], PLENTY - 80)


def an_instance_that_is_away_may_have_the_stock():
    """While an inventory is away the others' lack is no refusal; the same key succeeds when it is back."""
    with shop(2, {1}, driver="lmdb") as (order, stock, money):
        stock[1].kill()
        key = new_key()
        answer = order.post("/v1/orders", checkout(), key)
        equal((answer.status, answer.code()), (503, "NO_SERVICE"))
        while "were asked" not in answer.json()["detail"]:  # until the other one has been picked
            answer = order.post("/v1/orders", checkout(), key)
        equal((answer.status, answer.json()["detail"]),
              (503, "inventory: no instance has the stock, 1 of 2 were asked"))
        stock[1].start()
        while answer.status == 503:
            answer = order.post("/v1/orders", checkout(), key)
        equal(answer.status, 201, answer.body)
        settle(order, *stock, money)
        equal(stock[1].item("tea")["balance"], PLENTY - 2)


def an_order_is_answered_under_other_settings():
    """The key of an order answers with it when inventories have been taken out, or none can be reached."""
    with shop(2, {1}, driver="lmdb") as (order, stock, money):
        keys = [new_key() for _ in range(6)]
        first = [order.post("/v1/orders", checkout(), key) for key in keys]
        equal({answer.status for answer in first}, {201})
        settle(order, *stock, money)
        nowhere = type("Nowhere", (), {"at": f"127.0.0.1:{free_port()}"})
        for inventories in ([stock[1]], [stock[0]], [nowhere]):
            with_inventories(order, inventories)
            for key, made in zip(keys, first):
                again = order.post("/v1/orders", checkout(), key)
                equal((again.status, again.body), (201, made.body))
                equal(again.headers["idempotent-replayed"], "true")
                other = order.post("/v1/orders", {**checkout(), "external_ref": "B"}, key)
                equal((other.status, other.code()), (422, "ID_REUSED"))
        equal(stock[1].item("tea")["balance"], PLENTY - 12)


def a_refusal_stays_under_other_settings():
    """A key that was refused by all inventories stays refused when the settings name another one."""
    with shop(3, {2}, driver="lmdb") as (order, stock, _):
        one, two = new_key(), new_key()
        with_inventories(order, stock[:1])
        first = order.post("/v1/orders", checkout(), one)
        equal((first.status, first.code()), (409, "STOCK_SHORT"))
        with_inventories(order, stock[:2])
        short(order.post("/v1/orders", checkout(), two), 2, 2)
        with_inventories(order, stock)
        again = order.post("/v1/orders", checkout(), one)
        equal((again.status, again.json()["detail"]), (409, first.json()["detail"]))
        short(order.post("/v1/orders", checkout(), two), 2, 2)
        last = order.post("/v1/orders", checkout())
        equal(last.status, 201, last.body)


run([an_item_may_be_at_one_instance_alone, an_account_may_be_at_one_instance_alone,
     every_instance_is_asked_before_a_refusal, a_refusal_says_how_many_were_asked,
     orders_at_once_find_the_stock, an_instance_that_is_away_may_have_the_stock,
     an_order_is_answered_under_other_settings, a_refusal_stays_under_other_settings])
