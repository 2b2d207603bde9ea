"""Arguments and results by the shapes that the library has of its own structs (shape.h).

Arguments are filled from dicts and results read into dicts, by the names of the headers; of a time
the ending _ms or _at_ms is left out. A key of an account is (kind, name, place, unit), an id 16
bytes. HOLDFAST_LIBRARY names the library.
"""
import ctypes as c
import os
import struct
from collections import namedtuple

lib = c.CDLL(os.environ["HOLDFAST_LIBRARY"])
lib.hf_op_name.restype = c.c_char_p
lib.hf_op_shape.restype = lib.hf_result_shape.restype = lib.hf_struct_shape.restype = c.c_void_p
lib.hf_struct_size.restype = c.c_size_t

WORLD = (0, None, None, None)
CALL = 128  # the type of a completion that is a call of a provider or participant
Shape = namedtuple("Shape", "name size fields init number")
Field = namedtuple("Field", "name kind offset max element count_at")


# ---- What the library says -----------------------------------------------------------------------

INIT = c.CFUNCTYPE(None, c.c_void_p)
NUMBERS = {5: "q", 6: "i", 7: "I", 8: "Q", 9: "q", 10: "I", 11: "I"}
TEXTS, IDS, KEYS, ARRAY, NAMES, HEAD, BYTES = (1, 2), (3, 4), (12, 13), 14, 15, 16, 17
TEXT, LABEL, REF, HASH, CHARS, STRUCT, POINTER, ROWS, STRUCTS, ADDRESS = range(18, 28)
FIELD, SHAPE = struct.Struct("<QIIqqiIQQII"), struct.Struct("<QIIQQ")
assert lib.hf_struct_size(b"hf_field") == FIELD.size
assert lib.hf_struct_size(b"hf_shape") == SHAPE.size


def read_shape(at, number=0):
    name, size, count, fields, init = SHAPE.unpack(c.string_at(at, SHAPE.size))
    found = {}
    for i in range(count):
        raw = FIELD.unpack(c.string_at(fields + FIELD.size * i, FIELD.size))
        field = Field(c.string_at(raw[0]).decode(), raw[1], raw[2], raw[4],
                      read_shape(raw[8]) if raw[8] else None, raw[9])
        found[field.name] = field
    return Shape(c.string_at(name).decode(), size, found, INIT(init) if init else None, number)


def read_operations():
    shapes, results = {}, {}
    for number in range(1, CALL):
        name = lib.hf_op_name(number)
        if name:
            shapes[name.decode()] = read_shape(lib.hf_op_shape(number), number)
            result = lib.hf_result_shape(number)
            results[name.decode()] = Reader(read_shape(result)) if result else None
    return shapes, results


def struct_shape(name):
    return read_shape(lib.hf_struct_shape(name.encode()))


# ---- Arguments -----------------------------------------------------------------------------------

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

    def struct(self, shape, values):
        """A struct with its defaults and these values; its address is an argument."""
        out = c.create_string_buffer(shape.size)
        self.kept.append(out)
        fill(self, out, 0, shape, values)
        return out


def put_head(memory, out, values):
    struct.pack_into("<16sQQ", out, 8, values.get("op", values.get("id", b"\0" * 16)),
                     values.get("expected_version", 0), memory.text(values.get("actor")))
    meta = values.get("meta", b"")
    struct.pack_into("<QQ", out, 40, memory.block(meta) if meta else 0, len(meta))


def put_field(memory, out, at, field, value):
    at += field.offset
    if field.kind in NUMBERS:
        struct.pack_into("<" + NUMBERS[field.kind], out, at, value)
    elif field.kind in TEXTS or field.kind == TEXT:
        struct.pack_into("<Q", out, at, memory.text(value))
    elif field.kind == ADDRESS:
        struct.pack_into("<Q", out, at, value)
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

INLINE = {**NUMBERS, 3: "16s", 4: "16s", TEXT: "Q", LABEL: "64s", REF: "200s", HASH: "16s",
          POINTER: "Q", ROWS: "Q", STRUCTS: "Q", ADDRESS: "Q"}


def label_text(raw):
    return raw.split(b"\0", 1)[0].decode()


def key_tuple(raw):
    kind = struct.unpack_from("<I", raw, 192)[0]
    if kind == 0:
        return WORLD
    return (kind, label_text(raw[:64]), label_text(raw[64:128]), label_text(raw[128:192]))


def text_at(at):
    return c.string_at(at).decode() if at else ""


def pointers(at, count):
    return struct.unpack(f"<{count}Q", c.string_at(at, 8 * count)) if at and count else ()


CONVERT = {LABEL: label_text, CHARS: label_text, REF: key_tuple, TEXT: text_at}


class Reader:
    """Reads structs of one shape into dicts."""
    def __init__(self, shape):
        self.convert, self.bytes, self.lists, form, end = [], [], [], "<", 0
        self.name, self.names = shape.name, []
        for field in shape.fields.values():
            name = field.name.removesuffix("_ms").removesuffix("_at") or field.name
            form += f"{field.offset - end}x" + self.form_of(field)
            end = struct.calcsize(form)
            self.names += [name, name + "_bytes"] if field.kind == BYTES else [name]
            self.sort(name, field)
        self.form = struct.Struct(form + f"{shape.size - end}x")

    def form_of(self, field):
        if field.kind == BYTES:
            return "QQ"
        if field.kind == STRUCT:
            return f"{field.element.size}s"
        return f"{field.max}s" if field.kind == CHARS else INLINE[field.kind]

    def sort(self, name, field):
        if field.kind == BYTES:
            self.bytes.append(name)
        elif field.kind == STRUCT:
            self.convert.append((name, Reader(field.element).record_of))
        elif field.kind == POINTER:
            self.convert.append((name, Reader(field.element)))
        elif field.kind in (ROWS, STRUCTS):
            self.lists.append((name, field, Reader(field.element)))
        elif field.kind in CONVERT:
            self.convert.append((name, CONVERT[field.kind]))

    def __call__(self, at):
        return self.record_of(c.string_at(at, self.form.size), at)

    def record_of(self, raw, at=0):
        found = dict(zip(self.names, self.form.unpack(raw)))
        for name, convert in self.convert:
            found[name] = convert(found[name])
        for name in self.bytes:
            found[name] = c.string_at(found[name], found.pop(name + "_bytes"))
        for name, field, reader in self.lists:
            count, first = struct.unpack_from("<I", raw, field.count_at)[0], found[name]
            if field.kind == STRUCTS:
                rows = (first + i * reader.form.size for i in range(count))
            else:
                rows = pointers(first, count)
            found[name] = [reader(row) for row in rows]
        return found


def order_with_legs(view):
    """Puts the legs of an order into their lines."""
    for line in view["lines"]:
        line["legs"] = [line.pop("leg")] if line["leg_count"] else []
    for one in view["legs"]:
        view["lines"][one["line_no"] - 1]["legs"].append(one["leg"])
    return view


SHAPES, RESULTS = read_operations()
