"""Which classes the enumerations and bits of the C headers are in Python, and their members' names."""
from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Dict, List, NamedTuple, Tuple

import headers

#: The log is for C hosts; EventType has the operations.
LEFT_OUT = {"hf_op_type", "hf_log_level"}
LEFT_OUT_BITS = {"OP", "FACT"}
EVENT = re.compile(r"#define HF_EVENT_(\w+) +(\d+)u +/\* (.*?) \*/")


class EnumClass(NamedTuple):
    """One class: its base, its text, and its members with their names in Python."""

    name: str
    base: str
    doc: str
    members: List[Tuple[str, headers.Member]]


def class_name(name: str) -> str:
    """hf_order_state is OrderState."""
    return "".join(word.capitalize() for word in name.split("_")[1:])


def common_prefix(names: List[str]) -> str:
    """The longest beginning that all names share and that ends with an underscore."""
    shared = os.path.commonprefix(names)
    return shared[:shared.rindex("_") + 1]


def is_bits(enum: headers.Enumeration) -> bool:
    """Whether the members are bits of one number."""
    values = [member.value for member in enum.members]
    return len(values) > 2 and values == [1 << n for n in range(len(values))]


def _named(members: List[headers.Member], prefix: str) -> List[Tuple[str, headers.Member]]:
    return [(re.sub(r"^BY_", "", one.name[len(prefix):]), one) for one in members]


def _bits_class(family: str, found: headers.Headers) -> EnumClass:
    prefix = f"HF_{family}_"
    members = _named(found.bits[family].members, prefix)
    if family == "REPORT":  # a fact has one more bit
        members += _named(found.bits["FACT"].members, "HF_FACT_")
    return EnumClass(f"{family.capitalize()}Flags", "IntFlag", "", members)


def _events(where: Path, found: headers.Headers) -> EnumClass:
    """The types of events: the operations, and what the engine does by itself."""
    members = _named(found.enums["hf_op_type"].members, "HF_OP_")
    text = (where / "event.h").read_text(encoding="utf-8")
    members += [(name, headers.Member(f"HF_EVENT_{name}", int(value), doc))
                for name, value, doc in EVENT.findall(text)]
    return EnumClass("EventType", "IntEnum",
                     "Types of events: operations, and what the engine does by itself.", members)


def classes(where: Path, found: headers.Headers) -> Dict[str, EnumClass]:
    """Every class by the name that the headers use for it."""
    made = {}
    for enum in found.enums.values():
        if enum.name not in LEFT_OUT:
            names = [member.name for member in enum.members]
            prefix = common_prefix(names) if len(names) > 1 else ""
            made[enum.name] = EnumClass(class_name(enum.name),
                                        "IntFlag" if is_bits(enum) else "IntEnum", enum.doc,
                                        _named(enum.members, prefix))
    for family in found.bits:
        if family not in LEFT_OUT_BITS:
            made[f"HF_{family}_*"] = _bits_class(family, found)
    made["hf_op_type"] = _events(where, found)
    return made
