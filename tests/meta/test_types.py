"""Internal types have one definition each, and the members of two enums do not share a prefix.

A reader who finds `hf__line` in a file must not have to ask which of two structs it is. A type that
only one file sees has a bare name, and may have the name of another file's type.
"""
import os
import re

from harness import Control, run
from source import code_only, files

NAMED = re.compile(r"\b(struct|union|enum)\s+(hf_\w+)\s*\{")
TYPEDEF = re.compile(r"^(?:typedef\b[^;{]*\{.*?^\}|typedef\b[^;{}]*?)[\s*]*\b(hf_\w+)\s*;",
                     re.MULTILINE | re.DOTALL)
ENUM = re.compile(r"\benum\b\s*(\w*)\s*\{([^}]*)\}")
MEMBER = re.compile(r"(?:^|,)\s*(HF__[A-Z0-9_]+)\b")
# "typedef struct hf__x hf__x;" names a type that is defined elsewhere
FORWARD = re.compile(r"^typedef\s+(?:struct|union|enum)\s+(\w+)\s+\1;", re.MULTILINE)


def defined(code):
    """(name, position) of every type that a file defines."""
    found = {match.group(2): match.start() for match in NAMED.finditer(code)}
    for match in TYPEDEF.finditer(FORWARD.sub("", code)):
        found.setdefault(match.group(1), match.start())
    return found


def prefix(members):
    """What all names begin with, up to the last underscore; "" when that says nothing."""
    common = os.path.commonprefix(members)
    common = common[:common.rfind("_") + 1]
    return "" if len(members) < 2 or common in ("HF__", "HF_", "") else common


def check(root):
    problems, types, prefixes = [], {}, {}
    for path, text in files(root, ["include", "lib"]):
        code = code_only(text)
        for name in defined(code):
            if types.setdefault(name, path) != path:
                problems.append(f"{path}: {name} is also defined in {types[name]}")
        for match in ENUM.finditer(code):
            common = prefix(MEMBER.findall(match.group(2)))
            line = code.count("\n", 0, match.start()) + 1
            if common and prefixes.setdefault(common, f"{path}:{line}") != f"{path}:{line}":
                problems.append(f"{path}:{line}: {common} is also the prefix of {prefixes[common]}")
    return problems


BY = "typedef enum {}_by {{ HF__BY_{} = 0, HF__BY_{} }} {}_by;\n"

CONTROLS = [
    Control("two structs of one name",
            {"lib/a/a.h": "typedef struct hf__line {\n    int a;\n} hf__line;\n",
             "lib/b/b.c": "typedef struct hf__line {\n    int b;\n} hf__line;\n"},
            "lib/b/b.c: hf__line is also defined in lib/a/a.h"),
    Control("two structs without a tag",
            {"lib/a/a.h": "typedef struct {\n    int a;\n} hf__line;\n",
             "lib/b/b.c": "typedef struct {\n    int b;\n} hf__line;\n"}, "hf__line is also"),
    Control("a function type of that name",
            {"lib/a/a.h": "typedef struct hf__line {\n    int a;\n} hf__line;\n",
             "lib/b/b.h": "struct hf__line {\n    int a;\n};\n"}, "hf__line is also"),
    Control("two enums with one prefix",
            {"lib/a/a.h": BY.format("hf__a", "HOST", "USER", "hf__a"),
             "lib/b/b.h": BY.format("hf__b", "NAME", "ID", "hf__b")}, "HF__BY_ is also"),
    Control("a type that is declared before it is defined",
            {"lib/a/a.h": "typedef struct hf__line hf__line;\nstruct hf__line {\n    int a;\n};\n",
             "lib/b/b.h": "typedef struct hf__line hf__line;\n"}, ""),
    Control("types of single files",
            {"lib/a/a.c": "typedef struct line {\n    int a;\n} line;\n",
             "lib/b/b.c": "typedef struct line {\n    int b;\n} line;\n"}, ""),
    Control("enums whose members share nothing",
            {"lib/a/a.h": "enum { HF__A, HF__B };\n", "lib/b/b.h": "enum { HF__C, HF__D };\n"}, ""),
]

if __name__ == "__main__":
    run("no type name and no prefix twice", check, CONTROLS)
