"""No struct of lib/ has many members that more than one file writes, those of embedded structs of
the same folder included. A struct of another folder counts as one member there.

A member that one file writes can be understood there. A member that every file of a module may write
is a global variable with another name. What counts as a write: an assignment, ++ and --, and the
address of a member that is no struct of lib/ (it is given to a function that fills it). A pointer
that is given to a function of another file counts there, by the type of its parameter.
"""
import os
import re
from collections import defaultdict

from harness import Control, run
from source import code_only, files

MOST = 25  # struct members

STRUCT = re.compile(r"^(?:typedef )?struct (hf__\w+) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)
# a member: its type, whether it is a pointer, its name, whether it is an array
MEMBER = re.compile(r"^\s*(?:const )?(?:struct |enum )?(\w+)((?: \w+)*) (\**)(\w+)((?:\[[^\]]*\])*)"
                    r"(?:, [^;]*)?;", re.MULTILINE)
FUNCTION_MEMBER = re.compile(r"\(\*(\w+)\)\(")
# a variable or parameter of a type of lib/
VARIABLE = re.compile(r"\b(const )?(hf__\w+) (\*{0,2})(\w+)(?=[\s,;)=\[])")
CHAIN = r"(\w+)((?:\[[^\[\]]*\])*(?:(?:->|\.)\w+(?:\[[^\[\]]*\])*)+)"
WRITTEN = [
    re.compile(r"(?<![\w.>&])\*?" + CHAIN + r"\s*(?:[-+*/%&|^]|<<|>>)?=(?!=)"),
    re.compile(r"(?<![\w.>&])" + CHAIN + r"(?:\+\+|--)"),
    re.compile(r"(?:\+\+|--)" + CHAIN),
]
ADDRESS = re.compile(r"&" + CHAIN)
READ_ONLY = re.compile(r"(?:atomic_load\w*\(|const [\w *]+= |memcmp\([^;]*?|return )$")
WHOLE = re.compile(r"^\s*\*(\w+) = ", re.MULTILINE)
STEP = re.compile(r"(?:->|\.)(\w+)")
DEFINITION = re.compile(r"^[A-Za-z_][^\n;]*\([^;{}]*\)\n\{\n.*?^\}", re.MULTILINE | re.DOTALL)


class Struct(dict):
    """{member: (type, is pointer)}"""
    folder = ""


def structs_of(texts):
    """{name: Struct}"""
    structs = {}
    for path, text in texts.items():
        for match in STRUCT.finditer(text):
            body = match.group(2)
            members = Struct((m.group(4), (m.group(1), m.group(3) != ""))
                             for m in MEMBER.finditer(body))
            members.update((name, ("function", True)) for name in FUNCTION_MEMBER.findall(body))
            members.folder = os.path.dirname(path)
            structs[match.group(1)] = members
    return structs


def embedded(structs, owner):
    """The struct of the same folder that a member embeds; None: it is no such member."""
    of, pointer = structs[owner[0]][owner[1]]
    same = of in structs and not pointer and structs[of].folder == structs[owner[0]].folder
    return of if same else None


def resolve(structs, kind, steps):
    """The (struct, member)s of lib/ along a chain of members; [] when it leaves lib/."""
    owners = []
    for step in steps:
        if step not in structs.get(kind, {}):
            return []
        owners.append((kind, step))
        kind = structs[kind][step][0]
    return owners


def leaves(structs, kind):
    """All (struct, member) of a struct and of those that it embeds, that are no structs."""
    for owner in [(kind, member) for member in structs[kind]]:
        of = embedded(structs, owner)
        if of is not None:
            yield from leaves(structs, of)
        else:
            yield owner


def changed(structs, owners):
    """What a write at the end of a chain changes: of a struct of another folder the member that
    is this struct, too."""
    start = 0
    for at, owner in enumerate(owners):
        if structs[owner[0]][owner[1]][1]:
            start = at + 1
    for owner in owners[start:-1]:
        if embedded(structs, owner) is None:
            yield owner
    of = embedded(structs, owners[-1])
    yield from [owners[-1]] if of is None else leaves(structs, of)


def is_filled(structs, code, match, owner):
    of, pointer = structs[owner[0]][owner[1]]
    line = code[code.rfind("\n", 0, match.start()) + 1:match.start()]
    return (of not in structs or pointer) and READ_ONLY.search(line) is None


def writes_of(structs, code):
    """Every (struct, member) that a function writes."""
    found = list(VARIABLE.finditer(code))
    variables = {m.group(4): m.group(2) for m in found}
    pointers = {m.group(4) for m in found if m.group(3) == "*"}
    constant = {m.group(4) for m in found if m.group(1)}
    for pattern in WRITTEN:
        for match in pattern.finditer(code):
            owners = resolve(structs, variables.get(match.group(1)), STEP.findall(match.group(2)))
            if owners:
                yield from changed(structs, owners)
    for match in ADDRESS.finditer(code):
        owners = resolve(structs, variables.get(match.group(1)), STEP.findall(match.group(2)))
        if owners and match.group(1) not in constant and is_filled(structs, code, match, owners[-1]):
            yield owners[-1]
    for match in WHOLE.finditer(code):
        kind = variables.get(match.group(1))
        if kind in structs and match.group(1) in pointers:
            yield from leaves(structs, kind)


def writers(texts, structs):
    """{(struct, member): {file that writes it}}"""
    found = defaultdict(set)
    for path, text in texts.items():
        if not path.endswith(".c"):
            continue
        for function in DEFINITION.finditer(text):
            for owner in writes_of(structs, function.group()):
                found[owner].add(path)
    return found


def check(root):
    texts = {path: code_only(text) for path, text in files(root, ["lib"])}
    structs = structs_of(texts)
    found = writers(texts, structs)
    problems = []
    for kind in sorted(structs):
        many = sorted({owner for owner in leaves(structs, kind) if len(found[owner]) > 1})
        if len(many) > MOST:
            names = ", ".join(f"{of}.{member}" for of, member in many)
            problems.append(f"{kind}: more than one file writes {len(many)} of its members, at most"
                            f" {MOST}: {names}")
    return problems


def struct(count, more=""):
    members = "".join(f"    int m{number};\n" for number in range(count))
    return f"typedef struct hf__s {{\n{members}{more}}} hf__s;\n"


def writing(name, count, statement="s->m{} = 1;", kind="hf__s *s"):
    lines = "".join(f"    {statement.format(number)}\n" for number in range(count))
    return f'#include "a/s.h"\nvoid {name}({kind})\n{{\n{lines}}}\n'


def tree(count, **more):
    return {"lib/a/s.h": struct(26), "lib/a/a.c": writing("a", 26),
            "lib/a/b.c": writing("b", count, **more)}


OUTER = "typedef struct hf__outer {\n    hf__s s;\n} hf__outer;\n"
MANY = "more than one file writes 26 of its members"

CONTROLS = [
    Control("26 members that two files write", tree(26), "hf__s: " + MANY),
    Control("26 members of an embedded struct",
            {**tree(26), "lib/a/s.h": struct(26) + OUTER}, "hf__outer: " + MANY),
    Control("a write through an embedded struct",
            {**tree(26, statement="o->s.m{}++;", kind="hf__outer *o"),
             "lib/a/s.h": struct(26) + OUTER}, "hf__s: " + MANY),
    Control("addresses that are given away", tree(26, statement="fill(&s->m{});"), MANY),
    Control("a struct that is written whole",
            {**tree(0), "lib/a/b.c": "void b(hf__s *s)\n{\n    *s = (hf__s){0};\n}\n"}, MANY),
    Control("25 members that two files write", tree(25), ""),
    Control("members that are read", tree(26, statement="use(s->m{});"), ""),
    Control("members that are compared", tree(26, statement="use(s->m{} == 1);"), ""),
    Control("members that are given as constant",
            tree(26, statement="use(&s->m{});", kind="const hf__s *s"), ""),
    Control("members that one file writes", {"lib/a/s.h": struct(99),
                                             "lib/a/a.c": writing("a", 99)}, ""),
    Control("a struct of another folder",
            {**tree(26), "lib/b/o.h": OUTER,
             "lib/b/b.c": writing("b", 1, "o->s.m{} = 1;", "hf__outer *o"),
             "lib/a/s.h": struct(26), "lib/a/b.c": ""}, ""),
]

if __name__ == "__main__":
    run("structs are written where they belong", check, CONTROLS)
