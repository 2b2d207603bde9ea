"""Says in Python's words what the C headers say in those of C.

Every name of the library is replaced by the one that Python has for it: HF_E_STOCK_SHORT is
StockShortError, hf_order_place is orders.place. A name that has no counterpart is a KeyError, so a
header cannot bring one into the manual unnoticed; `left` finds what else is only true in C.
"""
from __future__ import annotations

import builtins
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Callable, Dict, List, Set, Tuple

import enumerations
import headers

if TYPE_CHECKING:
    from holdfast import _names
else:  # not the package: it needs what generate.py writes
    sys.path.insert(0, str(Path(__file__).resolve().parent / "holdfast"))
    import _names

#: What a function is called that is no operation.
FUNCTIONS = {
    "hf_submit": "submit_many", "hf_submit_from": "holdfast.sync", "hf_verify": "verify",
    "hf_backup": "backup", "hf_restore": "holdfast.restore", "hf_engine_open": "holdfast.open",
    "hf_engine_close": "close", "hf_engine_detail": "detail", "hf_health": "health",
    "hf_metrics": "metrics", "hf_metrics_text": "metrics_text", "hf_clock_advance": "clock_advance",
    "hf_time_accept": "time_accept", "hf_id_make": "new_id", "hf_id_time": "holdfast.id_time",
    "hf_id_from_key": "holdfast.id_from_key", "hf_money_split": "holdfast.split",
    "hf_money_muldiv": "holdfast.muldiv", "hf_order_total": "holdfast.order_total",
    "hf_events_subscribe": "follow", "hf_event_next": "holdfast.changes",
    "hf_participant_register": "register_participant", "hf_journal_read": "holdfast.journal",
    "hf_provider_register": "register_provider", "hf_cache_new": "Cache",
    "hf_cache_answer": "an answer", "hf_cache_get": "Cache.get", "hf_cache_ask": "Cache.load",
    "hf_cache_put": "Cache.put", "hf_cache_remove": "Cache.remove", "hf_cache_clear": "Cache.clear",
    "hf_cache_free": "Cache.close", "hf_metric_at": "holdfast.METRICS",
    "hf_completions": "the completion queue", "hf_call_done": "the answer",
    "hf_order_peek": "orders.peek", "hf_account_peek": "accounts.peek", "hf_item_peek": "items.peek",
    "hf_orders_peek": "orders.peek",
    "hf_admission_wait": "await", "hf_barrier_decide": "the barrier of a service",
}
#: What a struct is called that is no record.
STRUCTS = {
    "hf_op_head": "every operation (help(holdfast.Op))", "hf_options": "the options of holdfast.open",
    "hf_call_answer": "Reply", "hf_participant": "a participant", "hf_provider": "a provider",
    "hf_account_ref": "Key", "hf_account_key": "Key", "hf_breaker": "a circuit breaker",
    "hf_op": "an operation", "hf_completion": "the outcome", "hf_id": "UUID",
    "hf_cache_options": "the options of a cache", "hf_cache_key": "a key",
}
#: Where a header's introduction is in Python.
HEADERS = {
    "account": "accounts", "item": "items", "order": "orders", "payment": "payments",
    "hold": "holds", "unit": "units", "event": "events", "txn": "transactions", "node": "nodes",
    "attention": "attention", "erase": "erase", "error": "errors", "journal": "journal",
    "metrics": "Engine.metrics", "engine": "open", "cache": "cache", "participant": "Engine",
    "peek": "orders.peek", "admission": "Admission",
}
#: Members with a name of their own where the class says the rest.
ALONE = {"HF_ALL": "ALL", "HF_OP_LINKED": "chain", "HF_CACHE_KEY_MAX": "4,096",
         "HF_STORE_EXCLUSIVE": "a built-in one", "HF_STORE_SHARED": "a shared one"}
CONSTANT = re.compile(r"#define (HF_\w+) +(\d+)\b(?!u)")
NAME = re.compile(r"\bHF_[A-Z][A-Z0-9_]*\*?|\bhf_[a-z0-9_]+(?:\.[a-z_]+)?")
HEADER = re.compile(r"\b(\w+)\.h\b")
#: Sentences and words that hold for C alone. What they become; an empty text removes them.
PLAIN: List[Tuple[str, str]] = [
    (r" ?\bThread: [^.]*\.", ""), (r" ?\bSince 0\.\d+\.", ""),
    (r"(?:; )?\bset by (?:its )?_init\b", ""), (r"(?:[;,.] ?)?\b[Bb]orrowed(?: for the call)?\b", ""),
    (r"(?:[;,] )?\b(?:else it )?may be NULL\b(?: \(default\))?", ""), (r"; copied\b", ""),
    (r"\bNULL or \"\"", '""'), (r"\bNULL or empty\b", "empty"), (r"\bNULL or (?=\d)", ""),
    (r"\bNULL\b", "None"), (r"\b[Aa]ll zero\b", "None"), (r"\breplaced by head\.meta\b", "replaced by that of the call"), (r"\bhead\.(?=\w)", ""),
    (r"\bINT64_MIN\b", "-2**63"), (r"\bINT64_MAX\b", "2**63 - 1"), (r"\bUINT64_MAX\b", "2**64 - 1"),
    (r"(?<=, )_(?=[A-Z])", ""), (r"\buser_data distinguishes them; ?", ""),
    (r"\bCallbacks with\b", "Outcomes with"), (r"\bthe callback waits\b", "the await lasts"),
    (r"\bthen it gets\b", "then it raises"), (r"\bcalled back\b", "completed"),
    (r"\bmay complete with\b", "may raise"), (r"\bcompletes? with (?=\w+Error)", "raises "), (r"\ba misuse\b", "any Misuse"),
    (r"\bcompletes with 0 when\b", "succeeds when"),
    (r"\bthe completion has it\b", "the event has it"),
    (r"\b(its|the) callback\b", r"\1 outcome"), (r"\ban (?=[BCDFGHJ-NP-TV-Z][a-z])", "a "),
    (r"\bsee the top of this file\b", "see help(holdfast.orders)"),
    (r"\bFACTS above\b", "FACTS in help(holdfast.payments)"),
]
#: The same before the names are replaced.
FIRST: List[Tuple[str, str]] = [
    (r"\bhf_\w+_init: ", "default "), (r"\bhf_event_type_name\b", "its name"),
    (r"\bhf_breaker_state: |; see hf_breaker\b", ""), (r"^How every argument struct begins\.\n", ""),
    (r" The struct and what it points to live until [^.]*\.", ""),
    (r"\bits struct\b", "its record"), (r"from this callback until", "from then until"),
    (r"[;,]? ?\b(?:live|valid) (?:until|in) the callback(?: returns)?", ""),
    (r"in this order of checks and after those of hf_op_head", "in this order of checks, after those "
     "of every operation"),
    (r"; the _init functions here set kind ITEM and unit \"pcs\"", ""),
]
#: What may not be left: names of C, pointers, what C hosts do with memory and threads.
ONLY_C = re.compile(r"\bhf_|HF_|\bNULL\b|\w->\w|\*out\b|_init\b|[Bb]orrowed|[Cc]allback|\bhead\b|sizeof"
                    r"|Thread:|\bpointer|user_data|\bstruct\b|INT64|\w\.h\b|malloc")


class Words:
    """Translates texts of the headers."""

    def __init__(self, where: Path, found: headers.Headers) -> None:
        self.found = found
        self.times: Set[str] = set()
        table = (where / "error.h").read_text(encoding="utf-8")
        self.errors = list(dict.fromkeys(re.findall(r"\bX\((HF_E_\w+),", table)))
        self.names: Dict[str, str] = {**FUNCTIONS, **STRUCTS, **ALONE}
        self._add_operations()
        self._add_members(enumerations.classes(where, found))
        for path in where.glob("*.h"):
            for name, value in CONSTANT.findall(path.read_text(encoding="utf-8")):
                self.names.setdefault(name, f"{int(value):,}")
        for name in found.structs:
            self.names.setdefault(name, _names.record_class(name))

    def _add_operations(self) -> None:
        for member in self.found.enums["hf_op_type"].members:
            name = member.name[len("HF_OP_"):].lower()
            family, method = _names.split_name(name)
            self.names[f"hf_{name}"] = f"{family}.{method}" if family else method
            self.names[f"hf_{name}_args"] = f"the arguments of {self.names[f'hf_{name}']}"

    def _add_members(self, made: Dict[str, enumerations.EnumClass]) -> None:
        for name, one in made.items():
            self.names[name] = one.name
            for short, member in one.members:
                self.names[member.name] = f"{one.name}.{short}"
        self.names["HF_EVENT_*"] = "EventType"

    def _error(self, name: str) -> str:
        """An exception, or those whose names begin so."""
        begins = name[:-1] if name.endswith("*") else name
        found = [one for one in self.errors if one == name or begins != name
                 and one.startswith(begins)]
        classes = [_names.error_class(one) for one in found]
        if not classes:
            raise KeyError(f"{name}: error.h has no such error")
        return ", ".join("errors." + one if hasattr(builtins, one) else one for one in classes)

    def _name(self, match: "re.Match[str]") -> str:
        whole = match[0]
        if whole.startswith("HF_E_"):
            return self._error(whole)
        if whole in self.names:
            return self.names[whole]
        owner, _, field = whole.partition(".")
        if not field:
            raise KeyError(f"{whole}: words.py does not know what Python calls it")
        field = self.field_name(field)
        if owner == "hf_options":
            return f"the option {field}"
        if owner.endswith("_args") and owner[:-5] in self.names:
            return f"{field} of {self.names[owner[:-5]]}"
        element = owner[len("hf_"):-len("_args")]
        known = _names.element_class(element) if owner.endswith("_args") else self.names[owner]
        return f"{known}.{field}"

    def field_name(self, field: str) -> str:
        """A field as Python has it: times without their unit."""
        return _names.python_name(field[:-3] if field in self.times else field)

    def say(self, text: str) -> str:
        """The text in Python's words, its lines as they were."""
        for pattern, word in FIRST:
            text = re.sub(pattern, word, text)
        said = NAME.sub(self._name, text)
        said = HEADER.sub(lambda m: f"help(holdfast.{HEADERS[m[1]]})", said)
        for pattern, word in PLAIN:
            said = re.sub(pattern, word, said)
        said = re.sub(r"\b[a-z]\w*_ms\b", lambda m: self.field_name(m[0]), said)
        return re.sub(r"^[;,.] ?|(?<=\S) +(?=[.,;]( |$))", "", said, flags=re.MULTILINE).strip(" ")


Say = Callable[[str], str]
