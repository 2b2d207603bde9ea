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
import os
import struct
from collections import namedtuple

lib = c.CDLL(os.environ["HOLDFAST_LIBRARY"])
lib.hf_op_name.restype = lib.hf_error_name.restype = c.c_char_p
lib.hf_engine_detail.restype = c.c_char_p
lib.hf_op_shape.restype = c.c_void_p
lib.hf_struct_size.restype = c.c_size_t

WORLD = (0, None, None, None)
Done = namedtuple("Done", "status type id result detail event_seq at_ms")
Verdict = namedtuple("Verdict", "status findings digest rows events orders")
Shape = namedtuple("Shape", "size fields init number")
Field = namedtuple("Field", "name kind offset element")


def error_name(error):
    return lib.hf_error_name(error).decode()


def id_of(time_ms, text):
    """A stable id from a text."""
    out = (c.c_uint8 * 16)()
    assert lib.hf_id_from_key(c.c_int64(time_ms), text.encode(), out) == 0
    return bytes(out)


# ---- Shapes: what the library says of its own argument structs -----------------------------------

INIT = c.CFUNCTYPE(None, c.c_void_p)
NUMBERS = {5: "<q", 6: "<i", 7: "<I", 8: "<Q", 9: "<q", 10: "<I", 11: "<I"}
TEXTS, IDS, KEYS, ARRAY, NAMES, HEAD, BYTES = (1, 2), (3, 4), (12, 13), 14, 15, 16, 17


def read_shape(at, number=0):
    _, size, count, fields, init = struct.unpack("<QIIQQ", c.string_at(at, 32))
    found = []
    for i in range(count):
        raw = struct.unpack("<QIIqqiIQQ", c.string_at(fields + 56 * i, 56))
        element = read_shape(raw[8]) if raw[8] else None
        found.append(Field(c.string_at(raw[0]).decode(), raw[1], raw[2], element))
    return Shape(size, {f.name: f for f in found}, INIT(init) if init else None, number)


def read_shapes():
    assert lib.hf_struct_size(b"hf_field") == 56 and lib.hf_struct_size(b"hf_shape") == 32
    found = {}
    for number in range(1, 100):
        name = lib.hf_op_name(number)
        if name:
            found[name.decode()] = read_shape(lib.hf_op_shape(number), number)
    return found


SHAPES = read_shapes()
NUMBER_NAMES = {shape.number: name for name, shape in SHAPES.items()}


class Memory:
    """Keeps what argument structs point to until they have been submitted."""
    def __init__(self):
        self.kept = []

    def text(self, value):
        if value is None:
            return 0
        raw = value if isinstance(value, bytes) else value.encode()
        return self.block(raw + b"\0")

    def block(self, raw):
        buffer = c.create_string_buffer(raw, max(len(raw), 1))
        self.kept.append(buffer)
        return c.addressof(buffer)


def put_head(memory, out, values):
    struct.pack_into("<16sQQ", out, 8, values.get("op", values.get("id", b"\0" * 16)),
                     values.get("expected_version", 0), memory.text(values.get("actor")))
    meta = values.get("meta", b"")
    struct.pack_into("<QQ", out, 40, memory.block(meta) if meta else 0, len(meta))


def put_field(memory, out, at, field, value):
    at += field.offset
    if field.kind in NUMBERS:
        struct.pack_into(NUMBERS[field.kind], out, at, value)
    elif field.kind in TEXTS:
        struct.pack_into("<Q", out, at, memory.text(value))
    elif field.kind in IDS:
        struct.pack_into("16s", out, at, value)
    elif field.kind in KEYS:
        struct.pack_into("<IIQQQ", out, at, value[0], 0, *(memory.text(t) for t in value[1:]))
    elif field.kind == BYTES:
        struct.pack_into("<QQ", out, at, memory.block(value), len(value))
    elif field.kind == NAMES:
        items = struct.pack(f"<{len(value)}Q", *(memory.text(t) for t in value))
        struct.pack_into("<QI", out, at, memory.block(items), len(value))
    else:
        assert field.kind == ARRAY, field
        size = field.element.size
        items = c.create_string_buffer(max(size * len(value), 1))
        memory.kept.append(items)
        for i, one in enumerate(value):
            fill(memory, items, i * size, field.element, one)
        struct.pack_into("<QII", out, at, c.addressof(items), len(value), size)


def fill(memory, out, at, shape, values):
    if shape.init:
        shape.init(c.addressof(out) + at)
    for name, value in values.items():
        if isinstance(value, dict):
            for part, inner in value.items():
                put_field(memory, out, at, shape.fields[f"{name}.{part}"], inner)
        elif name in shape.fields:
            put_field(memory, out, at, shape.fields[name], value)
        else:
            assert name in ("op", "id", "expected_version", "actor", "meta"), name
    if "head" in shape.fields:
        put_head(memory, out, values)


# ---- Results -------------------------------------------------------------------------------------

# format characters of struct; "n" is a name of 64 bytes, "i" an id, "r" an account's key
RECORDS = {
    "account": "r:key q:balance,held_out,held_in,min_balance,min_available,max_balance,created_at,"
    "updated_at Q:version,waiting I:frozen,overtake,attention,reserved Q:meta,meta_bytes",
    "hold": "i:id,fingerprint r:from,to q:amount,posted,released,reversed,deadline,created,updated "
    "Q:version I:state,attention Q:meta,meta_bytes i:txn",
    "payment": "i:id,fingerprint,order r:account n:provider,provider_ref q:amount,authorized,"
    "captured,voided,refunded,charged_back,pending_authorize,pending_capture,pending_void,"
    "pending_refund,deadline,created,updated Q:version I:no,method,settle_on,state,attention,"
    "commands,flags,reserved q:barred,capture_refused,void_refused,refund_refused,"
    "authorized_implied,chargeback_reversals",
    "unit": "n:code I:scale,reserved",
    "fact": "n:provider,fact_ref,unit i:payment q:amount,provider_time,at I:kind,attention i:txn "
    "n:reference,payment_ref q:uncounted I:flags,reserved",
    "order": "i:id,fingerprint n:customer,currency,series,external_ref q:total,created,deadline,"
    "confirmed,closed Q:number,placed_seq,version I:state,policy,attention,line_count,"
    "adjustment_count,payment_count Q:meta,meta_bytes q:kept,given_away",
    "leg": "r:from,to q:per_unit,units,fulfilled,cancelled,returned,deadline I:role,reserved",
    "order_line": "i:order n:sku q:quantity,unit_price,price_per,total,fulfilled,cancelled,"
    "returned I:no,settle_on,leg_count,reserved",
    "order_view": "I:size,line_count Q:order,lines,legs,adjustments,payments I:leg_count,"
    "adjustment_count,payment_count,authorized_state,paid_state,refund_state,shipping_state,"
    "return_state q:authorized,captured,refunded,owed,covered",
    "event": "Q:seq q:at i:subject Q:subject_version i:op n:actor I:type,subject_kind Q:body,"
    "body_bytes",
    "erase_result": "Q:records,orders I:open,more",
    "call": "I:size,phase Q:ticket i:txn,key Q:participant,payload,payload_bytes,epoch "
    "q:time_left,amount i:payment,order Q:unit,reference I:branch,version,attempt,command,final,"
    "reserved",
    "page": "Q:rows I:count,at_end Q:next_seq",
    "txn": "i:id,fingerprint,payment q:deadline,due,created,decided,ended,updated,amount "
    "Q:epoch,version n:reason I:kind,state,parked,open,shard,branch_count,move_count,attempts,"
    "command,flags Q:meta,meta_bytes",
}
PARTS = {"r": "200s", "n": "64s", "i": "16s"}


def read_record(text):
    pairs = [word.split(":") for word in text.split()]
    fields = [(name, kind) for kind, names in pairs for name in names.split(",")]
    form = struct.Struct("<" + "".join(PARTS.get(kind, kind) for _, kind in fields))
    return form, [name for name, _ in fields], [(n, k) for n, k in fields if k in "rn"]


FORMS = {name: read_record(text) for name, text in RECORDS.items()}
for _name in ("account", "hold", "payment", "fact", "order", "leg", "order_view", "event",
              "txn", "call"):
    assert FORMS[_name][0].size == lib.hf_struct_size(b"hf_" + _name.encode()), _name
LEG_AT = FORMS["order_line"][0].size


def name_text(raw):
    return raw.split(b"\0", 1)[0].decode()


def key_tuple(raw):
    kind = struct.unpack_from("<I", raw, 192)[0]
    if kind == 0:
        return WORLD
    return (kind, name_text(raw[:64]), name_text(raw[64:128]), name_text(raw[128:192]))


def record(name, at):
    form, names, special = FORMS[name]
    found = dict(zip(names, form.unpack(c.string_at(at, form.size))))
    for field, kind in special:
        found[field] = key_tuple(found[field]) if kind == "r" else name_text(found[field])
    return found


def pointers(at, count):
    return struct.unpack(f"<{count}Q", c.string_at(at, 8 * count)) if count else ()


def order_view(at):
    view = record("order_view", at)
    view["order"] = record("order", view["order"])
    view["payments"] = [record("payment", p) for p in pointers(view["payments"],
                                                               view["payment_count"])]
    lines, view["lines"] = view["lines"], []
    for at_line in pointers(lines, view["line_count"]):
        line = record("order_line", at_line)
        line["legs"] = [record("leg", at_line + LEG_AT)] if line["leg_count"] else []
        view["lines"].append(line)
    for at_leg in pointers(view["legs"], view["leg_count"]):
        no = struct.unpack("<I", c.string_at(at_leg + 16, 4))[0]
        view["lines"][no - 1]["legs"].append(record("leg", at_leg + 24))
    return view


def page(at, what):
    head = record("page", at)
    return {"rows": [record(what, p) for p in pointers(head["rows"], head["count"])],
            "at_end": head["at_end"], "next_seq": head["next_seq"]}


RESULTS = {
    **dict.fromkeys(("item_put", "item_receive", "item_adjust", "item_get", "account_put",
                     "account_adjust", "account_deposit", "account_withdraw", "account_transfer", "account_get"),
                    lambda at: record("account", at)),
    **dict.fromkeys(("hold_place", "hold_post", "hold_release", "hold_adjust", "hold_reverse",
                     "hold_get"), lambda at: record("hold", at)),
    **dict.fromkeys(("order_place", "order_amend", "order_cancel", "order_fulfil", "order_return",
                     "order_get", "payment_add"), order_view),
    **dict.fromkeys(("payment_capture", "payment_void", "payment_refund", "payment_get"),
                    lambda at: record("payment", at)),
    "payment_report": lambda at: record("fact", at),
    "erase": lambda at: record("erase_result", at),
    "unit_put": lambda at: record("unit", at),
    "account_list": lambda at: page(at, "account"),
    "order_list": lambda at: page(at, "order"),
    "events_read": lambda at: page(at, "event"),
    "txn_list": lambda at: page(at, "txn"),
}


def text_at(at):
    return c.string_at(at).decode() if at else ""


def call_of(at):
    found = record("call", at)
    for name in ("participant", "unit", "reference"):
        found[name] = text_at(found[name])
    return found


# ---- The engine ----------------------------------------------------------------------------------

class Options(c.Structure):
    _fields_ = [(name, kind) for kind, names in (
        (c.c_uint32, "size threads"), (c.c_char_p, "store"), (c.c_void_p, "driver"),
        (c.c_uint64, "queue_bytes_max batch_bytes_max cache_bytes_max"),
        (c.c_uint32, "queue_ops_max batch_ops_max completions_max durability check log_level"),
        (c.c_int64, "virtual_time_ms"), (c.c_uint64, "random_seed"),
        (c.c_void_p, "log log_data allocator progress progress_data error"),
        (c.c_uint64, "error_bytes"), (c.c_uint32, "txns_max lease_ms"),
        (c.c_uint64, "journal_bytes_max"), (c.c_int64, "txn_keep_ms"),
        (c.c_char_p, "node_name node_address node_role"),
        (c.c_uint32, "refuse_card_numbers without_journal"), (c.c_char_p, "clock_actor"),
        (c.c_uint32, "clock_behind reserved")) for name in names.split()]


assert c.sizeof(Options) == lib.hf_struct_size(b"hf_options")


class Retry(c.Structure):
    _fields_ = [("size", c.c_uint32), ("attempts_max", c.c_uint32), ("initial_ms", c.c_int64),
                ("cap_ms", c.c_int64), ("elapsed_max_ms", c.c_int64), ("multiplier", c.c_uint32),
                ("reserved", c.c_uint32)]


class Provider(c.Structure):
    _fields_ = [("size", c.c_uint32), ("reserved", c.c_uint32), ("name", c.c_char_p)] + [
        (name, c.c_void_p) for name in "authorize capture void_ refund query data".split()] + [
        ("retry", Retry), ("call_timeout_ms", c.c_int64), ("breaker_open_ms", c.c_int64)] + [
        (name, c.c_uint32) for name in "breaker_failures in_flight_max retries_per_hundred flags"
        .split()]


class CallAnswer(c.Structure):
    _fields_ = [("size", c.c_uint32), ("answer", c.c_uint32), ("amount", c.c_int64),
                ("after_ms", c.c_int64), ("reference", c.c_char_p), ("detail", c.c_char_p)]


assert c.sizeof(Provider) == lib.hf_struct_size(b"hf_provider")
assert c.sizeof(CallAnswer) == lib.hf_struct_size(b"hf_call_answer")
CALL = 128  # the type of a completion that is a call of a provider or participant


VERIFIED = c.CFUNCTYPE(None, c.c_void_p, c.c_int, c.c_void_p)
COMPLETION = struct.Struct("<QiI16sQQQq")
OP = struct.Struct("<IIQQ40x")


INVARIANTS_AT = 4 * 4 + 12 * 8  # hf_health_info: four words and twelve counters before it


class Engine:
    def __init__(self, store, **options):
        self.loop, self.handle = c.c_void_p(), c.c_void_p()
        assert lib.hf_loop_create(c.byref(self.loop)) == 0
        given, detail = Options(), c.create_string_buffer(480)
        lib.hf_options_init(c.byref(given))
        given.store, given.error, given.error_bytes = store.encode(), c.addressof(detail), 480
        for name, value in options.items():
            setattr(given, name, value)
        error = lib.hf_engine_open(self.loop, c.byref(given), c.byref(self.handle))
        if error != 0:
            raise OSError(error, f"{store}: {error_name(error)}: {detail.value.decode()}")
        self.out = c.create_string_buffer(64 * 1024)
        self.calls = []  # of providers, not taken yet

    def submit(self, ops, first=0):
        """Submits as many as are accepted; completions carry their number from `first` on."""
        memory, raw = Memory(), b""
        for i, (name, values, *linked) in enumerate(ops):
            shape = SHAPES[name]
            args = c.create_string_buffer(shape.size)
            memory.kept.append(args)
            fill(memory, args, 0, shape, values)
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
                self.calls.append(call_of(result))
                continue
            name = NUMBER_NAMES[kind]
            value = RESULTS[name](result) if result and name in RESULTS else None
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
        about, text = Provider(), name.encode()
        lib.hf_provider_init(c.byref(about), text)
        about.flags, about.call_timeout_ms = flags, 10**12
        about.retry.initial_ms = about.retry.cap_ms = 1
        about.retry.attempts_max = about.retry.elapsed_max_ms = about.breaker_failures = 0
        about.in_flight_max, about.retries_per_hundred = 4096, 100
        error = lib.hf_provider_register(self.handle, c.byref(about))
        assert error == 0, error_name(error)

    def take_calls(self):
        calls, self.calls = self.calls, []
        return calls

    def call_done(self, ticket, answer, amount=0, reference=""):
        reply, text = CallAnswer(), reference.encode()
        lib.hf_call_answer_init(c.byref(reply), answer)
        reply.amount, reply.reference = amount, text
        return lib.hf_call_done(self.handle, c.c_uint64(ticket), c.byref(reply))

    def verify(self):
        answer = []

        def verified(_, status, at):
            if status != 0:
                answer.append(Verdict(status, [], "", 0, 0, 0))
                return
            _, count, findings, total, rows, events, orders, _ = struct.unpack(
                "<IIQQQQQQ", c.string_at(at, 56))
            texts = [c.string_at(findings + 488 * i + 8).decode() for i in range(count)]
            assert (total == 0) == (count == 0)
            answer.append(Verdict(0, texts, c.string_at(at + 56, 16).hex(), rows, events, orders))

        called = VERIFIED(verified)
        error = lib.hf_verify(self.handle, None, called, None)
        assert error == 0, error_name(error)
        while not answer:
            lib.hf_loop_run_once(self.loop, 1)
        return answer[0]

    def invariants(self):
        """How many operations met a bug of the library since open."""
        size = lib.hf_struct_size(b"hf_health_info")
        info = c.create_string_buffer(size)
        struct.pack_into("<I", info, 0, size)
        assert lib.hf_health(self.handle, info) == 0
        return struct.unpack_from("<Q", info, INVARIANTS_AT)[0]

    def close(self, with_bugs=False):
        assert with_bugs or self.invariants() == 0
        assert lib.hf_engine_close(self.handle, None, None) == 0
        while lib.hf_loop_run_once(self.loop, 1):
            pass
        assert lib.hf_loop_destroy(self.loop) == 0
