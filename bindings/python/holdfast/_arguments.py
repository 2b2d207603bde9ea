"""Turns Python values into argument structs, with one function for each shape of the library.

A packer is made from a shape when the package is imported: it packs a whole struct with one call
of struct.pack_into. What a struct points to (texts, blocks, arrays) is kept by a Memory until the
operation has been submitted; the library copies it there.

Arguments have the names of the headers, with these exceptions: a name that Python keeps for itself
has an underscore behind it (`from_`), times lose their `_ms` and are aware datetimes, and where a
struct has an `id` of its own the id of the operation is named `op`.
"""
from __future__ import annotations

import re
import struct
from collections import namedtuple
from datetime import datetime
from typing import Any, Callable, Dict, List, NamedTuple, Sequence, Set, Tuple
from uuid import UUID

from . import _manual
from . import _shapes as s
from ._library import address_of
from ._names import element_class, python_name
from .values import NIL, WORLD, Key, to_ms

NUMBERS = (s.I64, s.I32, s.U32, s.U64, s.ENUM, s.FLAGS)
TEXTS_MAX, TEXT_BYTES_MAX = 8192, 1 << 20


class Texts(Dict[Any, int]):
    """Addresses of texts that end with NUL, kept until `trim` finds too many or too long ones."""

    def __init__(self) -> None:
        super().__init__()
        self.kept: List[bytes] = []
        self.bytes = 0
        self[None] = self[""] = 0

    def __missing__(self, text: str) -> int:
        try:
            raw = text.encode()
        except UnicodeEncodeError:
            raise ValueError(f"a text has a letter that UTF-8 has not: {text!r}") from None
        if b"\0" in raw:
            raise ValueError(f"a text has no NUL: {text!r}")
        self.kept.append(raw)
        self.bytes += len(raw)
        address = self[text] = address_of(raw)
        return address

    def trim(self) -> None:
        """Forgets all texts when there are many. Nothing may point to them."""
        if len(self) > TEXTS_MAX or self.bytes > TEXT_BYTES_MAX:
            self.clear()
            self.kept.clear()
            self.bytes = 0
            self[None] = self[""] = 0


class Memory:
    """Keeps what argument structs point to until they have been submitted."""

    __slots__ = ("texts", "kept", "buffer")

    def __init__(self, buffer: Any = None) -> None:
        self.texts = Texts()
        self.kept: List[bytes] = []
        self.buffer = buffer

    def block(self, raw: bytes) -> int:
        """The address of a copy of some bytes."""
        if type(raw) is not bytes:
            view = memoryview(raw)
            if view.nbytes != len(view):
                raise TypeError
            raw = bytes(view)
        self.kept.append(raw)
        return address_of(raw)

    def names(self, names: Sequence[str]) -> int:
        """The address of an array of texts."""
        if isinstance(names, str):
            raise TypeError
        texts = self.texts
        return self.block(struct.pack(f"{len(names)}Q", *[texts[name] for name in names]))

    def array(self, elements: Sequence[Any], pack: Callable[["Memory", Any], bytes]) -> int:
        """The address of an array of structs."""
        raw = b"".join([pack(self, one) for one in elements])
        self.kept.append(raw)
        return address_of(raw)

    def trim(self) -> None:
        """Forgets what was kept for operations that have been submitted."""
        self.kept.clear()
        self.texts.trim()


class Parameter(NamedTuple):
    """One argument of an operation or of an element, as a Python caller sees it."""

    name: str
    type: str
    default: Any
    required: bool
    field: str
    code: str = ""  #: of a number: as struct has it


class Plan(NamedTuple):
    """How a struct is packed: a format, an expression for each value, and the parameters."""

    format: str
    values: List[str]
    parameters: List[Parameter]


def time_name(name: str, shape: s.Shape) -> str:
    """A time's name without its unit: deadline_ms is deadline, next_ms beside next is next_at."""
    short = name[:-3] if name.endswith("_ms") else name
    taken = any(field.name == short for field in shape.fields)
    return python_name(short + "_at" if taken else short)


def _text(field: s.Field, name: str, blank: bytes) -> Tuple[str, List[str], Parameter]:
    address = struct.unpack_from("Q", blank, field.offset)[0]
    default = s.text_at(address) if address else ""
    required = field.kind == s.NAME and not address
    return "Q", [f"T[{name}]"], Parameter(name, "str", default, required, field.name)


def _id(field: s.Field, name: str, blank: bytes) -> Tuple[str, List[str], Parameter]:
    if field.kind == s.ID:
        return "16s", [f"{name}.bytes"], Parameter(name, "UUID", None, True, field.name)
    return ("16s", [f"{name}.bytes if {name} else NIL"],
            Parameter(name, "Optional[UUID]", None, False, field.name))


def _number(field: s.Field, name: str, blank: bytes) -> Tuple[str, List[str], Parameter]:
    code = s.SCALARS[field.kind]
    default = struct.unpack_from(code, blank, field.offset)[0]
    required = field.kind != s.FLAGS and not field.low <= default and field.low < field.high
    kind = "int"
    if field.kind == s.U32 and (field.low, field.high) == (0, 1):
        kind, default = "bool", bool(default)
    return code, [name], Parameter(name, kind, default, required, field.name, code)


def _time(field: s.Field, name: str, blank: bytes) -> Tuple[str, List[str], Parameter]:
    return ("q", [f"0 if {name} is None else to_ms({name})"],
            Parameter(name, "Optional[datetime]", None, False, field.name))


def _key(field: s.Field, name: str, blank: bytes) -> Tuple[str, List[str], Parameter]:
    return ("IIQQQ", [f"{name}[0]", "0", *(f"T[{name}[{n}]]" for n in (1, 2, 3))],
            Parameter(name, "Key", WORLD, field.kind == s.KEY, field.name))


def _array(field: s.Field, name: str, blank: bytes) -> Tuple[str, List[str], Parameter]:
    assert field.element is not None
    element = field.element.name
    size = field.element.size
    return ("QII", [f"m.array({name}, pack_{element}) if {name} else 0", f"len({name})", str(size)],
            Parameter(name, f"Sequence[{element_class(element)}]", (), field.low > 0, field.name))


def _names(field: s.Field, name: str, blank: bytes) -> Tuple[str, List[str], Parameter]:
    return ("QI", [f"m.names({name}) if {name} else 0", f"len({name})"],
            Parameter(name, "Sequence[str]", (), False, field.name))


def _bytes(field: s.Field, name: str, blank: bytes) -> Tuple[str, List[str], Parameter]:
    return ("QQ", [f"m.block({name}) if {name} else 0", f"len({name})"],
            Parameter(name, "bytes", b"", False, field.name))


_KINDS: Dict[int, Any] = {
    **dict.fromkeys(s.TEXTS, _text), **dict.fromkeys(s.IDS, _id), **dict.fromkeys(NUMBERS, _number),
    **dict.fromkeys(s.KEYS, _key), s.TIME: _time, s.ARRAY: _array, s.NAMES: _names,
    s.BYTES: _bytes}


def _head(shape: s.Shape, key: str) -> Tuple[str, List[str]]:
    values = [str(shape.size), "0", f"{key}.bytes if {key} else NIL", "expected_version",
              "T[actor]", "m.block(meta) if meta else 0", "len(meta)"]
    return "II16sQQQQ", values


def head_parameters(key: str) -> List[Parameter]:
    """The arguments that every operation has."""
    return [Parameter(key, "Optional[UUID]", None, False, "head.id"),
            Parameter("expected_version", "int", 0, False, "head.expected_version", "Q"),
            Parameter("actor", "str", "", False, "head.actor"),
            Parameter("meta", "bytes", b"", False, "head.meta")]


def plan(shape: s.Shape) -> Plan:
    """How a shape is packed. Parameters that must be given come first."""
    parts: List[str] = []
    values: List[str] = []
    found: List[Parameter] = []
    head: List[Parameter] = []
    at = 0
    for field in sorted(shape.fields, key=lambda one: one.offset):
        if field.offset > at:
            assert not any(shape.blank[at:field.offset]), (shape.name, field.name)
            parts.append(f"{field.offset - at}x")
        if field.kind == s.HEAD:
            key = "op" if any(f.name == "id" for f in shape.fields) else "id"
            code, exprs = _head(shape, key)
            head = head_parameters(key)
        else:
            group, _, name = field.name.rpartition(".")
            name = time_name(name, shape) if field.kind == s.TIME else python_name(name)
            code, exprs, one = _KINDS[field.kind](field, name, shape.blank)
            if group:
                exprs = [_inside(group, expr, {one.name}) for expr in exprs]
                one = Parameter(group, element_class(group), None, True, group)
            if one not in found:
                found.append(one)
        parts.append(code)
        values += exprs
        at = field.offset + struct.calcsize("<" + code)
    parts.append(f"{shape.size - at}x")
    found.sort(key=lambda one: not one.required)
    return Plan("<" + "".join(parts), values, found + head)


def _inside(group: str, expression: str, names: Set[str]) -> str:
    """An expression whose names are attributes of `group`."""
    return re.sub(r"(?<![.\w])[a-z]\w*\b(?!\()",
                  lambda word: f"{group}.{word[0]}" if word[0] in names else word[0], expression)


#: Words in the type of a parameter, and what a value must be then.
_EXPECTED = (("Sequence", (list, tuple)), ("UUID", UUID), ("datetime", datetime), ("Key", tuple),
             ("bytes", (bytes, bytearray, memoryview)), ("str", str), ("bool", int), ("int", int))


def _fits(one: Parameter, value: Any) -> bool:
    """Whether a value has the type of a parameter."""
    if value is None and one.type.startswith("Optional"):
        return True
    if "bytes" in one.type and isinstance(value, memoryview):
        return value.nbytes == len(value)
    if one.type == "Key":
        return isinstance(value, tuple) and len(value) == 4 and hasattr(value[0], "__index__")
    expected: Any = next((kind for word, kind in _EXPECTED if word in one.type), object)
    return hasattr(value, "__index__") if expected is int else isinstance(value, expected)


def overflow(parameters: Sequence[Parameter], values: Sequence[Any]) -> str:
    """Which argument is a number beyond what its field has; "" when none is."""
    for one, value in zip(parameters, values):
        if one.code and hasattr(value, "__index__"):
            try:
                struct.pack(one.code, value)
            except struct.error:
                bits = 8 * struct.calcsize(one.code)
                low = 0 if one.code.isupper() else -2**(bits - 1)
                high = low + 2**bits - 1
                return f"{one.name} must be in {low}..{high}, not {int(value)}"
        if one.type.startswith("Sequence[") and isinstance(value, (list, tuple)):
            for n, element in enumerate(value):
                found = overflow(getattr(element, "_parameters", ()), element)
                if found:
                    return f"{one.name}[{n}]: {found}"
    return ""


def complaint(parameters: Sequence[Parameter], values: Sequence[Any], problem: Exception) -> str:
    """Which argument has a value of the wrong type, and what it must be."""
    for one, value in zip(parameters, values):
        if not _fits(one, value):
            return f"{one.name} must be {one.type}, not {type(value).__name__}: {value!r}"
        if one.type.startswith("Sequence[") and one.type != "Sequence[str]":
            for n, element in enumerate(value):
                inner = getattr(element, "_parameters", ())
                found = complaint(inner, element, problem) if inner else ""
                if not inner or found != str(problem):
                    return f"{one.name}[{n}]: {found or f'must be {one.type[9:-1]}: {element!r}'}"
    return str(problem)


def make_packer(name: str, made: Plan, scope: Dict[str, Any]) -> Callable[..., None]:
    """pack_<name>(memory, offset, *arguments): packs into the memory's buffer."""
    names = ", ".join(one.name for one in made.parameters)
    source = (f"def pack_{name}(m, at, {names}):\n    T = m.texts\n"
              f"    pack_into(m.buffer, at, {', '.join(made.values)})\n")
    space: Dict[str, Any] = {**scope, "pack_into": struct.Struct(made.format).pack_into,
                             "to_ms": to_ms, "NIL": NIL.bytes}
    exec(source, space)  # the text is made of the library's own tables
    packer: Callable[..., None] = space[f"pack_{name}"]
    return packer


def make_element_packer(name: str, made: Plan, scope: Dict[str, Any]) -> Callable[..., bytes]:
    """pack_<name>(memory, element) gives the bytes of one element of an array."""
    names = ", ".join(one.name for one in made.parameters)
    source = (f"def pack_{name}(m, e):\n    if type(e) is not {element_class(name)}:\n"
              f"        raise TypeError\n    {names}, = e\n    T = m.texts\n"
              f"    return pack({', '.join(made.values)})\n")
    space: Dict[str, Any] = {**scope, "pack": struct.Struct(made.format).pack, "to_ms": to_ms,
                             "NIL": NIL.bytes}
    exec(source, space)  # the text is made of the library's own tables
    packer: Callable[..., bytes] = space[f"pack_{name}"]
    return packer


def make_element_class(name: str, made: Plan) -> type:
    """The named tuple of an element: LineArgs and the like."""
    make: Any = namedtuple
    found: Any = make(element_class(name), [one.name for one in made.parameters], module="holdfast",
                      defaults=[one.default for one in made.parameters if not one.required])
    found.__doc__ = _manual.text(name)
    found._parameters = made.parameters
    cls: type = found
    return cls
