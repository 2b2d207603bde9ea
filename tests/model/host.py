"""An engine with payment providers whose calls are answered when a step of the model says so."""
import itertools

from draw import Draw
from draw_payments import PROVIDERS, SILENT
from holdfast import Engine, error_name

ANSWERS = {"OK": 1, "REJECTED": 2, "ONGOING": 3, "UNKNOWN": 4}
QUEUED = 8
NO_SYNC = 1  # no power is cut here


class Host:
    def __init__(self, url):
        self.engine = Engine(url, virtual_time_ms=Draw(0).now, random_seed=1, threads=0,
                             durability=NO_SYNC)
        for name, flags in PROVIDERS.items():
            if name not in SILENT:
                self.engine.register_provider(name, QUEUED | flags)
        self.tickets = {}  # of calls that nobody has answered, by transaction
        self.calls = {}  # the first call of each transaction
        self.paired = {}  # transaction of a command of the model
        self.strangers = []  # calls that fit no command of the model

    def rest(self, rounds):
        for _ in range(rounds):
            self.engine.do([("expect", {"subject": 1, "key": (1, "tea", "", "pcs")}),
                            ("account_get", {"key": (1, "tea", "", "pcs")})])
        self.take_calls()

    def take_calls(self):
        for call in self.engine.take_calls():
            self.tickets[call["txn"]] = call["ticket"]
            if call["txn"] not in self.calls:
                self.calls[call["txn"]] = call
                self.strangers.append(call)

    # ---- Calls and the commands of the model ----------------------------------------------------

    def pair(self, model):
        """Finds the command of each new call: the oldest with the same content."""
        for call in list(self.strangers):
            for key, one in sorted(model.tables["command"].items()):
                same = (one["payment"], one["command"], one["amount"], int(one["final"])) == (
                    call["payment"], call["command"], call["amount"], call["final"])
                if same and key not in self.paired and not one["lost"]:
                    self.paired[key] = call["txn"]
                    self.strangers.remove(call)
                    break

    def call_differences(self, model):
        self.pair(model)
        missing = [f"the library does not call for command {key}: {one}"
                   for key, one in model.tables["command"].items()
                   if key not in self.paired and one["provider"] not in SILENT and one["open"]]
        return missing + [f"the model does not know the call {call}" for call in self.strangers]

    def answer(self, key, what, amount, reference):
        """Answers the call of a command, and again if it is asked again, e.g. after a deadline."""
        if key not in self.paired:
            return
        txn, known = self.paired[key], what in ("OK", "REJECTED")
        for _ in range(3):
            if txn not in self.tickets:
                self.ask_again(txn)
            if txn not in self.tickets:
                return
            status = self.engine.call_done(self.tickets.pop(txn), ANSWERS[what], amount, reference)
            assert error_name(status) in ("HF_OK", "HF_E_NOT_FOUND"), error_name(status)
            self.rest(2)
            if status == 0 and (not known or txn not in self.tickets):
                break
        if not known and txn not in self.tickets:
            self.ask_again(txn)

    def ask_again(self, txn):
        """A call that was answered UNKNOWN comes again, now instead of after its delay."""
        self.engine.do([("txn_retry_now", {"txn": txn, "reason": "test", "actor": "test"})])
        for _ in itertools.repeat(None, 20):
            self.rest(1)
            if txn in self.tickets:
                return

    def close(self):
        self.engine.close(with_bugs=True)
