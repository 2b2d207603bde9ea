"""Money of an order in the model: what it owes, what covers it, and how its payments move.

A payment of method ACCOUNT moves money of an account at once. A payment of method PROVIDER asks: it
makes a command that is open until the provider has answered or a report has told the outcome; the
amount is pending meanwhile. All sums are over the payments of one order, whatever their states.
"""
from model import refuse_if
from parts import (ALL, CANCELLED, CLOSED, CONFIRMED, EXPIRED, IMPORT, MANUAL, ON_CONFIRM,
                   ON_FULFIL, PAY_LATER, PENDING, Parts, WAITING, WORLD, open_units)

NEW, ASKED, AUTHORIZED, SPENT, FAILED = 1, 2, 3, 4, 5  # states of a payment
AUTHORIZE, CAPTURE, VOID, REFUND = 1, 2, 3, 4  # commands
PENDING_OF = {AUTHORIZE: "pending_authorize", CAPTURE: "pending_capture", VOID: "pending_void",
              REFUND: "pending_refund"}
(ACTION_REQUIRED, WITHDRAWN, CAPTURE_ONLY, WHOLE_VOID, ONE_CAPTURE, LATE, LAST_TOLD) = (
    2, 4, 8, 16, 32, 64, 128)  # flags
LATE_PAYMENT, UNEXPECTED, UNMATCHED, CHARGED_BACK, REFUSED, UNPAID, MONEY_HELD = (
    2, 4, 8, 16, 32, 64, 128)  # attention
SHARE, NONE, NAMED = 0, 1, 2  # modes of a refund
OVER = (CLOSED, CANCELLED, EXPIRED)
COUNTERS = ("authorized", "captured", "voided", "refunded", "charged_back", "pending_authorize",
            "pending_capture", "pending_void", "pending_refund", "barred", "capture_refused",
            "void_refused", "refund_refused", "chargeback_reversals")


# ---- Numbers of one payment ----------------------------------------------------------------------

def capturable(p):
    """Authorized money that a command may still capture, beside what was refused before."""
    return (p["authorized"] - p["voided"] - p["pending_void"] - p["barred"] - p["captured"] -
            p["pending_capture"] - p["capture_refused"])


def refundable(p):
    return p["captured"] - p["refunded"] - p["pending_refund"] - p["charged_back"]


def left(p):
    """Authorized money that is neither captured nor voided."""
    return p["authorized"] - p["voided"] - p["captured"]


def at_most_left(p, asked):
    """No more than what is left can still be captured or voided, whatever was asked."""
    return max(0, min(asked, left(p)))


def covered(p):
    return secured(p) + (p["amount"] if p["state"] == NEW else p["pending_authorize"])


def secured(p):
    return (p["authorized"] - p["voided"] - at_most_left(p, p["pending_void"]) - p["barred"] -
            p["capture_refused"] - p["refunded"] - p["pending_refund"] - p["charged_back"])


def net(p):
    return (p["captured"] + at_most_left(p, p["pending_capture"]) - p["refunded"] -
            p["pending_refund"] - p["charged_back"])


def in_hand(p):
    return p["captured"] - p["refunded"] - p["charged_back"]


def total_of(order, number):
    return sum(number(p) for p in order["payments"])


def covers(order):
    """What covers an order; more may have been taken back than was ever there."""
    return max(0, total_of(order, covered))


def withdrawn(p):
    """Whose money was taken back, without a command of ours: only a host captures more of it."""
    return p["flags"] & WITHDRAWN or p["charged_back"] > 0


def idle(p):
    """Authorized money that would be captured if nothing had been taken back."""
    return max(0, capturable(p)) if withdrawn(p) and p["settle"] != MANUAL else 0


def sums(order):
    return {"pays": covers(order) - total_of(order, idle), "secured": total_of(order, secured),
            "net": total_of(order, net)}


class Money(Parts):
    # ---- What an order owes ---------------------------------------------------------------------

    def balance(self, order, share):
        back = self.returned(order)
        return share - back + order["kept"] - order["given_away"]

    def owed(self, order):
        return max(0, self.balance(order, self.needed(order)))

    def due_now(self, order):
        due = max(0, self.balance(order, self.due(order)))
        return min(due, self.owed(order))

    # ---- Steps of one payment -------------------------------------------------------------------

    def ask(self, p, command, amount, final=False):
        p[PENDING_OF[command]] += amount
        p["commands"] += 1
        self.add("command", (p["id"], p["commands"]), {
            "payment": p["id"], "command": command, "amount": amount, "left": amount,
            "final": final, "open": True, "provider": p["provider"], "at": self.now,
            "other": False, "lost": False, "refused": False, "answered": False})

    def authorize(self, order, p, deadline=0):
        """Holds the money of an account, or asks the provider until the payment's deadline."""
        if p["provider"]:
            p["state"], p["deadline"] = ASKED, p["deadline"] or deadline
            if order["policy"] & IMPORT or p["flags"] & CAPTURE_ONLY:  # nobody is asked
                p["pending_authorize"] = p["amount"]
            else:
                self.ask(p, AUTHORIZE, p["amount"])
            return
        self.hold(p["account"], WORLD, p["amount"])
        p["authorized"] = p["reported"] = p["amount"]
        p["state"] = AUTHORIZED
        self.set_state(p)

    def capture_payment(self, order, p, amount):
        if not p["provider"]:
            self.post(p["account"], WORLD, amount)
            p["captured"] += amount
            self.set_state(p)
            return
        last = capturable(p) == amount and p["capture_refused"] == 0
        final = p["flags"] & ONE_CAPTURE or last
        self.ask(p, CAPTURE, amount, bool(final))

    def void_payment(self, order, p, amount):
        """A provider that voids only the whole is asked when nothing else of it is needed."""
        if not p["provider"]:
            self.release(p["account"], WORLD, amount)
            p["voided"] += amount
            self.set_state(p)
        elif p["flags"] & WHOLE_VOID:
            p["barred"] += amount
            self.void_whole(order, p)
        else:
            self.ask(p, VOID, amount)

    def void_whole(self, order, p):
        """What a provider refused to void stays; only while the order owes more it is needed."""
        refused = p["void_refused"] if total_of(order, net) >= self.owed(order) else 0
        free = capturable(p) <= refused and not p["pending_capture"] and not p["capture_refused"]
        if p["barred"] > 0 and free:
            amount, p["barred"] = p["barred"], 0
            self.ask(p, VOID, amount)

    def refund_payment(self, p, amount):
        if p["provider"]:
            self.ask(p, REFUND, amount)
        else:
            self.move(WORLD, p["account"], amount)
            p["refunded"] += amount

    @staticmethod
    def set_state(p):
        """The state that follows from the counters, after a step or a fact."""
        if p["authorized"] > 0 or p["state"] == AUTHORIZED:
            p["flags"] |= LATE if p["state"] == FAILED else 0
            p["state"] = AUTHORIZED if left(p) > 0 else SPENT
        if p["state"] not in (NEW, ASKED):
            p["pending_authorize"] = p["deadline"] = 0

    # ---- What the engine does with payments by itself -------------------------------------------

    def capture(self, order):
        """Captures what is due: payments that settle on CONFIRM first, then those on FULFIL."""
        if order["state"] != CONFIRMED:
            return
        limits = {ON_CONFIRM: self.owed(order), ON_FULFIL: self.due_now(order)}
        is_open = any(open_units(line) for line in order["lines"])
        for settle in (ON_CONFIRM, ON_FULFIL):
            for p in order["payments"]:
                once = p["flags"] & ONE_CAPTURE and (
                    settle == ON_FULFIL and is_open or p["pending_capture"] or p["captured"])
                if p["settle"] != settle or once or self.not_captured(order, p):
                    continue
                wanted = limits[settle] - total_of(order, net)
                amount = min(capturable(p), wanted - min(wanted, p["capture_refused"]))
                if amount > 0:
                    self.capture_payment(order, p, amount)

    def not_captured(self, order, p):
        """Whose money was taken back, or who pays unasked, is not captured by the engine itself."""
        return self.left_alone(order, p) or p["flags"] & CAPTURE_ONLY or withdrawn(p)

    def void_excess(self, order, raised=True):
        """Voids what is neither captured nor needed; the first payments are needed first.

        By what an authorization was raised may wait for an amendment, unless `raised` goes, too.
        """
        keep = max(0, self.owed(order) - total_of(order, net))
        for p in order["payments"]:
            if self.wrong == "manual" and p["settle"] == MANUAL:
                continue
            open_now = capturable(p)
            needed = min(max(0, open_now), keep)
            keep -= needed
            rest = min(open_now, open_now + p["capture_refused"] - p["void_refused"]) - needed
            rest -= 0 if raised else max(0, min(rest, self.raised_by(p)))
            self.void_by_itself(order, p, rest)

    @staticmethod
    def left_alone(order, p):
        """The provider of an imported order is asked for nothing but what a host asks for."""
        return order["policy"] & IMPORT and p["provider"]

    def void_by_itself(self, order, p, amount):
        if amount > 0 and not self.left_alone(order, p):
            p["capture_refused"] -= max(0, amount - max(0, capturable(p)))
            self.void_payment(order, p, amount)

    def refund_by_itself(self, order, amount):
        """Last payment first; what the provider refused to refund is not asked again."""
        for p in reversed(order["payments"]):
            part = min(amount, refundable(p) - p["refund_refused"])
            if self.left_alone(order, p):
                continue
            if not p["provider"]:  # an account takes no more than its maximum
                part = min(part, self.headroom_in(self.find("account", p["account"])))
            if part > 0:
                self.refund_payment(p, part)
                amount -= part

    def forget_refused(self, order):
        """What was refused to be refunded or voided is not refused any more once it is owed again:
        it would be missing in the next refund, or never be voided.
        """
        keep = max(0, self.owed(order) - total_of(order, net))
        for p in order["payments"]:
            needed = min(max(0, capturable(p)), keep)
            keep -= needed
            unneeded = max(0, capturable(p) + p["capture_refused"] - needed)
            p["void_refused"] = min(p["void_refused"], unneeded)
        surplus = max(0, total_of(order, net) - self.owed(order))
        for p in reversed(order["payments"]):
            p["refund_refused"] = min(p["refund_refused"], surplus)
            surplus -= p["refund_refused"]

    # ---- Refunds that a host asks for -----------------------------------------------------------

    def refund_command(self, p, amount):
        again = amount - max(0, refundable(p) - p["refund_refused"])
        p["refund_refused"] -= max(0, min(again, p["refund_refused"]))
        self.refund_payment(p, amount)

    def refund_share(self, order, amount):
        """What a provider refused to refund is not asked for again."""
        asked = 0
        for p in reversed(order["payments"]):
            part = min(amount, refundable(p) - p["refund_refused"])
            asked += p["pending_capture"] if amount > 0 else 0
            if part > 0:
                self.refund_payment(p, part)
                amount -= part
        refuse_if(amount > 0 and asked, "HF_E_PAYMENT_STATE")

    def refund_named(self, order, refunds):
        for one in refunds:
            found = [p for p in order["payments"] if p["id"] == one["payment"]]
            refuse_if(not found, "HF_E_NOT_FOUND")
            refuse_if(one["amount"] > refundable(found[0]), "HF_E_OVER_REFUND")
            self.refund_command(found[0], one["amount"])
        return sum(one["amount"] for one in refunds)

    def settle_refund(self, order, v, normal):
        """`normal` is the share of what was cancelled or returned, as far as it was captured."""
        mode = v.get("refund_mode", SHARE)
        if mode == SHARE:
            self.refund_share(order, normal)
            return
        refunded = self.refund_named(order, v.get("refunds", [])) if mode == NAMED else 0
        if self.wrong != "kept":
            order["kept"] += max(0, normal - refunded)
        order["given_away"] += max(0, refunded - normal)

    # ---- After each operation on an order -------------------------------------------------------

    def end_money(self, order):
        """An order that is over: its holds on money go, its money that is not owed is refunded."""
        keep = self.owed(order) - total_of(order, net) if order["state"] == CLOSED else 0
        for p in order["payments"]:
            voidable = max(0, capturable(p) + p["capture_refused"] - p["void_refused"])
            kept = min(voidable, max(0, keep))
            keep -= kept
            self.void_by_itself(order, p, voidable - kept)
        asked = total_of(order, lambda p: p["pending_refund"] + p["refund_refused"])
        excess = total_of(order, in_hand) - asked - self.owed(order)
        if excess > 0 and self.wrong != "refund":
            self.refund_by_itself(order, excess)

    def finish(self, order):
        """What holds after each operation, answer, report and deadline of an order."""
        self.lower_given_away(order)
        if order["state"] in OVER:
            self.end_money(order)
        for p in order["payments"]:
            if not self.left_alone(order, p):
                self.void_whole(order, p)
        self.mark(order)

    def mark(self, order):
        """The attention that follows from what is in hand and from what pays."""
        self.set_bit(order, MONEY_HELD, order["state"] in OVER and
                     total_of(order, in_hand) > self.owed(order))
        paid = sums(order)[self.paid_by(order)] >= self.owed(order)
        if paid or order["state"] in (CANCELLED, EXPIRED):
            order["attention"] &= ~UNPAID

    def lower_given_away(self, order):
        below = -self.balance(order, self.needed(order))
        order["given_away"] -= max(0, min(order["given_away"], below))

    @staticmethod
    def set_bit(order, bit, on):
        order["attention"] = order["attention"] | bit if on else order["attention"] & ~bit

    @staticmethod
    def paid_by(order):
        """Of a closed order nothing is captured by itself, so what is authorized pays nothing."""
        return "net" if order["state"] == CLOSED else "pays"

    def see_unpaid(self, order, before):
        """A fact, a refusal or a payment's deadline has happened; `before` covered the order.

        With PAY_LATER only what is secured may not fall without attention.
        """
        now, paid = sums(order), self.paid_by(order)
        falling = "secured" if paid == "pays" and order["policy"] & PAY_LATER else paid
        if now[falling] < before[falling] and now[paid] < self.owed(order):
            order["attention"] |= UNPAID

    def uncovered(self, order):
        return self.owed(order) - covers(order)

    def may_close(self, order):
        """Whether the money of a confirmed order leaves nothing open."""
        for p in order["payments"]:
            if p["pending_authorize"] or p["pending_capture"]:
                return False
        return total_of(order, net) >= self.owed(order)

    # ---- Payments that are asked for ------------------------------------------------------------

    def new_payment(self, order, v, ident):
        refuse_if(not v.get("provider") and v["account"][3] != order["currency"], "HF_E_CURRENCY")
        late = v.get("deadline_ms", 0) and v["deadline_ms"] <= self.now and v.get("provider")
        refuse_if(late, "HF_E_DEADLINE")
        p = dict.fromkeys(COUNTERS, 0)
        flags = v.get("flags", 0) | self.provider_flags.get(v.get("provider"), 0)
        p.update(id=ident, order=order["id"], no=len(order["payments"]) + 1, state=NEW,
                 account=v.get("account", WORLD), provider=v.get("provider", ""), ref="",
                 further=[], amount=v["amount"], settle=v.get("settle_on", 0), attention=0,
                 commands=0, reported=0, flags=flags if v.get("provider") else 0,
                 deadline=v.get("deadline_ms", 0) if v.get("provider") else 0)
        refuse_if(self.get("payment", ident) is not None, "HF_E_ID_REUSED")
        self.add("payment", ident, {"order": order["id"]})
        order["payments"].append(p)
        return p

    def shrink_payments(self, order, before):
        """As far as less is owed than before, payments not asked for shrink, the last one first."""
        over = min(covers(order), before) - self.owed(order)
        for p in reversed(order["payments"]):
            part = min(p["amount"], over) if p["state"] == NEW else 0
            if part <= 0 or self.wrong == "smaller":
                continue
            over -= part
            if part == p["amount"]:
                self.fail_payment(p)
            else:
                p["amount"] -= part

    def wait_for(self, order):
        """A pending order waits as long as its providers are waited for."""
        if order["state"] in (PENDING, WAITING) and order["deadline"]:
            latest = max((p["deadline"] for p in order["payments"] if p["state"] in (NEW, ASKED)),
                         default=0)
            order["deadline"] = max(order["deadline"], latest)

    # ---- Commands of a host on one payment ------------------------------------------------------

    def amount_op(self, v, check, most, over, apply):
        link = self.find("payment", v["payment"])
        order = self.edit("order", link["order"])
        p = next(one for one in order["payments"] if one["id"] == v["payment"])
        check(order, p)
        possible, limit = most(p), ALL
        amount = v.get("amount", ALL)
        if apply == self.capture_command:
            limit = max(0, self.owed(order) - total_of(order, net))
        if amount == ALL and possible > 0:
            refuse_if(limit == 0, "HF_E_OVER_PAID")
            amount = min(possible, limit)
        refuse_if(amount > possible, over)
        refuse_if(amount > limit, "HF_E_OVER_PAID")
        apply(order, p, amount)
        self.end_unpaid(order)
        self.close(order)
        self.finish(order)
        return "payment", v["payment"], False

    def do_payment_capture(self, v):
        def check(order, p):
            refuse_if(p["state"] != AUTHORIZED, "HF_E_PAYMENT_STATE")
            lost = order["state"] == CLOSED and self.owed(order) > total_of(order, net)
            refuse_if(order["state"] != CONFIRMED and not lost, "HF_E_ORDER_STATE")
        return self.amount_op(v, check, lambda p: capturable(p) + p["capture_refused"],
                              "HF_E_OVER_CAPTURE", self.capture_command)

    def capture_command(self, order, p, amount):
        p["capture_refused"] -= min(amount, p["capture_refused"])
        self.capture_payment(order, p, amount)

    def do_payment_void(self, v):
        def check(order, p):
            refuse_if(p["state"] != AUTHORIZED, "HF_E_PAYMENT_STATE")
            late = order["deadline"] and order["deadline"] <= self.now
            refuse_if(late, "HF_E_EXPIRED")
        return self.amount_op(v, check, lambda p: capturable(p) + p["capture_refused"],
                              "HF_E_OVER_VOID", self.void_command)

    def void_command(self, order, p, amount):
        p["void_refused"] -= min(amount, p["void_refused"])
        p["capture_refused"] -= max(0, amount - max(0, capturable(p)))
        self.void_payment(order, p, amount)
        done = order["state"] == CONFIRMED and not any(open_units(o) for o in order["lines"])
        if done:
            missing = self.owed(order) - covers(order)
            order["given_away"] += max(0, min(amount, missing))

    def do_payment_refund(self, v):
        def check(_, p):
            refuse_if(p["state"] not in (AUTHORIZED, SPENT), "HF_E_PAYMENT_STATE")
        return self.amount_op(v, check, refundable, "HF_E_OVER_REFUND", self.give_away)

    def give_away(self, order, p, amount):
        not_owed = max(0, total_of(order, net) - self.owed(order))
        p["refund_refused"] -= min(amount, p["refund_refused"])
        self.refund_payment(p, amount)
        order["given_away"] += max(0, amount - not_owed)
