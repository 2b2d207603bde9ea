"""The services that take part in transactions of other instances: try, confirm, cancel, retention."""
import hashlib
import json
import re
import threading

from shop import Server, equal, new_key, run

TEA = {"kind": "ITEM", "name": "tea", "unit": "pcs"}
ADA = {"kind": "MONEY", "name": "ada", "unit": "EUR"}


def call(s, phase, txn, branch=1, epoch=1, attempt=1, moves=None, **headers):
    body = {"epoch": epoch, "attempt": attempt}
    if phase == "try":
        body["moves"] = moves if moves is not None else [{"from": TEA, "amount": 3}]
    return s.ask("POST", f"/v1/branches/{txn}/{branch}/{phase}", body, **headers)


def good(s, phase, txn, **more):
    """A call that succeeds: the state of the branch, and whether it had been done before."""
    answer = call(s, phase, txn, **more)
    if answer.status != 200:
        raise AssertionError(f"{phase}: {answer.status} {answer.body!r}")
    equal(answer.json()["txn"], txn)
    return answer.json()["state"], answer.json()["repeated"]


def refused(s, phase, txn, **more):
    answer = call(s, phase, txn, **more)
    return answer.status, answer.code()


class Inventory(Server):
    """A service with ten pieces of tea."""

    def __init__(self, *flags, **more):
        super().__init__("--role", "inventory", *flags, **more)

    def __enter__(self):
        super().__enter__()
        if self.get("/v1/items/tea").status == 404:
            self.good("/v1/items", {"key": {"name": "tea"}, "opening": 10})
        return self

    def tea(self):
        item = self.item("tea")
        return item["balance"], item["held_out"]

    def is_whole(self):
        equal(self.good("/v1/verify")["findings_total"], 0, "findings")


def a_try_holds_and_a_confirm_posts():
    """A try holds the moves, a confirm posts them; each may come again and changes nothing then."""
    with Inventory() as s:
        txn = new_key()
        equal(good(s, "try", txn), ("TRIED", False))
        equal(s.tea(), (10, 3))
        equal(good(s, "try", txn, attempt=2), ("TRIED", True))
        equal(good(s, "confirm", txn), ("CONFIRMED", False))
        equal(s.tea(), (7, 0))
        equal(good(s, "confirm", txn, attempt=2), ("CONFIRMED", True))
        equal(good(s, "try", txn, attempt=3), ("CONFIRMED", True))
        equal(refused(s, "cancel", txn), (409, "TXN_STATE"))
        equal(s.tea(), (7, 0))
        s.is_whole()


def a_cancel_releases():
    """A cancel releases what the try held; each may come again, and a try after it is refused."""
    with Inventory() as s:
        txn = new_key()
        equal(good(s, "try", txn), ("TRIED", False))
        equal(good(s, "cancel", txn), ("CANCELLED", False))
        equal(s.tea(), (10, 0))
        equal(good(s, "cancel", txn), ("CANCELLED", True))
        equal(refused(s, "try", txn, attempt=2), (409, "TXN_STATE"))
        equal(refused(s, "confirm", txn), (409, "TXN_STATE"))
        equal(s.tea(), (10, 0))
        s.is_whole()


def a_confirm_never_cancels():
    """A confirm that an account refuses changes nothing, and posts when the account is well again."""
    with Inventory() as s:
        txn = new_key()
        good(s, "try", txn)
        for frozen in (True, False):
            s.good("/v1/items", {"key": {"name": "tea"}, "mode": "CHANGE", "mask": ["FROZEN"],
                                 "frozen": frozen})
            if frozen:
                equal(refused(s, "confirm", txn), (409, "FROZEN"))
                equal(s.tea(), (10, 3))
        equal(good(s, "confirm", txn, attempt=2), ("CONFIRMED", False))
        equal(s.tea(), (7, 0))


def a_cancel_may_come_before_its_try():
    """A cancel that overtakes its try succeeds, and the try that comes later holds nothing."""
    with Inventory() as s:
        txn = new_key()
        equal(good(s, "cancel", txn)[0], "NULL_CANCELLED")
        equal(good(s, "cancel", txn), ("NULL_CANCELLED", True))
        equal(refused(s, "try", txn), (409, "TXN_STATE"))
        equal(refused(s, "confirm", txn), (409, "TXN_STATE"))
        equal(refused(s, "confirm", new_key()), (409, "TXN_STATE"))
        equal(s.tea(), (10, 0))
        s.is_whole()


def a_refusal_stays_a_refusal():
    """A try that was refused is refused again for the same reason when there would be stock."""
    with Inventory() as s:
        txn = new_key()
        moves = [{"from": TEA, "amount": 11}]
        first = call(s, "try", txn, moves=moves)
        equal((first.status, first.code()), (409, "STOCK_SHORT"))
        equal(first.json()["culprit"], "move 1: ITEM tea [pcs]")
        s.good("/v1/items/tea/receive", {"amount": 10})
        again = call(s, "try", txn, attempt=2, moves=moves)
        equal({**again.json(), "trace_id": ""}, {**first.json(), "trace_id": ""})
        equal(refused(s, "try", new_key(), moves=[{"from": {**TEA, "name": "pot"}, "amount": 1}]),
              (404, "NOT_FOUND"))
        equal(good(s, "cancel", txn), ("NULL_CANCELLED", True))
        equal(s.tea(), (20, 0))


def a_try_is_repeated_with_its_own_moves():
    """A try that comes again with other moves is refused in every state, and changes nothing."""
    with Inventory() as s:
        held, done, undone, short = (new_key() for _ in range(4))
        other = [{"from": TEA, "amount": 4}]
        for txn in (held, done, undone):
            equal(good(s, "try", txn), ("TRIED", False))
        equal(good(s, "confirm", done)[0], "CONFIRMED")
        equal(good(s, "cancel", undone)[0], "CANCELLED")
        equal(refused(s, "try", short, moves=[{"from": TEA, "amount": 11}]), (409, "STOCK_SHORT"))
        for txn in (held, done, undone, short):
            for moves in (other, [{"from": TEA, "amount": 3}] * 2):
                answer = call(s, "try", txn, attempt=2, moves=moves)
                equal((answer.status, answer.code(), answer.json()["culprit"]),
                      (422, "ID_REUSED", "moves"))
        equal(s.tea(), (7, 3))
        turned = [{"amount": 3, "from": dict(reversed(TEA.items()))}]  # the same, written otherwise
        equal(good(s, "try", held, attempt=2, moves=turned), ("TRIED", True))
        equal(good(s, "try", done, attempt=2, moves=turned), ("CONFIRMED", True))
        never = new_key()
        equal(good(s, "cancel", never)[0], "NULL_CANCELLED")
        equal(refused(s, "try", never, moves=other), (409, "TXN_STATE"))
        s.is_whole()


def branches_are_apart():
    """Branches of one transaction, and of two, do not know each other."""
    with Inventory() as s:
        one, two = new_key(), new_key()
        for txn, branch in ((one, 1), (one, 2), (two, 1)):
            equal(good(s, "try", txn, branch=branch), ("TRIED", False))
        equal(s.tea(), (10, 9))
        equal(good(s, "confirm", one, branch=2), ("CONFIRMED", False))
        equal(good(s, "cancel", one, branch=1), ("CANCELLED", False))
        equal(good(s, "confirm", two), ("CONFIRMED", False))
        equal(s.tea(), (4, 0))


def an_engine_that_was_replaced_is_refused():
    """A call with a lower epoch than that of the try is refused, and one with a higher is not."""
    with Inventory() as s:
        txn = new_key()
        equal(good(s, "try", txn, epoch=5), ("TRIED", False))
        equal(refused(s, "cancel", txn, epoch=4), (409, "TXN_STATE"))
        equal(refused(s, "confirm", txn, epoch=4), (409, "TXN_STATE"))
        equal(s.tea(), (10, 3))
        equal(good(s, "confirm", txn, epoch=6), ("CONFIRMED", False))


def a_branch_belongs_to_its_caller():
    """Only the coordinator that made a row moves it: another one holds nothing, and releases nothing."""
    def one(phase, txn, caller, **more):
        got = several(s, phase, one_of(txn, **({"caller": caller} if caller else {}), **more))[0]
        return got.get("state", got.get("code")), got.get("culprit")

    with Inventory() as s:
        moves = [{"from": TEA, "amount": 3}]
        for mine, other in (("one", "two"), ("one", None), (None, "two")):
            txn, never = new_key(), new_key()
            held = s.tea()
            equal(one("try", txn, mine, moves=moves)[0], "TRIED")
            for _ in range(2):
                equal(one("try", txn, other, moves=moves), ("ID_REUSED", "caller"))
                equal(one("confirm", txn, other), ("TXN_STATE", "caller"))
                equal(one("cancel", txn, other), ("NULL_CANCELLED", None))
            equal(s.tea(), (held[0], held[1] + 3))
            equal(one("try", txn, mine, moves=moves)[0], "TRIED")
            equal(one("confirm", txn, mine)[0], "CONFIRMED")
            equal(one("confirm", txn, other)[0], "TXN_STATE")
            equal(one("cancel", never, other)[0], "NULL_CANCELLED")
            equal(one("try", never, mine, moves=moves), ("ID_REUSED", "caller"))
            equal(s.tea(), (held[0] - 3, 0))
        equal(one("try", new_key(), 40 * "x", moves=moves)[0], "VALUE")
        s.is_whole()


def calls_at_once_act_once():
    """The same call from many connections at once acts once, whatever the phase."""
    with Inventory() as s:
        txns = [new_key() for _ in range(3)]
        for phase, state, tea in (("try", "TRIED", (10, 9)), ("confirm", "CONFIRMED", (1, 0))):
            answers = []
            threads = [threading.Thread(target=lambda t=txn, p=phase: answers.append(good(s, p, t)))
                       for txn in txns for _ in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            equal([a[0] for a in answers], [state] * 24)
            equal(len([a for a in answers if not a[1]]) >= 3, True)
            equal(s.tea(), tea)
        s.is_whole()


def several(s, phase, *calls):
    """The answers to several calls in one request."""
    answer = s.ask("POST", f"/v1/branches/{phase}", {"calls": list(calls)})
    equal(answer.status, 200, answer.body)
    return answer.json()["answers"]


def one_of(txn, branch=1, epoch=1, attempt=1, **more):
    return {"txn": txn, "branch": branch, "epoch": epoch, "attempt": attempt, **more}


def several_calls_are_answered_apart():
    """Calls in one request are done and answered each as a request of its own would be."""
    with Inventory() as s:
        good_ones, short, never = [new_key() for _ in range(3)], new_key(), new_key()
        moves = [{"from": TEA, "amount": 2}]
        tries = [one_of(txn, moves=moves) for txn in good_ones]
        got = several(s, "try", tries[0], one_of(short, moves=[{"from": TEA, "amount": 11}]),
                      tries[1], one_of("7", moves=moves), tries[2], {**tries[2], "branch": 65},
                      {**tries[2], "branch": "1"}, one_of(never), tries[0])
        equal([a.get("state", a.get("code")) for a in got],
              ["TRIED", "STOCK_SHORT", "TRIED", "PATH", "TRIED", "PATH", "PATH", "VALUE", "TRIED"])
        equal([a["txn"] for a in got if "state" in a], [*good_ones, good_ones[0]])
        equal(sorted(a["repeated"] for a in (got[0], got[8])), [False, True])
        alone = call(s, "try", short, attempt=2, moves=[{"from": TEA, "amount": 11}]).json()
        equal({**got[1], "trace_id": ""}, {**alone, "trace_id": ""})
        equal(s.tea(), (10, 6))
        got = several(s, "confirm", one_of(good_ones[0]), one_of(never), one_of(good_ones[1], epoch=1))
        equal([a.get("state", a.get("code")) for a in got], ["CONFIRMED", "TXN_STATE", "CONFIRMED"])
        got = several(s, "cancel", one_of(good_ones[2]), one_of(good_ones[1]), one_of(new_key()))
        equal([a.get("state", a.get("code")) for a in got],
              ["CANCELLED", "TXN_STATE", "NULL_CANCELLED"])
        equal(s.tea(), (6, 0))
        s.is_whole()


def many_calls_in_one_request_act_once():
    """A request of 64 calls acts once for each, also when it is sent from several connections at once."""
    with Inventory() as s:
        s.good("/v1/items/tea/receive", {"amount": 1000})
        calls = [one_of(new_key(), branch=no, moves=[{"from": TEA, "amount": 1}])
                 for no in range(1, 65)]
        for phase, state, tea in (("try", "TRIED", (1010, 64)), ("confirm", "CONFIRMED", (946, 0))):
            answers = []
            threads = [threading.Thread(
                target=lambda p=phase: answers.append(several(s, p, *calls))) for _ in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            equal({a.get("state") for each in answers for a in each}, {state})
            equal([[a["txn"] for a in each] for each in answers], 4 * [[c["txn"] for c in calls]])
            equal(s.tea(), tea)
            for c in calls:
                c.pop("moves", None)
        s.is_whole()


def what_is_no_list_of_calls_is_refused():
    """A request that has no list of 1 to 64 calls calls nothing."""
    with Inventory() as s:
        fine = one_of(new_key(), moves=[{"from": TEA, "amount": 1}])
        for body in ({}, {"calls": []}, {"calls": fine}, {"calls": [fine, 1]}, {"calls": 65 * [fine]},
                     {"calls": [fine], "more": 1}):
            wrong = s.ask("POST", "/v1/branches/try", body)
            equal((wrong.status, wrong.code(), wrong.json()["pointer"]), (400, "VALUE", "/calls"))
        equal(s.tea(), (10, 0))


def a_branch_is_there_after_a_kill():
    """What a try held is held after kill -9, and the confirm that comes then posts it."""
    with Inventory(driver="lmdb") as s:
        kept, dropped = new_key(), new_key()
        good(s, "try", kept)
        good(s, "try", dropped)
        s.kill()
        s.start()
        equal(s.tea(), (10, 6))
        equal(good(s, "try", kept, epoch=2, attempt=2), ("TRIED", True))
        equal(good(s, "confirm", kept, epoch=2), ("CONFIRMED", False))
        equal(good(s, "cancel", dropped, epoch=2), ("CANCELLED", False))
        equal(s.tea(), (7, 0))
        s.is_whole()


def parked_transactions_are_counted():
    """The gauge of parked transactions follows acts, a restart, kill -9 and what ends a transaction."""
    def gauge():
        text = s.get("/metrics").body.decode()
        return int(re.search(r"^holdfast_transactions_parked (\d+)$", text, re.M).group(1))

    def operate(act, txn):
        s.good(f"/v1/transactions/{txn}/{act}", {"reason": "a test"})

    with Inventory(driver="lmdb") as s:
        moves = [{"from": TEA, "amount": 1}]
        txns = [new_key() for _ in range(3)]
        rows = [a["local"] for a in several(s, "try", *(one_of(t, moves=moves) for t in txns))]
        equal(gauge(), 0)
        for count, row in enumerate(rows, 1):
            operate("park", row)
            equal(gauge(), count)
        for end in (s.stop, s.kill):
            end()
            s.start()
            equal(gauge(), 3)
        operate("unpark", rows[0])
        equal(gauge(), 2)
        equal(good(s, "cancel", txns[1])[0], "CANCELLED")
        equal(gauge(), 1)
        equal(len(s.get("/v1/transactions?which=PARKED").json()["transactions"]), 1)


def rows_go_with_retention():
    """Rows of branches that have ended are removed in time; calls with their ids are refused then."""
    with Inventory() as s:
        open_one, done, undone = new_key(), new_key(), new_key()
        for txn in (open_one, done, undone):
            good(s, "try", txn)
        good(s, "confirm", done)
        good(s, "cancel", undone)
        rows = s.get("/v1/transactions?which=ALL").json()["transactions"]
        equal(len(rows), 3)
        rows = []
        while len(rows) != 1:  # until the other two are older than `before`
            before = int(new_key().replace("-", "")[:12], 16)
            gone = s.good("/v1/retention", {"before_ms": before, "limit": 1000})
            rows = s.get("/v1/transactions?which=ALL").json()["transactions"]
        equal(gone["more"], False)
        equal(rows[0]["state"], "TRYING")
        equal(refused(s, "try", done, attempt=2), (410, "ID_TOO_OLD"))
        equal(good(s, "cancel", undone, attempt=2), ("NULL_CANCELLED", True))
        equal(refused(s, "confirm", done, attempt=2), (409, "TXN_STATE"))
        equal(s.tea(), (7, 3))
        equal(good(s, "confirm", open_one), ("CONFIRMED", False))
        equal(s.tea(), (4, 0))
        s.is_whole()


def a_service_drives_its_transactions():
    """The engine of a service drives transactions, so it removes those that have ended by itself."""
    with Inventory("--node", "inventory-1", "--address", "10.0.0.1:8080") as s:
        node = s.get("/v1/nodes").json()["nodes"][0]
        equal((node["name"], node["role"], node["address"], node["drives"]),
              ("inventory-1", "inventory", "10.0.0.1:8080", True))


def malformed_calls_are_refused():
    """What is no call of a branch is refused, with its place, and holds nothing."""
    with Inventory() as s:
        txn = new_key()
        path = f"/v1/branches/{txn}/1/"
        for where, body, status, code, pointer in (
                (path + "try", {"epoch": 1, "attempt": 1}, 400, "VALUE", "/moves"),
                (path + "try", {"epoch": 1, "attempt": 1, "moves": []}, 400, "VALUE", "/moves"),
                (path + "try", {"epoch": 0, "attempt": 1, "moves": []}, 400, "VALUE", "/epoch"),
                (path + "try", {"epoch": 1, "attempt": 1.0}, 400, "VALUE", "/attempt"),
                (path + "try", {"epoch": 1, "attempt": 1 << 32}, 400, "VALUE", "/attempt"),
                (path + "try", {"epoch": 1, "attempt": 1, "kind": "SAGA",
                                "moves": [{"from": TEA, "amount": 1}]}, 400, "VALUE", "/moves"),
                (path + "try", {"epoch": 1, "attempt": 1, "moves": [{"from": TEA, "amount": "1"}]},
                 400, "VALUE", "/moves/0/amount"),
                (path + "try", {"epoch": 1, "attempt": 1, "moves": [{"from": ADA, "amount": 1}]},
                 400, "VALUE", "/moves/0"),
                (path + "try", {"epoch": 1, "attempt": 1, "moves": [{"to": TEA, "amount": 1}]},
                 400, "VALUE", "/moves/0"),
                (path + "confirm", {"epoch": 1, "attempt": 1, "moves": []}, 400, "VALUE", ""),
                (path + "cancel", {"epoch": 1}, 400, "VALUE", "/attempt"),
                (path + "undo", {"epoch": 1, "attempt": 1}, 404, "NO_RESOURCE", None),
                (f"/v1/branches/{txn}/0/try", {}, 400, "PATH", None),
                (f"/v1/branches/{txn}/65/try", {}, 400, "PATH", None),
                (f"/v1/branches/{txn}/1x/try", {}, 400, "PATH", None),
                ("/v1/branches/7/1/try", {}, 400, "PATH", None)):
            wrong = s.ask("POST", where, body)
            equal((wrong.status, wrong.code(), wrong.json().get("pointer")),
                  (status, code, pointer), f"{where} {json.dumps(body)}")
        equal(s.get("/v1/transactions?which=ALL").json()["transactions"], [])
        equal(s.tea(), (10, 0))


def only_services_may_call():
    """A branch is called with a token of the role service, which is good for nothing else."""
    with open("tokens", "w", encoding="utf-8") as file:
        for role in ("service", "operator"):
            print(role, role, hashlib.sha256(role.encode()).hexdigest(), file=file)
    with Server("--role", "inventory", "--tokens", "tokens") as s:
        bearer = {role: {"Authorization": "Bearer " + role} for role in ("service", "operator")}
        s.good("/v1/items", {"key": {"name": "tea"}, "opening": 10}, **bearer["operator"])
        txn = new_key()
        equal(call(s, "try", txn).status, 401)
        equal(refused(s, "try", txn, **bearer["operator"]), (403, "ROLE"))
        equal(good(s, "try", txn, **bearer["service"]), ("TRIED", False))
        equal(s.get("/v1/items/tea", **bearer["service"]).status, 403)
        equal(s.post("/v1/verify", **bearer["service"]).status, 403)


def each_role_has_its_own_resources():
    """A role serves and describes what is its own; everything else is not there."""
    for role, there, missing in (
            ("all", ("/v1/orders", "/v1/items", "/v1/accounts", "/console", "/v1/transactions"),
             ("/v1/branches/{txn}/{branch}/try",)),
            ("order", ("/v1/orders", "/v1/transactions", "/v1/events", "/console"),
             ("/v1/items", "/v1/accounts", "/v1/branches/{txn}/{branch}/try", "/webhooks/{provider}")),
            ("inventory", ("/v1/items", "/v1/branches/{txn}/{branch}/confirm", "/v1/verify"),
             ("/v1/orders", "/v1/accounts", "/v1/deposits")),
            ("payment", ("/v1/accounts", "/v1/branches/{txn}/{branch}/cancel", "/metrics"),
             ("/v1/orders", "/v1/items"))):
        with Server("--role", role, *(["--inventory", "127.0.0.1:1", "--payment", "127.0.0.1:1"]
                                      if role == "order" else [])) as s:
            paths = s.get("/openapi.json").json()["paths"]
            for path in there:
                equal(path in paths, True, f"{role} {path}")
            for path in missing:
                equal(path in paths, False, f"{role} {path}")
                asked = s.get(path.replace("{txn}", new_key()).replace("{branch}", "1"))
                equal((asked.status, asked.code()), (404, "NO_RESOURCE"), f"{role} {path}")


def a_payment_service_holds_money():
    """A service of role payment holds money of its customers, and never more than there is."""
    with Server("--role", "payment") as s:
        s.good("/v1/units", {"code": "EUR", "scale": 2})
        s.good("/v1/accounts", {"key": ADA, "opening": 1000})
        txn, short = new_key(), new_key()
        equal(good(s, "try", txn, moves=[{"from": ADA, "amount": 600}]), ("TRIED", False))
        equal(refused(s, "try", short, moves=[{"from": ADA, "amount": 401}]), (409, "FUNDS_SHORT"))
        equal(good(s, "confirm", txn), ("CONFIRMED", False))
        account = s.get("/v1/accounts/MONEY/EUR/ada").json()["account"]
        equal((account["balance"], account["held_out"]), (400, 0))
        equal(s.good("/v1/verify")["findings_total"], 0)


run([a_try_holds_and_a_confirm_posts, a_cancel_releases, a_confirm_never_cancels,
     a_cancel_may_come_before_its_try,
     a_refusal_stays_a_refusal, a_try_is_repeated_with_its_own_moves, branches_are_apart,
     an_engine_that_was_replaced_is_refused,
     a_branch_belongs_to_its_caller, calls_at_once_act_once, several_calls_are_answered_apart,
     many_calls_in_one_request_act_once,
     what_is_no_list_of_calls_is_refused, a_branch_is_there_after_a_kill,
     parked_transactions_are_counted, rows_go_with_retention,
     a_service_drives_its_transactions, malformed_calls_are_refused, only_services_may_call,
     each_role_has_its_own_resources, a_payment_service_holds_money])
