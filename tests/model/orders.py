"""The rest of the model: orders and their payments, chains, repeated ids, deadlines."""
from fractions import Fraction

from model import MAX_ALL, Refused, refuse_if
from guards import Guards
from waiting import QUEUE
from parts import (AUTHORIZED, CANCELLED, CLOSED, CONFIRMED, EXPIRED, FAILED, MANUAL, NEW,
                   ON_CONFIRM, PAID_OUT, PAY_LATER, PENDING, SUMMARIES, WAITING, WORLD, half_up,
                   open_money, open_units, payment_summary, refundable)

MAKES = {"hold_place": "hold", "order_place": "order", "payment_add": "payment"}


class Model(Guards):
    # ---- States of an order ---------------------------------------------------------------------

    def confirm(self, order):
        order["state"], order["deadline"] = CONFIRMED, 0
        for line in order["lines"]:
            if line["settle"] == ON_CONFIRM:
                self.fulfil(line, open_units(line))
        self.capture(order)
        self.close(order)

    def confirm_if_paid(self, order):
        held = sum(p["authorized"] - p["voided"] for p in order["payments"])
        if held >= order["total"] or order["policy"] & PAY_LATER:
            self.confirm(order)

    def close(self, order):
        if order["state"] != CONFIRMED or any(open_units(line) for line in order["lines"]):
            return
        some = any(line["cancelled"] < line["quantity"] for line in order["lines"])
        manual = any(p["settle"] == MANUAL and open_money(p) for p in order["payments"])
        owed = order["policy"] & PAY_LATER and \
            self.captured(order) < self.needed(order) - self.returned(order)
        if some and (manual or owed):
            return
        self.void_all(order)
        order["state"] = CLOSED if some else CANCELLED

    def give_up(self, order, state):
        self.set_waits(order, [])
        for line in order["lines"] if order["state"] != WAITING else []:
            for leg in line["legs"]:
                rest = leg["units"] - leg["fulfilled"] - leg["cancelled"]
                self.release(leg["from"], leg["to"], rest * leg["per_unit"])
        self.void_all(order)
        for payment in order["payments"]:
            payment["state"] = FAILED if payment["state"] == NEW else payment["state"]
        order["state"], order["deadline"] = state, 0

    def load(self, key):
        order = self.find("order", key)
        late = order["deadline"] and order["deadline"] <= self.now
        refuse_if(late, "HF_E_EXPIRED")
        self.place = order["seq"]
        return order

    # ---- Placing --------------------------------------------------------------------------------

    def new_line(self, v):
        return {"sku": v["sku"], "quantity": v["quantity"], "price": v["unit_price"],
                "per": v.get("price_per", 1), "settle": v.get("settle_on", 0), "fulfilled": 0,
                "cancelled": 0, "returned": 0, "legs": []}

    def set_totals(self, order, given):
        own = sum(one["amount"] for one in order["adjustments"] if one["line"] == 0)
        for one in order["adjustments"]:
            refuse_if(one["line"] > len(order["lines"]), "HF_E_LINE_UNKNOWN")
        for no, line in enumerate(order["lines"], 1):
            line["total"] = half_up(Fraction(line["quantity"] * line["price"], line["per"])) + sum(
                one["amount"] for one in order["adjustments"] if one["line"] == no)
            refuse_if(line["total"] < 0, "HF_E_AMOUNT")
        total = sum(line["total"] for line in order["lines"]) + own
        refuse_if(total != given or total < 0, "HF_E_TOTAL")
        order["total"] = total

    def new_payment(self, order, v, ident):
        refuse_if(v["account"][3] != order["currency"], "HF_E_CURRENCY")
        payment = {"id": ident, "order": order["id"], "no": len(order["payments"]) + 1,
                   "account": v["account"], "amount": v["amount"], "authorized": 0, "captured": 0,
                   "voided": 0, "refunded": 0, "settle": v.get("settle_on", 0), "state": 0,
                   "attention": 0}
        if ident is not None:
            refuse_if(self.get("payment", ident) is not None, "HF_E_ID_REUSED")
            self.add("payment", ident, {"order": order["id"]})
        order["payments"].append(payment)
        return payment

    def authorize(self, payment, captured=0):
        self.move(payment["account"], WORLD, captured)
        self.hold(payment["account"], WORLD, payment["amount"] - captured)
        payment["authorized"], payment["state"] = payment["amount"], AUTHORIZED
        payment["captured"] = captured
        self.end_step(payment)

    def do_order_place(self, v):
        refuse_if(self.get("unit", v["currency"]) is None, "HF_E_UNIT_UNKNOWN")
        order = {"id": v["id"], "currency": v["currency"], "adjustments": v.get("adjustments", []),
                 "policy": v.get("policy", 0), "deadline": v.get("deadline_ms", 0),
                 "lines": [self.new_line(one) for one in v["lines"]], "payments": []}
        self.set_totals(order, v["total"])
        for one in v.get("payments", []):
            self.new_payment(order, one, one.get("id"))
        self.within(order, order["total"])
        refuse_if(order["deadline"] and order["deadline"] <= self.now, "HF_E_DEADLINE")
        planned = sum(payment["amount"] for payment in order["payments"])
        now = planned >= order["total"] or order["policy"] & PAY_LATER
        self.placed += 1
        order["seq"] = self.place = self.placed
        order["waits"] = []
        if order["policy"] & QUEUE:
            for line, one in zip(order["lines"], v["lines"]):
                self.add_legs(line, one, later=True)
            if self.waits_instead(order):
                return self.placed_order(order, v)
        for line, one in zip(order["lines"], v["lines"]):
            if not order["policy"] & QUEUE:
                self.add_legs(line, one)
            self.take_legs(line, now and line["settle"] == ON_CONFIRM)
        order["state"] = CONFIRMED if now else PENDING
        order["deadline"] = 0 if now else order["deadline"]
        plan = self.plan_captures(order, lambda one: one["amount"]) if now else []
        captures = {payment["no"]: amount for payment, amount in plan}
        for payment in order["payments"]:
            self.authorize(payment, captures.get(payment["no"], 0))
        self.close(order)
        return self.placed_order(order, v)

    def placed_order(self, order, v):
        order["number"] = self.next_number(v.get("series", ""))
        self.add("order", v["id"], order)
        return "order", v["id"], False

    def next_number(self, series):
        number = (self.edit("series", series) or 0) + 1
        return self.add("series", series, number)

    # ---- Later ----------------------------------------------------------------------------------

    def units(self, order, v, room, over, apply):
        lines = v.get("lines") or [{"line": no, "quantity": MAX_ALL} for no, line in
                                   enumerate(order["lines"], 1) if room(line) > 0]
        refuse_if(not lines, over)
        for one in lines:
            refuse_if(one["line"] > len(order["lines"]), "HF_E_LINE_UNKNOWN")
            line = order["lines"][one["line"] - 1]
            some = one["quantity"] == MAX_ALL and room(line) > 0
            quantity = room(line) if some else one["quantity"]
            refuse_if(quantity > room(line), over)
            apply(line, quantity, one.get("scrap", 0))

    def do_order_fulfil(self, v):
        order = self.load(v["order"])
        refuse_if(order["state"] != CONFIRMED, "HF_E_ORDER_STATE")
        self.units(order, v, open_units, "HF_E_OVER_FULFIL",
                   lambda line, quantity, _: self.fulfil(line, quantity))
        self.capture(order)
        self.close(order)
        return "order", v["order"], False

    def do_order_return(self, v):
        order = self.load(v["order"])
        refuse_if(order["state"] not in (CONFIRMED, CLOSED), "HF_E_ORDER_STATE")
        before = self.beyond(order, self.due(order) - self.returned(order))
        self.units(order, v, lambda line: line["fulfilled"] - line["returned"],
                   "HF_E_OVER_RETURN", self.take_back)
        after = self.beyond(order, self.due(order) - self.returned(order))
        self.settle_refund(order, v, after - before)
        self.close(order)
        return "order", v["order"], False

    def do_order_cancel(self, v):
        order = self.load(v["order"])
        if order["state"] in (PENDING, WAITING):
            refuse_if(v.get("lines"), "HF_E_ORDER_STATE")
            self.give_up(order, CANCELLED)
            self.settle_refund(order, v, 0)
            return "order", v["order"], False
        refuse_if(order["state"] != CONFIRMED, "HF_E_ORDER_STATE")
        before = self.beyond(order, self.needed(order))
        self.units(order, v, open_units, "HF_E_OVER_CANCEL",
                   lambda line, quantity, _: self.cancel(line, quantity))
        self.settle_refund(order, v, self.beyond(order, self.needed(order)) - before)
        self.void_excess(order)
        self.close(order)
        return "order", v["order"], False

    def do_payment_add(self, v):
        order = self.load(v["order"])
        later = order["policy"] & PAY_LATER and order["state"] == CONFIRMED
        refuse_if(order["state"] != PENDING and not later, "HF_E_ORDER_STATE")
        payment = self.new_payment(order, v["payment"], v["id"])
        self.within(order, self.needed(order))
        self.authorize(payment)
        if order["state"] == PENDING:
            self.confirm_if_paid(order)
        else:
            self.capture(order)
            self.close(order)
        return "order", v["order"], False

    def amount_op(self, v, room, over, check, apply):
        link = self.find("payment", v["payment"])
        order = self.edit("order", link["order"])
        payment = [p for p in order["payments"] if p["id"] == v["payment"]][0]
        most = check(order, payment)
        left = room(payment)
        amount = v.get("amount", MAX_ALL)
        amount = min(left, most) if amount == MAX_ALL and left > 0 and most > 0 else amount
        refuse_if(amount > left, over)
        refuse_if(amount > most, "HF_E_OVER_PAID")
        apply(payment, amount)
        self.close(order)
        return "payment", v["payment"], False

    def do_payment_capture(self, v):
        def check(order, payment):
            refuse_if(payment["state"] != AUTHORIZED, "HF_E_PAYMENT_STATE")
            refuse_if(order["state"] != CONFIRMED, "HF_E_ORDER_STATE")
            net = sum(refundable(p) for p in order["payments"])
            return max(order["total"] - net, 0)
        return self.amount_op(v, open_money, "HF_E_OVER_CAPTURE", check, self.take)

    def do_payment_void(self, v):
        def check(order, payment):
            refuse_if(payment["state"] != AUTHORIZED, "HF_E_PAYMENT_STATE")
            refuse_if(order["deadline"] and order["deadline"] <= self.now, "HF_E_EXPIRED")
            return MAX_ALL
        return self.amount_op(v, open_money, "HF_E_OVER_VOID", check, self.free)

    def do_payment_refund(self, v):
        def check(_, payment):
            refuse_if(payment["state"] not in (AUTHORIZED, PAID_OUT), "HF_E_PAYMENT_STATE")
            return MAX_ALL
        return self.amount_op(v, refundable, "HF_E_OVER_REFUND", check, self.give_back)

    # ---- Amending -------------------------------------------------------------------------------

    def do_order_amend(self, v):
        order = self.load(v["order"])
        refuse_if(order["state"] not in (PENDING, CONFIRMED), "HF_E_ORDER_STATE")
        needed, captured = self.needed(order), self.captured(order)
        if v.get("mask", 0) & 1:
            refuse_if(order["state"] != PENDING, "HF_E_ORDER_STATE")
            refuse_if(v["deadline_ms"] and v["deadline_ms"] <= self.now, "HF_E_DEADLINE")
            order["deadline"] = v["deadline_ms"]
        grown = self.change_lines(order, v.get("changes", []))
        added = [self.new_line(one) for one in v.get("lines", [])]
        order["lines"] += added
        order["adjustments"] = order["adjustments"] + v.get("adjustments", [])
        self.set_totals(order, v["total"])
        payments = [self.new_payment(order, one, one["id"]) for one in v.get("payments", [])]
        if payments:
            self.within(order, self.needed(order))
        self.check_money(order, needed, captured)
        for line, by in sorted(grown, key=lambda pair: pair[1] > 0):
            self.resize(order, line, by)
        for line, one in zip(added, v.get("lines", [])):
            self.add_legs(line, one)
            self.take_legs(line, order["state"] == CONFIRMED and line["settle"] == ON_CONFIRM)
        for payment in payments:
            self.authorize(payment)
        if order["state"] == PENDING:
            self.confirm_if_paid(order)
            return "order", v["order"], False
        extra = self.beyond(order, self.needed(order)) - max(captured - needed, 0)
        self.refund(order, extra)
        self.capture(order)
        self.void_excess(order)
        self.close(order)
        return "order", v["order"], False

    def change_lines(self, order, changes):
        grown = []
        for one in changes:
            refuse_if(one["line"] > len(order["lines"]), "HF_E_LINE_UNKNOWN")
            line = order["lines"][one["line"] - 1]
            least = line["fulfilled"] + line["cancelled"]
            refuse_if(one["quantity"] < least, "HF_E_OVER_CANCEL")
            moved = one["unit_price"] != line["price"] and line["fulfilled"] > 0
            refuse_if(moved, "HF_E_ORDER_STATE")
            grown.append((line, one["quantity"] - line["quantity"]))
            line["quantity"], line["price"] = one["quantity"], one["unit_price"]
        return grown

    def check_money(self, order, needed, captured):
        if order["state"] != CONFIRMED or self.needed(order) <= needed:
            return
        refuse_if(captured > needed, "HF_E_OVER_PAID")
        held = sum(p["authorized"] - p["voided"] if p["state"] else p["amount"]
                   for p in order["payments"])
        unpaid = held < self.needed(order) and not order["policy"] & PAY_LATER
        refuse_if(unpaid, "HF_E_UNPAID")

    def resize(self, order, line, by):
        if by < 0:
            for legs in self.by_role(line, backward=True):
                rest = -by
                for leg in legs:
                    part = min(leg["units"] - leg["fulfilled"] - leg["cancelled"], rest)
                    rest -= part
                    leg["units"] -= part
                    self.release(leg["from"], leg["to"], part * leg["per_unit"])
            return
        for legs in self.by_role(line):
            rest = by
            for leg in legs:
                last = leg is legs[-1]
                part = rest if last else min(self.available(leg["from"]) // leg["per_unit"], rest)
                rest -= part
                leg["units"] += part
                self.hold(leg["from"], leg["to"], part * leg["per_unit"])
        if by and order["state"] == CONFIRMED and line["settle"] == ON_CONFIRM:
            self.fulfil(line, by)

    # ---- Around every operation -----------------------------------------------------------------

    def first_answer(self, name, v):
        """The answer of an operation that was done before, or None."""
        if "id" not in v:
            return None
        known = self.get("op", (MAKES.get(name, "op"), v["id"]))
        if known is None:
            taken = name == "payment_add" and self.get("payment", v["id"]) is not None
            refuse_if(taken, "HF_E_ID_REUSED")
            return None
        refuse_if(known[0] != (name, repr(v)), "HF_E_ID_REUSED")
        return known[1]

    def apply(self, name, v):
        self.place = 0
        again = self.first_answer(name, v)
        if again is not None:
            return again
        self.check_version(name, v)
        table, key, quiet = getattr(self, "do_" + name)(v)
        if not quiet:
            self.see_done(name, v)
        if "id" in v and not quiet:
            self.add("op", (MAKES.get(name, "op"), v["id"]), ((name, repr(v)), (table, key)))
        return table, key

    def expire(self):
        """What is due gives back what it holds; the engine does so before each batch."""
        self.saved, before = {}, self.offers()
        for key, hold in list(self.tables["hold"].items()):
            if hold["deadline"] and hold["deadline"] <= self.now and hold["state"] in (1, 2):
                self.expire_hold(key)
        for key, order in list(self.tables["order"].items()):
            if order["deadline"] and order["deadline"] <= self.now and \
                    order["state"] in (PENDING, WAITING):
                self.give_up(self.edit("order", key), EXPIRED)
        self.promote_all(self.supplied(before))
        self.saved = {}

    def summary(self, table, key):
        """What is compared with the library's answer, as it is now."""
        if table == "payment":
            return payment_summary(self.payment(key))
        return SUMMARIES[table](self.get(table, key)) if table else None

    def run(self, chain):
        """All or nothing; each one's error, or "HF_OK" and the summary of its answer."""
        self.saved, seen = {}, self.seen()
        answers, supplied = [], []
        for at, (name, v) in enumerate(chain):
            try:
                before = self.offers()
                answers.append(("HF_OK", self.summary(*self.apply(name, v))))
                supplied += [key for key in self.supplied(before) if key not in supplied]
            except Refused as refusal:
                self.undo()
                self.watched, self.moved = seen
                return [(str(refusal) if i == at else "HF_E_CHAIN", None)
                        for i in range(len(chain))]
        self.promote_all(supplied)
        self.see_moves()
        return answers
