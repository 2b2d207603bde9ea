"""Reads the C headers: enumerations, bits, structs, and the comment of each declaration.

The generators read them to write enums.py, _fields.py and the manual. The package itself does not.
"""
from __future__ import annotations

import re
from pathlib import Path
from typing import Dict, Iterator, List, NamedTuple, Optional, Tuple

COMMENT = re.compile(r"/\*(.*?)\*/", re.DOTALL)
ENUM = re.compile(r"(?:/\*(?P<doc>(?:(?!\*/).)*)\*/\s*)?typedef enum hf_\w+ \{(?P<body>.*?)\} "
                  r"(?P<name>hf_\w+);", re.DOTALL)
STRUCT = re.compile(r"(?:/\*(?P<doc>(?:(?!\*/).)*)\*/\s*)?typedef struct hf_\w+ \{"
                    r"(?P<body>.*?)\n\} (?P<name>hf_\w+);", re.DOTALL)
FUNCTION = re.compile(r"/\*(?P<doc>(?:(?!\*/).)*)\*/\s*HF_API [^;/]*?\b(?P<name>hf_\w+)\(",
                      re.DOTALL)
BIT = re.compile(r"#define (HF_[A-Z_]+)\s*\\?\s+(\d+)u\b[ \t]*(?:/\*((?:(?!\*/).)*)\*/)?",
                 re.DOTALL)
MEMBER = re.compile(r"(HF_\w+)\s*=\s*(-?\d+),\s*(?:/\*((?:(?!\*/).)*)\*/)?", re.DOTALL)
#: A field with the comment behind it, or before it on lines of its own.
FIELD = re.compile(r"(?:/\*\n(?P<before>(?:(?!\*/).)*)\*/)?"
                   r"(?P<type>[^;,/]+?[ *])(?P<names>\w+(?:\[\d+\])?(?:, \w+)*);[ \t]*\n?[ \t]*"
                   r"(?:/\*(?!\n)(?P<doc>(?:(?!\*/).)*)\*/)?", re.DOTALL)


#: Headers without an engine that Python programs use all the same.
ALSO = {"money.h", "journal.h", "cache.h"}


class Member(NamedTuple):
    """One name of an enumeration, or one bit."""

    name: str
    value: int
    doc: str


class Enumeration(NamedTuple):
    """An enumeration, or a family of bits that are defined one by one."""

    name: str
    doc: str
    members: List[Member]


class StructField(NamedTuple):
    """One field of a struct."""

    type: str
    name: str
    doc: str


class Struct(NamedTuple):
    """A struct with its fields in order."""

    name: str
    doc: str
    fields: List[StructField]


class Headers(NamedTuple):
    """Everything that was found in the headers."""

    enums: Dict[str, Enumeration]
    bits: Dict[str, Enumeration]
    structs: Dict[str, Struct]
    functions: Dict[str, str]


def folder() -> Path:
    """The folder with the headers."""
    return Path(__file__).resolve().parents[2] / "include" / "holdfast"


def plain(comment: Optional[str]) -> str:
    """The text of a comment without its stars; paragraphs stay apart."""
    if comment is None:
        return ""
    lines = [re.sub(r"^\s*\*? ?", "", line).rstrip() for line in comment.strip().split("\n")]
    return "\n".join(lines).strip()


def one_line(comment: Optional[str]) -> str:
    """The text of a comment as one line."""
    return " ".join(plain(comment).replace("\\\n", "\n").split())


def _enumerations(text: str) -> Iterator[Enumeration]:
    for match in ENUM.finditer(text):
        members = [Member(name, int(value), one_line(doc))
                   for name, value, doc in MEMBER.findall(match["body"])]
        if members:
            yield Enumeration(match["name"], plain(match["doc"]), members)


def _structs(text: str) -> Iterator[Struct]:
    for match in STRUCT.finditer(text):
        fields = []
        for field in FIELD.finditer(match["body"]):
            kind = " ".join(COMMENT.sub("", field["type"]).split())
            doc = one_line(field["doc"] or field["before"])
            fields += [StructField(kind, name, doc)
                       for name in field["names"].split(", ")]
        yield Struct(match["name"], plain(match["doc"]), fields)


def _bits(text: str) -> Iterator[Tuple[str, Member]]:
    for name, value, doc in BIT.findall(text):
        family = re.match(r"HF_([A-Z]+)_", name)
        number = int(value)
        if family and number & (number - 1) == 0:
            yield family[1], Member(name, number, one_line(doc))


def read(where: Path) -> Headers:
    """Reads the headers of a folder that are about engines, or named in ALSO.

    The others are tools for C programs: caches, breakers, stores of the host's own.
    """
    found = Headers({}, {}, {}, {})
    for path in sorted(where.glob("*.h")):
        text = path.read_text(encoding="utf-8")
        if "hf_engine *engine" not in text and path.name not in ALSO:
            continue
        for enum in _enumerations(text):
            found.enums[enum.name] = enum
        for struct in _structs(text):
            found.structs[struct.name] = struct
        for family, member in _bits(text):
            found.bits.setdefault(family, Enumeration(family, "", [])).members.append(member)
        for match in FUNCTION.finditer(text):
            found.functions[match["name"]] = plain(match["doc"])
    return found
