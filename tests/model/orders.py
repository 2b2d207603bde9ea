"""Orders of the model: placing, fulfilling, cancelling, returning, amending, adding payments."""

from guards import Guards
from model import MAX_ALL, refuse_if
from money import (ASKED, MONEY_HELD, NEW, SHARE, UNPAID, covered, covers, in_hand, net,
                   secured, total_of)
from parts import (CANCELLED, CLOSED, CONFIRMED, EXPIRED, IMPORT, ON_CONFIRM, PAY_LATER, PENDING,
                   QUEUE, REVIVE, WAITING, follows, fulfilled_units, half_up, on_limits,
                   open_units)


class Orders(Guards):
    # ---- States of an order ---------------------------------------------------------------------

    def confirm(self, order):
        order["state"], order["deadline"], order["confirmed"] = CONFIRMED, 0, True
        self.keep_deadlines(order)
        for line in order["lines"]:
            if self.final_at_once(order, line):
                self.fulfil(line, open_units(line))
        self.follow_goods(order)
        self.settle(order)

    @staticmethod
    def final_at_once(order, line):
        return line["settle"] == ON_CONFIRM and not follows(order, line)

    def keep_deadlines(self, order):
        """Payments that are asked for keep their deadline when their order is confirmed."""
        if self.wrong == "deadline":
            for p in order["payments"]:
                p["deadline"] = 0

    def settle(self, order):
        """Captures and voids what follows from the counters, and ends the order with them."""
        self.capture(order)
        self.void_excess(order)
        self.close(order)

    def confirm_if_paid(self, order):
        paid = total_of(order, secured) >= self.owed(order)
        if paid or order["policy"] & (PAY_LATER | IMPORT):
            self.confirm(order)

    def end_unpaid(self, order):
        """Without a deadline nobody waits for money that failed, came short or went away."""
        short = any(covered(p) < p["amount"] and p["state"] not in (NEW, ASKED)
                    for p in order["payments"])
        timed = order["state"] != PENDING or order["deadline"]
        if short and not timed and covers(order) < self.owed(order):
            self.end_unconfirmed(order, CANCELLED)

    def close(self, order):
        """An order of which nothing is open is closed, or cancelled with its last unit."""
        if order["state"] != CONFIRMED or any(open_units(line) for line in order["lines"]):
            return
        units = [line for line in order["lines"] if line["cancelled"] < line["quantity"]]
        if order["lines"] and not units:
            order["state"] = CANCELLED
            self.fail_asked(order)
        elif self.may_close(order):
            order["state"] = CLOSED

    def end_unconfirmed(self, order, state):
        """A cancelled or expired order holds nothing; what of it is left counts as cancelled."""
        waited = order["state"] == WAITING
        self.set_waits(order, [])
        for line in order["lines"]:
            for leg in line["legs"]:
                rest = leg["units"] - leg["fulfilled"] - leg["cancelled"]
                if not waited:
                    self.release(leg["from"], leg["to"], rest * leg["per_unit"])
                leg["cancelled"] += rest if self.wrong != "cancelled" else 0
            line["cancelled"] += open_units(line) if self.wrong != "cancelled" else 0
        self.fail_asked(order)
        order["state"], order["deadline"] = state, 0

    def fail_asked(self, order):
        for p in order["payments"]:
            if p["state"] in (NEW, ASKED):
                self.fail_payment(p)

    def load(self, key):
        order = self.find("order", key)
        late = order["deadline"] and order["deadline"] <= self.now
        refuse_if(late or order["state"] == EXPIRED, "HF_E_EXPIRED")
        self.place = order["seq"]
        return order

    # ---- Placing --------------------------------------------------------------------------------

    @staticmethod
    def new_line(v):
        return {"sku": v["sku"], "quantity": v["quantity"], "unit_price": v["unit_price"],
                "per": v.get("price_per", 1), "settle": v.get("settle_on", 0), "fulfilled": 0,
                "cancelled": 0, "returned": 0, "legs": [], "on_limits": on_limits(v)}

    @staticmethod
    def fits(number):
        refuse_if(not -MAX_ALL - 1 <= number <= MAX_ALL, "HF_E_OVERFLOW")
        return number

    def set_totals(self, order, given):
        own = [one["amount"] for one in order["adjustments"] if one["line"] == 0]
        for one in order["adjustments"]:
            refuse_if(one["line"] > len(order["lines"]), "HF_E_LINE_UNKNOWN")
        total = 0
        for no, line in enumerate(order["lines"], 1):
            price = half_up(line["quantity"] * line["unit_price"], line["per"])
            line["total"] = self.fits(price)
            for one in order["adjustments"]:
                if one["line"] == no:
                    line["total"] = self.fits(line["total"] + one["amount"])
            refuse_if(line["total"] < 0, "HF_E_AMOUNT")
            total = self.fits(total + line["total"])
        for amount in own:
            total = self.fits(total + amount)
        refuse_if(total != given or total < 0, "HF_E_TOTAL")
        order["total"] = total

    def do_order_place(self, v):
        refuse_if(self.get("unit", v["currency"]) is None, "HF_E_UNIT_UNKNOWN")
        order = {"id": v["id"], "currency": v["currency"], "adjustments": v.get("adjustments", []),
                 "policy": v.get("policy", 0), "deadline": v.get("deadline_ms", 0), "kept": 0,
                 "lines": [self.new_line(one) for one in v["lines"]], "payments": [],
                 "given_away": 0, "attention": 0, "confirmed": False, "state": PENDING, "waits": [],
                 "customer": v.get("customer", "")}
        self.set_totals(order, v["total"])
        for one in v.get("payments", []):
            self.new_payment(order, one, one["id"])
        asked = sum(p["amount"] for p in order["payments"])
        over = asked > order["total"] and not order["policy"] & IMPORT
        refuse_if(over, "HF_E_OVER_PAID")
        refuse_if(order["deadline"] and order["deadline"] <= self.now, "HF_E_DEADLINE")
        self.placed += 1
        order["seq"] = self.place = self.placed
        if not self.waits_at_once(order, v):
            self.take_order(order, v)
        order["number"] = self.next_number(v.get("series", ""))
        self.add("order", v["id"], order)
        self.finish(order)
        return "order", v["id"], False

    def waits_at_once(self, order, v):
        self.wait_for(order)
        if not order["policy"] & QUEUE:
            return False
        for line, one in zip(order["lines"], v["lines"]):
            self.add_legs(line, one, later=True)
        return self.waits_instead(order)

    def take_order(self, order, v):
        """Holds legs and money; what is final at once is moved without a hold."""
        ready = sum(p["amount"] for p in order["payments"] if not p["provider"])
        now = ready >= order["total"] or order["policy"] & (PAY_LATER | IMPORT)
        for line, one in zip(order["lines"], v["lines"]):
            if not order["policy"] & QUEUE:
                self.add_legs(line, one)
            self.take_legs(line, now and self.final_at_once(order, line))
        if now:
            self.follow_goods(order)
        plan = self.plan_captures(order) if now else {}
        if now:
            order["state"], order["deadline"], order["confirmed"] = CONFIRMED, 0, True
        self.wait_for(order)
        for p in order["payments"]:
            if p["provider"]:
                self.authorize(order, p, order["deadline"])
            else:
                self.authorize_part(order, p, plan.get(p["no"], 0))
        if now:
            self.keep_deadlines(order)
            self.see_import(order)
            self.capture(order)
            self.close(order)

    def see_import(self, order):
        unpaid = covers(order) < self.owed(order)
        imported = order["policy"] & IMPORT and not order["policy"] & PAY_LATER
        self.set_bit(order, UNPAID, imported and unpaid)

    def plan_captures(self, order):
        """What is captured of the payments from accounts at once: {no: amount}."""
        plan, limits = {}, ((0, self.owed(order)), (1, self.due_now(order)))
        for settle, limit in limits:
            for p in order["payments"]:
                amount = min(p["amount"], limit - sum(plan.values()))
                if p["settle"] == settle and not p["provider"] and amount > 0:
                    plan[p["no"]] = amount
        return plan

    def authorize_part(self, order, p, captured):
        self.move(p["account"], (0, None, None, None), captured)
        self.hold(p["account"], (0, None, None, None), p["amount"] - captured)
        p["authorized"] = p["reported"] = p["amount"]
        p["captured"] = captured
        self.set_state(p)

    def next_number(self, series):
        number = (self.edit("series", series) or 0) + 1
        return self.add("series", series, number)

    # ---- Units of an order ----------------------------------------------------------------------

    def units(self, order, lines, units_of, over, apply):
        """Applies a change to quantities of lines; none named: everything that is possible."""
        lines = lines or [{"line": no, "quantity": MAX_ALL} for no, line in
                          enumerate(order["lines"], 1) if units_of(line) > 0]
        refuse_if(not lines, over)
        for one in lines:
            refuse_if(one["line"] > len(order["lines"]), "HF_E_LINE_UNKNOWN")
            line = order["lines"][one["line"] - 1]
            legs = self.legs_at(line, one)
            most = units_of(line) if legs is None else sum(units_of(leg) for leg in legs)
            some = one["quantity"] == MAX_ALL and most > 0
            quantity = most if some else one["quantity"]
            refuse_if(quantity > most, over)
            apply(line, quantity, legs, one)

    def fulfil_units(self, order, lines):
        self.units(order, lines, open_units, "HF_E_OVER_FULFIL",
                   lambda line, quantity, legs, _: self.fulfil(line, quantity, legs))
        self.follow_goods(order)

    def cancel_units(self, order, lines):
        self.units(order, lines, open_units, "HF_E_OVER_CANCEL",
                   lambda line, quantity, legs, _: self.cancel(order, line, quantity, legs))
        self.follow_goods(order)

    def cancel_waiting(self, order, lines):
        before = self.owed(order)
        self.cancel_units(order, lines)
        self.shrink_payments(order, before)

    def return_units(self, order, lines):
        self.units(order, lines, fulfilled_units, "HF_E_OVER_RETURN", self.take_back)

    def do_order_fulfil(self, v):
        order = self.load(v["order"])
        refuse_if(order["state"] != CONFIRMED, "HF_E_ORDER_STATE")
        self.fulfil_units(order, v.get("lines"))
        short = self.due_now(order) > covers(order)
        excused = order["policy"] & PAY_LATER or v.get("unpaid") or self.wrong == "unpaid"
        refuse_if(short and not excused, "HF_E_UNPAID")
        if short and v.get("unpaid") and not order["policy"] & PAY_LATER:
            order["attention"] |= UNPAID
        self.capture(order)
        self.close(order)
        self.finish(order)
        return "order", v["order"], False

    def refund_units(self, order, v, change):
        """Cancels or returns units and refunds their share as the mode says."""
        before = self.owed(order)
        change(order, v.get("lines"))
        self.lower_given_away(order)
        after = self.owed(order)
        stays = self.due_now(order) if change == self.return_units else after
        excess = max(0, self.captured_of(order, v) - stays)
        self.settle_refund(order, v, min(before - after, excess))

    @staticmethod
    def captured_of(order, v):
        """What a host keeps or gives away of disputed money counts when the dispute is won."""
        share = v.get("refund_mode", SHARE) == SHARE
        return total_of(order, lambda p: net(p) + (0 if share else p["charged_back"]))

    def do_order_return(self, v):
        order = self.load(v["order"])
        refuse_if(order["state"] not in (CONFIRMED, CLOSED), "HF_E_ORDER_STATE")
        self.refund_units(order, v, self.return_units)
        if order["state"] == CONFIRMED:  # less is due than before: nothing is captured
            self.void_excess(order)
            self.close(order)
        self.finish(order)
        return "order", v["order"], False

    def do_order_cancel(self, v):
        order = self.load(v["order"])
        if v.get("final"):
            order["policy"] &= ~REVIVE if self.wrong != "final" else ~0
        if order["state"] == WAITING and v.get("lines"):
            order["policy"] &= ~REVIVE  # which would bring these units back as well
            self.refund_units(order, v, self.cancel_waiting)
            self.void_excess(order)
            self.shrunk(order)
        elif order["state"] in (PENDING, WAITING):
            refuse_if(v.get("lines"), "HF_E_ORDER_STATE")
            self.end_unconfirmed(order, CANCELLED)
            self.lower_given_away(order)
            if v.get("refund_mode", SHARE) != SHARE or order["policy"] & IMPORT:
                excess = max(0, self.captured_of(order, v) - self.owed(order))
                self.settle_refund(order, v, excess)  # else all of it goes back as the order ends
        else:
            refuse_if(order["state"] != CONFIRMED, "HF_E_ORDER_STATE")
            self.refund_units(order, v, self.cancel_units)
            self.void_excess(order)
            self.settle(order)
        self.finish(order)
        return "order", v["order"], False

    # ---- Payments added later -------------------------------------------------------------------

    def do_payment_add(self, v):
        order = self.load(v["order"])
        more = self.owed(order) > covers(order)
        later = order["state"] == CONFIRMED and order["policy"] & PAY_LATER
        again = order["state"] in (CONFIRMED, CLOSED) and more
        refuse_if(order["state"] != PENDING and not later and not again, "HF_E_ORDER_STATE")
        if order["state"] == CLOSED:  # it closes again when it is paid
            order["state"] = CONFIRMED
        p = self.new_payment(order, v["payment"], v["id"])
        refuse_if(covers(order) > self.owed(order), "HF_E_OVER_PAID")
        self.wait_for(order)
        self.authorize(order, p, order["deadline"])
        if order["state"] == PENDING:
            self.confirm_if_paid(order)
        else:
            self.capture(order)
            self.close(order)
        self.finish(order)
        return "order", v["order"], False

    # ---- Amending -------------------------------------------------------------------------------

    def do_order_amend(self, v):
        order = self.load(v["order"])
        exchange = order["state"] == CLOSED and v.get("returns") and v.get("lines")
        early, waits = order["state"] in (PENDING, WAITING), order["state"] == WAITING
        refuse_if(not early and order["state"] != CONFIRMED and not exchange, "HF_E_ORDER_STATE")
        refuse_if(early and v.get("returns"), "HF_E_ORDER_STATE")
        refuse_if(waits and (v.get("lines") or v.get("payments")), "HF_E_ORDER_STATE")
        before = self.owed(order)
        if v.get("mask", 0) & 1:
            refuse_if(not early, "HF_E_ORDER_STATE")
            refuse_if(v["deadline_ms"] and v["deadline_ms"] <= self.now, "HF_E_DEADLINE")
            order["deadline"] = v["deadline_ms"]
        grown = self.change_lines(order, v.get("changes", []))
        added = [self.new_line(one) for one in v.get("lines", [])]
        order["lines"] += added
        order["adjustments"] = order["adjustments"] + v.get("adjustments", [])
        self.set_totals(order, v["total"])
        payments = [self.new_payment(order, one, one["id"]) for one in v.get("payments", [])]
        if v.get("returns"):
            self.return_units(order, v["returns"])
        self.check_money(order, before, payments)
        for line, by in sorted(grown, key=lambda pair: pair[1] > 0):
            self.resize(order, line, by)
        for line, one in zip(added, v.get("lines", [])):
            self.add_legs(line, one)
            self.take_legs(line, order["state"] != PENDING and self.final_at_once(order, line))
        if order["state"] != PENDING:
            self.follow_goods(order)
        if not waits:
            self.wait_for(order)
        for p in payments:
            self.authorize(order, p, order["deadline"])
        self.forget_refused(order)
        order["state"] = CONFIRMED if exchange else order["state"]
        if order["state"] == PENDING:
            self.refund_difference(order, before)
            self.confirm_if_paid(order)
            self.end_unpaid(order)
        else:
            self.settle_amended(order, before)
        self.finish(order)
        return "order", v["order"], False

    def refund_difference(self, order, before):
        """An order that owes less than before refunds what was captured beyond it."""
        after = self.owed(order)
        refund = min(total_of(order, net) - after, before - after)
        if refund > 0:
            self.refund_share(order, refund)

    def settle_amended(self, order, before):
        waits = order["state"] == WAITING
        if waits:
            self.shrink_payments(order, before)
        self.refund_difference(order, before)
        if waits:
            self.void_excess(order)
            self.shrunk(order)
        else:
            self.settle(order)

    def check_money(self, order, before, payments):
        after, paid = self.owed(order), covers(order)
        refuse_if(order["state"] == WAITING and after > before, "HF_E_ORDER_STATE")
        refuse_if(payments and paid > after, "HF_E_OVER_PAID")
        bound = order["state"] != PENDING and not order["policy"] & PAY_LATER
        refuse_if(bound and after > before and paid < after, "HF_E_UNPAID")

    def change_lines(self, order, changes):
        grown = []
        for one in changes:
            refuse_if(one["line"] > len(order["lines"]), "HF_E_LINE_UNKNOWN")
            line = order["lines"][one["line"] - 1]
            grows = order["state"] == WAITING and one["quantity"] > line["quantity"]
            refuse_if(grows, "HF_E_ORDER_STATE")
            least = line["fulfilled"] + line["cancelled"]
            refuse_if(one["quantity"] < least, "HF_E_OVER_CANCEL")
            moved = one["unit_price"] != line["unit_price"] and line["fulfilled"] > 0
            refuse_if(moved, "HF_E_ORDER_STATE")
            grown.append((line, one["quantity"] - line["quantity"]))
            line["quantity"], line["unit_price"] = one["quantity"], one["unit_price"]
        return grown

    def resize(self, order, line, by):
        if by < 0:
            for legs in self.by_role(line, backward=True):
                rest = -by
                for leg in legs:
                    part = min(leg["units"] - leg["fulfilled"] - leg["cancelled"], rest)
                    rest -= part
                    leg["units"] -= part
                    self.let_go(order, leg, part * leg["per_unit"])
            return
        for legs in self.by_role(line):
            rest = by
            for leg in legs:
                last = leg is legs[-1]
                part = rest if last else min(self.available(leg["from"]) // leg["per_unit"], rest)
                rest -= part
                leg["units"] += part
                self.hold(leg["from"], leg["to"], part * leg["per_unit"])
        if by and order["state"] != PENDING and self.final_at_once(order, line):
            self.fulfil(line, by)

    # ---- A person has looked --------------------------------------------------------------------

    def do_attention_clear(self, v):
        table, key = {0: ("account", v.get("account")), 1: ("order", v.get("id")),
                      2: ("payment", v.get("id")),
                      3: ("fact", (v.get("provider"), v.get("kind"), v.get("fact_ref")))
                      }[v["subject"]]
        row = self.find(table, key)
        row = self.payment_of(key)[1] if table == "payment" else row
        bits = row["attention"] & v["bits"]
        if table == "account":
            bits &= ~1 if self.outside(row) else ~0
        if table == "order" and bits & MONEY_HELD:
            bits &= ~0 if self.keep_money(row) else ~MONEY_HELD
        row["attention"] &= ~bits
        self.looked.add(key)  # who has looked knows of money that is missing
        if table == "order":
            self.finish(row)
        return None, None, bits == 0

    def keep_money(self, order):
        """Money in hand is kept by clearing its attention, unless it is on its way back."""
        if any(p["pending_refund"] for p in order["payments"]):
            return False
        order["kept"] += total_of(order, in_hand) - self.owed(order)
        for p in order["payments"]:
            p["refund_refused"] = 0
        return True
