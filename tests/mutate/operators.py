"""The defects that the mutator seeds: places of a C source where a small change is wrong.

A defect is a Mutant: a span of the source and the text that takes its place. Comments and texts are
never changed. Mutants of a file come in order of their places, so that a seed chooses the same ones
in every run.
"""
import re
import sys
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent / "meta"))
from source import code_only  # noqa: E402

CONDITION = re.compile(r"\b(?:if|while) \(")
BOUND = re.compile(r" (<=|>=|<|>) (?=[\w(\-*&!])")
ONE = re.compile(r" ([+-]) 1\b(?!\w|\.)")
STATEMENT = re.compile(
    r"^(?P<indent> {4,})(?P<text>(?:[\w*][\w.>\-\[\]()*]* (?:[+\-|&]?=) [^;{}]*|\w+\([^;{}]*\)"
    r"|[\w.>\-\[\]]+(?:\+\+|--));)$", re.MULTILINE)
CALL = re.compile(r"\(void\)\w+\(|^\w+\(")
ERROR = re.compile(r"\bHF_E_[A-Z_]+\b")
FLUSH = re.compile(r"(?:\b\w+->)*\b(?:\w*_)?(?:fsync|fdatasync|sync|flush)(?:_\w+)?\(")
ERROR_ROW = re.compile(r"^    X\((HF_E_\w+),", re.MULTILINE)
OTHER_BOUND = {"<": "<=", "<=": "<", ">": ">=", ">=": ">"}


@dataclass(frozen=True)
class Mutant:
    operator: str
    path: str  # from the project's root
    start: int  # of the span in the file's text
    end: int
    text: str  # what takes its place

    def apply(self, source):
        return source[:self.start] + self.text + source[self.end:]

    def line(self, source):
        return source.count("\n", 0, self.start) + 1

    def describe(self, source):
        old = " ".join(source[self.start:self.end].split())
        new = " ".join(self.text.split())
        return f"{self.path}:{self.line(source)}: {self.operator}: '{old}' becomes '{new}'"


def closing(code, opening):
    """The position of the parenthesis that closes the one at `opening`."""
    depth = 0
    for at in range(opening, len(code)):
        depth += (code[at] == "(") - (code[at] == ")")
        if depth == 0:
            return at
    return None


def negated(code, source):
    for found in CONDITION.finditer(code):
        first, last = found.end(), closing(code, found.end() - 1)
        if last is not None:
            yield first, last, "!(" + source[first:last] + ")"


def off_by_one(code, source):
    for found in BOUND.finditer(code):
        yield found.start(1), found.end(1), OTHER_BOUND[found.group(1)]
    for found in ONE.finditer(code):
        yield found.start(), found.end(), ""


def dropped(code, source):
    """A statement that is no declaration, which the compiler would miss."""
    for found in STATEMENT.finditer(code):
        if not found.group("text").startswith(("return", "goto", "else")):
            yield found.start("text"), found.end("text"), ";"


def swapped_errors(errors):
    def swapped(code, source):
        for found in ERROR.finditer(code):
            if found.group() in errors:
                other = errors[(errors.index(found.group()) + 1) % len(errors)]
                yield found.start(), found.end(), other
    return swapped


def removed_flushes(code, source):
    """Only calls whose value is used: others are statements, which `dropped` removes."""
    for found in FLUSH.finditer(code):
        last = closing(code, found.end() - 1)
        line = code[code.rfind("\n", 0, found.start()) + 1:found.start()]
        if last is not None and line.startswith("    ") and line.strip():
            yield found.start(), last + 1, "0"


def operators_of(root):
    errors = ERROR_ROW.findall((Path(root) / "include/holdfast/error.h").read_text("utf-8"))
    return {"negated condition": negated, "off by one": off_by_one, "dropped statement": dropped,
            "swapped error": swapped_errors(errors), "removed flush": removed_flushes}


def mutants_of(path, source, operators):
    code = code_only(source)
    found = {Mutant(name, path, *span) for name, operator in operators.items()
             for span in operator(code, source)}
    return sorted(found, key=lambda m: (m.start, m.end, m.operator))


def mutants_under(root, folders):
    """Of every C file below the folders, by operator."""
    operators = operators_of(root)
    by_operator = {name: [] for name in operators}
    for folder in folders:
        at = Path(root) / folder
        for file in [at] if at.is_file() else sorted(at.rglob("*.c")):
            path = file.relative_to(root).as_posix()
            for mutant in mutants_of(path, file.read_text("utf-8"), operators):
                by_operator[mutant.operator].append(mutant)
    return by_operator
