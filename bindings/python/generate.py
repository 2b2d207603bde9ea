"""Writes holdfast/enums.py and holdfast/_fields.py from the C headers.

    python3 bindings/python/generate.py            writes the files
    python3 bindings/python/generate.py --check    exit code 1 when one is not up to date

Nothing in the files is written by hand: a new enumeration, member or field appears by itself. What
the library reports of itself at run time (operations, arguments, results, errors) is not in them.
"""
from __future__ import annotations

import re
import sys
import textwrap
from pathlib import Path
from typing import Dict, List

import enumerations
import headers
import words
from written import written

HERE = Path(__file__).resolve().parent
ENUMS_HEAD = '''"""The enumerations and bits of the library. Written by generate.py."""
from __future__ import annotations

from enum import IntEnum, IntFlag

'''
FIELDS_HEAD = '''"""The enumeration of each field of a record that has one. Written by generate.py."""
from __future__ import annotations

from . import enums

FIELDS = {
'''
#: What families of bits say something about; the headers define them one by one, without a text.
TOPICS = {
    "AmendFlags": "what an amend changes", "BranchFlags": "a branch of a transaction",
    "EraseFlags": "what is erased", "OrderFlags": "the policy of an order",
    "ParticipantFlags": "what a participant can do and needs", "PaymentFlags": "a payment",
    "ProviderFlags": "what a payment provider cannot do", "PutFlags": "what a put changes",
    "ReportFlags": "a report, and of the fact that it becomes", "TxnFlags": "a transaction",
    "WarningFlags": "what an engine warns of",
}
#: Structs of which Python makes no record: those of stores, and what only C hosts fill in.
NO_RECORDS = re.compile(r"hf_(op|op_head|req|completion|account_key|.*_args|options|participant|"
                        r"provider|call_answer|line_quantity|line_change|payment_amount)$")


def member_line(name: str, member: headers.Member, say: words.Say) -> str:
    """A member, with its comment when there is room for it."""
    line = f"    {name} = {member.value}"
    commented = f"{line}  #: {say(member.doc)}"
    return commented if member.doc and len(commented) <= 100 else line


def write_class(made: enumerations.EnumClass, say: words.Say) -> List[str]:
    """The lines of one class."""
    about = say(" ".join(made.doc.split())) or f"Bits of {TOPICS[made.name]}."
    first = textwrap.wrap(about, 92)
    lines = ["", f"class {made.name}({made.base}):", f'    """{first[0]}']
    lines += ["    " + line for line in first[1:]]
    lines[-1] += '"""'
    lines.append("")
    return lines + [member_line(name, member, say) for name, member in made.members] + [""]


def field_enum(doc: str, made: Dict[str, enumerations.EnumClass]) -> str:
    """The enumeration that the comment of a field names, or an empty text."""
    match = re.search(r"hf_\w+|HF_[A-Z]+_\*", doc)
    return match[0] if match and match.start() < 12 and match[0] in made else ""


def field_lines(found: headers.Headers, made: Dict[str, enumerations.EnumClass]) -> List[str]:
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
                lines.append(f'    "{struct.name}.{field.name}": enums.{made[enum].name},')
            elif re.match(r"1: |0 or 1", field.doc):
                lines.append(f'    "{struct.name}.{field.name}": bool,')
    return lines


def generate() -> Dict[str, str]:
    """The text of each file."""
    where = headers.folder()
    found = headers.read(where)
    made = enumerations.classes(where, found)
    say = words.Words(where, found).say
    ordered = [made[name] for name in sorted(made) if name != "hf_op_type"] + [made["hf_op_type"]]
    lines = [line for one in ordered for line in write_class(one, say)]
    names = sorted(re.findall(r"class (\w+)", "\n".join(lines)))
    lines += ["", *textwrap.wrap(f"__all__ = {names}", 100, subsequent_indent=" " * 11)]
    return {"enums.py": ENUMS_HEAD + "\n".join(lines).rstrip("\n") + "\n",
            "_fields.py": FIELDS_HEAD + "\n".join(field_lines(found, made) + ["}"]) + "\n"}


if __name__ == "__main__":
    sys.exit(written({HERE / "holdfast" / name: text for name, text in generate().items()}))
