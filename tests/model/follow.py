"""What an order does after a fact, an answer or a deadline of one of its payments."""
from answers import Answers
from model import Refused
from money import (LATE, LATE_PAYMENT, OVER, UNEXPECTED, capturable, net, refundable, secured,
                   total_of)
from parts import CANCELLED, CLOSED, CONFIRMED, EXPIRED, PENDING, REVIVE


class Follow(Answers):
    def follow(self, order, p, was, fact=None):
        """After a fact, a refusal or a payment's deadline: the order does what follows from it.

        When an account refuses to move, e.g. because it is frozen, the order stays as it is.
        """
        key = order["id"]
        self.edit("order", key)
        outer, self.saved = self.saved, {}
        moved = set(self.moved)
        self.edit("order", key)
        try:
            self.follow_order(order, p, was, fact)
        except Refused:
            self.undo()
            self.moved = moved
            order = self.get("order", key)
            order["attention"] |= UNEXPECTED
            if order["state"] in (CONFIRMED, CLOSED):
                self.see_unpaid(order, was[0])
            self.mark(order)
        self.saved = {**self.saved, **outer}

    def follow_order(self, order, p, was, fact):
        before, money = was
        late = (p["authorized"] - p["voided"] > money[0] or
                p["captured"] - money[1] > money[2] - p["pending_capture"])
        state = order["state"]
        back = p["flags"] & LATE and state in (CONFIRMED, CLOSED) or state in (CANCELLED, EXPIRED)
        if state == PENDING:
            self.follow_pending(order)
        elif late and back and not self.revived(order):
            self.send_back(order, p, before, p["captured"] - money[1])
        if state == CONFIRMED:
            self.follow_confirmed(order, before)
        elif state == CLOSED:
            self.follow_closed(order, before)
        self.finish(order)

    def follow_silence(self, order, p, was):
        """Who has not answered in time brings nothing: no account is asked for anything."""
        if order["state"] == PENDING:
            self.end_unpaid(order)
        else:
            self.see_unpaid(order, was[0])
            self.close(order)
        self.finish(order)

    def follow_pending(self, order):
        self.end_unpaid(order)
        if order["state"] == PENDING:
            self.confirm_if_paid(order)

    def follow_confirmed(self, order, before):
        self.capture(order)
        self.void_excess(order, raised=False)
        self.see_unpaid(order, before)
        self.close(order)

    def follow_closed(self, order, before):
        """What it owes after all is not voided, but only a host captures it."""
        self.void_excess(order)
        self.end_money(order)
        self.see_unpaid(order, before)

    def send_back(self, order, p, before, captured):
        """Late money beyond what is owed goes back out of the payment that it came by.

        An order that is over is paid by what was captured, another one by what secures it.
        """
        ended = order["state"] in (CANCELLED, EXPIRED)
        if self.left_alone(order, p):
            order["attention"] |= LATE_PAYMENT if ended else 0
            return
        owed, now = self.owed(order), total_of(order, secured)
        excess = max(0, min(now - owed, now - before["secured"]))
        may_void = min(capturable(p), capturable(p) + p["capture_refused"] - p["void_refused"])
        voids = max(0, min(excess, may_void))
        refund = min(now - owed - voids, captured, refundable(p) - p["refund_refused"])
        if order["state"] in OVER:
            refund = min(refund, total_of(order, net) - owed)
        if voids > 0:
            self.void_payment(order, p, voids)
        if refund > 0:
            self.refund_payment(p, refund)
        if ended or voids > 0 or refund > 0:
            order["attention"] |= LATE_PAYMENT

    def revived(self, order):
        """Whether an order that was cancelled or has expired is confirmed after all."""
        wanted = order["policy"] & REVIVE and not order["confirmed"]
        return (order["state"] in (CANCELLED, EXPIRED) and wanted and
                total_of(order, secured) >= order["total"] and self.revive(order))
