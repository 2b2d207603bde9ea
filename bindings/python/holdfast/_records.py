"""Frozen dataclasses of the records, and functions that read them out of the library's memory.

Both are made from hf_result_shape and hf_struct_shape when one is used for the first time. A record
keeps nothing of the library's memory, so it never dangles: it is read as a whole, or, where it is
part of the view of an order or a transaction, copied as it is and made into a record when it is
looked at for the first time. Fields have the names of the headers; times lose their `_ms`, and
counts that belong to an array are left out, because the array is a tuple.
"""
from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import datetime
from enum import EnumMeta, IntEnum
from functools import lru_cache
from threading import RLock
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple, Type
from uuid import SafeUUID, UUID

from . import _manual
from . import _shapes as s
from . import enums
from ._arguments import time_name
from ._fields import FIELDS
from ._library import address_of
from ._names import python_name, record_class
from .values import WORLD, Key, from_ms

CACHE_MAX = 8192
_NIL, _NULL = bytes(16), bytes(8)
_new, _set, _safe = object.__new__, object.__setattr__, SafeUUID.unknown


class _Cache(Dict[Any, Any]):
    """Values that are read again and again: read once, forgotten when there are many."""

    def __init__(self, read: Callable[[Any], Any]) -> None:
        super().__init__()
        self.read = read

    def __missing__(self, raw: Any) -> Any:
        if len(self) >= CACHE_MAX:
            self.clear()
        value = self[raw] = self.read(raw)
        return value


#: Values that a field is unpacked into, when that is not one.
_VALUES = {s.BYTES: 2, s.STRUCT: 0}


def _name(raw: bytes) -> str:
    return raw.split(b"\0", 1)[0].decode()


def _key(raw: bytes) -> Key:
    kind = struct.unpack_from("<I", raw, 192)[0]
    if kind == 0:
        return WORLD
    return Key(enums.Kind(kind), _name(raw[:64]), _name(raw[64:128]), _name(raw[128:192]))


def _addresses(count: int) -> Callable[..., Any]:
    return struct.Struct(f"<{count}Q").unpack_from


names, keys, times = _Cache(_name), _Cache(_key), _Cache(from_ms)
_unpack_addresses = _Cache(_addresses)


def ident(raw: bytes) -> Optional[UUID]:
    """An id; None when it is all zero. Four times as fast as UUID(bytes=raw)."""
    if raw == _NIL:
        return None
    made = _new(UUID)
    _set(made, "int", int.from_bytes(raw, "big"))
    _set(made, "is_safe", _safe)
    return made


idents = _Cache(ident)  # rows of one order have its id


class Column(NamedTuple):
    """One field of a dataclass: an expression that reads it out of the unpacked values."""

    name: str
    type: str
    value: str
    field: str
    late: bool = False  #: its records are made when it is looked at


class Plan(NamedTuple):
    """How a record is read."""

    name: str
    format: str
    values: int
    columns: List[Column]
    elements: List[s.Shape]


def _enum_of(shape: s.Shape, field: s.Field) -> Any:
    """The enumeration of a field: as its header names it, else the one with the same names."""
    known = FIELDS.get(f"{shape.name}.{field.name}")
    if known is not None or field.kind not in (s.ENUM, s.FLAGS):
        return known
    for found in vars(enums).values():
        if isinstance(found, type) and tuple(getattr(found, "__members__", ())) == field.names:
            return found
    return None


def _scalar(shape: s.Shape, field: s.Field, value: str) -> Column:
    name = python_name(field.name)
    enum = _enum_of(shape, field)
    if field.kind == s.TIME:
        name = time_name(field.name, shape)
        return Column(name, "Optional[datetime]", f"times[{value}]", field.name)
    if enum is bool:
        return Column(name, "bool", f"{value} != 0", field.name)
    if enum is None:
        return Column(name, "int", value, field.name)
    if issubclass(enum, IntEnum):
        return Column(name, enum.__name__, f"enum_{enum.__name__}.get({value}, {value})",
                      field.name)
    return Column(name, enum.__name__, f"bits_{enum.__name__}[{value}]", field.name)


#: Kinds whose value is somewhere else.
_ADDRESSES = (s.TEXT, s.BYTES, s.POINTER, s.ROWS, s.STRUCTS, s.ADDRESS)
#: Kinds with one value: the format, the Python type, how it is read.
_PLAIN: Dict[int, Tuple[str, str, str]] = {
    s.ID: ("16s", "UUID", "idents[{0}]"),
    s.ID_OPT: ("16s", "Optional[UUID]", "idents[{0}]"),
    s.TEXT: ("Q", "str", "text_at({0})"),
    s.LABEL: ("64s", "str", "names[{0}]"),
    s.REF: ("200s", "Key", "keys[{0}]"),
    s.HASH: ("16s", "bytes", "{0}"),
}


def _nested(field: s.Field, value: str, count: str) -> Tuple[str, Column]:
    """A field that consists of other records."""
    assert field.element is not None
    element, size = field.element.name, field.element.size
    cls, name = record_class(element), python_name(field.name)
    if field.kind == s.STRUCT:
        return f"{size}x", Column(name, cls, f"read_{element}(at + {field.offset})", field.name)
    if field.kind == s.POINTER:
        return _pointed(field, value)
    late = field.kind == s.ROWS and name != "rows" and _is_flat(field.element)
    function = "late_rows" if late else "rows" if field.kind == s.ROWS else "structs"
    call = f"{function}({value}, {count}, read_{element}, {size})"
    return "Q", Column(name, f"Tuple[{cls}, ...]", f"{call} if {count} and {value} else ()",
                       field.name, late)


def _pointed(field: s.Field, value: str) -> Tuple[str, Column]:
    """A field that is the address of another record."""
    assert field.element is not None
    element, blocks = field.element, _blocks(field.element)
    read = f"read_{element.name}"
    late = blocks is not None
    call = f"late_row({value}, {element.size}, {read}, {blocks})" if late else f"{read}({value})"
    return "Q", Column(python_name(field.name), record_class(element.name),
                       f"{call} if {value} else None", field.name, late)


def _blocks(shape: s.Shape) -> Optional[Tuple[int, ...]]:
    """Where a record has the addresses of blocks of bytes; None when it has other addresses too."""
    blocks = tuple(field.offset for field in shape.fields if field.kind == s.BYTES)
    others = [field for field in shape.fields
              if field.kind in (*_ADDRESSES, s.STRUCT) and field.kind != s.BYTES]
    return None if others else blocks


def _is_flat(shape: s.Shape) -> bool:
    """Whether a copy of its bytes has all of a record: nothing in it is an address."""
    return not any(field.kind in _ADDRESSES or field.kind == s.STRUCT and field.element is not None
                   and not _is_flat(field.element) for field in shape.fields)


def _column(shape: s.Shape, field: s.Field, at: int, counts: Dict[int, str]) -> Tuple[str, Column]:
    value = f"v{at}"
    if field.kind in _PLAIN:
        code, kind, how = _PLAIN[field.kind]
        return code, Column(python_name(field.name), kind, how.format(value), field.name)
    if field.kind == s.CHARS:
        return f"{field.high}s", Column(field.name, "str", f"name_of({value})", field.name)
    if field.kind == s.BYTES:
        how = f"memory[{value}:{value} + v{at + 1}] if {value} else b''"
        return "QQ", Column(field.name, "bytes", how, field.name)
    if field.kind in s.SCALARS:
        return s.SCALARS[field.kind], _scalar(shape, field, value)
    return _nested(field, value, counts.get(field.count_at, ""))


def plan(shape: s.Shape) -> Plan:
    """How the records of a shape are read."""
    parts: List[str] = []
    columns: List[Column] = []
    at = index = 0
    positions: Dict[int, str] = {}
    hidden = {field.count_at for field in shape.fields if field.kind in (s.ROWS, s.STRUCTS)}
    fields = [f for f in sorted(shape.fields, key=lambda f: f.offset) if f.kind != s.ADDRESS]
    for field in fields:
        positions[field.offset] = f"v{index}"
        index += _VALUES.get(field.kind, 1)
    index = 0
    for field in fields:
        parts.append(f"{field.offset - at}x")
        code, column = _column(shape, field, index, positions)
        parts.append(code)
        at = field.offset + struct.calcsize("<" + code)
        index += _VALUES.get(field.kind, 1)
        if field.offset not in hidden and field.name != "size":
            columns.append(column)
    parts.append(f"{shape.size - at}x")
    elements = [field.element for field in fields if field.element is not None]
    return Plan(shape.name, "<" + "".join(parts), index, columns, elements)


def _reduce(self: Any) -> Any:
    return type(self), tuple(getattr(self, name) for name in self.__slots__)


class _Types(Dict[str, Any]):
    """What the names in types of fields and arguments are; records are made when one is named."""

    def __missing__(self, name: str) -> Any:
        return class_of(name) if name in STRUCTS else getattr(enums, name)


_types = _Types({"Any": Any, "Optional": Optional, "Sequence": Sequence, "Tuple": Tuple,
                 "UUID": UUID, "datetime": datetime, "Key": Key, "int": int, "str": str,
                 "bytes": bytes, "bool": bool, "None": None})


@lru_cache(maxsize=None)
def type_of(text: str) -> Any:
    """The type that a text like "Tuple[Order, ...]" means."""
    return eval(text, {}, _types)  # the text is made of the library's own tables


def add_type(made: type) -> None:
    """Makes a class known to `type_of`."""
    _types[made.__name__] = made


class _Late:
    """A row as bytes, and what makes a record of it."""

    __slots__ = ("raw", "read")

    def __init__(self, raw: Any, read: Callable[[int], Any]) -> None:
        self.raw, self.read = raw, read

    def made(self) -> Any:
        """The record; the bytes live as long as their address is used."""
        return self.read(address_of(self.raw))


class _LateRows(_Late):
    """Rows as a list of bytes."""

    __slots__ = ()

    def made(self) -> Any:
        """The records."""
        return tuple([self.read(address_of(one)) for one in self.raw])


class _LateField:
    """A field of a record that is kept as bytes until it is looked at."""

    __slots__ = ("member",)

    def __init__(self, member: Any) -> None:
        self.member = member

    def __get__(self, record: Any, owner: Any) -> Any:
        if record is None:
            return self
        value = self.member.__get__(record, owner)
        if isinstance(value, _Late):  # two threads make the same records of it
            value = value.made()
            self.member.__set__(record, value)
        return value

    def __set__(self, record: Any, value: Any) -> None:
        self.member.__set__(record, value)


def make_class(made: Plan) -> Type[Any]:
    """The frozen dataclass of a plan."""
    cls = type(record_class(made.name), (), {
        "__slots__": tuple(column.name for column in made.columns),
        "__annotations__": {column.name: type_of(column.type) for column in made.columns},
        "__module__": "holdfast", "__reduce__": _reduce,
        "__doc__": _manual.text(made.name)})
    frozen: Type[Any] = dataclass(frozen=True)(cls)
    for column in made.columns:
        if column.late:
            setattr(frozen, column.name, _LateField(vars(frozen)[column.name]))
    return frozen


def make_reader(made: Plan, frozen: Type[Any], scope: Dict[str, Any]) -> Callable[..., Any]:
    """read_<name>(at) gives the record at an address.

    The values are set on an object of a plain class of the same layout, which then gets the class
    of the frozen one: its own __init__ would take three times as long.
    """
    plain = type("_Plain", (), {"__slots__": frozen.__slots__})
    values = ", ".join(f"v{n}" for n in range(made.values))
    lines = [f"def read_{made.name}(at):", f"    {values}, = unpack_from(memory, at)",
             "    r = new(plain)"]
    lines += [f"    r.{column.name} = {column.value}" for column in made.columns]
    lines += ["    r.__class__ = frozen", "    return r"]
    space: Dict[str, Any] = {**scope, "unpack_from": struct.Struct(made.format).unpack_from,
                             "new": _new, "plain": plain, "frozen": frozen}
    exec("\n".join(lines), space)  # the text is made of the library's own tables
    reader: Callable[..., Any] = space[f"read_{made.name}"]
    return reader


def _rows(address: int, count: int, read: Callable[..., Any], size: int) -> Tuple[Any, ...]:
    return tuple([read(one) for one in _unpack_addresses[count](s.memory, address)])


def _late_row(address: int, size: int, read: Callable[..., Any], blocks: Tuple[int, ...]) -> Any:
    """A row whose blocks of bytes are not there is copied; one that has some is read at once."""
    raw = s.memory[address:address + size]
    for at in blocks:
        if raw[at:at + 8] != _NULL:
            return read(address)
    return _Late(raw, read)


def _late_rows(address: int, count: int, read: Callable[..., Any], size: int) -> Any:
    memory = s.memory
    pointers = _unpack_addresses[count](memory, address)
    return _LateRows([memory[one:one + size] for one in pointers], read)


def _structs(address: int, count: int, read: Callable[..., Any], size: int) -> Tuple[Any, ...]:
    return tuple([read(address + n * size) for n in range(count)])


_SCOPE: Dict[str, Any] = {
    "names": names, "keys": keys, "times": times, "idents": idents, "rows": _rows,
    "late_row": _late_row, "late_rows": _late_rows,
    "structs": _structs, "memory": s.memory, "text_at": s.text_at, "name_of": _name}
for _found in vars(enums).values():
    if isinstance(_found, EnumMeta):
        _members: Dict[str, Any] = dict(_found.__members__)
        _SCOPE[f"enum_{_found.__name__}"] = {one.value: one for one in _members.values()}
        _SCOPE[f"bits_{_found.__name__}"] = _Cache(_found)

#: Every record that there is: its shape by the name of its class.
STRUCTS: Dict[str, s.Shape] = {}
#: Those that have been used: the class by its name, the plan by the name of the struct.
CLASSES: Dict[str, Type[Any]] = {}
PLANS: Dict[str, Plan] = {}
_making = RLock()  # one thread makes a class, so that there is one of each


def declare(shape: s.Shape) -> None:
    """Makes a shape and those inside it known; their classes are made when they are used."""
    name = record_class(shape.name)
    if name not in STRUCTS:
        STRUCTS[name] = shape
        for field in sorted(shape.fields, key=lambda f: f.offset):
            if field.element is not None and field.kind != s.ADDRESS:
                declare(field.element)


def add(shape: s.Shape) -> Callable[..., Any]:
    """Makes class and reader of a shape and of those inside it; returns the reader."""
    name = f"read_{shape.name}"
    with _making:
        if name not in _SCOPE:
            declare(shape)
            made = PLANS[shape.name] = plan(shape)
            for element in made.elements:
                add(element)
            cls = CLASSES[record_class(shape.name)] = make_class(made)
            _SCOPE[name] = make_reader(made, cls, _SCOPE)
        reader: Callable[..., Any] = _SCOPE[name]
    return reader


def class_of(name: str) -> Type[Any]:
    """The class of a record that is declared, by the name of the class."""
    if name not in CLASSES:
        add(STRUCTS[name])
    return CLASSES[name]


def add_all() -> None:
    """Makes every class that is declared, for those who look at all of them."""
    for shape in list(STRUCTS.values()):
        add(shape)


def read(shape: s.Shape) -> Callable[[int], Any]:
    """A function that reads the record at an address. What it needs is made when it is called."""
    name = f"read_{shape.name}"
    declare(shape)

    def read_one(at: int) -> Any:
        return (_SCOPE.get(name) or add(shape))(at)

    return read_one

