"""What orders of the model consist of: shares of money, legs of stock, and their movements."""
from fractions import Fraction

from model import ITEM, SHORT, Books, refuse_if

WAITING, PENDING, CONFIRMED, CLOSED, CANCELLED, EXPIRED = 1, 2, 3, 4, 5, 6
NEW, AUTHORIZED, PAID_OUT, FAILED = 1, 3, 4, 5  # states of a payment
ON_CONFIRM, ON_FULFIL, MANUAL = 0, 1, 2
PAY_LATER = 2
SHARE, NAMED = 0, 2
WORLD = (0, None, None, None)


def half_up(value):
    """The nearest integer, ties away from zero."""
    sign = -1 if value < 0 else 1
    return sign * int(abs(value) + Fraction(1, 2))


def split(total, weights):
    """Largest remainder, on a tie the earlier; a negative total as its mirror."""
    sign = -1 if total < 0 else 1
    exact = [Fraction(abs(total) * weight, sum(weights)) for weight in weights]
    parts = [int(part) for part in exact]
    order = sorted(range(len(parts)), key=lambda i: parts[i] - exact[i])
    for i in order[:abs(total) - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]


def open_units(line):
    return line["quantity"] - line["fulfilled"] - line["cancelled"]


def open_money(payment):
    return payment["authorized"] - payment["voided"] - payment["captured"]


def refundable(payment):
    return payment["captured"] - payment["refunded"]


# ---- Summaries: the same of the model's records and of the library's, see compare.py ------------

def account_summary(row):
    row = {**row, "waiting": len(row["queue"])} if "queue" in row else row
    return tuple(row[name] for name in ("balance", "held_out", "held_in", "min_balance",
                                        "min_available", "max_balance", "frozen", "attention",
                                        "overtake", "waiting"))


HOLD = ("amount", "posted", "released", "reversed", "deadline", "state")


def hold_summary(row):
    return tuple(row[name] for name in HOLD)


def payment_summary(row):
    return tuple(row[name] for name in ("amount", "authorized", "captured", "voided", "refunded",
                                        "state", "attention"))


def fact_summary(row):
    return tuple(row[name] for name in ("provider", "fact_ref", "unit", "payment", "amount",
                                        "provider_time", "kind", "attention"))


def unit_summary(scale):
    return "unit", scale


def line_summary(row, price):
    counters = tuple(row[name] for name in ("quantity", price, "total", "fulfilled", "cancelled",
                                            "returned"))
    return counters + tuple(tuple(leg[name] for name in (
        "from", "to", "per_unit", "units", "fulfilled", "cancelled", "returned"))
        for leg in row["legs"])


def order_summary(row):
    return (row["state"], row["total"], row["number"], row["deadline"],
            tuple(line_summary(line, "price") for line in row["lines"]),
            tuple(payment_summary(payment) for payment in row["payments"]))


SUMMARIES = {"account": account_summary, "hold": hold_summary, "order": order_summary,
             "fact": fact_summary, "unit": unit_summary}


class Parts(Books):
    # ---- Money of an order ----------------------------------------------------------------------

    @staticmethod
    def values(order):
        totals = [line["total"] for line in order["lines"]]
        own = order["total"] - sum(totals)
        weights = totals if sum(totals) > 0 else [1] * len(totals)
        return [a + b for a, b in zip(totals, split(own, weights))]

    def share(self, order, counter):
        found = 0
        for line, value in zip(order["lines"], self.values(order)):
            units = counter(line)
            found += half_up(Fraction(value * units, line["quantity"])) if units else 0
        return found

    def needed(self, order):
        return self.share(order, lambda line: line["quantity"] - line["cancelled"])

    def due(self, order):
        return self.share(order, lambda line: line["fulfilled"])

    def returned(self, order):
        return self.share(order, lambda line: line["returned"])

    @staticmethod
    def captured(order):
        return sum(payment["captured"] for payment in order["payments"])

    def beyond(self, order, due):
        return max(self.captured(order) - due, 0)

    def end_step(self, payment):
        if payment["state"] == AUTHORIZED and open_money(payment) == 0:
            payment["state"] = PAID_OUT

    def plan_captures(self, order, most):
        """(payment, amount) to capture now; `most` tells what could be captured of a payment."""
        limits = {ON_CONFIRM: self.needed(order), ON_FULFIL: self.due(order)}
        captured = self.captured(order)
        for settle in (ON_CONFIRM, ON_FULFIL):
            for payment in order["payments"]:
                amount = min(most(payment), limits[settle] - captured)
                if payment["settle"] == settle and amount > 0:
                    captured += amount
                    yield payment, amount

    def capture(self, order):
        for payment, amount in list(self.plan_captures(order, open_money)):
            self.take(payment, amount)

    def take(self, payment, amount):
        self.post(payment["account"], WORLD, amount)
        payment["captured"] += amount
        self.end_step(payment)

    def free(self, payment, amount):
        self.release(payment["account"], WORLD, amount)
        payment["voided"] += amount
        self.end_step(payment)

    def give_back(self, payment, amount):
        self.move(WORLD, payment["account"], amount)
        payment["refunded"] += amount

    def refund(self, order, amount):
        for payment in reversed(order["payments"]):
            part = min(amount, refundable(payment))
            if part > 0:
                self.give_back(payment, part)
                amount -= part

    def refund_named(self, order, refunds):
        for one in refunds:
            found = [p for p in order["payments"] if p["id"] == one["payment"]]
            refuse_if(not found, "HF_E_NOT_FOUND")
            refuse_if(one["amount"] > refundable(found[0]), "HF_E_OVER_REFUND")
            self.give_back(found[0], one["amount"])

    def settle_refund(self, order, v, amount):
        mode = v.get("refund_mode", SHARE)
        if mode == NAMED:
            self.refund_named(order, v.get("refunds", []))
        elif mode == SHARE:
            self.refund(order, amount)

    def void_all(self, order):
        for payment in order["payments"]:
            if open_money(payment) > 0:
                self.free(payment, open_money(payment))

    def void_excess(self, order):
        keep = max(self.needed(order) - self.captured(order), 0)
        for payment in order["payments"]:
            rest = 0 if payment["settle"] == MANUAL else open_money(payment)
            part = min(rest, keep)
            keep -= part
            if rest > part:
                self.free(payment, rest - part)

    def within(self, order, most):
        for payment in order["payments"]:
            asked = payment["state"] in (0, NEW)
            amount = payment["amount"] if asked else payment["authorized"] - payment["voided"]
            refuse_if(amount > most, "HF_E_OVER_PAID")
            most -= amount

    # ---- Stock of an order ----------------------------------------------------------------------

    @staticmethod
    def by_role(line, backward=False):
        roles = sorted({leg["role"] for leg in line["legs"]})
        for role in roles:
            legs = [leg for leg in line["legs"] if leg["role"] == role]
            yield legs[::-1] if backward else legs

    def spread(self, line, units, counter, backward):
        """(leg, part) of `units` in every role, as much as each leg has."""
        for legs in self.by_role(line, backward):
            rest = units
            for leg in legs:
                room = leg["fulfilled"] - leg["returned"] if counter == "returned" else \
                    leg["units"] - leg["fulfilled"] - leg["cancelled"]
                part = min(room, rest)
                rest -= part
                if part:
                    leg[counter] += part
                    yield leg, part * leg["per_unit"]
        line[counter] += units

    def fulfil(self, line, units):
        for leg, amount in self.spread(line, units, "fulfilled", False):
            self.post(leg["from"], leg["to"], amount)

    def cancel(self, line, units):
        for leg, amount in self.spread(line, units, "cancelled", True):
            self.release(leg["from"], leg["to"], amount)

    def take_back(self, line, units, scrap):
        for leg, amount in self.spread(line, units, "returned", True):
            if not scrap:
                self.move(leg["to"], leg["from"], amount)

    def available(self, key):
        account = self.get("account", key)
        if account is None or account["frozen"]:
            return 0
        if self.ahead(key):
            return 0
        blocked = account["attention"] and self.outside(account)
        return 0 if blocked else max(self.room_out(account), 0)

    def legs_of(self, line, v, later=False):
        """(from, to, per_unit, units, role) of a new line."""
        if v.get("untracked"):
            return
        if v.get("legs"):
            for role, leg in enumerate(v["legs"]):
                yield leg["from"], leg["to"], leg["per_unit"], line["quantity"], role
        elif len(v.get("places", [])) > 1 and later:
            for place in v["places"]:
                yield (ITEM, v["sku"], place, "pcs"), WORLD, 1, 0, 0
        elif len(v.get("places", [])) > 1:
            yield from self.places_of(line, v)
        else:
            place = (v.get("places") or [""])[0]
            yield (ITEM, v["sku"], place, "pcs"), WORLD, 1, line["quantity"], 0

    def places_of(self, line, v):
        rest = line["quantity"]
        for place in v["places"]:
            key = (ITEM, v["sku"], place, "pcs")
            units = min(self.available(key), rest)
            rest -= units
            if units:
                yield key, WORLD, 1, units, 0
        refuse_if(rest, SHORT[ITEM])

    def add_legs(self, line, v, later=False):
        """`later`: a line with several places is split when it is known what the order needs."""
        for source, target, per_unit, units, role in self.legs_of(line, v, later):
            account = self.get("account", source)
            below = account is not None and account["min_available"] < 0
            refuse_if(line["settle"] == ON_CONFIRM and below, "HF_E_SETTLE")
            line["legs"].append({"from": source, "to": target, "per_unit": per_unit,
                                 "units": units, "fulfilled": 0, "cancelled": 0, "returned": 0,
                                 "role": role})

    def take_legs(self, line, final):
        for leg in line["legs"]:
            leg["fulfilled"] = leg["units"] if final else 0
            way = self.move if final else self.hold
            way(leg["from"], leg["to"], leg["units"] * leg["per_unit"])
        if final:
            line["fulfilled"] = line["quantity"]
