"""What the tool shows to people: amounts in their units, colours on terminals, events as they come."""
import json
import os
import pty
import re
import signal
import subprocess
import sys

from harness import TOOL, contains, equal, holdfast, lines_of, replay, run

ADA = {"kind": "MONEY", "name": "ada", "unit": "EUR"}
CUP = {"op": "item_put", "args": {"key": {"name": "cup"}, "opening": 50}}
SETUP = [
    {"op": "item_put", "args": {"key": {"name": "tea", "unit": "kg"}, "unit_scale": 3,
                                "opening": 5000}}, CUP,
    {"op": "account_put", "args": {"key": ADA, "unit_scale": 2, "opening": 10000}},
    {"op": "order_place", "args": {
        "customer": "ada", "currency": "EUR", "total": 700,
        "lines": [{"sku": "tea", "unit": "kg", "quantity": 1500, "unit_price": 300,
                   "price_per": 1000},
                  {"sku": "cup", "quantity": 1, "unit_price": 250}],
        "payments": [{"account": ADA, "amount": 700}]}},
    {"op": "order_place", "args": {
        "customer": "bob", "currency": "EUR", "total": 125,
        "lines": [{"sku": "set", "quantity": 1, "unit_price": 250,
                   "legs": [{"from": {"kind": "ITEM", "name": "cup", "unit": "pcs"}, "per_unit": 2},
                            {"from": {"kind": "ITEM", "name": "tea", "unit": "kg"},
                             "per_unit": 250}]}],
        "adjustments": [{"amount": -125, "kind": "DISCOUNT"}],
        "payments": [{"method": "PROVIDER", "provider": "psp", "amount": 125}]}},
    {"op": "hold_place", "id": "019b76da-a801-79b3-b1ca-00000000000a",
     "args": {"from": ADA, "amount": 123}},
    {"op": "payment_report", "args": {"provider": "psp", "fact_ref": "evt_1", "unit": "EUR",
                                      "amount": 5, "kind": "CAPTURED"}},
    {"op": "account_put", "args": {"key": {**ADA, "name": "till"}}},
    {"op": "account_adjust", "args": {"key": {**ADA, "name": "till"}, "mode": "TO",
                                      "quantity": -250}},
]
#: Numbers of records that are no amounts; every other number is shown in its unit.
PLAIN = {"number", "line_count", "version", "waiting", "no", "line_no", "leg_units", "leg_fulfilled",
         "leg_returned", "scale", "seq", "subject_version"}
LISTS = ("orders", "items", "accounts", "units", "payments", "attention", "events", "cursors")


def store_of(name):
    """A store with records of each kind, for people and for programs."""
    store = f"sqlite:{name}.db"
    if not os.path.exists(f"{name}.db"):
        answer = replay(store, *SETUP)
        equal((answer.code, answer.err), (0, ""), store)
    return store


def table(*arguments, store):
    """The lines of a table, each with single spaces."""
    answer = holdfast(*arguments, store=store)
    equal(answer.code, 0, answer.err)
    return [" ".join(line.split()) for line in answer.out.splitlines()]


def amounts():
    """Tables show amounts with the decimals of their unit and its name, JSON the integers."""
    store = store_of("amounts")
    limits = "0.00 EUR 0.00 EUR no limit"
    for arguments, lines in {
            ("list", "orders"): ["CLOSED 7.00 EUR EUR", "PENDING 1.25 EUR EUR"],
            ("list", "items"): ["cup pcs 49 pcs 2 pcs 0 pcs no", "tea kg 3.500 kg 0.250 kg"],
            ("list", "accounts"): [f"MONEY ada EUR 93.00 EUR 1.23 EUR 0.00 EUR {limits}",
                                   "till EUR -2.50 EUR", "tea kg 3.500 kg 0.250 kg"],
            ("list", "payments"): ["CLOSED 7.00 EUR 7.00 EUR 7.00 EUR 0.00 EUR",
                                   "psp CONFIRM PENDING 1.25 EUR 0.00 EUR"],
            ("list", "attention"): ["account till BEYOND_LIMIT -2.50 EUR EUR",
                                    "fact evt_1 UNMATCHED_FACT 0.05 EUR EUR"],
            ("show", "hold", "019b76da-a801-79b3-b1ca-00000000000a"):
                ["EUR HELD 1.23 EUR 0.00 EUR 0.00 EUR 0.00 EUR"],
            ("show", "order", "1"): ["1 tea 1.500 kg 3.00 EUR 4.50 EUR CONFIRM 1.500 kg 0.000 kg",
                                     "2 cup 1 pcs 2.50 EUR 2.50 EUR CONFIRM 1 pcs 0 pcs 0 pcs"],
            ("show", "order", "2"): ["1 set 1 2.50 EUR 2.50 EUR CONFIRM 0 0 0",
                                     "1 0 DISCOUNT -1.25 EUR", "1 1 ITEM tea WORLD 0.250 kg 1 0 0",
                                     "psp CONFIRM PENDING 1.25 EUR"]}.items():
        found = table(*arguments, store=store)
        for line in lines:
            equal(any(line in one for one in found), True, f"{arguments}: {line} in {found}")
    wallet = holdfast("show", "account", "ada", "--unit", "EUR", "--json", store=store).json()
    row = wallet["accounts"][0]
    equal((row["balance"], row["held_out"], row["max_balance"]), (9300, 123, 2**63 - 1))


def every_amount():
    """Every number of a record is shown in its unit, or is known to be no amount."""
    store = store_of("every")
    questions = [("list", name) for name in LISTS]
    questions += [("show", "order", 2), ("show", "hold", "019b76da-a801-79b3-b1ca-00000000000a")]
    for arguments in questions:
        people = " ".join(table(*arguments, store=store))
        for name, rows in holdfast(*arguments, "--json", store=store).json().items():
            numbers = {(key, value) for row in rows for key, value in row.items()
                       if isinstance(value, int) and not isinstance(value, bool)}
            for key, value in numbers - {(key, value) for key, value in numbers if key in PLAIN}:
                if name == "lines" and key not in ("unit_price", "total"):
                    continue  # of a set, which is no unit
                texts = [f"{value} pcs", f"{value / 100:.2f} EUR", f"{value / 1000:.3f} kg"]
                texts += ["no limit"] if value == 2**63 - 1 else []
                equal(any(text in people for text in texts), True, f"{name}.{key} {value} {people}")


def on_terminal(*arguments, store, **variables):
    """What the tool writes to a terminal."""
    main, terminal = pty.openpty()
    environment = {**os.environ, "HOLDFAST_STORE": store, "TERM": "xterm", **variables}
    if variables.get("NO_COLOR") is None:
        environment.pop("NO_COLOR", None)
    with subprocess.Popen([TOOL, *arguments], stdout=terminal, env=environment) as child:
        os.close(terminal)
        text = b""
        while True:
            try:
                part = os.read(main, 65536)
            except OSError:  # how Linux says that the other side was closed
                break
            if not part:
                break
            text += part
    os.close(main)
    equal(child.returncode, 0, arguments)
    return text.decode()


def colours():
    """A terminal gets colours; NO_COLOR, a dumb terminal, a pipe and JSON get none."""
    store = store_of("colours")
    text = on_terminal("list", "attention", store=store)
    contains(text, "\033[31mBEYOND_LIMIT")
    contains(on_terminal("list", "orders", store=store), "\033[32mCLOSED")
    contains(on_terminal("list", "orders", store=store, NO_COLOR=""), "\033[")  # empty: not set
    for arguments, variables in ((["list", "orders"], {"NO_COLOR": "1"}),
                                 (["list", "orders"], {"TERM": "dumb"}),
                                 (["list", "orders", "--json"], {})):
        equal("\033" in on_terminal(*arguments, store=store, **variables), False, variables)
    equal("\033" in holdfast("list", "orders", store=store).out, False, "a pipe")


def events():
    """Every event is a line; --after begins behind one, and wrong uses are told."""
    store = store_of("events")
    listed = holdfast("list", "events", "--json", store=store).json()["events"]
    answer = holdfast("events", "--json", store=store)
    equal((answer.code, answer.lines()), (0, listed), answer.err)
    text = holdfast("events", "--after", 3, store=store).out.splitlines()
    equal(len(text), len(listed) - 3)
    for line, event in zip(text, listed[3:]):
        words = line.split()
        equal((int(words[0]), words[1], words[2]), (event["seq"], event["at"], event["type"]))
    equal(holdfast("events", "--after", 99, store=store).code, 1)
    for wrong in (["--after", "x"], ["--rounds", 2], ["--limit", 3]):
        equal(holdfast("events", *wrong, store=store).code, 2, wrong)
    equal(holdfast("events", "--follow", "--rounds", 1, store=store).out, "", "only what comes")


def following():
    """--follow prints what a running engine adds, from all stores that have a file."""
    for store in ("sqlite:follow.db", "lmdb:follow.lmdb"):
        equal(replay(store, CUP).code, 0, store)
        environment = {**os.environ, "HOLDFAST_STORE": store}
        with subprocess.Popen([TOOL, "events", "--follow", "--json", "--after", "0"],
                              stdout=subprocess.PIPE, env=environment) as reader, \
             subprocess.Popen([TOOL, "replay", "--stop-on-refusal", "-"], stdin=subprocess.PIPE,
                              stdout=subprocess.DEVNULL, env=environment) as writer:
            seen = [json.loads(reader.stdout.readline())]
            for number in range(3):
                receive = {"op": "item_receive", "args": {"to": {"name": "cup"}, "amount": 1},
                           "actor": f"step {number}"}
                writer.stdin.write(lines_of([receive]))
                writer.stdin.flush()
                while seen[-1]["actor"] != f"step {number}":  # while the engine is open
                    seen.append(json.loads(reader.stdout.readline()))
            equal(writer.poll(), None, "the engine is open")
            writer.stdin.close()
            equal(writer.wait(), 0, store)
            reader.send_signal(signal.SIGINT)
            reader.stdout.read()
        equal([one["seq"] for one in seen], list(range(1, len(seen) + 1)), store)
        equal([one["type"] for one in seen if one["actor"]], ["ITEM_RECEIVE"] * 3, store)


if __name__ == "__main__":
    equal(re.fullmatch(r".*holdfast", sys.argv[1]) is not None, True, sys.argv)
    run([amounts, every_amount, colours, events, following])
