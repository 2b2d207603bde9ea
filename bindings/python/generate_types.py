"""Writes holdfast/_api.pyi: the types of what the package makes when it is imported.

    python3 bindings/python/generate_types.py            writes the file
    python3 bindings/python/generate_types.py --check    exit code 1 when it is not up to date

The types come from the tables of the library that is loaded, so they are the same for everybody who
has this version of it. Type checkers and editors read them; nothing does at run time.
"""
from __future__ import annotations

import os
import sys
import textwrap
from pathlib import Path
from typing import List

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from holdfast import _operations, _records, enums, errors  # noqa: E402
from holdfast import _shapes as s  # noqa: E402
from holdfast._arguments import Parameter  # noqa: E402
from holdfast._names import element_class, record_class  # noqa: E402
from written import written  # noqa: E402

HERE = Path(__file__).resolve().parent / "holdfast"
HEAD = '''"""Types of what the package makes at import. Written by generate_types.py."""
'''
IMPORTS = '''from datetime import datetime
from typing import Any, Awaitable, Callable, NamedTuple, Optional, Sequence, Tuple
from uuid import UUID

'''


def enum_of(field: s.Field) -> str:
    """The enumeration that has all names of a field at their values, as a type."""
    bits = field.kind == s.FLAGS
    expected = {name: 1 << n if bits else n for n, name in enumerate(field.names)}
    for found in vars(enums).values():
        members = getattr(found, "__members__", {})
        if expected and all(members.get(name) == value for name, value in expected.items()):
            return str(found.__name__)
    return "int"


def argument_type(one: Parameter, shape: s.Shape) -> str:
    """The type of an argument: enumerations by name where they are known."""
    field = shape.offsets().get(one.field)
    if field is not None and field.kind in (s.ENUM, s.FLAGS):
        return enum_of(field)
    return one.type


def default_of(one: Parameter, kind: str) -> str:
    """A default as source text."""
    return "..." if kind not in ("int", "str", "bool", "bytes") else repr(one.default)


def parameters(found: List[Parameter], shape: s.Shape) -> List[str]:
    """The parameters of a function, those that must be given first."""
    words: List[str] = []
    for one in found:
        kind = argument_type(one, shape)
        if one.required:
            words.append(f"{one.name}: {kind}")
            continue
        if "*" not in words:
            words.append("*")
        words.append(f"{one.name}: {kind} = {default_of(one, kind)}")
    return words


def folded(head: str, words: List[str], tail: str) -> List[str]:
    """A definition over as many lines as it needs."""
    lines, current = [], head
    indent = " " * (len(head) - len(head.lstrip()) + 8)
    for n, word in enumerate(words):
        piece = word + (", " if n + 1 < len(words) else tail)
        if len(current) + len(piece.rstrip()) > 100:
            lines.append(current.rstrip())
            current = indent
        current += piece
    return lines + [current if words else head + tail]


def record_lines() -> List[str]:
    """The dataclasses of records."""
    lines: List[str] = []
    for made in (_records.PLANS[shape.name] for shape in _records.STRUCTS.values()):
        lines += ["@dataclass(frozen=True)", f"class {record_class(made.name)}:"]
        lines += [f"    {column.name}: {column.type}" for column in made.columns] + [""]
    return lines


def element_lines() -> List[str]:
    """The named tuples of elements of arguments, and their short names."""
    lines: List[str] = []
    for name, made in _operations.ELEMENT_PLANS.items():
        shape = next(x for x in s._known.values() if x.name == name)
        cls = element_class(name)
        lines.append(f"class {cls}(NamedTuple):")
        for one in made.parameters:
            kind = argument_type(one, shape)
            lines.append(f"    {one.name}: {kind}" + ("" if one.required else " = ..."))
        lines += ["", f"{name} = {cls}", ""]
    return lines


def result_type(one: _operations.Operation, how: str) -> str:
    """What a method of a family returns."""
    page = record_class(one.result.name) if one.result else "None"
    if how == "Op":
        return "Op"
    if one.limit < 0 or one.result is None:
        return f"Awaitable[{page}]" if how == "Async" else page
    rows = next((column.type for column in _records.PLANS[one.result.name].columns
                 if column.name == "rows"), "Tuple[Any, ...]")
    row = rows[len("Tuple["):-len(", ...]")]
    return f"{'' if how == 'Async' else 'Sync'}Pages[{row}, {page}]"


def method_lines(one: _operations.Operation, how: str) -> List[str]:
    """One method."""
    shape = s.operations()[one.number]
    words = ["self", *parameters(one.plan.parameters, shape)]
    return folded(f"    def {one.method}(", words, f") -> {result_type(one, how)}: ...")


def peek_lines(one: _operations.Operation, how: str) -> List[str]:
    """The method that looks into the read cache, of an engine's families."""
    if one.name not in _operations.PEEKS or one.result is None or how == "Op":
        return []
    words = ["self", *parameters(one.plan.parameters, s.operations()[one.number])]
    return folded("    def peek(", words, f") -> Optional[{record_class(one.result.name)}]: ...")


def family_lines(how: str) -> List[str]:
    """The classes of all families for one way of doing operations."""
    lines: List[str] = []
    for name in _operations.FAMILIES:
        if name:
            lines.append(f"class {how}{name.capitalize()}:")
            for one in _operations.OPERATIONS.values():
                lines += method_lines(one, how) + peek_lines(one, how) if one.family == name else []
            lines.append("")
    lines.append(f"class {how}Families:")
    lines += [f"    {name}: {how}{name.capitalize()}" for name in _operations.FAMILIES if name]
    lines.append("    def __init__(self, do: Callable[..., Any], "
                 "pages: Callable[..., Any],")
    lines.append("                 peek: Callable[..., Any] = ...) -> None: ...")
    for one in _operations.OPERATIONS.values():
        lines += method_lines(one, how) if one.family == "" else []
    return lines + [""]


def api_text() -> str:
    """The text of _api.pyi."""
    _records.add_all()
    names = sorted(n for n, found in vars(enums).items() if hasattr(found, "__members__")
                   and found.__module__.endswith("enums"))
    lines = ["from dataclasses import dataclass", *IMPORTS.rstrip("\n").split("\n"), ""]
    lines += folded("from .enums import (", names, ")")
    lines += ["from .errors import Fatal, Misuse, Rejected, Retryable, Unknown",
              "from ._operations import Op", "from ._pages import Pages, SyncPages",
              "from .values import Key", ""]
    lines += record_lines() + element_lines()
    for how in ("Async", "Sync", "Op"):
        lines += family_lines(how)
    lines += op_lines() + error_lines()
    exported = ["AsyncFamilies", "SyncFamilies", "OpFamilies", *_operations.ELEMENT_PLANS,
                *_records.STRUCTS, *_operations.ELEMENTS,
                *(kind.__name__ for kind in errors.known().values()),
                *(name for name in _operations.FAMILIES if name),
                *(o.method for o in _operations.OPERATIONS.values() if not o.family)]
    lines += ["", *textwrap.wrap(f"__all__ = {exported}", 100, subsequent_indent=" " * 11)]
    return HEAD + "\n".join(lines) + "\n"


def op_lines() -> List[str]:
    """The families and functions that describe operations."""
    lines = [f"{name}: Op{name.capitalize()}" for name in _operations.FAMILIES if name]
    for one in _operations.OPERATIONS.values():
        if one.family == "":
            shape = s.operations()[one.number]
            lines += folded(f"def {one.method}(", parameters(one.plan.parameters, shape),
                            ") -> Op: ...")
    return lines + [""]


def error_lines() -> List[str]:
    """The exceptions of the library's errors."""
    return [f"class {kind.__name__}({kind.__bases__[0].__name__}): ..."
            for kind in errors.known().values()]


if __name__ == "__main__":
    sys.exit(written({HERE / "_api.pyi": api_text()}))
