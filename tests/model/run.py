"""The model as a whole: chains, repeated ids, deadlines; a step is what happens between two reads.

A step is ("ops", chains), ("advance", ms) or ("answer", command, what, amount, reference).
"""
from collections import Counter

from erasing import Erasing
from model import Refused, Unsure, refuse_if
from money import ASKED
from parts import EXPIRED, PENDING, WAITING
from summary import model_summary

UNKEYED = ("expect", "attention_clear")  # whose id is the subject's
MAKES = {"hold_place": "hold", "order_place": "order", "payment_add": "payment"}
SHOWN = ("account", "hold", "order", "fact")  # tables whose rows are compared


ORDER_STATES = "none WAITING PENDING CONFIRMED CLOSED CANCELLED EXPIRED".split()
PAYMENT_STATES = "none NEW PENDING AUTHORIZED CLOSED FAILED".split()
FACT_KINDS = ("AUTHORIZED CAPTURED VOIDED REFUNDED FAILED CHARGEBACK ACTION_REQUIRED "
              "CHARGEBACK_REVERSED").split()


class Model(Erasing):
    def __init__(self, now, wrong="", provider_flags=None):
        super().__init__(now, wrong)
        self.provider_flags = provider_flags or {}
        self.looked = set()  # orders and payments whose attention a person has cleared
        self.met = Counter()  # outcomes, facts and changes of state, for the report of a run

    def first_answer(self, name, v):
        """The answer of an operation that was done before, or None."""
        if name in UNKEYED:
            return None
        known = self.get("op", (MAKES.get(name, "op"), v["id"]))
        if known is None:
            taken = name == "payment_add" and self.get("payment", v["id"]) is not None
            refuse_if(taken, "HF_E_ID_REUSED")
            return None
        refuse_if(known[0] != (name, repr(v)), "HF_E_ID_REUSED")
        return self.erased_again(v) if name == "erase" else known[1]

    def is_known(self, name, v):
        """Whether the id of an operation is taken, so that it is a repeat or refused."""
        return name in UNKEYED or self.get("op", (MAKES.get(name, "op"), v["id"])) is not None

    def apply_op(self, name, v):
        self.place = 0
        again = self.first_answer(name, v)
        if again is not None:
            return again
        self.check_version(name, v)
        table, key, quiet = getattr(self, "do_" + name)(v)
        if not quiet:
            self.see_done(name, v)
        if name not in UNKEYED and not quiet:
            self.add("op", (MAKES.get(name, "op"), v["id"]), ((name, repr(v)), (table, key)))
        return table, key

    def run(self, chain):
        """All or nothing; each one's error, or "HF_OK" and the summary of its answer."""
        self.saved, self.gains, seen = {}, [], self.seen()
        answers, before = [], self.offers()
        for at, (name, v) in enumerate(chain):
            try:
                answers.append(("HF_OK", model_summary(self, *self.apply_op(name, v))))
            except Refused as refusal:
                self.undo()
                self.watched, self.moved = seen
                return [(str(refusal) if i == at else "HF_E_CHAIN", None)
                        for i in range(len(chain))]
        self.promote_all(self.supplied(before))
        self.see_moves()
        self.note_touched()
        return answers

    def note_touched(self):
        self.count_changes()
        self.touched |= {key for key in self.saved if key[0] in SHOWN}
        self.saved = {}

    # ---- What a run has met ---------------------------------------------------------------------

    def count_fact(self, kind, payment, order):
        self.met[f"fact {FACT_KINDS[kind]} on payment {PAYMENT_STATES[payment]}, order "
                 f"{ORDER_STATES[order]}"] += 1

    def count_changes(self):
        for (table, key), before in self.saved.items():
            order = self.get(table, key)
            if table != "order" or order is None:
                continue
            was = before or {"state": 0, "payments": []}
            self.count_change("order", ORDER_STATES, was["state"], order["state"])
            states = {p["id"]: p["state"] for p in was["payments"]}
            for p in order["payments"]:
                self.count_change("payment", PAYMENT_STATES, states.get(p["id"], 0), p["state"])

    def count_change(self, what, names, before, after):
        if before != after:
            self.met[f"{what} {names[before]} to {names[after]}"] += 1

    # ---- Steps ----------------------------------------------------------------------------------

    def play(self, step):
        """(answers of the operations, rows that may have changed as {(table, key): summary})."""
        self.touched, answers, asked = set(), [], set(self.tables["command"])
        if step[0] == "ops":
            self.watch(step[1])
            answers = [answer for chain in step[1] for answer in self.run(chain)]
            for (name, _), answer in zip((op for chain in step[1] for op in chain), answers):
                self.met[f"{name} {answer[0]}"] += 1
        else:
            try:
                self.advance(step[1]) if step[0] == "advance" else self.play_answer(step)
            except Refused as refusal:
                raise Unsure(str(refusal)) from refusal
        while any(self.is_due(p) for order in self.tables["order"].values()
                  for p in order["payments"]):  # asked when its order was promoted, too late
            self.expire()
        self.forget_ended(asked)
        rows = {one: model_summary(self, *one) for one in self.touched
                if one[1] in self.tables[one[0]]}
        return answers, rows

    def forget_ended(self, asked):
        """No provider is called for a command that ended before its step was over."""
        for key, command in self.tables["command"].items():
            command["lost"] = command["lost"] or key not in asked and not command["open"]

    def play_answer(self, step):
        self.saved, self.gains, before = {}, [], self.offers()
        command = self.get("command", step[1])
        if command is not None:
            names = "none AUTHORIZE CAPTURE VOID REFUND".split()
            when = "" if command["open"] else " after a report"
            self.met[f"answer {step[2]} to {names[command['command']]}{when}"] += 1
            self.answer(*step[1:])
        self.promote_all(self.supplied(before))
        self.note_touched()

    def advance(self, ms):
        until = self.now + ms
        for moment in self.moments(until):
            self.now = moment
            self.expire()

    def moments(self, until):
        """The deadlines on the way, one by one: at one moment at most one record is due."""
        return sorted({at for at in self.deadlines() if at < until} | {until})

    def deadlines(self):
        """When something that is open becomes due."""
        for hold in self.tables["hold"].values():
            if hold["state"] in (1, 2) and hold["deadline"] > self.now:
                yield hold["deadline"]
        for order in self.tables["order"].values():
            for row in [order] + order["payments"]:
                if row["deadline"] > self.now:
                    yield row["deadline"]

    def expire(self):
        """What is due releases what it holds: at one moment at most one record is due."""
        self.saved, self.gains, before = {}, [], self.offers()
        for key, hold in list(self.tables["hold"].items()):
            if hold["deadline"] and hold["deadline"] <= self.now and hold["state"] in (1, 2):
                self.expire_hold(key)
        for key, order in list(self.tables["order"].items()):
            for p in order["payments"]:
                if self.is_due(p):
                    self.expire_payment(key, p["id"])
            if order["deadline"] and order["deadline"] <= self.now and \
                    order["state"] in (PENDING, WAITING):
                order = self.edit("order", key)
                self.end_unconfirmed(order, EXPIRED)
                self.finish(order)
        self.promote_all(self.supplied(before))
        self.note_touched()

    def is_due(self, p):
        return p["state"] == ASKED and p["deadline"] and p["deadline"] <= self.now

    def expire_payment(self, key, ident):
        order, p = self.payment_of(ident)
        was = self.standing(order, p)
        self.fail_payment(p)
        self.follow_silence(order, p, was)


