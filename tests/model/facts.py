"""What providers say happened: reports and answers, in any order and any number of times.

A fact is a message, known by provider, kind and fact_ref. It is about one movement of money, known
by its reference (else by its fact_ref), and a movement counts once, whoever says so. A fact that
fits no payment, or contradicts what is known of its movement, is set aside with attention.
"""
from model import Refused, Unsure, refuse_if
from money import (ACTION_REQUIRED, ASKED, AUTHORIZE, CAPTURE, CAPTURE_ONLY, CHARGED_BACK, FAILED,
                   LAST_TOLD, Money, ONE_CAPTURE, PENDING_OF, REFUND, REFUSED, SPENT, UNEXPECTED,
                   UNMATCHED, VOID, WITHDRAWN, left, refundable, sums)
from parts import ALL

(F_AUTHORIZED, F_CAPTURED, F_VOIDED, F_REFUNDED, F_FAILED, F_CHARGEBACK, F_ACTION_REQUIRED,
 F_REVERSED) = range(8)
TOTAL, FINAL = 1, 2  # flags of a report
NOBODY = b"\0" * 16
COUNTER = {F_AUTHORIZED: "reported", F_CAPTURED: "captured", F_VOIDED: "voided",
           F_REFUNDED: "refunded", F_CHARGEBACK: "charged_back"}
COMMAND_OF = {F_AUTHORIZED: AUTHORIZE, F_CAPTURED: CAPTURE, F_VOIDED: VOID, F_REFUNDED: REFUND}
KIND_OF = {command: kind for kind, command in COMMAND_OF.items()}
REFUSED_OF = {F_CAPTURED: "capture_refused", F_VOIDED: "void_refused",
              F_REFUNDED: "refund_refused"}


def names_movement(fact):
    """Whether a report names its movement apart from its message."""
    return fact["reference"] not in ("", None, fact["fact_ref"])


def movement(fact):
    return fact["reference"] or fact["fact_ref"]


class Facts(Money):
    # ---- Finding the payment of a report --------------------------------------------------------

    def payment_of(self, ident):
        link = self.get("payment", ident)
        if link is None:
            return None, None
        order = self.edit("order", link["order"])
        return order, next(p for p in order["payments"] if p["id"] == ident)

    def with_ref(self, provider, ref):
        """Ids of the payments that a provider knows by this reference."""
        return {p["id"] for order in self.tables["order"].values() for p in order["payments"]
                if ref and p["provider"] == provider and p["ref"] == ref}

    def with_further_ref(self, provider, ref):
        """The same by another reference, which a report of the payment has taught."""
        return {p["id"] for order in self.tables["order"].values() for p in order["payments"]
                if ref and p["provider"] == provider and ref in p["further"]}

    def of_payment(self, fact, kinds):
        """Facts of the same movement of the same payment."""
        return [one for one in self.with_movement(fact, kinds)
                if one["payment"] == fact["payment"]]

    def told(self, fact, kinds):
        """The same with those that count nothing, e.g. for their amount."""
        return [self.edit("fact", key) for key, one in list(self.tables["fact"].items())
                if key[0] == fact["provider"] and key[1] in kinds and one["applied"] and
                one is not fact and one["payment"] == fact["payment"] and
                movement(one) == movement(fact)]

    def with_movement(self, fact, kinds=range(8)):
        """Facts of the same movement that belong to a payment."""
        return [self.edit("fact", key) for key, one in list(self.tables["fact"].items())
                if key[0] == fact["provider"] and key[1] in kinds and one["applied"] and
                not one["aside"] and movement(one) == movement(fact)]

    def find_payment(self, fact):
        """(payment id or None, whether the references lead to another one as well)."""
        by_ref = self.with_ref(fact["provider"], fact["payment_ref"])
        by_movement = self.with_ref(fact["provider"], movement(fact))
        same = self.with_movement(fact)
        by_fact = {one["payment"] for one in same}
        if fact["payment"] != NOBODY:
            found = {fact["payment"]} if self.get("payment", fact["payment"]) else set()
        else:
            further = self.with_further_ref(fact["provider"], fact["payment_ref"])
            found = by_ref | further or by_movement or by_fact
        others = self.only(by_ref)
        if fact["reference"]:
            others = others | self.only(by_movement) | by_fact
        if len(found) != 1:
            return None, len(found) > 1 or fact["payment"] != NOBODY and bool(others)
        if fact["kind"] not in (F_FAILED, F_ACTION_REQUIRED):  # which move nothing
            others = others | {one["payment"] for one in same
                               if one["reference"] and one["kind"] == fact["kind"]}
        return next(iter(found)), bool(others - found)

    @staticmethod
    def only(found):
        """A reference of several payments does not contradict the one that is named otherwise."""
        return found if len(found) == 1 else set()

    # ---- A report -------------------------------------------------------------------------------

    def do_payment_report(self, v):
        refuse_if(self.get("unit", v["unit"]) is None, "HF_E_UNIT_UNKNOWN")
        key = (v["provider"], v["kind"], v["fact_ref"])
        said = {name: v.get(name, "") for name in ("provider", "kind", "fact_ref", "unit", "amount",
                                                   "reference", "payment_ref")}
        said.update(payment=v["payment"], provider_time=v["provider_time_ms"], counted=0,
                    flags=v.get("flags", 0), attention=0, applied=False, answer=None, aside=False,
                    of=None, at=self.now)
        if said["reference"] == said["fact_ref"]:
            said["reference"] = ""
        known = self.edit("fact", key)
        try:
            return "fact", key, self.report(key, known, said)
        except Refused as refusal:
            raise Unsure(str(refusal)) from refusal

    def report(self, key, known, said):
        """True when it changes nothing."""
        if known is None:
            self.add("fact", key, said)
            self.match(said)
            return False
        same = (known["amount"], known["unit"]) == (said["amount"], said["unit"])
        same = same and not self.names_another(known, said)
        same = same or self.wrong == "fact"
        if same and known["payment"] == NOBODY and self.find_payment(said)[0]:
            known.update({name: said[name] for name in ("payment", "payment_ref", "reference",
                                                        "flags")})
            self.match(known)
            return False
        if not same:
            if known["payment"] == NOBODY:
                said["payment"] = self.find_payment(said)[0] or NOBODY
            self.disagree(known, said["payment"] if known["payment"] == NOBODY else
                          known["payment"])
        return same

    @staticmethod
    def names_another(known, said):
        """The message is repeated with the id of another payment."""
        return NOBODY not in (known["payment"], said["payment"]) and \
            known["payment"] != said["payment"]

    def disagree(self, known, ident):
        known["attention"] |= UNEXPECTED
        _, p = self.payment_of(ident)
        if p is not None:
            p["attention"] |= UNEXPECTED
            self.unclear.add(("payment", ident))

    def match(self, fact, follows=True):
        """A fact that has no payment yet: it joins the payment that is found, or is set aside.

        What several facts of one report do together, the order follows once.
        """
        ident, contradicts = self.find_payment(fact)
        fact["attention"] &= ~UNMATCHED
        if ident is None:
            fact["payment"] = NOBODY
            fact["attention"] |= UNMATCHED | (UNEXPECTED if contradicts else 0)
            return
        order, p = self.payment_of(ident)
        fact["payment"] = ident
        fits = p["provider"] == fact["provider"] and order["currency"] == fact["unit"]
        if contradicts or not fits:
            self.disagree(fact, ident)
            return
        fact["payment_ref"], ref = "", fact["payment_ref"]
        self.place = order["seq"]
        self.join(order, p, fact, ref, follows)

    def learn_from(self, p, fact, ref):
        """A report names the payment, or is the first about its money."""
        first = (F_AUTHORIZED, F_CAPTURED) if p["flags"] & CAPTURE_ONLY else (F_AUTHORIZED,)
        self.learn(p, ref or (movement(fact) if fact["kind"] in first else ""))

    def learn(self, p, ref, reported=True):
        """The provider's reference of the payment; facts that waited for it count now.

        Reports teach further references as well.
        """
        if not ref or ref == p["ref"] or ref in p["further"] or p["ref"] and not reported:
            return
        if p["ref"]:
            p["further"].append(ref)
        p["ref"] = p["ref"] or ref
        for key, one in sorted(self.tables["fact"].items()):
            if key[0] == p["provider"] and one["payment"] == NOBODY and \
                    one["payment_ref"] == ref:
                self.match(self.edit("fact", key), follows=False)

    # ---- What a fact does to its payment --------------------------------------------------------

    def join(self, order, p, fact, ref, follows):
        self.count_fact(fact["kind"], p["state"], order["state"])
        self.moved.add(("payment", p["id"]))
        before = p["state"]
        was = self.standing(order, p)
        fact["applied"] = True
        p["flags"] |= LAST_TOLD if fact["kind"] == F_CAPTURED and fact["flags"] & FINAL else 0
        refunded, free = p["refunded"], self.authorized_so_far(p)
        self.apply(order, p, fact)
        if p["refunded"] < refunded:
            self.see_withdrawn(p)
        self.clamp(p)
        self.see_authorized(p, fact, free)
        if before in (ASKED, FAILED) and p["state"] != before:
            self.end_authorize(p, fact)
        p["attention"] |= fact["attention"]
        self.learn_from(p, fact, ref)
        order, p = self.payment_of(p["id"])
        if follows:
            self.follow(order, p, was, fact)

    def standing(self, order, p):
        """What is compared after a fact: what covers the order, and the money of the payment."""
        money = (p["authorized"] - p["voided"], p["captured"], p["pending_capture"])
        return sums(order), money

    def apply(self, order, p, fact):
        """Moves the counters; returns by how much the fact's own counter grew."""
        kind = fact["kind"]
        if kind == F_ACTION_REQUIRED:
            p["flags"] |= ACTION_REQUIRED if p["state"] == ASKED else 0
            return 0
        if kind == F_FAILED:
            self.fail(order, p, fact)
            return 0
        if self.failed_later(fact):
            fact["aside"] = True
            self.see_untimed(fact)
            return 0
        known = [one for one in self.of_payment(fact, (kind,)) if one is not fact]
        if fact["answer"]:
            known, _ = self.of_command(known, fact["answer"])
        if kind == F_AUTHORIZED:
            delta, newer = self.newest(fact, known)
            anew = newer and known and self.renews(p, fact)
        else:
            delta, anew = self.once(fact, known), False
        if kind == F_REVERSED:
            return self.reverse_chargeback(p, fact, delta)
        if delta:
            self.count(order, p, fact, delta)
        if anew and not fact["aside"]:
            p["capture_refused"] = 0
        last = fact["flags"] & FINAL or fact["counted"] and p["flags"] & ONE_CAPTURE
        if kind == F_CAPTURED and last:
            self.end_captures(p, fact)
        return delta

    def see_withdrawn(self, p):
        """A refund that nobody asked for has failed, or fell: perhaps it was the only one."""
        refunds = [one for key, one in self.tables["fact"].items() if key[1] == F_REFUNDED and
                   one["payment"] == p["id"] and one["applied"]]
        names = {movement(one) for one in refunds}
        asked = {movement(one) for one in refunds if one["answer"] or one["of"]}
        if not any(sum(one["counted"] for one in refunds if movement(one) == name) > 0
                   for name in names - asked):
            p["flags"] &= ~WITHDRAWN

    def failed_before(self, p, fact):
        """Whether another void or refund that was asked for failed: the second is not asked again.
        """
        facts = [one for one in self.tables["fact"].values()
                 if one["payment"] == p["id"] and one["applied"] and one["kind"] == fact["kind"]]
        return any((one["answer"] or one["of"]) and one["amount"] > 0 and
                   movement(one) != movement(fact) and
                   not sum(other["counted"] for other in facts if movement(other) == movement(one))
                   for one in facts)

    @staticmethod
    def refuse_taken(p, kind, told, amount):
        """What happened and was taken back is as if the provider had refused it.

        Unless nobody had asked for it: then it is not missing in what is asked for later.
        """
        asked = any((one["answer"] or one["of"]) and (one["counted"] or not one["amount"])
                    for one in told if one["kind"] == kind)
        if kind == F_CAPTURED or kind in REFUSED_OF and asked:
            p[REFUSED_OF[kind]] += amount

    @staticmethod
    def see_untimed(fact):
        """Without a time nobody knows which of two messages is the newer: a person has to."""
        if not fact["answer"] and fact["provider_time"] == 0:
            fact["attention"] |= UNEXPECTED

    def failed_later(self, fact):
        return any(one["provider_time"] > fact["provider_time"]
                   for one in self.of_payment(fact, (F_FAILED,)))

    def newest(self, fact, known):
        """Of one authorization the newest message counts, on a tie the larger: by how much, and
        whether this is the one.
        """
        counted, last = sum(one["counted"] for one in known), self.newest_time(fact)
        tie = fact["provider_time"] == last and fact["amount"] > counted
        newer = not known or fact["provider_time"] > last or tie
        return (fact["amount"] - counted if newer else 0), newer

    def newest_time(self, fact):
        return max((one["provider_time"] for one in self.told(fact, (fact["kind"],))), default=-1)

    def once(self, fact, known):
        """A movement counts once; its running total may change."""
        counted = sum(one["counted"] for one in known)
        if not known:
            return fact["amount"]
        if fact["flags"] & TOTAL:
            if self.newest_time(fact) > fact["provider_time"]:
                return 0
            if fact["amount"] < counted:
                fact["attention"] |= UNEXPECTED
            return fact["amount"] - counted
        if self.wrong == "movement":
            return fact["amount"]
        if fact["amount"] != counted:
            fact["attention"] |= UNEXPECTED
            fact["aside"] = not fact["answer"]
        return max(0, fact["amount"] - counted) if fact["answer"] else 0

    def count(self, order, p, fact, delta):
        kind = fact["kind"]
        now = p[COUNTER[kind]] + delta
        other = {F_CAPTURED: "voided", F_VOIDED: "captured"}.get(kind)
        if now < 0 or now + (p[other] if other else 0) > ALL:  # no counter can say that
            if fact["answer"]:
                raise Unsure("an answer that no counter can say")
            fact["attention"] |= UNEXPECTED
            fact["aside"] = True
            return
        fact["counted"] = delta
        p[COUNTER[kind]] += delta
        if kind == F_CHARGEBACK:
            fact["attention"] |= CHARGED_BACK
            undone = max(0, min(p["chargeback_reversals"], delta))
            p["charged_back"] -= undone
            p["chargeback_reversals"] -= undone
            if delta > 0:
                self.reverse_kept(p)
            return
        more = max(0, delta)  # a running total may have fallen
        if fact["answer"]:
            asked = self.settle_answered(p, more, fact)
        else:
            asked = self.settle_commands(p, COMMAND_OF[kind], more, fact)
        unasked = more - asked
        fact["unasked"] = unasked
        if kind == F_AUTHORIZED:
            p["flags"] &= ~ACTION_REQUIRED
            p["capture_refused"] = 0 if delta > 0 else p["capture_refused"]
        elif kind in REFUSED_OF:  # what was refused has happened after all
            again = min(unasked, p[REFUSED_OF[kind]])
            p[REFUSED_OF[kind]] -= again
            self.refuse_taken(p, kind, self.of_payment(fact, (kind,)), max(0, -delta))
            p["flags"] |= WITHDRAWN if kind == F_REFUNDED and unasked > again else 0
        expected = kind == F_CAPTURED and p["flags"] & CAPTURE_ONLY and p["captured"] <= p["amount"]
        if kind != F_AUTHORIZED and unasked and not expected:
            fact["attention"] |= UNEXPECTED

    # ---- What is authorized ---------------------------------------------------------------------

    def see_authorized(self, p, fact, before):
        """Money that nobody had asked for: more than before, or than what is renewed and raised."""
        free, known = before
        now = p["authorized"] - p["voided"]
        if fact["kind"] == F_AUTHORIZED and now > free and not (known and now <= p["amount"]):
            fact["attention"] |= UNEXPECTED

    @staticmethod
    def authorized_so_far(p):
        return p["authorized"] - p["voided"], p["pending_authorize"] or p["reported"]

    def facts_of(self, p):
        return [one for one in self.tables["fact"].values()
                if one["payment"] == p["id"] and one["applied"]]

    def movements(self, p, kind):
        """Lists of the facts about one movement each."""
        found = {}
        for one in self.facts_of(p):
            if one["kind"] == kind:
                found.setdefault(movement(one), []).append(one)
        return list(found.values())

    def authorizations(self, p):
        return [one for one in self.movements(p, F_AUTHORIZED)
                if sum(fact["counted"] for fact in one)]

    def raised_by(self, p):
        """By how much the only authorization is beyond the amount of its payment."""
        beyond = p["authorized"] - p["voided"] - p["pending_void"] - p["amount"]
        return max(0, beyond) if len(self.authorizations(p)) == 1 else 0

    def gross(self, p):
        """What was authorized with what was voided: a message says what is left at its time.

        So what was voided before the newest message of every authorization comes on top.
        """
        counting = self.authorizations(p)
        if not counting or not p["voided"]:
            return p["reported"]
        newest = min(max(fact["provider_time"] for fact in one) for one in counting)
        before = sum(fact["counted"] for one in self.movements(p, F_VOIDED) for fact in one
                     if (max(other["provider_time"] for other in one) or
                         min(other["at"] for other in one)) < newest)
        return p["reported"] + (before if p["reported"] + before <= ALL else 0)

    def imply(self, p):
        """What is captured or voided was authorized, also when nobody has said that."""
        p["authorized"] = max(self.gross(p), p["captured"] + p["voided"])

    def renews(self, p, fact):
        """An authorization that is newer than all captures and failures may be captured anew."""
        tried = [one["at"] for key, one in self.tables["command"].items()
                 if key[0] == p["id"] and one["command"] == CAPTURE]
        tried += [one["provider_time"] for one in self.facts_of(p)
                  if one["kind"] in (F_CAPTURED, F_FAILED)]
        return fact["amount"] > 0 and fact["provider_time"] > max(tried, default=0)

    def end_captures(self, p, fact):
        """After the last capture nothing else that was asked is captured."""
        p["pending_capture"] = p["barred"] = 0
        for _, command in () if fact["answer"] else self.open_commands(p, CAPTURE):
            self.end_command(command)
            command["other"] = names_movement(fact)

    def release_after_last(self, p):
        """The last capture releases what was authorized up to then and nothing has taken.

        It is computed from all facts anew, because its message may come before or after any other;
        one that failed since was no last capture. An answer has the time at which it came.
        """
        if not p["flags"] & (LAST_TOLD | ONE_CAPTURE):
            return
        facts, gross = self.facts_of(p), self.gross(p)

        def of_movement(fact):
            return [one for one in facts
                    if (one["kind"], movement(one)) == (fact["kind"], movement(fact))]

        def was_made(fact):
            final, moved = fact["flags"] & FINAL, sum(one["counted"] for one in of_movement(fact))
            return final and not fact["amount"] or (final or p["flags"] & ONE_CAPTURE) and moved
        last = [one["provider_time"] or one["at"] for one in facts
                if one["kind"] == F_CAPTURED and was_made(one)]
        anew = sum(one["counted"] for one in facts if one["kind"] == F_AUTHORIZED and last and
                   max(one["provider_time"] for one in of_movement(one)) > max(last))
        p["voided"] = sum(one["counted"] for one in facts if one["kind"] == F_VOIDED)
        p["voided"] += max(0, gross - p["captured"] - p["voided"] - anew) if last else 0

    def fail(self, order, p, fact):
        """Of a success with the same movement the newer counts; else the payment fails."""
        told = self.told(fact, COMMAND_OF)
        counting = {kind for kind in COMMAND_OF
                    if sum(one["counted"] for one in told if one["kind"] == kind)}
        known = [one for one in told if one["kind"] in counting]
        if any(one["provider_time"] >= fact["provider_time"] for one in known):
            self.see_untimed(fact)
            return 0
        for one in known:
            p[COUNTER[one["kind"]]] -= one["counted"]
            if one["kind"] == F_CAPTURED or self.failed_before(p, one):
                self.refuse_taken(p, one["kind"], known, one["counted"])
        for one in known:
            one["counted"], one["aside"] = 0, True
        later = any(one["kind"] != F_AUTHORIZED for one in told)  # it is no authorization
        if p["state"] == ASKED and not known and not later:
            self.fail_payment(p)
        elif known or not told and not self.fail_command(p, fact):
            fact["attention"] |= UNEXPECTED
        return 0

    def fail_command(self, p, fact):
        """A failure of what nobody has heard of: of the only command under way, if it may be.

        One that is older is of an earlier command, and so may be one that does not say when. A time
        in whole seconds is that of the second.
        """
        asked = [one for key, one in self.tables["command"].items()
                 if key[0] == p["id"] and one["command"] != AUTHORIZE]
        found = [key for command in (CAPTURE, VOID, REFUND)
                 for key, _ in self.open_commands(p, command)]
        if len(found) != 1 or self.told(fact, (F_FAILED,)):
            return False
        one, at = self.edit("command", found[0]), fact["provider_time"]
        ends = at if at % 1000 else at + 999
        older = ends < one["at"] if at else any(other["refused"] for other in asked)
        if older or fact["amount"] not in (0, one["amount"]):
            return False
        pending = PENDING_OF[one["command"]]
        part = min(one["amount"], p[pending])
        p[pending] -= part
        p[REFUSED_OF[KIND_OF[one["command"]]]] += part
        p["attention"] |= REFUSED
        self.end_command(one, refused=True)
        return True

    @staticmethod
    def fail_payment(p):
        p["state"], p["pending_authorize"], p["deadline"] = FAILED, 0, 0

    def reverse_chargeback(self, p, fact, delta):
        if delta == 0:
            return 0
        fact["counted"] = delta
        if delta < 0:  # a total that fell: what is remembered of it is forgotten first
            forgotten = min(-delta, p["chargeback_reversals"])
            p["chargeback_reversals"] -= forgotten
            p["charged_back"] += -delta - forgotten
        elif p["charged_back"] == 0:
            p["chargeback_reversals"] += delta
            fact["attention"] |= UNEXPECTED
        elif delta > p["charged_back"]:
            fact["attention"] |= UNEXPECTED
            fact["counted"], fact["aside"] = 0, True
        elif self.wrong != "reversal":
            p["charged_back"] -= delta
        return 0

    def reverse_kept(self, p):
        """Of two disputes one may be won before the other is known: its reversal was too large."""
        for key, one in sorted(self.tables["fact"].items()):
            kept = (one["kind"] == F_REVERSED and one["payment"] == p["id"] and one["applied"] and
                    one["counted"] == 0 < one["amount"] <= p["charged_back"])
            if kept and not self.failed_later(one) and not any(
                    other["counted"] for other in self.told(one, (F_REVERSED,))):
                one = self.edit("fact", key)
                one["counted"], one["aside"] = one["amount"], False
                p["charged_back"] -= one["amount"]

    def clamp(self, p, reported=True):
        """Captures and voids imply an authorization; nothing is asked of one that is used up."""
        self.release_after_last(p)
        self.imply(p)
        before = p["state"]
        self.set_state(p)
        rest = left(p)
        for command in (CAPTURE, VOID) if rest <= 0 else ():
            p[PENDING_OF[command]] = 0
            ends = reported and before != p["state"] == SPENT
            for _, one in self.open_commands(p, command) if ends else ():
                self.end_command(one, refused=True)
        rest = max(0, rest - p["pending_capture"] - p["pending_void"])
        p["barred"] = min(p["barred"], rest)
        p["capture_refused"] = min(p["capture_refused"], rest - p["barred"])
        p["void_refused"] = min(p["void_refused"], rest)
        p["refund_refused"] = min(p["refund_refused"], max(0, refundable(p)))
