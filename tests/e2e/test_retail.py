"""The Online Retail data, replayed: the same state on every store, to the last digit of the data.

Usage: test_retail.py TOOL ROOT [ROWS]      ROWS: how many lines of the file; 0 = all
"""
import collections
import csv
import io
import json
import lzma
import re
import sqlite3
import sys
import time

from harness import contains, equal, holdfast, retail_data, run

ROWS = int(sys.argv[3]) if len(sys.argv) > 3 else 20000
STORES = ["memory:", "lmdb:retail.lmdb", "sqlite:retail.db"]
FULL = {"rows with a positive quantity": 10644560424, "rows of cancellations": -896812490,
        "the whole file": 9747747934, "sum of the above": 9747747934}


def mills(text):
    """Thousandths of a pound, exactly."""
    sign = -1 if text.startswith("-") else 1
    whole, _, decimals = text.lstrip("-").partition(".")
    return sign * (int(whole) * 1000 + int((decimals + "000")[:3]))


class Data:
    """The rows, read by Python's own CSV reader; made once."""
    rows, operations, totals, answers, verified = [], "", {}, {}, {}


def read_data():
    with lzma.open(retail_data(), "rt", encoding="utf-8", newline="") as file:
        lines = [line for _, line in zip(range(ROWS + 1 if ROWS else sys.maxsize), file)]
    Data.rows = list(csv.DictReader(io.StringIO("".join(lines), newline="")))
    return "".join(lines)


def amount(row):
    return int(row["Quantity"]) * mills(row["UnitPrice"])


def imported():
    """The import writes the same operations every time, and its totals are those of the data."""
    text = read_data()
    answer = holdfast("import-retail", "--json", "-", text=text)
    equal(answer.code, 0, answer.err)
    equal(holdfast("import-retail", "-", text=text).out, answer.out, "a second import")
    Data.operations = answer.out
    Data.totals = {row["what"]: mills(number) for row, number in zip(
        json.loads(answer.err)["totals"], re.findall(r'"gbp": (-?[\d.]+)', answer.err.lower()))}
    by_hand = {
        "rows with a positive quantity": sum(amount(r) for r in Data.rows if int(r["Quantity"]) > 0),
        "rows of cancellations": sum(amount(r) for r in Data.rows if r["InvoiceNo"][0] == "C"),
        "the whole file": sum(amount(r) for r in Data.rows)}
    by_hand["sum of the above"] = by_hand["the whole file"]
    for what, total in (by_hand if ROWS else {**by_hand, **FULL}).items():
        equal(Data.totals[what], total, what)


def replayed():
    """The replay is refused only where stock is short, and the stores end with one digest."""
    retail_data()
    for store in STORES:
        with open("operations.jsonl", "w", encoding="utf-8") as file:
            file.write(Data.operations)
        begun = time.monotonic()
        answer = holdfast("replay", "--verify", "--json", "operations.jsonl", store=store)
        print(f"# {store} {time.monotonic() - begun:.1f} s with verify")
        equal(answer.code in (0, 1), True, answer.err[-2000:])  # 1: orders were refused
        answers, _, verified = answer.out.partition('{\n   "verify"')
        Data.answers[store] = [json.loads(line) for line in answers.splitlines()]
        Data.verified[store] = json.loads('{"verify"' + verified)["verify"][0]
        equal(Data.verified[store]["findings"], 0, store)
        refused = {(a["op"], a["status"]) for a in Data.answers[store][:-1]
                   if a["status"] != "HF_OK"}
        equal(refused, {("order_place", "HF_E_STOCK_SHORT")}, store)
    equal(len({v["digest"] for v in Data.verified.values()}), 1, Data.verified)
    equal(holdfast("verify", "--json", store=STORES[1]).json()["verify"][0],
          Data.verified[STORES[1]], "verify once more")


def scalar(db, query):
    return db.execute(query).fetchone()[0] or 0


def sql_agrees():
    """SQL over the SQLite file adds up to the data: money, orders, returns and stock."""
    retail_data()
    db = sqlite3.connect("file:retail.db?mode=ro", uri=True)
    placed = {ref for (ref,) in db.execute("SELECT external_ref FROM orders")}
    sales = collections.Counter()
    for row in Data.rows:
        if row["InvoiceNo"][0].isdigit() and int(row["Quantity"]) > 0:
            sales[row["InvoiceNo"]] += amount(row)
    refused = sum(total for ref, total in sales.items() if ref not in placed)
    ordered = scalar(db, "SELECT sum(total) FROM orders")
    equal(ordered + refused, sum(sales.values()), "orders")
    equal((ordered, refused), (Data.totals["ordered"],
                               Data.totals["order to be refused: stock is short"]), "the import")
    equal(scalar(db, "SELECT sum(captured) FROM payments"), ordered, "captured")
    facts = dict(db.execute("SELECT kind, sum(amount) FROM facts GROUP BY kind"))
    refunded = scalar(db, "SELECT sum(refunded) FROM payments")
    cancelled = -sum(amount(r) for r in Data.rows if r["InvoiceNo"][0] == "C")
    equal(refunded + facts.get("REFUNDED", 0), cancelled, "cancellations")
    equal(ordered + refused + facts.get("CAPTURED", 0) - facts.get("CHARGEBACK", 0) - refunded
          - facts.get("REFUNDED", 0), sum(amount(r) for r in Data.rows), "everything")
    equal(scalar(db, "SELECT count(*) FROM facts WHERE attention = 0"), 0, "facts want a person")
    wallets = scalar(db, "SELECT sum(balance) FROM accounts WHERE kind = 'MONEY'")
    equal(wallets, sum(sales.values()) - ordered + refunded, "money left")
    db.close()


def stock_agrees():
    """SQL over the SQLite file adds up to the stock of every code."""
    retail_data()
    db = sqlite3.connect("file:retail.db?mode=ro", uri=True)
    placed = {ref for (ref,) in db.execute("SELECT external_ref FROM orders")}
    moved = collections.Counter()
    for row in Data.rows:
        code, quantity = row["StockCode"], int(row["Quantity"])
        product, sale = code[:5].isdigit(), row["InvoiceNo"][0].isdigit()
        if quantity > 0 and product and sale and row["InvoiceNo"] in placed:
            moved[code] -= quantity
        elif quantity < 0 and (product or sale):
            moved[code] += quantity if sale else -quantity
    opening = {}
    for line in Data.operations.splitlines():
        op = json.loads(line)
        if op["op"] == "item_put":
            opening[op["args"]["key"]["name"]] = op["args"]["opening"]
    on_hand = dict(db.execute("SELECT name, balance FROM accounts WHERE kind = 'ITEM'"))
    equal(on_hand, {code: opening[code] + moved[code] for code in opening}, "stock")
    db.close()


def answers_agree():
    """Every operation gets the same answer on every store."""
    retail_data()
    first = Data.answers[STORES[0]]
    for store in STORES[1:]:
        equal(len(first), len(Data.answers[store]), store)
        for one, other in zip(first, Data.answers[store]):
            equal(one, other, store)
    contains(str(first[-1]), "summary")


if __name__ == "__main__":
    run([imported, replayed, sql_agrees, stock_agrees, answers_agree])
