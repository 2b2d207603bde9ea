"""What is compared: the same numbers of the model's records and of the library's."""
from money import ACTION_REQUIRED, ASKED, COUNTERS, covers
from parts import CANCELLED, EXPIRED, WAITING

HOLD = ("amount", "posted", "released", "reversed", "deadline", "state")
LINE = ("quantity", "unit_price", "total", "fulfilled", "cancelled", "returned")
LEG = ("from", "to", "per_unit", "units", "fulfilled", "cancelled", "returned")
ACCOUNT = ("balance", "held_out", "held_in", "min_balance", "min_available", "max_balance",
           "frozen", "attention", "overtake", "waiting")
PAYMENT = ("amount", "state", "attention", "commands") + COUNTERS
ORDER = ("customer", "state", "total", "number", "deadline", "attention", "kept", "given_away")
FACT = ("provider", "fact_ref", "unit", "payment", "amount", "provider_time", "kind", "attention")
FLAGS = 2 | 4 | 8 | 16 | 32 | 64 | 128  # of a payment; BEYOND only says that counters exceed each other


def numbers(row, names):
    return tuple((name, row[name]) for name in names)


def account_summary(row):
    row = {**row, "waiting": len(row["queue"])} if "queue" in row else row
    return numbers(row, ACCOUNT)


def hold_summary(row):
    return numbers(row, HOLD)


def fact_summary(row):
    return numbers(row, FACT)


def payment_summary(row):
    ref = row["ref"] if "ref" in row else row["provider_ref"]
    method = bool(row["provider"])  # the deadline of an account's payment is its order's
    flags = row["flags"] & (FLAGS if row["state"] == ASKED else FLAGS & ~ACTION_REQUIRED)
    return numbers(row, PAYMENT) + (("flags", flags), ("provider_ref", ref),
                                    ("deadline", row["deadline"] if method else 0))


def line_summary(row, state):
    """Of an order that waits or has ended, nobody cares where units are that nobody holds."""
    def leg_summary(leg):
        if state in (WAITING, CANCELLED, EXPIRED):
            units = 0 if state == WAITING else leg["units"] - leg["cancelled"]
            leg = {**leg, "units": units, "cancelled": 0}
        return numbers(leg, LEG)
    return numbers(row, LINE) + tuple(leg_summary(leg) for leg in row["legs"])


def order_summary(row, owed, covered, lines, payments):
    return (numbers(row, ORDER) + (("owed", owed), ("covered", covered)) +
            tuple(("line", line_summary(line, row["state"])) for line in lines) +
            tuple(("payment", payment_summary(p)) for p in payments))


def model_summary(model, table, key):
    """Of a record of the model; `table` None: the operation has no result."""
    if table == "erase":
        return key
    row = model.tables[table][key] if table else None
    if table == "payment":
        return payment_summary(model.payment_of(key)[1])
    if table == "order":
        return order_summary(row, model.owed(row), covers(row), row["lines"],
                             row["payments"])
    if table == "unit":
        return (("scale", row),)
    by_table = {"account": account_summary, "hold": hold_summary, "fact": fact_summary}
    return by_table[table](row) if table else None


def result_summary(result):
    """Of a result of the library."""
    if "order" in result and "lines" in result:
        return order_summary(result["order"], result["owed"], result["covered"], result["lines"],
                             result["payments"])
    if "records" in result:
        return tuple(result[name] for name in ("records", "orders", "more"))
    if "posted" in result:
        return hold_summary(result)
    if "fact_ref" in result:
        return fact_summary(result)
    if "captured" in result:
        return payment_summary(result)
    if "scale" in result:
        return (("scale", result["scale"]),)
    return account_summary(result) if "balance" in result else None


def differences(wanted, found, path=""):
    """Lines that name each number that differs, e.g. payment 1 state: 3 instead of 4."""
    if wanted == found:
        return []
    if not (isinstance(wanted, tuple) and isinstance(found, tuple)) or \
            len(wanted) != len(found):
        return [f"{path}: library {found}, model {wanted}"]
    if len(wanted) == 2 and isinstance(wanted[0], str) and wanted[0] == found[0]:
        return differences(wanted[1], found[1], f"{path} {wanted[0]}")
    out, seen = [], {}
    for a, b in zip(wanted, found):
        name = a[0] if isinstance(a, tuple) and a and isinstance(a[0], str) else ""
        seen[name] = seen.get(name, 0) + 1
        out += differences(a, b, f"{path}" if name not in ("line", "payment")
                           else f"{path} #{seen[name]}")
    return out
