"""Draws what providers say: reports of every kind in any order, and answers to commands.

Amounts and references are those of the payment that is meant more often than not, so that facts
meet what was asked, repeat each other, and contradict each other.
"""
from facts import NOBODY, movement
from money import AUTHORIZE, ONE_CAPTURE, WHOLE_VOID

# "slip" is not registered: nobody answers its commands, only reports tell of them.
PROVIDERS = {"card": WHOLE_VOID, "wire": ONE_CAPTURE, "bank": 0, "slip": 0}
SILENT = ("slip",)
KINDS = [0] * 4 + [1] * 5 + [2] * 2 + [3] * 3 + [4] * 2 + [5] * 2 + [6] + [7] * 2
AMOUNTS = ("amount", "authorized", "captured", "pending_authorize", "pending_capture",
           "pending_void", "pending_refund", "charged_back", "voided")


class DrawPayments:
    def new_ref(self, what):
        self.refs += 1
        return f"{what} {self.refs}"

    def provider_payment(self):
        """A payment by a provider, one that is still wanted more often than not; None: none yet."""
        found = [p for ident in self.ids["payment"][-25:]
                 for p in [self.model.payment_of(ident)[1]] if p and p["provider"]]
        return self.one_of(found) if found else None

    def amount_of(self, p):
        if self.chance(0.15):
            return self.up_to(p["amount"])
        return max(1, self.one_of([p[name] for name in AMOUNTS if p[name]] + [p["amount"]]))

    def known_movement(self, p):
        """A reference that was named before, of this payment or of any."""
        facts = list(self.model.tables["fact"].values())
        own = [one for one in facts if one["payment"] == p["id"]] if self.chance(0.9) else facts
        names = [movement(one) for one in own if not movement(one).startswith("command")]
        return self.one_of(names) if names else ""

    def payment_report(self):
        p = self.provider_payment()
        past = [values for name, values in self.past[-60:] if name == "payment_report"]
        if past and self.chance(0.12):
            again = {name: value for name, value in self.one_of(past).items() if name != "id"}
            if self.chance(0.3):
                again["amount"] += 1
            return again
        if p is None:
            p = {"id": NOBODY, "provider": "bank", "amount": 9, "ref": "",
                 "further": [], **dict.fromkeys(AMOUNTS[1:] + ("capture_refused",), 0)}
        renewed = p["ref"] and (p["capture_refused"] or p["voided"]) and self.chance(0.4)
        kind = 0 if renewed else self.one_of(KINDS)
        named = self.chance(0.65)
        total, final = int(self.chance(0.15)), 2 * (kind == 1 and self.chance(0.1))
        nothing = (total or kind in (4, 6)) and self.chance(0.15)
        return {"provider": p["provider"] if not self.chance(0.02) else "bank",
                "fact_ref": self.new_ref("e") if self.chance(0.9) else
                self.known_movement(p) or self.new_ref("e"),
                "kind": kind, "unit": "XYZ" if self.chance(0.02) else "EUR",
                "payment": (p["id"] if not self.chance(0.03) else self.known("payment"))
                if named else NOBODY,
                "reference": self.reference_of(p, kind),
                "payment_ref": self.payment_ref(p, named), "flags": total | final,
                "amount": 0 if nothing else self.amount_of(p),
                "provider_time_ms": self.time_of_report()}

    def reference_of(self, p, kind):
        """Of an authorization often the one that the payment is known by: it is renewed."""
        if kind == 0 and p["ref"] and self.chance(0.4):
            return p["ref"]
        return self.one_of(["", "", self.new_ref("m"), self.known_movement(p)])

    def time_of_report(self):
        """Some time ago, or by another clock some time ahead; a few do not say when."""
        ago = self.up_to(36) - 6
        return self.now - ago if ago < 30 else 0

    def payment_ref(self, p, named):
        if named and self.chance(0.6):
            return ""
        if p["ref"] and not self.chance(0.1):
            return self.one_of([p["ref"], p["ref"]] + p["further"])
        other = self.provider_payment()
        return self.one_of([f"auth {p['id'].hex()[-4:]}", self.new_ref("auth"),
                            other["ref"] if other else ""])

    # ---- Answers --------------------------------------------------------------------------------

    def answer(self):
        """("answer", command, what, amount, reference) for a command nobody has answered; or None.
        """
        wanted = [key for key, one in self.model.tables["command"].items()
                  if key not in self.answered and one["provider"] not in SILENT]
        if not wanted:
            return None
        key = self.one_of(wanted[-12:])
        command = self.model.get("command", key)
        what = self.one_of(["OK"] * 12 + ["REJECTED"] * 3 + ["UNKNOWN"] * 2 + ["ONGOING"])
        if what in ("OK", "REJECTED"):
            self.answered.add(key)
        p = self.model.payment_of(command["payment"])[1]
        part = command["command"] == AUTHORIZE and self.chance(0.15)
        reference = self.one_of(["", self.new_ref("m"), self.new_ref("m"), self.known_movement(p)])
        return ("answer", key, what, self.up_to(command["amount"]) if part and what == "OK" else 0,
                reference if what == "OK" else "")

    def attention_clear(self):
        subject = self.one_of([0, 1, 1, 2, 2, 3])
        values = {"subject": subject, "bits": self.one_of([255, 128, 64, 4, 20]), "reason": "seen",
                  "actor": "clerk", "op": self.new_id()}
        if subject == 0:
            return {**values, "account": (2, self.one_of(["anna", "bert"]), "", "EUR")}
        facts = list(self.model.tables["fact"].values())
        facts = [one for one in facts if not one["fact_ref"].startswith("command")]
        if subject == 3 and facts:
            fact = self.one_of(facts[-10:])
            return {**values, "provider": fact["provider"], "fact_ref": fact["fact_ref"],
                    "kind": fact["kind"]}
        return {**values, "subject": 1 + subject % 2,
                "id": self.known("order" if subject % 2 == 0 else "payment")}
