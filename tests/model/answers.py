"""What answers to commands do, and reports that tell of their outcome.

A command is open until its provider has answered or a report has told the outcome. One movement of
money counts once, whether the answer, the report or both tell of it.
"""
from facts import (F_AUTHORIZED, F_CAPTURED, F_FAILED, Facts, KIND_OF, NOBODY, REFUSED_OF,
                   names_movement)
from money import (ACTION_REQUIRED, ASKED, AUTHORIZE, CAPTURE, PENDING_OF, REFUSED, UNEXPECTED,
                   VOID, left)


class Answers(Facts):
    # ---- Commands that facts end ----------------------------------------------------------------

    @staticmethod
    def end_command(command, refused=False):
        command["open"], command["left"], command["refused"] = False, 0, refused

    def open_commands(self, p, command):
        return [(key, self.edit("command", key))
                for key, one in sorted(self.tables["command"].items())
                if key[0] == p["id"] and one["command"] == command and one["open"]]

    def asked_by_others(self, p, command):
        return sum(one["amount"] for _, one in self.open_commands(p, command["command"])
                   if one is not command)

    def still_asked(self, p, command):
        """What of a command's amount is pending and not asked for by another command."""
        rest = p[PENDING_OF[command["command"]]] - self.asked_by_others(p, command)
        return max(0, min(command["amount"], rest))

    def settle_answered(self, p, amount, fact):
        """Takes what a command asked for from what is pending when its answer has come."""
        command = self.edit("command", fact["answer"])
        asked = min(amount, self.still_asked(p, command)) if command["open"] else 0
        p[PENDING_OF[command["command"]]] -= asked
        command["left"] -= asked
        return asked

    def settle_commands(self, p, command, amount, fact):
        """Takes the amount from what is pending; ends the command that it covers.

        Which of several commands it is of only their answers tell: they end with the last of it.
        """
        pending = PENDING_OF[command]
        asked = min(amount, p[pending])
        p[pending] -= asked
        found = self.open_commands(p, command) if fact["counted"] else []
        there = self.gross(p) - p["captured"] - p["voided"]
        last = p[pending] == 0 or command in (CAPTURE, VOID) and there <= 0
        for key, one in found if last or len(found) == 1 else ():
            one["left"] = 0 if last else max(0, one["left"] - amount)
            if one["left"] == 0 or command == AUTHORIZE:
                self.end_command(one)
                one["other"] = names_movement(fact)
                fact["of"] = key if len(found) == 1 else None
                if one["final"]:
                    self.release_barred(p)
        return asked

    def end_authorize(self, p, fact):
        """Who asked for the authorization knows the outcome, whatever kind of fact told it."""
        for _, one in self.open_commands(p, AUTHORIZE):
            self.end_command(one)
            one["other"] = fact["kind"] == F_FAILED or names_movement(fact)

    def release_barred(self, p):
        """After the last capture the provider has released what it was not to capture."""
        self.imply(p)
        p["voided"] += max(0, min(p["barred"], left(p) - p["pending_void"]))
        p["barred"] = 0

    # ---- Answers to commands --------------------------------------------------------------------

    def answer(self, key, what, amount=0, reference=""):
        """An answer of the provider; one that is not known ("UNKNOWN") changes nothing.

        A command that a fact has ended is not asked again: who does not know then is not heard.
        """
        command = self.edit("command", key)
        order, p = self.payment_of(command["payment"])
        self.place = order["seq"]
        command["lost"] = command["lost"] or what in ("UNKNOWN", "ONGOING") and not command["open"]
        if what == "ONGOING":
            if command["command"] == AUTHORIZE and p["state"] == ASKED:
                p["flags"] |= ACTION_REQUIRED
            return
        if what == "OK" and not command["lost"]:
            self.succeeded(order, p, key, command, amount, reference)
        elif what == "REJECTED" and command["open"]:
            self.refused(order, p, command, True)

    def succeeded(self, order, p, key, command, amount, reference):
        was_open, command["answered"] = command["open"], True
        kind = KIND_OF[command["command"]]
        fact = {"provider": p["provider"], "kind": kind, "unit": order["currency"],
                "fact_ref": reference or f"command {key}", "amount": amount or command["amount"],
                "reference": "", "payment_ref": "", "payment": p["id"], "provider_time": 0,
                "counted": 0, "flags": 0, "attention": 0, "applied": False, "answer": key,
                "aside": False, "of": None, "at": self.now}
        known, apart = self.of_command(self.of_payment(fact, (kind,)), key)
        others = any(one["payment"] != p["id"] for one in self.with_movement(fact, (kind,)))
        elsewhere = others or apart and not known  # another payment's, or another command's
        if elsewhere:
            fact["reference"] = "" if others else fact["fact_ref"]
            fact["fact_ref"] = f"command {key}"
            fact["attention"] = UNEXPECTED if others or kind != F_CAPTURED else 0
        if others:
            known = []
        counted = sum(one["counted"] for one in known)
        alone = any(one["of"] == key for one in known)
        more = known and (fact["amount"] > counted or alone and fact["amount"] != counted)
        if was_open or (p["reported"] == 0 if kind == F_AUTHORIZED else more):
            self.claim(known, fact, key)
        if not elsewhere:
            self.name_answer(fact, known)
        if self.failed_later(fact) and not any(one["counted"] for one in known):
            if was_open:
                fact["aside"] = fact["applied"] = True
                self.keep(fact)
                self.clamp(p, False)
                self.refused(order, p, command)
                return
            late = command["other"] or command["refused"]
            if p["reported"] == 0 if kind == F_AUTHORIZED else late:  # it was said all the same
                fact["aside"] = fact["applied"] = True
                self.keep(fact)
                self.clamp(p, False)
                p["attention"] |= 0 if kind == F_AUTHORIZED else REFUSED
            self.follow(order, p, self.standing(order, p), fact)
            return
        named = reference and command["other"] and not known or more
        counts = p["reported"] == 0 if kind == F_AUTHORIZED else named or (
            command["refused"] and not known)
        was = self.standing(order, p)
        if was_open or counts:
            self.count_answer(order, p, command, fact)
        if kind == F_AUTHORIZED and was_open and not counted and not fact["counted"]:
            if p["state"] == ASKED:  # a newer message says that nothing is authorized
                self.fail_payment(p)
        elif kind == F_AUTHORIZED:
            self.learn(p, reference, False)
            order, p = self.payment_of(p["id"])
        self.follow(order, p, was, fact)

    def count_answer(self, order, p, command, fact):
        pending = PENDING_OF[command["command"]]
        self.keep(fact)
        fact["applied"], free = True, self.authorized_so_far(p)
        self.apply(order, p, fact)
        if command["open"]:
            self.end_command(command)
            p[pending] = min(p[pending], self.asked_by_others(p, command))
            if command["final"]:
                self.release_barred(p)
        self.clamp(p, False)
        self.see_authorized(p, fact, free)
        p["attention"] |= fact["attention"]

    def of_command(self, known, key):
        """What a command's answer may be about, and whether other commands' answers were.

        Several commands may be answered with one movement, e.g. the captures of one charge: each
        adds its own money. So an answer is compared with what its command or nobody has brought,
        else with what is presumed to be of another command that is not answered yet.
        """
        def is_answered(one):
            return one["answer"] or self.get("command", one["of"])["answered"]
        counting = [one for one in known if one["counted"] or not one["amount"]]
        near = [one for one in counting if (one["answer"] or one["of"]) in (None, key)]
        far = [one for one in counting if one not in near]
        presumed = [one for one in far if not is_answered(one)]
        return near or presumed, len(presumed) < len(far)

    @staticmethod
    def claim(known, fact, key):
        """What was reported before is the answer's; another amount of it is for a person."""
        first = min(known, key=lambda one: (one["reference"] != "", one["fact_ref"]), default=None)
        if first and sum(one["counted"] for one in known) != fact["amount"]:
            first["attention"] |= UNEXPECTED
        for one in known:
            one["answer"] = key

    def name_answer(self, fact, known):
        """It takes the place of a report that waits for its payment; it hides no other message."""
        stored = self.get("fact", (fact["provider"], fact["kind"], fact["fact_ref"]))
        waits = stored and stored["payment"] == NOBODY and (stored["amount"], stored["unit"]) == (
            fact["amount"], fact["unit"])
        if waits and not known:
            fact["provider_time"] = stored["provider_time"]
        elif known or stored or self.of_payment(fact, (F_FAILED,)):
            fact["reference"], fact["fact_ref"] = fact["fact_ref"], f"command {fact['answer']}"

    def keep(self, fact):
        key = (fact["provider"], fact["kind"], fact["fact_ref"])
        self.edit("fact", key)
        self.tables["fact"][key] = fact

    def refused(self, order, p, command, said=False):
        """The provider has said no (`said`), or yes to what failed since."""
        was, kind = self.standing(order, p), command["command"]
        amount = self.still_asked(p, command)
        self.end_command(command, said)
        if kind == AUTHORIZE:
            if p["state"] == ASKED:
                self.fail_payment(p)
        else:
            p[PENDING_OF[kind]] -= amount
            p["attention"] |= REFUSED
            if not (kind == CAPTURE and self.wrong == "refused"):
                p[REFUSED_OF[KIND_OF[kind]]] += amount
        self.clamp(p, False)
        self.follow(order, p, was)
