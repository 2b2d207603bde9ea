"""Writes a store with a row of every kind, for the migration test of a later version.

Usage: make_fixture.py DUMP_ROWS OUT ...    e.g. dump_rows lmdb.tar.xz sqlite.tar.xz journal.tar.xz
                                                     sqlite_journal.tar.xz

The fixtures of schema 3 were written by this file with the library of that schema: put its
tests/support on PYTHONPATH and its library into HOLDFAST_LIBRARY, and build dump_rows.c with it.
An archive has the files of the store and "rows", what dump_rows printed. The stores in journal.tar.xz
(LMDB) and sqlite_journal.tar.xz were not closed: rows are in the journal, and in SQLite's log.
"""
import ctypes as c
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
from itertools import count

from holdfast import WORLD, Engine, error_name, id_of, lib

START_MS, ALL = 1700000000000, 2**63 - 1
TEA, CUP, NORTH, SOUTH = ((1, *key, "pcs") for key in (
    ("tea", ""), ("cup", ""), ("pot", "north"), ("pot", "south")))
ADA, BEN, CLEO, TILL = ((2, name, "", "EUR") for name in ("ada", "ben", "cleo", "till"))
COUPON = (3, "coupon", "", "pcs")
BURST = 40
NONE = b"\0" * 16
OK, REJECTED = 1, 2
REFUSED, SILENT = 1313, 1414  # amounts: the provider refuses one, and never answers the other
AUTHORIZED, CAPTURED, VOIDED, REFUNDED, FAILED, CHARGEBACK, ACTION = range(7)
CONFIRM, FULFIL, MANUAL = range(3)
QUEUE, PAY_LATER = 1, 2
CALL = c.CFUNCTYPE(None, c.c_void_p, c.c_void_p)


def register_provider(engine):
    """A provider that answers in the call; returns what must live as long as the engine."""
    def called(_, call):
        amount = c.c_int64.from_address(call + 88).value
        if amount == SILENT:
            return
        answer = c.create_string_buffer(40)
        lib.hf_call_answer_init(answer, REJECTED if amount == REFUSED else OK)
        reference = c.create_string_buffer(c.string_at(call + 32, 16).hex().encode())
        c.c_void_p.from_buffer(answer, 24).value = c.addressof(reference)
        ticket = c.c_uint64.from_address(call + 8)
        error = lib.hf_call_done(engine.handle, ticket, answer)
        assert error == 0, error_name(error)

    function = CALL(called)
    provider = c.create_string_buffer(256)
    name = c.create_string_buffer(b"bank")
    lib.hf_provider_init(provider, name)
    for at in range(16, 56, 8):
        c.c_void_p.from_buffer(provider, at).value = c.cast(function, c.c_void_p).value
    error = lib.hf_provider_register(engine.handle, provider)
    assert error == 0, error_name(error)
    return function, provider, name


class Script:
    def __init__(self, engine):
        self.engine, self.numbers, self.now = engine, count(1), START_MS

    def do(self, name, want="HF_OK", ident=None, **values):
        """One operation; its answer must be `want`. Returns the id."""
        ident = ident or id_of(self.now, f"{name} {next(self.numbers)}")
        done = self.engine.do([(name, {"id": ident, "actor": "fixture", **values})])[0]
        assert error_name(done.status) == want, (name, values, error_name(done.status), done.detail)
        self.pump()
        return ident

    def pump(self):
        """Until no event has come for a while: the provider is called between two operations."""
        seen, quiet = -1, 0
        while quiet < 12:
            lib.hf_loop_run_once(self.engine.loop, 0)
            time.sleep(0.002)
            events = self.engine.do([("events_read", {"after_seq": max(seen, 0), "limit": 256})])[0]
            now = events.result["next_seq"]
            quiet = quiet + 1 if now == seen else 0
            seen = now

    def accounts(self):
        for key, opening in ((TEA, 500), (CUP, 300), (NORTH, 3), (SOUTH, 40), (ADA, 90000),
                             (BEN, 50000), (CLEO, 0), (TILL, 0), (COUPON, 0)):
            self.do("account_put", key=key, opening=opening, unit_scale=2 if key[0] == 2 else 0,
                    meta=b'{"shelf": 7}')
        self.do("item_receive", **{"from": WORLD, "to": TEA, "amount": 20})
        self.do("item_adjust", key=CUP, mode=0, quantity=298)
        self.do("account_deposit", **{"from": WORLD, "to": BEN, "amount": 700})
        self.do("account_withdraw", **{"from": BEN, "to": WORLD, "amount": 300})
        self.do("account_transfer", **{"from": ADA, "to": TILL, "amount": 250})
        self.do("account_withdraw", "HF_E_FUNDS_SHORT", **{"from": BEN, "to": WORLD,
                                                           "amount": 10**9})
        self.do("account_adjust", key=CLEO, mode=0, quantity=-60)  # a fact beyond the limits

    def hold(self, deadline_ms=0, **post):
        ends = {"from": ADA, "to": TILL, "amount": 100, "deadline_ms": deadline_ms}
        hold = self.do("hold_place", meta=b"a hold", **ends)
        if post:
            self.do("hold_post", hold=hold, **post)
        return hold

    def holds(self):
        """Two of every state; three of them expire later."""
        soon = self.now + 1000
        for _ in range(2):
            self.hold()
            self.hold(take=40, free=10)
            self.do("hold_reverse", hold=self.hold(take=70, free=ALL), amount=20)
            self.do("hold_release", hold=self.hold(), amount=ALL)
            self.do("hold_adjust", hold=self.hold(), grow=11)
            self.hold(deadline_ms=soon)
        self.hold(deadline_ms=soon, take=5)

    def pay(self, amount, settle_on=CONFIRM, account=ADA, **values):
        ident = id_of(self.now, f"payment {next(self.numbers)}")
        return {"id": ident, "account": account, "amount": amount, "settle_on": settle_on, **values}

    def provider(self, amount, settle_on=CONFIRM, provider="bank", **values):
        return self.pay(amount, settle_on, WORLD, method=1, provider=provider, **values)

    def order(self, payments=(), lines=None, **values):
        lines = lines or [{"sku": "tea", "quantity": 3, "unit_price": 300, "settle_on": FULFIL},
                          {"sku": "cup", "quantity": 1, "unit_price": 500}]
        total = sum(line["quantity"] * line["unit_price"] for line in lines)
        total += sum(one["amount"] for one in values.get("adjustments", ()))
        return self.do("order_place", lines=lines, total=total, payments=list(payments),
                       currency="EUR", customer="c-17", series="web", **values)

    def orders(self):
        self.order([self.pay(1400)], external_ref="shop-1", meta=b"wrapped")
        self.order()                                                     # PENDING, without money
        self.order([self.pay(600)], deadline_ms=self.now + 900)          # expires
        self.order(policy=PAY_LATER)
        closed = self.order([self.pay(1400, FULFIL)])
        self.do("order_fulfil", order=closed, lines=[{"line": 1, "quantity": 2}])
        self.do("order_fulfil", order=closed)
        self.do("order_return", order=closed, lines=[{"line": 1, "quantity": 1, "scrap": 1}])
        cancelled = self.order([self.pay(1400)])
        self.do("order_cancel", order=cancelled)
        part = self.order([self.pay(1400, MANUAL)])
        self.do("order_cancel", order=part, lines=[{"line": 1, "quantity": 1}])
        split = [{"sku": "pot", "quantity": 5, "unit_price": 100, "places": ["north", "south"]}]
        self.order([self.pay(500)], split)
        kit = [{"sku": "set", "quantity": 2, "unit_price": 900, "settle_on": FULFIL, "legs": [
            {"from": TEA, "to": WORLD, "per_unit": 2}, {"from": CUP, "to": WORLD, "per_unit": 1},
            {"from": WORLD, "to": COUPON, "per_unit": 1}]},
               {"sku": "freight", "quantity": 1, "unit_price": 490, "untracked": 1}]
        extra = [{"amount": 230, "line": 1, "kind": 0}, {"amount": -100, "line": 0, "kind": 1}]
        kits = self.order([self.pay(2420, FULFIL)], kit, adjustments=extra)
        self.do("order_fulfil", order=kits, lines=[{"line": 1, "quantity": 1}])
        amended = self.order([self.pay(1400)])
        self.do("order_amend", order=amended, total=1700, payments=[self.pay(300)],
                changes=[{"line": 1, "quantity": 4, "unit_price": 300}])

    def queues(self):
        """Two orders that wait for an item, and one that got it."""
        last = [{"sku": "last", "quantity": 2, "unit_price": 100}]
        self.do("item_put", key=(1, "last", "", "pcs"), opening=1)
        for _ in range(3):
            self.order([self.pay(200, account=BEN)], last, policy=QUEUE)
        self.do("item_receive", **{"from": WORLD, "to": (1, "last", "", "pcs"), "amount": 1})

    def report(self, kind, amount, payment, ref=None, provider="mail", want="HF_OK"):
        self.do("payment_report", want, provider=provider, kind=kind, amount=amount, unit="EUR",
                fact_ref=ref or f"f-{next(self.numbers)}", payment=payment or NONE,
                provider_time_ms=self.now)

    def reports(self):
        """A provider that nobody registered: all that is known of it comes by reports."""
        for facts in ([], [(AUTHORIZED, 1400)], [(AUTHORIZED, 1400), (CAPTURED, 1400)],
                      [(FAILED, 1400)], [(ACTION, 1400)],
                      [(AUTHORIZED, 1400), (CAPTURED, 1400), (CHARGEBACK, 1400)]):
            payment = self.provider(1400, MANUAL, "mail")
            self.order([payment])
            for kind, amount in facts:
                self.report(kind, amount, payment["id"])
        self.report(CAPTURED, 77, None, "lost")  # matches no payment

    def commands(self):
        """A provider that is asked: authorized, captured, refunded, refused, not yet answered."""
        payment = self.provider(1400)
        self.order([payment])
        self.do("payment_refund", payment=payment["id"], amount=100)
        payment = self.provider(1400, FULFIL)
        self.do("order_fulfil", order=self.order([payment]), lines=[{"line": 1, "quantity": 1}])
        self.do("order_cancel", order=self.order([self.provider(1400, MANUAL)]))
        for amount in (REFUSED, SILENT):
            self.order([self.provider(amount)], [{"sku": "tea", "quantity": 1,
                                                  "unit_price": amount}])

    def transactions(self):
        moves = [{"from": ADA, "to": TILL, "amount": 33}, {"from": TEA, "to": WORLD, "amount": 1}]
        self.do("txn_submit", moves=moves, meta=b"no participant")
        absent = [{"participant": "nobody", "payload": b"seat 12", "version": 1}]
        self.do("txn_begin", moves=moves, branches=absent, deadline_ms=START_MS + 10**9)
        self.do("txn_abort", txn=self.do("txn_begin", moves=moves), reason="not wanted")

    def advance(self, ms):
        self.engine.advance(ms)
        self.now += ms
        self.pump()

    def old_records(self):
        """What retention removes."""
        self.do("order_fulfil", order=self.order([self.pay(1400)]))
        self.hold(take=100)
        self.advance(100)
        self.do("cursor_put", consumer="warehouse", seq=12)
        self.do("retention", before_ms=self.now - 50, limit=100)

    def run(self):
        self.accounts()
        self.old_records()
        self.holds()
        self.orders()
        self.advance(500)
        self.queues()
        self.reports()
        self.commands()
        self.transactions()
        self.advance(1500)
        self.holds()
        self.advance(400)


def opened(scheme, folder, now):
    return Engine(f"{scheme}:{folder}/store", virtual_time_ms=now, random_seed=7, threads=1,
                  journal_bytes_max=1 << 20)


def write(scheme, folder, close):
    """In a process of its own, so that a store need not be closed."""
    child = os.fork()
    if child == 0:
        engine = opened(scheme, folder, START_MS)
        kept = register_provider(engine)
        Script(engine).run()
        verdict = engine.verify()
        assert kept and not verdict.findings, verdict.findings
        if close:
            engine.close()
        else:  # only the journal has these: the loop is given no idle moment
            for number in range(BURST):
                moved = {"from": WORLD, "to": TEA, "amount": 1,
                         "id": id_of(START_MS + 5000, f"burst {number}"), "actor": "fixture"}
                assert engine.do([("item_receive", moved)])[0].status == 0
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0


def rows_of(dump, scheme, folder):
    """What dump_rows prints of a copy, whose journal an engine reads first."""
    with tempfile.TemporaryDirectory() as copy:
        shutil.copytree(folder, copy, dirs_exist_ok=True)
        if os.path.exists(f"{copy}/store.journal"):
            opened(scheme, copy, START_MS + 2500).close()
        return subprocess.run([dump, scheme, f"{copy}/store"], check=True,
                              capture_output=True).stdout


def main():
    dump, outs = sys.argv[1], sys.argv[2:]
    for out in outs:
        name = os.path.basename(out).split(".")[0]
        scheme = "sqlite" if name.startswith("sqlite") else "lmdb"
        with tempfile.TemporaryDirectory() as folder:
            write(scheme, folder, not name.endswith("journal"))
            rows = rows_of(dump, scheme, folder)
            with open(f"{folder}/rows", "wb") as file:
                file.write(rows)
            with tarfile.open(out, "w:xz", preset=9) as archive:
                for one in ("rows", "store", "store-wal", "store.journal"):
                    if os.path.exists(f"{folder}/{one}"):
                        archive.add(f"{folder}/{one}", one)
            print(f"{out}: {os.path.getsize(out)} bytes, {rows.count(10)} rows")


if __name__ == "__main__":
    main()
