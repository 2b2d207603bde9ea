"""Writes holdfast/enums.py and holdfast/_fields.py from the C headers.

    python3 bindings/python/generate.py            writes the files
    python3 bindings/python/generate.py --check    exit code 1 when one is not up to date

Nothing in the files is written by hand: a new enumeration, member or field appears by itself. What
the library reports of itself at run time (operations, arguments, results, errors) is not in them.
"""
from __future__ import annotations

import os
import re
import sys
import textwrap
from pathlib import Path
from typing import Dict, List

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE / "holdfast"))  # not the package: it needs the files written here
import _headers  # noqa: E402

#: The log is for C hosts; EventType has the operations.
LEFT_OUT = {"hf_op_type", "hf_log_level"}
LEFT_OUT_BITS = {"OP", "FACT"}
ENUMS_HEAD = '''"""The enumerations and bits of the C headers. Written by generate.py."""
from __future__ import annotations

from enum import IntEnum, IntFlag

'''
FIELDS_HEAD = '''"""The enumeration of each field of a record that has one. Written by generate.py."""
from __future__ import annotations

from . import enums

FIELDS = {
'''
#: Structs of which Python makes no record: those of stores, and what only C hosts fill in.
NO_RECORDS = re.compile(r"hf_(op|op_head|req|completion|account_key|.*_args|options|participant|"
                        r"provider|call_answer|line_quantity|line_change|payment_amount)$")
EVENT = re.compile(r"#define HF_EVENT_(\w+) +(\d+)u +/\* (.*?) \*/")


def class_name(name: str) -> str:
    """hf_order_state is OrderState."""
    return "".join(word.capitalize() for word in name.split("_")[1:])


def common_prefix(names: List[str]) -> str:
    """The longest beginning that all names share and that ends with an underscore."""
    shared = os.path.commonprefix(names)
    return shared[:shared.rindex("_") + 1]


def is_bits(enum: _headers.Enumeration) -> bool:
    """Whether the members are bits of one number."""
    values = [member.value for member in enum.members]
    return len(values) > 2 and values == [1 << n for n in range(len(values))]


def member_line(name: str, member: _headers.Member) -> str:
    """A member, with its comment when there is room for it."""
    line = f"    {name} = {member.value}"
    commented = f"{line}  #: {member.doc}"
    return commented if member.doc and len(commented) <= 100 else line


def write_class(name: str, base: str, doc: str, members: List[_headers.Member]) -> List[str]:
    """The lines of one class."""
    prefix = common_prefix([m.name for m in members]) if len(members) > 1 else ""
    if not prefix or base == "IntFlag":
        prefix = prefix or re.match(r"HF_[A-Z]+_", members[0].name)[0]  # type: ignore[index]
    text = " ".join(doc.split()) or f"Bits that the C headers name {prefix}*."
    first = textwrap.wrap(text, 92)
    lines = ["", f"class {name}({base}):", f'    """{first[0]}']
    lines += ["    " + line for line in first[1:]]
    lines[-1] += '"""'
    lines.append("")
    for member in members:
        name_of = re.sub(r"^BY_", "", member.name[len(prefix):])
        lines.append(member_line(name_of, member))
    return lines + [""]


def classes(found: _headers.Headers) -> Dict[str, List[str]]:
    """The lines of every class by the name that field comments use for it."""
    made = {}
    for enum in found.enums.values():
        if enum.name not in LEFT_OUT:
            base = "IntFlag" if is_bits(enum) else "IntEnum"
            made[enum.name] = write_class(class_name(enum.name), base, enum.doc, enum.members)
    for family, bits in found.bits.items():
        if family not in LEFT_OUT_BITS:
            members = list(bits.members)
            if family == "REPORT":  # a fact has one more bit
                members += found.bits["FACT"].members
            name = family.capitalize() + "Flags"
            made[f"HF_{family}_*"] = write_class(name, "IntFlag", "", bits.members)
    return made


def field_enum(doc: str, made: Dict[str, List[str]]) -> str:
    """The enumeration that the comment of a field names, or an empty text."""
    match = re.search(r"hf_\w+|HF_[A-Z]+_\*", doc)
    return match[0] if match and match.start() < 12 and match[0] in made else ""


def event_lines(where: Path, found: _headers.Headers) -> List[str]:
    """The types of events: the operations, and what the engine does by itself."""
    members = [_headers.Member("HF_OP_" + m.name[len("HF_OP_"):], m.value, m.doc)
               for m in found.enums["hf_op_type"].members]
    text = (where / "event.h").read_text(encoding="utf-8")
    members += [_headers.Member("HF_OP_" + name, int(value), doc)
                for name, value, doc in EVENT.findall(text)]
    return write_class("EventType", "IntEnum", "Types of events: operations, and what the engine "
                       "does by itself.", members)


def field_lines(found: _headers.Headers, made: Dict[str, List[str]]) -> List[str]:
    """The entries of FIELDS."""
    lines = []
    for struct in sorted(found.structs.values()):
        for field in struct.fields:
            if field.type != "uint32_t" or NO_RECORDS.match(struct.name):
                continue
            enum = field_enum(field.doc, made)
            if field.name == "type" and struct.name in ("hf_event", "hf_movement"):
                lines.append(f'    "{struct.name}.{field.name}": enums.EventType,')
            elif enum:
                name = made[enum][1].split()[1].split("(")[0]
                lines.append(f'    "{struct.name}.{field.name}": enums.{name},')
            elif re.match(r"1: |0 or 1", field.doc):
                lines.append(f'    "{struct.name}.{field.name}": bool,')
    return lines


def generate() -> Dict[str, str]:
    """The text of each file."""
    where = _headers.folder()
    assert where is not None, "the headers are not there"
    found = _headers.read(where)
    made = classes(found)
    lines = [line for part in sorted(made.items()) for line in part[1]]
    lines += event_lines(where, found)
    names = sorted(re.findall(r"class (\w+)", "\n".join(lines)))
    lines += ["", *textwrap.wrap(f"__all__ = {names}", 100, subsequent_indent=" " * 11)]
    return {"enums.py": ENUMS_HEAD + "\n".join(lines).rstrip("\n") + "\n",
            "_fields.py": FIELDS_HEAD + "\n".join(field_lines(found, made) + ["}"]) + "\n"}


def main() -> int:
    """Writes the files, or compares them."""
    stale = []
    for name, text in generate().items():
        path = HERE / "holdfast" / name
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(name)
    for name in stale:
        print(f"{name}: not up to date; run {Path(__file__).name}", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
