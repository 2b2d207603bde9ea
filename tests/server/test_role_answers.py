"""What an order instance makes of answers that are none, late, refused or of another program."""
import http.client
import json
import signal
from concurrent.futures import ThreadPoolExecutor

from foreign import AWAY, HELLO, Foreign
from services import Instance, Services, equal, new_key
from shop import checkout, run

FLAGS = ("--health-ms", "2000", "--call-ms", "5000")


def order_at(inventory, payment, *flags):
    """A further order instance, in front of these instances."""
    return Instance("order", "--inventory", inventory, "--payment", payment, *FLAGS, *flags)


def states(o):
    return [t["state"] for t in o.get("/v1/transactions?which=ALL").json()["transactions"]]


def settle(s, o):
    """Waits until no transaction is under way at this order instance, nor at the others."""
    while o.get("/v1/transactions?which=OPEN&limit=1").json()["transactions"]:
        pass
    s.settle()


def changed(**members):
    """The answer of the instance with other members."""
    return lambda body: json.dumps({**json.loads(body), **members}).encode()


def a_foreign_answer_to_a_try_holds_nothing():
    """A 200 that is not of the called branch takes no order and no money, whatever it says."""
    for own in (HELLO, (200, "application/json", b"[]"), changed(txn=new_key()), changed(branch=2),
                changed(state="CANCELLED"), changed(state=1)):
        with Services(1) as s, Foreign(s.inventory[0].at, **{"try": own}) as foreign, \
                order_at(foreign.at, s.payment[0].at) as o:
            o.good("/v1/units", {"code": "EUR", "scale": 2})
            answer = o.post("/v1/orders", checkout(), new_key())
            equal((answer.status, answer.code()), (503, "NO_SERVICE"), answer.body)
            settle(s, o)
            equal(set(states(o)), {"CANCELLED"})
            equal(o.all_of("/v1/orders", "orders"), [])
            equal((s.sold(), s.paid()), ((0, 0), (0, 0)))


def a_foreign_answer_to_a_confirm_is_repeated():
    """A 200 that is not of the called branch confirms nothing: the call is made again."""
    for own in (HELLO, changed(branch=2), changed(state="TRIED")):
        with Services(1) as s, Foreign(s.inventory[0].at, confirm=AWAY) as foreign, \
                order_at(foreign.at, s.payment[0].at) as o:
            o.good("/v1/units", {"code": "EUR", "scale": 2})
            equal(o.post("/v1/orders", checkout(), new_key()).status, 201)
            foreign.own["confirm"] = own
            foreign.wait("confirm", 2)
            equal(states(o), ["CONFIRMING"])
            del foreign.own["confirm"]
            settle(s, o)
            equal(states(o), ["CONFIRMED"])
            equal((s.sold(), s.paid()), ((2, 0), (2100, 0)))


def parked(o):
    return [t["parked"] for t in o.get("/v1/transactions?which=ALL").json()["transactions"]]


def a_frozen_account_delays_a_confirm():
    """A confirm that a frozen account refuses is repeated, and posts when the account is thawed."""
    with Services(1) as s, Foreign(s.payment[0].at, confirm=AWAY) as foreign, \
            order_at(s.inventory[0].at, foreign.at) as o:
        o.good("/v1/units", {"code": "EUR", "scale": 2})
        equal(o.post("/v1/orders", checkout(), new_key()).status, 201)
        ada = {"key": {"kind": "MONEY", "name": "ada", "unit": "EUR"}, "mode": "CHANGE",
               "mask": ["FROZEN"]}
        s.payment[0].good("/v1/accounts", {**ada, "frozen": True})
        del foreign.own["confirm"]
        foreign.wait("confirm", 3)  # the first of them may have been answered before
        equal((states(o), parked(o), s.paid()), (["CONFIRMING"], [False], (0, 2100)))
        s.payment[0].good("/v1/accounts", {**ada, "frozen": False})
        settle(s, o)
        equal((states(o), s.sold(), s.paid()), (["CONFIRMED"], (2, 0), (2100, 0)))


def a_branch_that_is_gone_is_parked():
    """A confirm at an instance that has lost its store cannot pass: its transaction is parked."""
    with Services(1) as s, Foreign(s.inventory[0].at, confirm=AWAY) as foreign, \
            order_at(foreign.at, s.payment[0].at) as o, Instance("inventory") as empty:
        o.good("/v1/units", {"code": "EUR", "scale": 2})
        equal(o.post("/v1/orders", checkout(), new_key()).status, 201)
        foreign.to = empty.at
        del foreign.own["confirm"]
        while parked(o) != [True]:
            pass
        equal(states(o), ["CONFIRMING"])


BUSY = (503, "application/problem+json", b'{"code":"OVERLOADED","class":"RETRYABLE"}')


def a_busy_instance_is_asked_again():
    """An instance that is OVERLOADED is well: its try and its confirm are repeated."""
    with Services(1) as s, Foreign(s.inventory[0].at, **{"try": BUSY}) as foreign, \
            order_at(foreign.at, s.payment[0].at, "--txn-ms", "60000") as o, \
            ThreadPoolExecutor() as threads:
        o.good("/v1/units", {"code": "EUR", "scale": 2})
        first = threads.submit(o.post, "/v1/orders", checkout(), new_key())
        foreign.wait("try", 2 * 5)  # more failures than open a breaker
        second = threads.submit(o.post, "/v1/orders", checkout(), new_key())
        foreign.own["confirm"] = BUSY
        del foreign.own["try"]
        equal((first.result().status, second.result().status), (201, 201))
        foreign.wait("confirm", 2 * 5)
        del foreign.own["confirm"]
        settle(s, o)
        equal((s.sold(), s.paid()), ((4, 0), (4200, 0)))


def exchange(link, text=None):
    """Sends a request in one piece when there is one; else the status of the answer."""
    if text is not None:
        link.sendall(text)
        return None
    answer = http.client.HTTPResponse(link)
    answer.begin()
    answer.read()
    return answer.status


def request(o, method, path, body=b"", *headers):
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: {o.at}", *headers,
                        f"Content-Length: {len(body)}", "", ""]).encode() + body


def a_key_at_two_order_instances_acts_once():
    """A key that reaches two order instances with stores of their own has one order, and a refusal."""
    with Services(1) as s, order_at(s.inventory[0].at, s.payment[0].at) as other:
        other.good("/v1/units", {"code": "EUR", "scale": 2})
        s.order.append(other)
        key, done = new_key(), []
        equal(s.order[0].post("/v1/orders", checkout(), key).status, 201)
        done.append(key)
        for _ in range(2):
            refused = other.post("/v1/orders", checkout(), key)
            equal((refused.status, refused.code(), refused.json()["culprit"]),
                  (422, "ID_REUSED", "Idempotency-Key"))
            again = s.order[0].post("/v1/orders", checkout(), key)
            equal((again.status, again.headers["idempotent-replayed"]), (201, "true"))
        with ThreadPoolExecutor() as threads:
            for key in [new_key() for _ in range(20)]:
                both = [threads.submit(o.post, "/v1/orders", checkout(), key) for o in s.order]
                codes = sorted(str(a.result().code()) if a.result().status != 201 else "201" for a in both)
                equal(codes in (["201", "ID_REUSED"], ["ID_REUSED", "ID_REUSED"]), True, codes)
                done += [key] if codes[0] == "201" else []
        equal(s.is_whole(done), len(done))
        for o in s.order:
            equal(set(parked(o)) - {False}, set())


LONG = ("--health-ms", "60000", "--call-ms", "60000")  # the instance stops during checks and calls


def at_once(o, count):
    """The statuses of orders that the instance reads in one turn of its loop."""
    body = json.dumps(checkout()).encode()
    links = [o.socket() for _ in range(count)]
    for link in links:  # each is accepted before the turn
        exchange(link, request(o, "GET", "/livez"))
        equal(exchange(link), 200)
    o.signal(signal.SIGSTOP)
    for link in links:
        exchange(link, request(o, "POST", "/v1/orders", body, "Content-Type: application/json",
                               f"Idempotency-Key: {new_key()}"))
    while len(waiting(o)) < count:
        pass
    o.signal(signal.SIGCONT)
    statuses = [exchange(link) for link in links]
    for link in links:
        link.close()
    return statuses


def waiting(o):
    """Connections of the instance with bytes that it has not read."""
    port = f":{int(o.at.rsplit(':', 1)[1]):04X}"
    with open("/proc/net/tcp", encoding="ascii") as table:
        rows = [line.split() for line in table.readlines()[1:]]
    return [row for row in rows if row[1].endswith(port) and row[3] == "01"
            and row[4].split(":")[1] != "00000000"]


def orders_at_once_share_requests():
    """Tries and confirms of orders that come at once are one request to each instance."""
    with Services(1) as s, Foreign(s.inventory[0].at) as foreign, \
            order_at(foreign.at, s.payment[0].at, *LONG) as o:
        o.good("/v1/units", {"code": "EUR", "scale": 2})
        equal(at_once(o, 12), 12 * [201])
        settle(s, o)
        shared = [path for path in foreign.paths if path.count("/") == 3]
        equal({"/v1/branches/try", "/v1/branches/confirm"} <= set(shared), True, foreign.paths)
        equal((s.sold(), s.paid()), ((24, 0), (12 * 2100, 0)))


def once(change):
    """Changes the first answer to several calls; later ones are as they are."""
    done = []

    def own(body):
        answers = json.loads(body).get("answers")
        if answers is None or done:
            return body
        done.append(body)
        return json.dumps(change(answers)).encode()
    return own


def wrong_answers_to_several_calls_hold_nothing():
    """Answers that are of other branches, too few or none are no answers: the orders are asked for again."""
    for change in (lambda answers: {"answers": answers[1:] + answers[:1]},
                   lambda answers: {"answers": answers[:-1]},
                   lambda answers: {"answers": [{}, *answers[1:]]},
                   lambda answers: answers):
        with Services(1) as s, Foreign(s.inventory[0].at, **{"try": once(change)}) as foreign, \
                order_at(foreign.at, s.payment[0].at, *LONG) as o:
            o.good("/v1/units", {"code": "EUR", "scale": 2})
            count = at_once(o, 8).count(201)
            settle(s, o)
            equal(len(o.all_of("/v1/orders", "orders")), count)
            equal((s.sold(), s.paid()), ((2 * count, 0), (2100 * count, 0)))
            equal("CANCELLED" in states(o), True, "the change was seen")


run([a_key_at_two_order_instances_acts_once, orders_at_once_share_requests,
     wrong_answers_to_several_calls_hold_nothing, a_busy_instance_is_asked_again,
     a_frozen_account_delays_a_confirm, a_branch_that_is_gone_is_parked,
     a_foreign_answer_to_a_try_holds_nothing, a_foreign_answer_to_a_confirm_is_repeated])
