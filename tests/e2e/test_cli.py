"""The command-line tool: its format, its errors, its tables and its exit codes."""
import json
import os
import re
import signal
import subprocess
import sys

from harness import ROOT, Skip, contains, equal, holdfast, lines_of, replay, run

ORDER = "019b76da-a801-79b3-b1ca-ad5fb0bdbc0a"
TEA = {"op": "item_put", "args": {"key": {"name": "tea"}, "opening": 5}}
EUR = {"kind": "MONEY", "name": "ada", "unit": "EUR"}
WALLET = {"op": "account_put", "args": {"key": EUR, "unit_scale": 2, "opening": 10000}}


def order(quantity, **head):
    total = quantity * 450
    return {"op": "order_place", **head,
            "args": {"customer": "ada", "currency": "EUR", "total": total,
                     "lines": [{"sku": "tea", "quantity": quantity, "unit_price": 450}],
                     "payments": [{"account": EUR, "amount": total}]}}


def stores(name):
    return ["memory:", f"lmdb:{name}.lmdb", f"sqlite:{name}.db"]


def format_examples():
    """Every example of FORMAT.md executes, on every store, and every operation has one."""
    with open(os.path.join(ROOT, "examples", "cli", "FORMAT.md"), encoding="utf-8") as page:
        blocks = re.findall(r"```json\n(.*?)```", page.read(), re.DOTALL)
    lines = "".join(blocks).splitlines()
    for store in stores("format"):
        answers = replay(store, *lines, options=["--json"]).lines()
        equal(len(answers), len(lines) + 1, store)
        for answer in answers[:-1]:
            wanted = "HF_E_NOT_FOUND" if answer["op"] == "payment_find" else "HF_OK"
            equal(answer["status"], wanted, f"{store} {answer}")
            read = re.search("(_get|_list|_read|_history|^statement|^erase)$", answer["op"])
            equal("result" in answer, read is not None, f"{store} {answer['op']}")
    with open(os.path.join(ROOT, "include", "holdfast", "types.h"), encoding="utf-8") as header:
        declared = {name.lower() for name in re.findall(r"HF_OP_(\w+) = [1-9]", header.read())}
    equal(declared - {answer["op"] for answer in answers[:-1]}, set(), "without an example")


PUT = '{"op": "item_put", "args": {"key": {"name": "tea"}, '
BAD = [
    (PUT + '"opening": 1.0}}', 53, "args.opening: must be an integer"),
    (PUT + '"opening": "1"}}', 53, "args.opening: must be an integer"),
    (PUT + '"opening": true}}', 53, "args.opening: must be an integer"),
    (PUT + '"frozen": 1}}', 53, "args.frozen: must be true or false"),
    (PUT + '"mode": "SOME"}}', 53, "args.mode: must be one of ANY, NEW"),
    (PUT + '"mask": ["MIN_BALANCE", "X"]}}', 53, "args.mask: must be one of"),
    (PUT + '"opening": 1, "extra": 2}}', 67, "args.extra: no such member"),
    (PUT + '"opening": 1}} {}', 68, "there is more behind the value"),
    (PUT + '"opening": 99999999999999999999}}', 84, "an integer has more than 64 bits"),
    ('{"op": "item_put", "args": {"key": {"name": "tea", "nam": "x"}}}', 29, "args.key.nam"),
    ('{"op": "item_put", "args": {"key": {"name": "a", "name": "b"}}}', 61, "an object has a name twice"),
    ('{"op": "item_put", "op": "item_get"}', 36, "an object has a name twice"),
    ('{"op": "item_put", "id": "1", "args": {}}', 20, "id: must be the text of a UUIDv7"),
    ('{"op": "item_put", "args": {}}', 20, "args.key: is missing"),
    ('{"op": "item_put", "more": 1}', 20, "more: no such member"),
    ('{"op": "nope"}', 1, "no operation is called 'nope'"),
    ('{"args": {}}', 1, "op: is missing"),
    ('{"op": "expect", "linked": 1}', 18, "linked: must be true or false"),
    ('["item_put"]', 1, "must be an object"),
    ('{"op": "item_put"', 18, "an object has no end"),
    ('{"op": "order_place", "args": {"currency": "EUR", "lines": [{"sku": "\u00e9", "quantity": 1},'
     ' {"sku": "b", "quantity": 1.5}]}}', 103, "args.lines[1].quantity: must be an integer"),
    ('{"op": "order_place", "args": {"currency": "EUR", "lines": [{"quantity": 1}]}}', 61,
     "args.lines[0].sku: is missing"),
    ('{"op": "payment_add", "args": {"payment": {"amont": 1}}}', 44, "args.payment.amont: no such"),
    (b'{"op": "item_put", "actor": "\xff"}', 30, "a string is not UTF-8"),
]


def bad_lines():
    """A wrong line is told with its line, column and path, and what stands before it is done."""
    for text, column, part in BAD:
        answer = replay("memory:", TEA, "", text, TEA)
        equal(answer.code, 3, text)
        contains(answer.err, part)
        contains(answer.err, f"-:3:{column}: ")
        equal(answer.out.split()[-3:], ["item_put", "done", "1"], "summary")


def stop_on_refusal():
    """Nothing behind a refused line is executed with --stop-on-refusal."""
    lines = [TEA, WALLET, order(6), order(1)]
    equal(replay("memory:", *lines).out.count("order_place"), 2, "rows of the summary")
    stopped = replay("memory:", *lines, options=["--stop-on-refusal", "--json"])
    equal(stopped.code, 1)
    equal([a.get("status") for a in stopped.lines()], ["HF_OK", "HF_OK", "HF_E_STOCK_SHORT", None])


def chains():
    """A linked chain is all or nothing, and must be ended."""
    first = {**order(1), "linked": True}
    answers = replay("memory:", TEA, WALLET, first, order(6), order(5), options=["--json"]).lines()
    equal([a["status"] for a in answers[2:5]], ["HF_E_CHAIN", "HF_E_STOCK_SHORT", "HF_OK"])
    open_end = replay("memory:", TEA, {**TEA, "linked": True})
    equal(open_end.code, 3)
    contains(open_end.err, "-:2:1: the chain is not ended")


def misuse():
    """A value that is not allowed is a refused operation, and the replay goes on."""
    answer = replay("memory:", TEA, WALLET, order(0), order(1))
    equal(answer.code, 1)
    contains(answer.err, "-:3: order_place: HF_E_QUANTITY: lines[0].quantity")
    contains(answer.out, "HF_E_QUANTITY")


def exit_codes():
    """Wrong usage is 2, wrong input 3, a store that fails 4, an output that fails 5."""
    for arguments in ([], ["nope"], ["--nope"], ["replay"], ["list", "orders", "--window", "3"],
                      ["list", "things"], ["show", "order"], ["show", "order", "x"],
                      ["list", "orders", "--limit", "-1"], ["list", "orders", "--state", "NO"],
                      ["replay", "--window", "0", "-"]):
        equal(holdfast(*arguments, store="memory:").code, 2, arguments)
    equal(holdfast("list", "orders").code, 2, "no store")
    equal(holdfast("replay", "absent.jsonl", store="memory:").code, 3)
    for url in ("nope:x", "sqlite:absent/shop.db", "lmdb:absent/shop"):
        equal(holdfast("list", "orders", store=url).code, 4, url)
    with open("foreign.db", "w", encoding="utf-8") as file:
        file.write("this is no store\n" * 1000)
    foreign = holdfast("list", "orders", store="sqlite:foreign.db")
    equal(foreign.code, 4)
    contains(foreign.err, "HF_E_CORRUPT")
    if not os.path.exists("/dev/full"):
        raise Skip("there is no /dev/full")
    with open("/dev/full", "w", encoding="utf-8") as full:
        equal(subprocess.run([sys.argv[1], "--help"], stdout=full, stderr=subprocess.DEVNULL,
                             check=False).returncode, 5)


def helps():
    """Every command has a help, which names its options."""
    for command in re.findall(r"^  ([\w-]+) ", holdfast("--help").out, re.MULTILINE):
        answer = holdfast(command, "--help")
        equal(answer.code, 0, command)
        contains(answer.out, f"usage: holdfast {command}")
        contains(answer.out, "Exit codes")
        contains(answer.out, "  -h, --help ")
        if command not in ("import-retail", "cache-sim", "completion"):
            contains(answer.out, "  -s, --store URL ")


def numbers():
    """An order is shown by its number, in a series or in none."""
    def empty(series):
        return {"op": "order_place", "args": {
            "currency": "EUR", "total": 0, "series": series,
            "lines": [{"sku": "note", "quantity": 1, "unit_price": 0, "untracked": True}]}}
    store = "sqlite:numbers.db"
    equal(replay(store, TEA, WALLET, *[empty("")] * 300, *[empty("web")] * 2).code, 0)
    for name, series, number in (("300", None, 300), ("/7", None, 7), ("web/2", "web", 2)):
        shown = holdfast("show", "order", name, "--json", store=store).json()["orders"][0]
        equal((shown["series"], shown["number"]), (series, number), name)
    for name in ("301", "web/3", "we/1", "0"):
        answer = holdfast("show", "order", name, store=store)
        equal(answer.code, 1, name)
        contains(answer.err, f"there is no order '{name}'")
    for name in ("web/", "web/x", "-1", "99999999999999999999999"):
        equal(holdfast("show", "order", "--", name, store=store).code, 2, name)


PLACED = "019b76da-a801-79b3-b1ca-ad5fb0bdbc"  # and two more digits: ids of orders
EURO = {"op": "unit_put", "args": {"code": "EUR", "scale": 2}}
CARD = {"method": "PROVIDER", "provider": "card", "amount": 450}


def by_card(number, **args):
    """An order of one tea, which is paid by a provider."""
    return {"op": "order_place", "id": f"{PLACED}{number:02x}", "args": {
        "currency": "EUR", "total": 450, "payments": [CARD], **args,
        "lines": [{"sku": "tea", "quantity": 1, "unit_price": 450, "settle_on": "FULFIL"}]}}


def providers():
    """A payment by a provider needs no account, in a currency that no account has."""
    bare = by_card(2, payments=[], policy=["PAY_LATER"])
    added = {"op": "payment_add", "args": {"order": bare["id"], "payment": CARD}}
    reads = [{"op": "order_get", "args": {"order": id}} for id in (f"{PLACED}01", f"{PLACED}02")]
    for store in stores("card"):
        answers = replay(store, EURO, TEA, by_card(1), bare, added, *reads, options=["--json"])
        equal(answers.code, 0, answers.err)
        for answer in answers.lines()[-3:-1]:
            (payment,) = answer["result"]["payments"]
            equal((payment["method"], payment["provider"], payment["account_kind"]),
                  ("PROVIDER", "card", "WORLD"))
    none = by_card(1, payments=[{"amount": 450}])
    contains(replay("memory:", EURO, TEA, none).err, "payments[0].account.kind: must be MONEY")


def results():
    """What reads return is printed as JSON lines, and is of the time between the lines around."""
    get = {"op": "item_get", "args": {"key": {"name": "tea"}}}
    take = {"op": "account_withdraw", "args": {
        "from": {"kind": "ITEM", "name": "tea", "unit": "pcs"}, "amount": 1}}
    orders = {"op": "order_list", "args": {"by": "CUSTOMER", "text": "ada"}}
    absent = {"op": "item_get", "args": {"key": {"name": "cup"}}}
    lines = [TEA, WALLET, get, take, get, take, take, get, order(1, id=ORDER), orders, absent]
    for options in ([], ["--window", "1"], ["--verbose"]):
        answer = replay("memory:", *lines, options=options)
        equal(answer.code, 1)
        contains(answer.err, "HF_E_NOT_FOUND")
        found = [json.loads(line) for line in answer.out.splitlines() if line.startswith("{")]
        equal([(one["line"], one["op"]) for one in found],
              [(3, "item_get"), (5, "item_get"), (8, "item_get"), (10, "order_list")])
        equal([one["result"]["item"]["balance"] for one in found[:3]], [5, 4, 2])
        (row,) = found[3]["result"]["orders"]
        equal((row["id"], row["customer"], row["state"], row["meta"], row["deadline"]),
              (ORDER, "ada", "CLOSED", None, None))


MORNING = 1500000000000  # 2017-07-14T02:40:00Z


def clock():
    """With --clock the store has the times of the lines, and deadlines pass between them."""
    def at(second, line):
        return {**line, "at_ms": MORNING + second * 1000}
    waits = by_card(1, deadline_ms=MORNING + 70000)
    lines = [at(0, EURO), {**TEA, "args": {**TEA["args"], "opening": 1}}, at(60, waits),
             at(69, by_card(2)), at(71, by_card(3)), at(10, order(0, id=f"{PLACED}04")),
             {"op": "order_list", "args": {}}]
    lines[5]["args"].update(currency="EUR", total=0, payments=[], lines=[
        {"sku": "note", "quantity": 1, "unit_price": 0, "untracked": True}])
    for store in stores("clock"):
        answer = replay(store, *lines, options=["--clock", "--json"])
        equal([one["status"] for one in answer.lines()[:-1]],
              ["HF_OK"] * 3 + ["HF_E_STOCK_SHORT"] + ["HF_OK"] * 3, answer.err)
        rows = answer.lines()[-2]["result"]["orders"]
        equal([(row["state"], row["created_at"][11:19]) for row in rows],
              [("EXPIRED", "02:41:00"), ("PENDING", "02:41:11"), ("CLOSED", "02:41:11")])
        equal(rows[0]["closed_at"], "2017-07-14T02:41:11.000Z")
    for store in stores("clock")[1:]:  # goes on where the store is, and as any store afterwards
        again = [at(5, {**EURO, "args": {"code": "CHF", "scale": 2}}),
                 {"op": "events_read", "args": {"after_seq": 1}}]
        last = replay(store, *again, options=["--clock", "--json"]).lines()[-2]
        equal(last["result"]["events"][-1]["at"], "2017-07-14T02:41:11.000Z", store)
        equal(replay(store, at(0, TEA), options=["--verify"]).code, 0, store)
    for wrong, part in (([EURO], ":1:1: at_ms: is missing"),
                        ([at(0, EURO), {"at_ms": 4102444800000, **TEA}], ":2:2: at_ms: is in the"),
                        ([{"at_ms": 0, **TEA}], ":1:2: at_ms: must be"),
                        ([{"at_ms": "now", **TEA}], ":1:2: at_ms: must be")):
        answer = replay("memory:", *wrong, options=["--clock"])
        equal(answer.code, 3, wrong)
        contains(answer.err, part)
    equal(holdfast("list", "orders", "--clock", store="memory:").code, 2)


def interruption():
    """Interrupted, replay ends what is in flight and tells the line to continue from."""
    for number in (signal.SIGINT, signal.SIGTERM):
        with subprocess.Popen([sys.argv[1], "--store", "memory:", "replay", "-"],
                              stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE) as child:
            child.stdin.write(lines_of([TEA, WALLET, order(0), {**order(1), "linked": True}]))
            child.stdin.flush()
            contains(child.stderr.readline().decode(), "holdfast: -:3: order_place: HF_E_QUANTITY")
            child.send_signal(number)
            out, err = child.communicate(timeout=600)
            equal(child.returncode, 130)
            contains(err.decode(), "-: interrupted; 3 lines were read and answered, continue from "
                     "line 4\n")
            equal(out.decode().count(" done "), 2, "summary")


def shows_and_lists():
    """Records are shown and listed as tables and as JSON, page by page."""
    for store in stores("shown")[1:]:
        ids = [f"019b76da-a801-79b3-b1ca-{n:012x}" for n in range(300)]
        customer = {**order(1, id=ORDER)}
        customer["args"] = {**customer["args"], "customer": 'Zo\u00eb "Z"'}
        empty = [{"op": "order_place", "id": id,
                  "args": {"currency": "EUR", "total": 0,
                           "lines": [{"sku": "note", "quantity": 1, "unit_price": 0,
                                      "untracked": True}]}} for id in ids]
        equal(replay(store, TEA, WALLET, customer, *empty).code, 0, store)
        shown = holdfast("show", "order", ORDER, "--json", store=store).json()
        equal(shown["orders"][0]["customer"], 'Zo\u00eb "Z"')
        equal([shown[k][0]["total"] for k in ("orders", "lines")], [450, 450])
        equal(shown["payments"][0]["captured"], 450)
        contains(holdfast("show", "order", ORDER, store=store).out, "CLOSED")
        item = holdfast("show", "item", "tea", "--json", store=store).json()["items"][0]
        equal((item["balance"], item["frozen"]), (4, False))
        account = holdfast("show", "account", "ada", "--unit", "EUR", "--json", store=store).json()
        equal(account["accounts"][0]["balance"], 9550)
        payment = shown["payments"][0]["id"]
        equal(holdfast("show", "payment", payment, "--json", store=store).code, 0)
        for limit, count in ((0, 301), (299, 299), (300, 300), (3, 3)):
            listed = holdfast("list", "orders", "--json", "--limit", limit, store=store).json()
            equal(len({row["id"] for row in listed["orders"]}), count, limit)
        newest = holdfast("list", "orders", "--newest", "--limit", 1, "--json", store=store).json()
        equal(newest["orders"][0]["id"], ORDER)
        mine = holdfast("list", "orders", "--customer", 'Zo\u00eb "Z"', "--json", store=store).json()
        equal([row["id"] for row in mine["orders"]], [ORDER])
        events = holdfast("list", "events", "--json", "--limit", 0, "--after", 3, store=store).json()
        equal([e["seq"] for e in events["events"]], list(range(4, 304)))
        equal({e["type"] for e in events["events"]}, {"ORDER_PLACE"})
        units = holdfast("list", "units", "--json", store=store).json()
        equal(units, {"units": [{"code": "EUR", "scale": 2}, {"code": "pcs", "scale": 0}]})
        after = holdfast("list", "units", "--json", "--after", "EUR", store=store).json()
        equal(after["units"], units["units"][1:])
        for what in ("items", "accounts", "payments", "attention"):
            equal(holdfast("list", what, "--json", "--limit", 0, store=store).code, 0, what)
            holdfast("list", what, "--json", store=store).json()


def filters():
    """Orders and payments are listed by what people ask for, and an unknown filter is refused."""
    wallet = {"op": "account_put", "args": {"key": EUR, "unit_scale": 2, "opening": 10000}}
    bank = {**CARD, "provider": "bank"}
    lines = [TEA, wallet, by_card(1, customer="ada"), by_card(2, customer="bob"),
             by_card(3, customer="ada", payments=[bank]), by_card(4, customer="ada", external_ref="W"),
             {"op": "order_cancel", "args": {"order": f"{PLACED}04"}}]
    for store in stores("filters")[1:]:
        equal(replay(store, *lines).code, 0, store)

        def listed(what, *options, store=store):
            answer = holdfast("list", what, "--json", *options, store=store)
            equal(answer.code, 0, answer.err)
            return answer.json()[what]

        def numbers_of(*options):
            return "".join(row["id"][-1] for row in listed("orders", *options))

        equal(numbers_of("--state", "CANCELLED"), "4")
        equal(numbers_of("--state", "PENDING", "--newest"), "321")
        equal(numbers_of("--state", "PENDING", "--newest", "--limit", 2), "32")
        equal(numbers_of("--customer", "ada"), "134")
        equal(numbers_of("--customer", "ada", "--state", "PENDING"), "13")
        equal(numbers_of("--ref", "W", "--state", "CANCELLED"), "4")
        equal(numbers_of("--from", "2026-01-01", "--until", "2026-01-02"), "1234")
        equal(numbers_of("--until", "2026-01-01T00:00"), "")
        equal(numbers_of("--until", "2026-01-01T00:00:00.001Z"), "")
        equal(numbers_of("--from", "2026-01-01T00:00:00.001Z", "--until", "2026-01-01T00:01"), "1234")
        equal(numbers_of("--from", "2026-01-01T00:00:00.002Z"), "")
        payments = listed("payments")
        equal([payment["provider"] for payment in payments].count("bank"), 1)
        equal(set(payments[0]) >= {
            "provider", "provider_ref", "settle_on", "state", "amount", "authorized", "captured",
            "voided", "refunded", "charged_back", "pending_authorize", "pending_capture",
            "pending_void", "pending_refund", "deadline", "order_id", "no"}, True, payments[0])
        equal([p["order_id"][-1] for p in listed("payments", "--provider", "bank")], ["3"])
        equal({p["order_id"][-1] for p in listed("payments", "--order", f"{PLACED}02")}, {"2"})
        pending = listed("payments", "--provider", "card", "--state", "PENDING")
        equal({p["order_id"][-1] for p in pending}, {"1", "2"})
        newest = listed("payments", "--provider", "card", "--state", "PENDING", "--newest")
        equal(newest, pending[::-1])
        equal((pending[0]["pending_authorize"], pending[0]["settle_on"]), (450, "CONFIRM"))
        contains(holdfast("list", "payments", store=store).out, "pending_authorize")
    for arguments, hint in (
            (["orders", "--provider", "card"], "--provider does not belong to a list of orders"),
            (["payments", "--customer", "ada"], "--customer does not belong"),
            (["attention", "--newest"], "--newest does not belong"),
            (["orders", "--customer", "a", "--ref", "b"], "one of --customer and --ref"),
            (["payments", "--provider", "a", "--order", ORDER], "one of --provider and --order"),
            (["payments", "--order", "7"], "'7' is not an id"),
            (["payments", "--state", "EXPIRED"], "AUTHORIZED"),
            (["orders", "--from", "2026-02-29"], "'2026-02-29' is not a time"),
            (["orders", "--until", "2026-1-1"], "is not a time"),
            (["orders", "--until", "2026-01-01T25:00"], "is not a time")):
        answer = holdfast("list", *arguments, store="memory:")
        equal(answer.code, 2, arguments)
        contains(answer.err, hint)


TXN = "019b76da-a808-7b61-8a5e-2d90c4f7e31"


def transactions():
    """Transactions are listed and shown, and operators act on them with their name and a reason."""
    because = ["--actor", "ops", "--reason", "asked by phone"]
    begin = {"op": "txn_begin", "id": TXN + "1", "args": {"deadline_ms": 4102444800000}}
    branch = {"op": "txn_branch", "args": {"txn": TXN + "2", "branch": {
        "participant": "carrier", "payload": "two parcels"}}}
    move = {"op": "txn_submit", "id": TXN + "3",
            "args": {"moves": [{"from": EUR, "amount": 100}]}}
    for store in stores("txns")[1:]:
        equal(replay(store, WALLET, begin, {**begin, "id": TXN + "2"}, branch, move).code, 0, store)

        def listed(*options, store=store):
            answer = holdfast("transactions", "list", "--json", *options, store=store)
            return [row["id"][-1] for row in answer.json()["transactions"]]

        equal(listed(), ["1", "2", "3"])
        equal(listed("--state", "CONFIRMED"), ["3"])
        equal(listed("--which", "OPEN", "--limit", 1), ["1"])
        equal(listed("--which", "OPEN", "--after", TXN + "1"), ["2"])
        equal(listed("--participant", "carrier"), ["2"])
        equal(listed("--older-than", 3600), [])
        stale = holdfast("transactions", "park", TXN + "1", *because, "--if-version", 7,
                         store=store)
        equal(stale.code, 1)
        contains(stale.err, "HF_E_VERSION_MOVED")
        contains(holdfast("list", "txns", store=store).out, TXN + "3")
        for act in ("park", "unpark", "retry", "abort"):
            done = holdfast("transactions", act, TXN + "1", *because, "--json", store=store)
            equal(done.code, 0, (store, act, done.err))
            equal(done.json()["transactions"][0]["parked"], act == "park")
        again = holdfast("transactions", "park", TXN + "1", *because, store=store)
        equal(again.code, 1)
        contains(again.err, "HF_E_TXN_STATE")
        equal(holdfast("transactions", "abort", TXN + "2", *because, store=store).code, 0, store)
        ended = holdfast("transactions", "resolve", TXN + "2", *because, "--branch", 1, "--answer",
                         "OK", store=store)
        equal(ended.code, 0, ended.err)
        contains(ended.out, "CANCELLED")
        shown = holdfast("show", "txn", TXN + "2", "--json", store=store).json()
        equal([shown[k][0]["state"] for k in ("transactions", "branches")], ["CANCELLED"] * 2)
        mine = [row["detail"] for row in shown["history"] if row["actor"] == "ops"]
        equal(mine, ["asked by phone"] * 2)
        equal(holdfast("transactions", "show", ORDER, store=store).code, 1)
        equal(holdfast("verify", store=store).code, 0)
    for arguments in (["park", TXN + "1"], ["list", "x"], ["show"], ["burn", TXN + "1"],
                      ["resolve", TXN + "1", *because], ["show", "x"], ["list", "--which", "SOME"],
                      ["resolve", TXN + "1", *because, "--branch", "1", "--answer", "MAYBE"]):
        equal(holdfast("transactions", *arguments, store=store).code, 2, arguments)


def absent_store():
    """Commands that only look make no store where there is none."""
    for url in ("sqlite:typo.db", "lmdb:typo.lmdb"):
        for command in (["list", "orders"], ["show", "item", "tea"], ["verify"], ["backup", "b"]):
            answer = holdfast(*command, store=url)
            equal(answer.code, 4, (url, command))
            contains(answer.err, "there is no store")
            equal([name for name in os.listdir() if name.startswith("typo")], [], (url, command))


def messages_help():
    """What was mistyped is told with what could be typed instead."""
    for arguments, hint in ((["list", "orders", "--state", "OPEN"], "CONFIRMED"),
                            (["list", "orders", "--limit", "x"], "of 0.."),
                            (["show", "order", "A1"], "`holdfast list`")):
        answer = holdfast(*arguments, store="memory:")
        equal(answer.code, 2, arguments)
        contains(answer.err, hint)
    contains(holdfast("list", "orders", store="shop.db").err, "sqlite:PATH")
    with open("note.txt", "w", encoding="utf-8") as file:
        file.write("hello\n")
    contains(holdfast("list", "orders", store="sqlite:note.txt").err, "no SQLite file")


def unknown_records():
    """An id that names no record is told, and the others are still shown."""
    replay("sqlite:unknown.db", TEA)
    answer = holdfast("show", "item", "nope", "tea", store="sqlite:unknown.db")
    equal(answer.code, 1)
    contains(answer.err, "there is no item 'nope'")
    contains(answer.out, "tea")
    for kind in ("order", "payment", "hold"):
        equal(holdfast("show", kind, ORDER, store="sqlite:unknown.db").code, 1, kind)


def backups():
    """A backup is restored to the same digest; a place that is taken is refused."""
    for scheme in ("lmdb", "sqlite"):
        store, copy = f"{scheme}:first.{scheme}", f"{scheme}:second.{scheme}"
        equal(replay(store, TEA, WALLET, order(2)).code, 0)
        equal(holdfast("backup", f"copy.{scheme}", store=store).code, 0)
        equal(holdfast("backup", f"copy.{scheme}", store=store).code, 4, "exists")
        equal(holdfast("restore", f"copy.{scheme}", store=copy).code, 0)
        equal(holdfast("restore", f"copy.{scheme}", store=copy).code, 4, "exists")
        digests = {holdfast("verify", "--json", store=s).json()["verify"][0]["digest"]
                   for s in (store, copy)}
        equal(len(digests), 1, scheme)


def benches():
    """Each form is measured on a store of its own, whose books add up; a store is never reused."""
    for form, kept in (("checkout", True), ("two-phase", False), ("get", False), ("list", False),
                       ("peek", False), ("peek-many", False)):
        for store in stores(form) if kept else ["memory:"]:
            asked = ["bench", "--form", form, "--orders", "40", "--window", "8", "--json"]
            (told,) = holdfast(*asked, store=store).json()["bench"]
            equal((told["form"], told["operations"]), (form, 40), store)
            if store != "memory:":
                equal(holdfast("verify", store=store).code, 0, store)
                again = holdfast("bench", store=store)
                equal(again.code, 4, store)
                contains(again.err, "name one that is not there")
    (told,) = holdfast("bench", "--rate", "500", "--orders", "50", "--spread", "zipf", "--json",
                       store="memory:").json()["bench"]  # fmt: skip
    equal(told["operations"], 50)
    for wrong in (["--form", "x"], ["--spread", "x"], ["--durability", "x"], ["--seconds", "0"]):
        equal(holdfast("bench", *wrong, store="memory:").code, 2, wrong)


def bench_help():
    """The benchmark's script prints its usage at once and writes nothing."""
    script = os.path.join(ROOT, "tests", "bench", "run.sh")
    for arguments in (["--help"], ["-h"], ["--results", "results", "--quick", "--help"]):
        done = subprocess.run([script, *arguments], capture_output=True, check=False, timeout=600,
                              env={**os.environ, "HOLDFAST_BENCH_BUILD": os.path.abspath("bench")})
        equal((done.returncode, done.stderr), (0, b""), arguments)
        contains(done.stdout.decode(), "usage: tests/bench/run.sh [--results DIR]")
        equal([os.path.exists(name) for name in ("bench", "results")], [False] * 2, arguments)


def nodes():
    """A store that nobody with a name left behind lists no node, and stays as it was."""
    for store in stores("nodes")[1:]:
        equal(replay(store, TEA).code, 0)
        answer = holdfast("nodes", store=store)
        equal((answer.code, answer.out), (0, "nodes: none\n"))
        equal(holdfast("nodes", "--json", store=store).json(), {"nodes": []})
        equal(len(holdfast("list", "events", "--json", store=store).json()["events"]), 1)
    equal(holdfast("nodes", "more", store="memory:").code, 2)


def erases():
    """A customer and a wallet are erased, the books stay; what is not there is told."""
    wallet = {**WALLET, "meta": "Ada Lovelace"}
    for store in stores("erase")[1:]:
        equal(replay(store, TEA, wallet, order(1, id=ORDER, meta="12 St James's Square")).code, 0)
        who = ["--actor", "privacy"]
        (told,) = holdfast("erase", "customer", "ada", "--replacement", "gone-1", *who, "--json",
                           store=store).json()["erased"]  # fmt: skip
        equal(told, {"name": "ada", "records": 1, "orders": 1, "open": 0}, store)
        (told,) = holdfast("erase", "account", "ada", "--unit", "EUR", *who, "--json",
                           store=store).json()["erased"]  # fmt: skip
        equal((told["records"], told["orders"]), (1, 0), store)
        (found,) = holdfast("list", "orders", "--customer", "gone-1", "--json",
                            store=store).json()["orders"]  # fmt: skip
        equal((found["id"], found["state"]), (ORDER, "CLOSED"), store)
        equal(holdfast("list", "orders", "--customer", "ada", store=store).out, "orders: none\n")
        equal(holdfast("verify", store=store).code, 0, store)
        answer = holdfast("erase", "order", ORDER[:-1] + "1", ORDER, *who, "--with-ref", store=store)
        equal(answer.code, 1, store)
        contains(answer.err, "no such record")
        equal(holdfast("erase", "order", "ada", *who, store=store).code, 2, "not an id")
        equal(holdfast("erase", "order", ORDER, store=store).code, 2, "without an actor")
        equal(holdfast("erase", "item", "tea", *who, store=store).code, 2, "not a kind")
        equal(holdfast("erase", "account", "ada", *who, store=store).code, 2, "without a unit")


def cursors():
    """Cursors are listed, reset and removed by somebody with a name; what is wrong is told."""
    for store in stores("cursors")[1:]:
        put = [{"op": "cursor_put", "args": {"consumer": name, "seq": 2}} for name in ("mail", "old")]
        equal(replay(store, TEA, WALLET, order(1), *put).code, 0)
        equal([(row["consumer"], row["seq"])
               for row in holdfast("list", "cursors", "--json", store=store).json()["cursors"]],
              [("mail", 2), ("old", 2)], store)  # fmt: skip
        who = ["--actor", "ops"]
        (told,) = holdfast("cursor", "reset", "mail", "--seq", 0, *who, "--json",
                           store=store).json()["cursors"]  # fmt: skip
        equal((told["consumer"], told["seq"]), ("mail", 0), store)
        answer = holdfast("cursor", "reset", "mail", "--seq", 5, *who, store=store)
        equal(answer.code, 1, store)
        contains(answer.err, "cursor mail: 5, the last event is 4")
        answer = holdfast("cursor", "remove", "nobody", "old", *who, store=store)
        equal(answer.code, 1, store)
        contains(answer.err, "no cursor nobody")
        after = holdfast("list", "cursors", "--json", "--after", "m", store=store).json()["cursors"]
        equal([row["consumer"] for row in after], ["mail"], store)
        events = holdfast("list", "events", "--after", 3, "--json", store=store).json()["events"]
        equal([(row["type"], row["actor"]) for row in events],
              [("CURSOR_RESET", "ops"), ("CURSOR_REMOVE", "ops")], store)  # fmt: skip
        answer = holdfast("list", "events", "--after", 6, store=store)
        equal(answer.code, 1, store)
        contains(answer.err, "after_seq 6: the last event is 5")
        equal(holdfast("verify", store=store).code, 0, store)
        equal(holdfast("cursor", "reset", "mail", *who, store=store).code, 2, "without --seq")
        equal(holdfast("cursor", "remove", "mail", "--seq", 1, *who, store=store).code, 2)
        equal(holdfast("cursor", "remove", "mail", store=store).code, 2, "without an actor")
        equal(holdfast("cursor", "move", "mail", *who, store=store).code, 2, "not a command")


def same_twice():
    """A file replayed twice, with ids, leaves the store as it was."""
    lines = [{**TEA, "id": ORDER[:-1] + "1"}, {**WALLET, "id": ORDER[:-1] + "2"},
             order(1, id=ORDER)]
    first = replay("sqlite:twice.db", *lines, options=["--verify"])
    second = replay("sqlite:twice.db", *lines, options=["--verify", "--window", "1"])
    equal((first.code, second.code), (0, 0), second.err)
    equal(first.out.split()[-1], second.out.split()[-1], "digest")


def bad_csv():
    """CSV that is none, and fields that are not what they should be, are told with their place."""
    header = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country\r\n"
    good = '536365,85123A,"A ""quoted"", lamp",6,12/1/2010 8:26,2.55,17850,UK\r\n'
    cases = [("", "1:1: the header"), ("a,b\n", "1:1: the header"),
             (header + good + good.replace(",6,", ",six,"), "3:36: Quantity"),
             (header + good.replace("2.55", "2.5555"), "2:53: UnitPrice"),
             (header + good.replace("12/1/", "13/1/"), "2:38: InvoiceDate"),
             (header + good.replace(",UK", ""), "2:1: 7 fields"),
             (header + '5,"open\n', "2:3: a quote that is not closed"),
             (header + '5,"a"b\n', "2:6: text behind a closing quote"),
             (header + '5,a"b\n', "2:4: a quote inside"),
             (header + "5,a\rb\n", "2:4: a carriage return alone")]
    for text, part in cases:
        answer = holdfast("import-retail", "-", text=text)
        equal(answer.code, 3, part)
        contains(answer.err, "-:" + part)
    for text in (header, header + good, header + good.rstrip()):
        equal(holdfast("import-retail", "-", text=text).code, 0, text)


def cache_sims():
    """A trace goes through every policy; hits are those counted by hand, and none beats Belady."""
    trace = "\n".join("abcabdabeaeb") + "\n"
    hits = {row["policy"]: row["hits"] for row in
            holdfast("cache-sim", "--entries", 2, "--json", "-", text=trace).json()["policies"]}
    equal((hits["LRU"], hits["FIFO"], hits["BELADY"]), (1, 1, 4))
    rows = holdfast("cache-sim", "--json", "-", text=trace * 50).json()["policies"]
    equal([row["entries"] for row in rows], [1] * 24, "a part of few keys is one entry")
    best = max(row["hits"] for row in rows)
    equal([row["policy"] for row in rows if row["hits"] == best][-1], "BELADY")
    contains(holdfast("cache-sim", "-", text=trace).out, "S3_FIFO")
    for text, path, part in (("", "-", "there is no key in it"), ("\n\r\n", "-", "no key"),
                             ("", "missing", "missing: No such file")):
        answer = holdfast("cache-sim", path, text=text)
        equal(answer.code, 3, part)
        contains(answer.err, part)
    equal(holdfast("cache-sim", "--entries", 0, "-", text=trace).code, 2, "no entry")


if __name__ == "__main__":
    run([providers, results, clock, format_examples, bad_lines, stop_on_refusal, chains, misuse, exit_codes, helps, numbers,
         interruption, shows_and_lists, filters, transactions, absent_store, messages_help,
         unknown_records, backups, benches, bench_help, nodes, erases, cursors, same_twice,
         bad_csv, cache_sims])
