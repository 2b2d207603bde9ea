"""What orders of the model consist of: shares of money, legs of stock, and their movements."""
from model import Books, ITEM, LIMIT, MAX_ALL, SHORT, refuse_if

WAITING, PENDING, CONFIRMED, CLOSED, CANCELLED, EXPIRED = 1, 2, 3, 4, 5, 6
ON_CONFIRM, ON_FULFIL, MANUAL = 0, 1, 2
QUEUE, PAY_LATER, REVIVE, IMPORT = 1, 2, 4, 8  # policy
WORLD = (0, None, None, None)
ALL = MAX_ALL


def half_up(amount, parts):
    """`amount` divided by `parts`: the nearest integer, ties away from zero."""
    sign = -1 if amount < 0 else 1
    return sign * ((2 * abs(amount) + parts) // (2 * parts))


def split(total, weights):
    """Largest remainder, on a tie the earlier; a negative total as its mirror."""
    sign = -1 if total < 0 else 1
    whole = sum(weights)
    parts = [abs(total) * weight // whole for weight in weights]
    remainders = [abs(total) * weight % whole for weight in weights]
    order = sorted(range(len(parts)), key=lambda i: -remainders[i])
    for i in order[:abs(total) - sum(parts)]:
        parts[i] += 1
    return [sign * part for part in parts]


def open_units(row):
    """Units of a line, or of one of its legs, that are neither fulfilled nor cancelled."""
    units = row["quantity"] if "quantity" in row else row["units"]
    return units - row["fulfilled"] - row["cancelled"]


def fulfilled_units(row):
    return row["fulfilled"] - row["returned"]


def place_of(leg):
    """Where a leg's units are: at its source, or at its target when they come from the world."""
    key = leg["to"] if leg["from"][0] == 0 else leg["from"]
    return key[2]


def on_limits(v):
    """Whether a new line only uses limits, e.g. a coupon."""
    ends = [key for leg in v.get("legs", []) for key in (leg["from"], leg["to"])]
    return bool(ends) and all(key[0] in (WORLD[0], LIMIT) for key in ends)


def follows(order, line):
    """A line that only uses limits follows the goods of its order, when there are any."""
    return line["on_limits"] and not all(one["on_limits"] for one in order["lines"])


class Parts(Books):
    # ---- Shares of an order's total -------------------------------------------------------------

    @staticmethod
    def values(order):
        """What each line is worth: its total and its part of the order's own adjustments."""
        totals = [line["total"] for line in order["lines"]]
        own = order["total"] - sum(totals)
        weights = totals if sum(totals) > 0 else [1] * len(totals)
        return [a + b for a, b in zip(totals, split(own, weights))]

    def share(self, order, units_of):
        """The value of so many units of each line; what ended unconfirmed is worth nothing."""
        if order["state"] in (CANCELLED, EXPIRED) and not order["confirmed"]:
            return 0
        if not order["lines"]:
            return order["total"]
        found = 0
        for line, value in zip(order["lines"], self.values(order)):
            units = units_of(line)
            found += half_up(value * units, line["quantity"]) if units else 0
        return found

    def needed(self, order):
        return self.share(order, lambda line: line["quantity"] - line["cancelled"])

    def due(self, order):
        return self.share(order, lambda line: line["fulfilled"])

    def returned(self, order):
        if not order["lines"]:
            return 0
        return self.share(order, lambda line: line["returned"])

    # ---- Stock of an order ----------------------------------------------------------------------

    @staticmethod
    def by_role(line, backward=False):
        roles = sorted({leg["role"] for leg in line["legs"]}, reverse=backward)
        for role in roles:
            legs = [leg for leg in line["legs"] if leg["role"] == role]
            yield legs[::-1] if backward else legs

    @staticmethod
    def legs_at(line, one):
        """The legs that a quantity names by their place or number; None: all of the line."""
        goods = [leg for leg in line["legs"] if leg["from"][0] == ITEM and leg["to"] == WORLD]
        refuse_if(one.get("elsewhere") and not goods, "HF_E_PLACE_UNKNOWN")
        if not one.get("place") and not one.get("leg"):
            return None
        legs = line["legs"]
        kit = len({leg["role"] for leg in legs}) != 1
        if one.get("place"):
            found = [leg for leg in legs if place_of(leg) == one["place"]]
        else:
            found = legs[one["leg"] - 1:one["leg"]]
        refuse_if(kit or not found, "HF_E_PLACE_UNKNOWN")
        return found

    def spread(self, line, units, counter, legs):
        """(leg, amount) of `units` in every role, as much as each leg has."""
        units_of = fulfilled_units if counter == "returned" else open_units
        for group in self.by_role(line, backward=counter != "fulfilled"):
            rest = units
            for leg in group:
                named = legs is None or any(leg is one for one in legs)
                part = min(units_of(leg), rest) if named else 0
                rest -= part
                if part:
                    leg[counter] += part
                    yield leg, part * leg["per_unit"]
        line[counter] += units

    def fulfil(self, line, units, legs=None):
        for leg, amount in self.spread(line, units, "fulfilled", legs):
            self.post(leg["from"], leg["to"], amount)

    def cancel(self, order, line, units, legs=None):
        for leg, amount in self.spread(line, units, "cancelled", legs):
            self.let_go(order, leg, amount)

    def let_go(self, order, leg, amount):
        """An order that waits holds nothing that could be released."""
        if order["state"] != WAITING:
            self.release(leg["from"], leg["to"], amount)

    def follow_goods(self, order):
        """Coupons are used with the first unit that is fulfilled, or released with the last one."""
        goods = [line for line in order["lines"] if not follows(order, line)]
        used = any(line["fulfilled"] for line in goods)
        gone = all(line["cancelled"] == line["quantity"] for line in goods)
        for line in order["lines"]:
            if follows(order, line) and open_units(line) and (used or gone):
                if used:
                    self.fulfil(line, open_units(line))
                else:
                    self.cancel(order, line, open_units(line))

    def take_back(self, line, units, legs=None, one=None):
        """Units come back to where they were, or to another place, or nowhere (scrap)."""
        one = one or {}
        for leg, amount in self.spread(line, units, "returned", legs):
            source, target = leg["to"], leg["from"]
            if one.get("elsewhere") and target[0] == ITEM and source == WORLD:
                target = (target[0], target[1], one["to_place"], target[3])
            if not one.get("scrap"):
                self.move(source, target, amount)

    def available(self, key):
        account = self.get("account", key)
        if account is None or account["frozen"]:
            return 0
        if self.ahead(key):
            return 0
        blocked = account["attention"] and self.outside(account)
        return 0 if blocked else max(self.headroom_out(account), 0)

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
