"""Orders over HTTP: placed once under a key, read, listed, refused with a reason."""
import glob
import json
import signal

from shop import (DRIVER, SANITIZED, Answer, Server, Skip, checkout, equal, holdfast, new_key,
                  order, preload, run)


def an_order_is_placed_and_read():
    """An order is placed, names its place, and is read as it was placed."""
    with Server() as s:
        s.open_shop(money=5000)
        key = new_key()
        made = s.post("/v1/orders", checkout(), key)
        equal(made.status, 201)
        equal(made.headers["location"], f"/v1/orders/{key}")
        equal(made.json()["order"]["state"], "CLOSED")
        equal("idempotent-replayed" in made.headers, False)
        read = s.get(made.headers["location"])
        equal(read.json(), made.json())
        equal(read.headers["etag"], made.headers["etag"])
        equal(s.item("tea")["balance"], 998)
        wallet = s.get("/v1/accounts/MONEY/EUR/ada").json()["account"]
        equal(wallet["balance"], 5000 - 2100)


def a_repeat_acts_once():
    """The same request under one key acts once, and the repeat is marked."""
    with Server() as s:
        s.open_shop()
        key = new_key()
        first = s.post("/v1/orders", order(3), key)
        for _ in range(3):
            again = s.post("/v1/orders", order(3), key)
            equal((again.status, again.body), (first.status, first.body))
            equal(again.headers["idempotent-replayed"], "true")
        equal(s.item("tea")["balance"], 997)
        quoted = s.post("/v1/orders", order(3), f'"{key}"')
        equal(quoted.headers["idempotent-replayed"], "true")


def other_content_is_refused():
    """Other content under a key that was used is refused and changes nothing."""
    with Server() as s:
        s.open_shop()
        key = new_key()
        s.good("/v1/orders", order(1), key)
        for path, body in (("/v1/orders", order(2)), ("/v1/orders", order(1, customer="bob")),
                           ("/v1/items", {"key": {"name": "pot"}, "opening": 1})):
            other = s.post(path, body, key)
            equal((other.status, other.code()), (422, "ID_REUSED"), path)
        equal(s.item("tea")["balance"], 999)


def keys_are_needed():
    """A write without a key, or with a malformed one, is refused."""
    with Server() as s:
        s.open_shop()
        missing = s.ask("POST", "/v1/orders", order())
        equal((missing.status, missing.code()), (400, "KEY_MISSING"))
        for key in (" ", "x" * 129, "a b", '""', "caf\u00e9", "a\tb", '"' + "x" * 129 + '"'):
            wrong = s.post("/v1/orders", order(), key)
            equal((wrong.status, wrong.code()), (400, "KEY_FORMAT"), key)
        equal(s.item("tea")["balance"], 1000)


def any_text_may_be_a_key():
    """A key may be any text: it acts once, also when a repeat comes on the next day."""
    with Server() as s:
        s.open_shop()
        for key in ("order-1", "f47ac10b-58cc-4372-a567-0e02b2c3d479", "x" * 128, "1", '"quoted"'):
            unused = s.get("/v1/operations/" + key.strip('"'))
            equal((unused.status, unused.code()), (404, "KEY_UNUSED"))
            first = s.post("/v1/orders", order(), key)
            equal((first.status, "idempotent-replayed" in first.headers), (201, False), key)
            again = s.post("/v1/orders", order(), key)
            equal((again.body, again.headers["idempotent-replayed"]), (first.body, "true"), key)
            equal(s.post("/v1/orders", order(2), key).code(), "ID_REUSED", key)
            found = s.get("/v1/operations/" + key.strip('"')).json()
            equal((found["outcome"], found["result"]), ("DONE", first.json()))
        equal(s.item("tea")["balance"], 995)
        equal(s.post("/v1/orders", order(), '"order-1"').headers["idempotent-replayed"], "true")


def a_text_is_a_key_over_midnight():
    """A text that was used yesterday, or by a server that is a day ahead, acts once."""
    if DRIVER == "memory" or SANITIZED:
        raise Skip("the store is in memory, or the sanitizer must be loaded first")
    library = next(iter(glob.glob("/usr/lib/*/faketime/libfaketime.so.1")), None)
    if library is None:
        raise Skip("libfaketime (package faketime) is not installed")
    first = Server()
    with first as s:
        s.open_shop()
        made = s.post("/v1/orders", order(), "order-1")
    with Server(store=first.store, environment={"LD_PRELOAD": library, "FAKETIME": "+1d"}) as s:
        again = s.post("/v1/orders", order(), "order-1")
        equal((again.body, again.headers["idempotent-replayed"]), (made.body, "true"))
        equal(s.get("/v1/operations/order-1").json()["result"], made.json())
        equal(s.item("tea")["balance"], 999)
        later = s.post("/v1/orders", order(), "order-2")
    with Server(store=first.store, environment={"LD_PRELOAD": library, "FAKETIME": "+2d"}) as s:
        equal(s.post("/v1/orders", order(), "order-1").status, 201)  # two days later it is forgotten
        equal(s.post("/v1/orders", order(), "order-2").body, later.body)
        equal(s.item("tea")["balance"], 997)


def a_running_key_is_refused():
    """While a request runs, a second one with its key is refused and may be repeated."""
    with Server() as s:
        s.open_shop()
        key = new_key()
        links = [s.connect() for _ in range(2)]
        for link in links:
            s.get("/livez", link=link)
        s.signal(signal.SIGSTOP)  # both requests are there when the server reads
        for link in links:
            link.request("POST", "/v1/orders", json.dumps(order()),
                         {"Idempotency-Key": key, "Content-Type": "application/json"})
        s.signal(signal.SIGCONT)
        answers = [link.getresponse() for link in links]
        bodies = [answer.read() for answer in answers]
        equal(sorted((answer.status, answer.headers["retry-after"]) for answer in answers),
              [(201, None), (409, "1")])
        equal(any(b'"KEY_RUNNING"' in body and b'"retryable":true' in body for body in bodies), True)
        equal(s.item("tea")["balance"], 999)
        equal(s.post("/v1/orders", order(), key).headers["idempotent-replayed"], "true")


CLOCK = """#define _GNU_SOURCE
#include <time.h>
#include <stddef.h>
time_t time(time_t *out)
{
    static int calls;
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    time_t at = now.tv_sec / 86400 * 86400 - 1 + calls++ % 2 * 2; /* a second before midnight, one after */
    if (out != NULL)
        *out = at;
    return at;
}
"""


def two_requests_at_midnight_act_once():
    """Of two requests with one text key, a second before midnight and one after, one acts."""
    if SANITIZED:
        raise Skip("the sanitizer must be loaded first")
    with Server(environment={"LD_PRELOAD": preload(CLOCK)}) as s:
        s.open_shop()
        for number in range(10):
            links = [s.connect() for _ in range(4)]
            for link in links:
                s.get("/livez", link=link)
            s.signal(signal.SIGSTOP)  # the requests are read together
            for link in links:
                link.request("POST", "/v1/orders", json.dumps(order()),
                             {"Idempotency-Key": f"order-{number}", "Content-Type": "application/json"})
            s.signal(signal.SIGCONT)
            answers = [link.getresponse() for link in links]
            made = {json.loads(a.read())["order"]["id"] for a in answers if a.status == 201}
            equal(len(made), 1, [a.status for a in answers])
            equal({a.status for a in answers} <= {201, 409}, True)
            equal(s.item("tea")["balance"], 999 - number)
            for _ in range(2):  # a repeat on either side of midnight
                again = s.post("/v1/orders", order(), f"order-{number}")
                equal((again.json()["order"]["id"], again.headers["idempotent-replayed"]),
                      (made.copy().pop(), "true"))


def new_work_is_refused_when_much_waits():
    """Orders beyond the queue are refused at once with 503 and Retry-After, and are placed later."""
    with Server("--queue-ops-max", "16") as s:
        s.open_shop()
        links = [s.connect() for _ in range(60)]
        for link in links:
            s.get("/livez", link=link)
        keys = [new_key() for _ in links]
        s.signal(signal.SIGSTOP)  # all requests are there when the server reads
        for link, key in zip(links, keys):
            link.request("POST", "/v1/orders", json.dumps(order()),
                         {"Idempotency-Key": key, "Content-Type": "application/json"})
        s.signal(signal.SIGCONT)
        answers = [Answer(link.getresponse()) for link in links]
        placed = [a for a in answers if a.status == 201]
        refused = [a for a in answers if a.status != 201]
        equal(len(refused) > 0 and len(placed) > 0, True, [a.status for a in answers])
        for a in refused:
            equal((a.status, a.code(), a.headers["retry-after"]), (503, "OVERLOADED", "1"))
            equal((a.json()["class"], a.json()["retryable"]), ("RETRYABLE", True))
        equal(s.item("tea")["balance"], 1000 - len(placed))
        for key, before in zip(keys, answers):
            again = s.post("/v1/orders", order(), key)
            equal((again.status, "idempotent-replayed" in again.headers), (201, before.status == 201))
        equal(s.item("tea")["balance"], 1000 - len(keys))
        refusals = [line for line in s.get("/metrics").body.decode().splitlines()
                    if line.startswith('holdfast_overloaded_total{')]
        equal(sum(int(line.split()[-1]) for line in refusals), len(refused), refusals)


def a_refusal_names_the_culprit():
    """A refusal has its code, its class, the culprit and its place, and its key stays free."""
    with Server() as s:
        s.open_shop(tea=5)
        key = new_key()
        short = s.post("/v1/orders", order(6), key)
        problem = short.json()
        equal((short.status, short.code()), (409, "STOCK_SHORT"))
        equal((problem["class"], problem["retryable"]), ("REJECTED", False))
        equal((problem["culprit"], problem["pointer"]), ("line 1: ITEM tea [pcs]", "/lines/0"))
        s.good("/v1/items/tea/receive", {"amount": 1})
        equal(s.post("/v1/orders", order(6), key).status, 201)
        wrong = s.post("/v1/orders", order(1, total=1))
        equal((wrong.status, wrong.code()), (400, "TOTAL"))
        none = s.post("/v1/orders", order(1, lines=[{"sku": "tea", "quantity": 0, "unit_price": 1}]))
        equal((none.status, none.code(), none.json()["pointer"]),
              (400, "QUANTITY", "/lines/0/quantity"))


def values_are_checked():
    """A member that is unknown, missing or of a wrong type is refused with its place."""
    line = {"sku": "tea", "quantity": 1, "unit_price": 450}
    cases = [
        ({**order(), "colour": 1}, "/colour"),
        ({**order(), "lines": [{**line, "colour": 1}]}, "/lines/0/colour"),
        ({**order(), "lines": [line, {**line, "quantity": 1.0}]}, "/lines/1/quantity"),
        ({**order(), "lines": [{**line, "quantity": "1"}]}, "/lines/0/quantity"),
        ({**order(), "lines": [{"quantity": 1, "unit_price": 450}]}, "/lines/0/sku"),
        ({**order(), "lines": {}}, "/lines"),
        ({**order(), "total": None}, "/total"),
        ({**order(), "policy": ["SOON"]}, "/policy"),
        ({**order(), "meta": 1}, "/meta"),
        ({**order(), "a/b~c": 1}, "/a~1b~0c"),
        ([], ""),
    ]
    with Server() as s:
        s.open_shop()
        for body, pointer in cases:
            wrong = s.post("/v1/orders", body)
            equal((wrong.status, wrong.code()), (400, "VALUE"), body)
            equal(wrong.json()["pointer"], pointer, body)
        equal(s.item("tea")["balance"], 1000)


def meta_is_kept():
    """Meta is stored with the order and comes back as it was sent."""
    text = '{"gift": "f\u00fcr \u2603", "tab": "\\t"}'
    with Server() as s:
        s.open_shop()
        made = s.good("/v1/orders", order(meta=text))
        equal(made["order"]["meta"], text)
        equal(s.get("/v1/orders/" + made["order"]["id"]).json()["order"]["meta"], text)


def lists_continue():
    """A list is read page by page, by filter, and each order comes once."""
    with Server() as s:
        s.open_shop()
        made = [s.good("/v1/orders", order(customer="ada" if i % 2 else "bob"))["order"]["id"]
                for i in range(7)]
        for query, wanted in (("", made), ("customer=ada", made[1::2]), ("state=CLOSED", []),
                              ("state=CONFIRMED", made), ("customer=bob&newest_first=true",
                                                          made[0::2][::-1])):
            seen, cursor = [], ""
            while cursor is not None:
                page = s.get(f"/v1/orders?limit=2&{query}&{cursor}".replace("&&", "&").rstrip("&"))
                equal(page.status, 200, page.body)
                seen += [row["id"] for row in page.json()["orders"]]
                following = page.json()["next_cursor"]
                cursor = following and "cursor=" + following
            equal(seen, wanted, query)
        cursor = s.get("/v1/orders?limit=2").json()["next_cursor"]
        for path in (f"/v1/orders?customer=ada&cursor={cursor}", "/v1/orders?cursor=x",
                     f"/v1/payments?cursor={cursor}", f"/v1/orders?cursor={cursor[:-3]}"):
            wrong = s.get(path)
            equal((wrong.status, wrong.code()), (400, "CURSOR"), path)
        for query in ("limit=0", "limit=257", "limit=x", "colour=1", "state=SOON", "limit=1&limit=2",
                      "customer=a&ref=b", "newest_first=1", "customer=%zz", "customer=%00"):
            wrong = s.get("/v1/orders?" + query)
            equal(wrong.status, 400, query)


def an_outcome_is_found_by_its_key():
    """Whether a request has acted is found by its key, also for what made no record."""
    with Server() as s:
        s.open_shop(money=5000)
        placed, opened, added = new_key(), new_key(), new_key()
        made = s.good("/v1/orders", checkout(), placed)
        s.good("/v1/items", {"key": {"name": "pot"}, "opening": 1}, opened)
        refused = s.post("/v1/orders", order(100000), added)
        equal(refused.status, 409)
        done = s.get(f"/v1/operations/{placed}").json()
        equal((done["outcome"], done["result"]), ("DONE", made))
        done = s.get(f"/v1/operations/{opened}").json()
        equal((done["outcome"], done["result"]), ("DONE", None))
        for key in (added, new_key()):
            unused = s.get(f"/v1/operations/{key}")
            equal((unused.status, unused.code()), (404, "KEY_UNUSED"))
        equal(s.get("/v1/operations/a%20b").code(), "KEY_FORMAT")


def acknowledged_orders_outlive_a_kill():
    """After kill -9 every acknowledged order is there, and its key gives the first answer."""
    if DRIVER == "memory":
        raise Skip("the store is in memory")
    s = Server()
    s.start()
    s.open_shop()
    keys = [new_key() for _ in range(50)]
    for key in keys:
        s.good("/v1/orders", order(), key)
    s.kill()
    with s:
        for key in keys:
            again = s.post("/v1/orders", order(), key)
            equal((again.status, again.headers.get("idempotent-replayed")), (201, "true"))
            equal(s.get(f"/v1/operations/{key}").json()["outcome"], "DONE")
        equal(s.item("tea")["balance"], 950)
    equal(holdfast("verify", store=s.store).code, 0)


if __name__ == "__main__":
    run([an_order_is_placed_and_read, a_repeat_acts_once, other_content_is_refused, keys_are_needed,
         any_text_may_be_a_key, a_text_is_a_key_over_midnight,
         two_requests_at_midnight_act_once, a_running_key_is_refused, new_work_is_refused_when_much_waits,
         a_refusal_names_the_culprit, values_are_checked, meta_is_kept, lists_continue,
         an_outcome_is_found_by_its_key, acknowledged_orders_outlive_a_kill])
