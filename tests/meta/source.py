"""Reads C sources: files of a tree, text without comments, functions."""
import os
import re
from dataclasses import dataclass

COMMENT_OR_TEXT = re.compile(
    r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|'(?:\\.|[^'\\\n])*'", re.DOTALL
)
# At the start of a line: a type, a name, parameters, then the body or a semicolon.
FUNCTION = re.compile(
    r"^(?P<head>(?:\w[\w *\n]*[ *\n])?(?P<name>\w+)\((?P<params>[^;{}]*)\)[\w ()]*)(?P<end>;|\n\{)",
    re.MULTILINE,
)


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def code_only(text):
    """The text with comments and the content of literals replaced by spaces; lines stay."""
    return COMMENT_OR_TEXT.sub(lambda m: blank(m.group()), text)


def without_comments(text):
    return COMMENT_OR_TEXT.sub(
        lambda m: blank(m.group()) if m.group().startswith("/") else m.group(), text
    )


def files(root, folders, endings=(".c", ".h")):
    """(path relative to root, text) of every file, sorted."""
    found = []
    for folder in folders:
        for here, _, names in os.walk(os.path.join(root, folder)):
            found += [os.path.join(here, name) for name in names if name.endswith(endings)]
    for path in sorted(found):
        with open(path, encoding="utf-8") as source:
            yield os.path.relpath(path, root), source.read()


@dataclass
class Function:
    name: str
    line: int
    lines: int  # 0 for a declaration
    parameters: int


def count_parameters(text):
    text = text.strip()
    if text in ("", "void"):
        return 0
    depth, count = 0, 1
    for letter in text:
        depth += (letter in "([") - (letter in ")]")
        count += letter == "," and depth == 0
    return count


def functions(text):
    """Every function defined or declared at the start of a line."""
    code = code_only(text)
    for match in FUNCTION.finditer(code):
        typed = match.group("head").strip() != "" and match.start("name") > match.start("head")
        body = match.group("end") != ";"
        if not body and not typed:
            continue  # a macro or a static assertion
        lines = 0
        if body:
            close = code.find("\n}", match.end())
            lines = code.count("\n", match.start(), close if close >= 0 else len(code)) + 2
        line = code.count("\n", 0, match.start()) + 1
        name, parameters = match.group("name"), match.group("params")
        if name in ("START_TEST", "END_TEST"):  # of Check: the name stands in the parentheses
            name = parameters.strip()
        yield Function(name, line, lines, count_parameters(parameters))
