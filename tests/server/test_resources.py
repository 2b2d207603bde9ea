"""Every resource: orders through their life, payments, items, accounts, holds, transactions, maintenance."""
import os

from shop import DRIVER, Server, Skip, checkout, equal, holdfast, new_key, order, run

TEA = {"kind": "ITEM", "name": "tea", "unit": "pcs"}
ADA = {"kind": "MONEY", "name": "ada", "unit": "EUR"}
TILL = {"kind": "MONEY", "name": "till", "unit": "EUR"}


def change(s, made, what, body=None, tag=None, key=None):
    """A write of an order at the version that was read, or at `tag`."""
    ident = made["order"]["id"]
    tag = tag or f'"{made["order"]["version"]}"'
    return s.post(f"/v1/orders/{ident}/{what}", body, key, If_Match=tag)


def slow_order(quantity=4):
    """An order whose line and payment settle as units are fulfilled."""
    return {"currency": "EUR", "customer": "ada", "total": 450 * quantity,
            "lines": [{"sku": "tea", "quantity": quantity, "unit_price": 450,
                       "settle_on": "FULFIL"}],
            "payments": [{"account": ADA, "amount": 450 * quantity, "settle_on": "FULFIL"}]}


def an_order_goes_through_its_life():
    """An order is amended, fulfilled in parts, returned, exchanged and cancelled."""
    with Server() as s:
        s.open_shop(money=10000)
        made = s.good("/v1/orders", slow_order())
        equal(made["order"]["state"], "CONFIRMED")
        made = change(s, made, "amend", {"total": 1350, "changes": [
            {"line": 1, "quantity": 3, "unit_price": 450}]}).json()
        equal(made["order"]["total"], 1350)
        made = change(s, made, "fulfil", {"lines": [{"line": 1, "quantity": 2}]}).json()
        equal((made["lines"][0]["fulfilled"], made["payments"][0]["captured"]), (2, 900))
        made = change(s, made, "return", {"lines": [{"line": 1, "quantity": 1}]}).json()
        equal((made["lines"][0]["returned"], made["payments"][0]["refunded"]), (1, 450))
        made = change(s, made, "exchange", {
            "total": 2400, "returns": [{"line": 1, "quantity": 1}],
            "lines": [{"sku": "cup", "quantity": 1, "unit_price": 1050}],
            "payments": [{"account": ADA, "amount": 600}]}).json()
        equal(len(made["lines"]), 2)
        made = change(s, made, "cancel", {"lines": [{"line": 1, "quantity": 1}]}).json()
        equal(made["lines"][0]["cancelled"], 1)
        equal(s.item("tea")["balance"], 1000)
        again = s.good("/v1/orders", slow_order())
        equal(change(s, again, "cancel").json()["order"]["state"], "CANCELLED")
        equal(s.good("/v1/verify")["findings_total"], 0)


def versions_are_named():
    """A write of an order names its version: without one it is refused, and a moved one too."""
    with Server() as s:
        s.open_shop(money=10000)
        made = s.good("/v1/orders", slow_order())
        path = f"/v1/orders/{made['order']['id']}/fulfil"
        missing = s.post(path)
        equal((missing.status, missing.code()), (428, "MATCH_MISSING"))
        for tag in ("1", '"0"', '"x"', 'W/"1"', '"1", "2"', '"99999999999999999999"', '"-1"', '"1'):
            wrong = s.post(path, If_Match=tag)
            equal((wrong.status, wrong.code()), (400, "MATCH_FORMAT"), tag)
        key = new_key()
        done = change(s, made, "fulfil", {"lines": [{"line": 1, "quantity": 1}]}, key=key)
        equal(done.status, 200)
        moved = change(s, made, "fulfil", {"lines": [{"line": 1, "quantity": 1}]})
        equal((moved.status, moved.code()), (412, "VERSION_MOVED"))
        again = change(s, made, "fulfil", {"lines": [{"line": 1, "quantity": 1}]}, key=key)
        equal((again.status, again.headers["idempotent-replayed"]), (200, "true"))
        equal(change(s, made, "fulfil", tag="*").status, 200)
        read = s.get(f"/v1/orders/{made['order']['id']}")
        same = s.get(f"/v1/orders/{made['order']['id']}", If_None_Match=read.headers["etag"])
        equal((same.status, same.body), (304, b""))
        etag = read.headers["etag"]
        for known, status in ((f"W/{etag}", 304), (f'"0", W/{etag} ,"9"', 304), (f'"0",{etag}', 304),
                              ("*", 304), ('"0"', 200), (f'W/"0", "1{etag[1:]}', 200), (etag[:-1], 200),
                              (f"{etag}x", 200), ("W/", 200), (",", 200), ("", 200)):
            found = s.get(f"/v1/orders/{made['order']['id']}", If_None_Match=known)
            equal((found.status, found.headers["etag"]), (status, etag), known)
        for lines, status in (([etag, '"0"'], 304), (['"0"', f'"9", {etag}'], 304), (['"0"', '"9"'], 200),
                              ([etag[:-1], '"'], 200)):  # a list in several lines
            known = "".join(f"If-None-Match: {line}\r\n" for line in lines)
            came = s.raw(f"GET /v1/orders/{made['order']['id']} HTTP/1.1\r\nHost: localhost\r\n"
                         f"{known}Connection: close\r\n\r\n".encode())
            equal(int(came.split()[1]), status, lines)


def paths_win_over_bodies():
    """What the path says is not said by the body, and an id of the path must be one."""
    with Server() as s:
        s.open_shop()
        made = s.good("/v1/orders", order())
        twice = change(s, made, "cancel", {"order": new_key()})
        equal((twice.status, twice.code(), twice.json()["pointer"]), (400, "VALUE", "/order"))
        for path in ("/v1/orders/1", "/v1/orders/%00", "/v1/orders/%zz", "/v1/orders/..",
                     "/v1/orders/%2e%2e", "/v1/items/%ff"):
            wrong = s.get(path)
            equal((wrong.status, wrong.code()), (400, "PATH"), path)
        for path in ("/v1/orders/", "/v1/orders//", "/v2/orders", "/v1", "/", "//v1/orders",
                     "/v1/orders/../orders", "/v1/orders/%2e%2e/orders", "/V1/orders"):
            equal(s.get(path).status, 404, path)
        absent = s.get(f"/v1/orders/{new_key()}")
        equal((absent.status, absent.code()), (404, "NOT_FOUND"))
        for method in ("PUT", "DELETE", "PATCH", "TRACE", "OPTIONS", "BREW"):
            wrong = s.ask(method, "/v1/orders")
            equal((wrong.status, wrong.code(), wrong.headers["allow"]), (405, "METHOD", "POST, GET"))
        head = s.ask("HEAD", "/v1/orders")
        equal((head.status, head.body), (200, b""))


def names_may_be_anything():
    """A name of an item may have slashes, spaces and letters of any script."""
    from urllib.parse import quote
    with Server() as s:
        for name in ("a/b", "a b", "caf\u00e9 \u2603", "100%", "a?b#c", '"quoted"', "a+b", "..."):
            s.good("/v1/items", {"key": {"name": name, "place": "north"}, "opening": 3})
            path = "/v1/items/" + quote(name, safe="")
            equal(s.get(path + "?place=north").json()["item"]["name"], name)
            equal(s.get(path).status, 404)
            s.good(path + "/receive", {"amount": 2, "to": {"place": "north", "unit": "pcs"}})
            equal(s.get(path + "?place=north").json()["item"]["balance"], 5)
        seen, cursor = [], ""
        while cursor is not None:
            page = s.get("/v1/items?limit=3" + cursor).json()
            seen += [row["name"] for row in page["items"]]
            cursor = page["next_cursor"] and "&cursor=" + page["next_cursor"]
        equal(len(seen), len(set(seen)))
        equal(len(seen), 8)


def money_is_moved():
    """Accounts are opened, filled, emptied, counted and read; payments captured, voided, refunded."""
    with Server() as s:
        s.open_shop(money=1000)
        s.good("/v1/accounts", {"key": TILL})
        s.good("/v1/deposits", {"to": ADA, "amount": 500})
        s.good("/v1/withdrawals", {"from": ADA, "amount": 100})
        s.good("/v1/transfers", {"from": ADA, "to": TILL, "amount": 400})
        s.good("/v1/adjustments", {"key": ADA, "mode": "TO", "quantity": 5000})
        equal(s.get("/v1/accounts/MONEY/EUR/till").json()["account"]["balance"], 400)
        kinds = s.get("/v1/accounts?kind=MONEY").json()
        equal([(a["name"], a["balance"]) for a in kinds["accounts"]], [("ada", 5000), ("till", 400)])
        equal(s.get("/v1/units/EUR").json()["unit"], {"code": "EUR", "scale": 2})
        equal(len(s.get("/v1/units").json()["units"]), 2)
        made = s.good("/v1/orders", order(4, policy=[], payments=[
            {"account": ADA, "amount": 1800, "settle_on": "MANUAL"}]))
        payment = made["payments"][0]["id"]
        s.good(f"/v1/payments/{payment}/capture", {"amount": 1000})
        s.good(f"/v1/payments/{payment}/refund", {"amount": 300})
        done = s.good(f"/v1/payments/{payment}/void")["payment"]
        equal((done["captured"], done["refunded"], done["voided"]), (1000, 300, 800))
        over = s.post(f"/v1/payments/{payment}/refund", {"amount": 10000})
        equal((over.status, over.code()), (409, "OVER_REFUND"))
        ident = made["order"]["id"]
        added = s.post(f"/v1/orders/{ident}/payments", {"payment": {"account": ADA, "amount": 1}},
                       If_Match="*")
        equal((added.status, added.code()), (409, "ORDER_STATE"))
        listed = s.get(f"/v1/orders/{ident}/payments").json()["payments"]
        equal([p["id"] for p in listed], [payment])
        equal(len(s.get("/v1/payments?limit=5").json()["payments"]), 1)
        fact = s.good("/v1/facts", {"provider": "bank", "fact_ref": "R-77", "unit": "EUR",
                                    "amount": 1250, "kind": "REFUNDED"})["fact"]
        equal(fact["fact_ref"], "R-77")
        attention = s.get("/v1/attention?subject=FACT").json()["facts"]
        equal([row["fact_ref"] for row in attention], ["R-77"])
        s.good("/v1/attention/clear", {"subject": "FACT", "bits": ["UNMATCHED_FACT"],
                                       "provider": "bank", "fact_ref": "R-77", "kind": "REFUNDED",
                                       "reason": "paid by hand"})
        equal(s.get("/v1/attention?subject=FACT").json()["facts"], [])


def holds_are_held():
    """A hold is placed once, adjusted, posted, released and reversed."""
    with Server() as s:
        s.open_shop(money=1000)
        key = new_key()
        body = {"from": ADA, "amount": 500}
        made = s.post("/v1/holds", body, key)
        equal((made.status, made.headers["location"]), (201, f"/v1/holds/{key}"))
        again = s.post("/v1/holds", body, key)
        equal((again.status, again.headers.get("idempotent-replayed")), (201, "true"))
        s.good(f"/v1/holds/{key}/adjust", {"grow": 100})
        s.good(f"/v1/holds/{key}/release", {"amount": 50})
        s.good(f"/v1/holds/{key}/post", {"post": 400, "release": 150})
        s.good(f"/v1/holds/{key}/reverse", {"amount": 25})
        hold = s.get(f"/v1/holds/{key}").json()["hold"]
        equal((hold["state"], hold["posted"], hold["reversed"]), ("DONE", 400, 25))


def transactions_are_operated():
    """A transaction moves at once; operators list, park, unpark, retry, abort and see the history."""
    with Server() as s:
        s.open_shop(money=1000)
        s.good("/v1/accounts", {"key": TILL})
        key = new_key()
        body = {"moves": [{"from": ADA, "to": TILL, "amount": 250}]}
        made = s.post("/v1/transactions", body, key)
        equal((made.status, made.json()["transaction"]["state"]), (201, "CONFIRMED"))
        equal(made.headers["location"], f"/v1/transactions/{key}")
        again = s.post("/v1/transactions", body, key)
        equal(again.headers.get("idempotent-replayed"), "true")
        equal(s.get(f"/v1/operations/{key}").json()["result"]["transaction"]["id"], key)
        made = s.good("/v1/orders", order(1, policy=[], payments=[
            {"method": "PROVIDER", "provider": "psp", "amount": 450}]))
        txns = s.get("/v1/transactions?which=OPEN").json()["transactions"]
        equal(len(txns), 1)
        path = "/v1/transactions/" + txns[0]["id"]
        missing = s.post(path + "/park")
        equal((missing.status, missing.json()["pointer"]), (400, "/reason"))
        s.good(path + "/park", {"reason": "the provider is down"})
        equal(len(s.get("/v1/transactions?which=PARKED").json()["transactions"]), 1)
        s.good(path + "/unpark", {"reason": "it is back"})
        s.good(path + "/retry", {"reason": "not to wait"})
        history = s.get(path + "/history").json()["history"]
        equal([row["detail"] for row in history if row["actor"] == "local"],
              ["the provider is down", "it is back", "not to wait"])
        resolved = s.good(path + "/resolve", {"branch": 1, "answer": "REJECTED",
                                              "reason": "the bank says no"})
        equal(resolved["transaction"]["state"] in ("CANCELLED", "CANCELLING"), True)
        equal(s.get("/v1/orders/" + made["order"]["id"]).json()["order"]["state"], "CANCELLED")
        seen, cursor = [], ""
        while cursor is not None:
            page = s.get("/v1/transactions?which=ALL&limit=1" + cursor).json()
            seen += [row["id"] for row in page["transactions"]]
            cursor = page["next_cursor"] and "&cursor=" + page["next_cursor"]
        equal(sorted(seen), sorted([key, txns[0]["id"]]))


def operators_maintain_the_store():
    """The books are checked, and a backup is written into the folder that is named."""
    os.mkdir("backups")
    with Server("--backups", "backups") as s:
        s.open_shop(money=5000)
        s.good("/v1/orders", checkout())
        checked = s.good("/v1/verify")
        equal((checked["findings_total"], checked["orders"], checked["findings"]), (0, 1, []))
        equal(len(s.get("/v1/nodes").json()["nodes"]) <= 1, True)
        for name in ("../a", "a/b", ".a", "", "a\u00e9", "x" * 101, None, 1):
            wrong = s.post("/v1/backups", {"name": name})
            equal((wrong.status, wrong.code()), (400, "VALUE"), name)
        equal(s.post("/v1/backups", {"name": "a", "path": "b"}).status, 400)
        if DRIVER != "memory":
            equal(s.post("/v1/backups", {"name": "copy.db"}).status, 201)
            taken = s.post("/v1/backups", {"name": "copy.db"})
            equal((taken.status, taken.code()), (409, "EXISTS"))
            checked = holdfast("verify", "--json", store=f"{DRIVER}:backups/copy.db")
            equal(checked.code, 0, checked.err)
    with Server() as s:
        none = s.post("/v1/backups", {"name": "copy.db"})
        equal((none.status, none.code()), (409, "NO_BACKUPS"))
    if DRIVER == "memory":
        raise Skip("the store is in memory")


def a_person_is_erased():
    """What is said about a person is erased from the orders of a customer."""
    with Server() as s:
        s.open_shop()
        made = s.good("/v1/orders", order(customer="ada", meta="her address"))
        erased = s.good("/v1/erasures", {"by": "CUSTOMER", "customer": "ada",
                                         "what": ["META", "CUSTOMER"], "replacement": "gone-1"})
        equal((erased["orders"], erased["more"]), (1, False))
        read = s.get("/v1/orders/" + made["order"]["id"]).json()["order"]
        equal((read["customer"], read["meta"]), ("gone-1", None))


def problems_are_listed():
    """All problems that an answer may name are listed with status and class."""
    with Server() as s:
        rows = {row["code"]: row for row in s.get("/v1/problems").json()["problems"]}
        equal((rows["STOCK_SHORT"]["status"], rows["STOCK_SHORT"]["class"]), (409, "REJECTED"))
        equal((rows["OVERLOADED"]["status"], rows["OVERLOADED"]["class"]), (503, "RETRYABLE"))
        equal((rows["KEY_MISSING"]["status"], rows["KEY_MISSING"]["class"]), (400, "MISUSE"))
        equal(len(rows) > 90, True)


if __name__ == "__main__":
    run([an_order_goes_through_its_life, versions_are_named, paths_win_over_bodies,
         names_may_be_anything, money_is_moved, holds_are_held, transactions_are_operated,
         operators_maintain_the_store, a_person_is_erased, problems_are_listed])
