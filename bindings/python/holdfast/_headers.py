"""Reads the C headers: enumerations, bits, structs, and the comment of each declaration.

The generator reads them to write enums.py and the type information. At run time only `help` reads
them, when they are beside the package (in a wheel) or in the source tree.
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
FIELD = re.compile(r"(?P<type>[^;,/]+?[ *])(?P<names>\w+(?:\[\d+\])?(?:, \w+)*);\s*"
                   r"(?:/\*(?P<doc>(?:(?!\*/).)*)\*/)?", re.DOTALL)


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


def folder() -> Optional[Path]:
    """The folder with the headers: of the wheel, or of the source tree; None when there is none."""
    here = Path(__file__).resolve().parent
    for found in (here / "include" / "holdfast", here.parents[2] / "include" / "holdfast"):
        if (found / "types.h").is_file():
            return found
    return None


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
            fields += [StructField(kind, name, one_line(field["doc"]))
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
