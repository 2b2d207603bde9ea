"""Reads what the library says of its own structs (holdfast/shape.h).

hf_op_shape describes the arguments of an operation, hf_result_shape its result, and
hf_struct_shape any other public struct. Nothing of a layout is written down in this package.
"""
from __future__ import annotations

import ctypes as c
import struct
from typing import Any, Dict, List, NamedTuple, Optional, Tuple

from ._library import check_size, lib

END, NAME, NAME_OPT, ID, ID_OPT, I64, I32, U32, U64, TIME, ENUM, FLAGS, KEY, KEY_OPT, ARRAY, \
    NAMES, HEAD, BYTES, TEXT, LABEL, REF, HASH, CHARS, STRUCT, POINTER, ROWS, STRUCTS, \
    ADDRESS = range(28)
TEXTS, IDS, KEYS = (NAME, NAME_OPT), (ID, ID_OPT), (KEY, KEY_OPT)
SCALARS = {I64: "q", I32: "i", U32: "I", U64: "Q", ENUM: "I", FLAGS: "I", TIME: "q"}
TYPES_MAX = 256  # numbers of operations are below

_SHAPE, _FIELD = struct.Struct("<QIIQQ"), struct.Struct("<QIIqqiIQQII")
_INIT = c.CFUNCTYPE(None, c.c_void_p)
check_size("hf_shape", _SHAPE.size)
check_size("hf_field", _FIELD.size)


class Field(NamedTuple):
    """One field of a struct."""

    name: str
    kind: int
    offset: int
    low: int
    high: int
    names: Tuple[str, ...]
    element: "Optional[Shape]"
    count_at: int


class Shape(NamedTuple):
    """A struct: `blank` is what its _init function makes, zeros when it has none."""

    name: str
    size: int
    fields: List[Field]
    blank: bytes

    def offsets(self) -> Dict[str, Field]:
        """The fields by name."""
        return {field.name: field for field in self.fields}


#: The memory of this process as one array of bytes, so that struct reads at any address. Reading is
#: as safe as the address is; nothing but the readers of records may use it.
memory: Any = (c.c_char * (1 << 47)).from_address(0)


def text_at(address: Optional[int]) -> str:
    """The text at an address; "" for NULL."""
    return c.string_at(address).decode(errors="replace") if address else ""


def _names(address: int) -> Tuple[str, ...]:
    found: List[str] = []
    while address:
        one = c.c_void_p.from_address(address + 8 * len(found)).value
        if one is None:
            break
        found.append(text_at(one))
    return tuple(found)


def _blank(size: int, init: int) -> bytes:
    memory = c.create_string_buffer(size)
    if init:
        _INIT(init)(c.addressof(memory))
    return memory.raw


_known: Dict[int, Shape] = {}


def read_shape(address: int) -> Shape:
    """The shape at an address; the same address gives the same Shape."""
    if address in _known:
        return _known[address]
    name, size, count, fields, init = _SHAPE.unpack(c.string_at(address, _SHAPE.size))
    found = []
    for raw in _FIELD.iter_unpack(c.string_at(fields, count * _FIELD.size)):
        element = read_shape(raw[8]) if raw[8] else None
        found.append(Field(text_at(raw[0]), raw[1], raw[2], raw[3], raw[4], _names(raw[7]),
                           element, raw[9]))
    _known[address] = Shape(text_at(name), size, found, _blank(size, init))
    return _known[address]


def operations() -> Dict[int, Shape]:
    """The shape of the arguments of every operation, by its number."""
    found = {number: lib.hf_op_shape(number) for number in range(1, TYPES_MAX)}
    return {number: read_shape(address) for number, address in found.items() if address}


def result_of(number: int) -> Optional[Shape]:
    """The shape of an operation's result; None when it has none."""
    address = lib.hf_result_shape(number)
    return read_shape(address) if address else None


def struct_of(name: str) -> Shape:
    """The shape of another public struct; ImportError when the library has none of that name."""
    address = lib.hf_struct_shape(name.encode())
    if not address:
        raise ImportError(f"the library does not describe its struct {name}")
    return read_shape(address)


class Record:
    """A struct in memory of its own, whose fields are set and read by name."""

    def __init__(self, name: str) -> None:
        self.shape = struct_of(name)
        self.fields = self.shape.offsets()
        self.memory = c.create_string_buffer(self.shape.size)
        self.kept: List[Any] = []
        if "size" in self.fields:
            self["size"] = self.shape.size

    @property
    def address(self) -> int:
        """Where it is."""
        return c.addressof(self.memory)

    def __setitem__(self, name: str, value: Any) -> None:
        field = self.fields[name]
        if isinstance(value, str):
            value = value.encode()
        if isinstance(value, bytes):
            self.kept.append(value)
            value = c.cast(c.c_char_p(value), c.c_void_p).value
        struct.pack_into(SCALARS.get(field.kind, "Q"), self.memory, field.offset, value)

    def __getitem__(self, name: str) -> Any:
        field = self.fields[name]
        return struct.unpack_from(SCALARS.get(field.kind, "Q"), self.memory, field.offset)[0]
