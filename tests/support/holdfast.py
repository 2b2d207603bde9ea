"""The library for tests written in Python: operations built from their shapes, results as dicts.

    engine = Engine("memory:", virtual_time_ms=1)
    done = engine.do([("account_put", {"key": (2, "wallet", "", "EUR"), "unit_scale": 2})])
    done[0].status, done[0].result["balance"]

Arguments are named as in the headers: a key is (kind, name, place, unit), an array a list of
dicts, an id 16 bytes; "id" and "expected_version" stand in the head, and "op" is the head's id of
an operation that has an argument named id. An operation is a pair, or a
triple whose last element says that it is linked to the next. HOLDFAST_LIBRARY names the library.
"""
import ctypes as c
import struct
from collections import namedtuple

from shapes import (CALL, RESULTS, SHAPES, WORLD, Memory, Reader, fill, lib, order_with_legs,
                    struct_shape)

__all__ = ["WORLD", "Engine", "error_name", "id_of", "lib"]

lib.hf_error_name.restype = lib.hf_engine_detail.restype = c.c_char_p

Done = namedtuple("Done", "status type id result detail event_seq at_ms")
Verdict = namedtuple("Verdict", "status findings digest rows events orders")
NUMBER_NAMES = {shape.number: name for name, shape in SHAPES.items()}


def error_name(error):
    return lib.hf_error_name(error).decode()


def id_of(time_ms, text):
    """A stable id from a text."""
    out = (c.c_uint8 * 16)()
    assert lib.hf_id_from_key(c.c_int64(time_ms), text.encode(), out) == 0
    return bytes(out)


# ---- The engine ----------------------------------------------------------------------------------

OPTIONS, PROVIDER, ANSWER = (struct_shape("hf_" + name)
                             for name in ("options", "provider", "call_answer"))
HEALTH = struct_shape("hf_health_info")
HEALTHS, FINDINGS, CALLS = (Reader(struct_shape("hf_" + name))
                            for name in ("health_info", "verify_result", "call"))
VERIFIED = c.CFUNCTYPE(None, c.c_void_p, c.c_int, c.c_void_p)
COMPLETION = struct.Struct("<QiI16sQQQq")
OP = struct.Struct("<IIQQ40x")


class Engine:
    def __init__(self, store, **options):
        self.loop, self.handle = c.c_void_p(), c.c_void_p()
        assert lib.hf_loop_create(c.byref(self.loop)) == 0
        memory, detail = Memory(), c.create_string_buffer(480)
        given = memory.struct(OPTIONS, {"store": store, "error": c.addressof(detail),
                                        "error_bytes": 480, **options})
        error = lib.hf_engine_open(self.loop, given, c.byref(self.handle))
        if error != 0:
            raise OSError(error, f"{store}: {error_name(error)}: {detail.value.decode()}")
        self.out = c.create_string_buffer(64 * 1024)
        self.calls = []  # of providers, not taken yet

    def submit(self, ops, first=0):
        """Submits as many as are accepted; completions carry their number from `first` on."""
        memory, raw = Memory(), b""
        for i, (name, values, *linked) in enumerate(ops):
            shape = SHAPES[name]
            args = memory.struct(shape, values)
            raw += OP.pack(shape.number, 1 if linked and linked[0] else 0, c.addressof(args),
                           first + i)
        return lib.hf_submit(self.handle, raw, len(ops), None)

    def completions(self, wait=True):
        """What waits, else what one turn of the loop brings; [(number, Done)]."""
        count = lib.hf_completions(self.handle, self.out, 1024)
        if count == 0:
            lib.hf_loop_run_once(self.loop, 1 if wait else 0)
            count = lib.hf_completions(self.handle, self.out, 1024)
        assert count >= 0, error_name(count)
        found = []
        for i in range(count):
            number, status, kind, ident, result, detail, seq, at = COMPLETION.unpack_from(
                self.out, 64 * i)
            if kind == CALL:
                self.calls.append(CALLS(result))
                continue
            name = NUMBER_NAMES[kind]
            value = RESULTS[name](result) if result else None
            if value and "lines" in value:
                value = order_with_legs(value)
            text = c.string_at(detail).decode() if detail else ""
            found.append((number, Done(status, name, ident, value, text, seq, at)))
        return found

    def do(self, ops):
        """All of them in flight together; their answers in order, those given at once too."""
        answers, sent = [None] * len(ops), 0
        while None in answers:
            if sent < len(ops):
                accepted = self.submit(ops[sent:], sent)
                if accepted < 0 and error_name(accepted) != "HF_E_OVERLOADED":
                    answers[sent] = Done(accepted, ops[sent][0], None, None, self.detail(), 0, 0)
                    accepted = 1
                sent += max(accepted, 0)
            if None in answers[:sent]:
                for number, done in self.completions():
                    answers[number] = done
        return answers

    def detail(self):
        return lib.hf_engine_detail(self.handle).decode()

    def advance(self, ms):
        assert lib.hf_clock_advance(self.handle, c.c_int64(ms)) == 0

    # ---- Providers whose calls come from the queue of completions -------------------------------

    def register_provider(self, name, flags):
        """Its calls never time out, and come again 1 ms after an answer that is not known."""
        memory = Memory()
        about = memory.struct(PROVIDER, {
            "name": name, "flags": flags, "call_timeout_ms": 10**12, "breaker_failures": 0,
            "in_flight_max": 4096, "retries_per_hundred": 100})
        fill(memory, about, PROVIDER.fields["retry"].offset, PROVIDER.fields["retry"].element,
             {"initial_ms": 1, "cap_ms": 1, "attempts_max": 0, "elapsed_max_ms": 0})
        error = lib.hf_provider_register(self.handle, about)
        assert error == 0, error_name(error)

    def take_calls(self):
        calls, self.calls = self.calls, []
        return calls

    def call_done(self, ticket, answer, amount=0, reference=""):
        memory = Memory()
        reply = memory.struct(ANSWER, {"answer": answer, "amount": amount, "reference": reference})
        return lib.hf_call_done(self.handle, c.c_uint64(ticket), reply)

    def verify(self):
        answer = []

        def verified(_, status, at):
            if status != 0:
                answer.append(Verdict(status, [], "", 0, 0, 0))
                return
            found = FINDINGS(at)
            texts = [finding["text"] for finding in found["findings"]]
            assert (found["findings_total"] == 0) == (not texts)
            answer.append(Verdict(0, texts, found["digest"].hex(),
                                  *(found[name] for name in ("rows", "events", "orders"))))

        called = VERIFIED(verified)
        error = lib.hf_verify(self.handle, None, called, None)
        assert error == 0, error_name(error)
        while not answer:
            lib.hf_loop_run_once(self.loop, 1)
        return answer[0]

    def invariants(self):
        """How many operations met a bug of the library since open."""
        info = Memory().struct(HEALTH, {})
        assert lib.hf_health(self.handle, info) == 0
        return HEALTHS(c.addressof(info))["invariants"]

    def close(self, with_bugs=False):
        assert with_bugs or self.invariants() == 0
        assert lib.hf_engine_close(self.handle, None, None) == 0
        while lib.hf_loop_run_once(self.loop, 1):
            pass
        assert lib.hf_loop_destroy(self.loop) == 0
