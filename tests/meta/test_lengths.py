"""No long files, no long functions, few parameters.

A function that a library outside calls has the parameters that the library says. The line above it
names the library's type, and is also what clang-tidy needs.
"""
import re

from harness import Control, run
from source import files, functions

FILE_LINES, FUNCTION_LINES, PARAMETERS = 600, 70, 6

GIVEN = re.compile(r"/\* NOLINTNEXTLINE\(readability-function-size\): the signature is \w+ \*/$")


def is_given(text, f):
    lines = text.splitlines()
    return f.line > 1 and GIVEN.match(lines[f.line - 2]) is not None


def check(root):
    problems = []
    for path, text in files(root, ["include", "lib", "examples", "tests"]):
        lines = text.count("\n")
        if lines > FILE_LINES:
            problems.append(f"{path}: {lines} lines, at most {FILE_LINES}")
        for f in functions(text):
            where = f"{path}:{f.line}: {f.name}"
            if f.lines > FUNCTION_LINES:
                problems.append(f"{where}: {f.lines} lines, at most {FUNCTION_LINES}")
            if f.parameters > PARAMETERS and not is_given(text, f):
                problems.append(f"{where}: {f.parameters} parameters, at most {PARAMETERS}")
    return problems


def function(lines, head="static int f(void)"):
    return head + "\n{\n" + "    g();\n" * (lines - 3) + "}\n"


SEVEN = "int a, int b, int c, int d, int e, int (*f)(int, int), int g"
MARK = "/* NOLINTNEXTLINE(readability-function-size): the signature is other_cb */\n"
SIX = "int a, int b, int c, int d, int e, int (*f)(int, int)"

CONTROLS = [
    Control("a file of 601 lines", {"lib/base/a.c": "\n" * 601}, "601 lines"),
    Control("a function of 71 lines", {"lib/base/a.c": function(71)}, "f: 71 lines"),
    Control("a long test", {"tests/unit/a.c": function(71, "START_TEST(t)")}, "t: 71 lines"),
    Control("a long function over two lines",
            {"lib/base/a.c": function(72, "int f(int a,\n      int b)")}, "f: 73 lines"),
    Control("seven parameters", {"lib/base/a.c": function(5, f"int f({SEVEN})")}, "7 parameters"),
    Control("seven declared", {"include/a.h": f"HF_API int *f({SEVEN});\n"}, "7 parameters"),
    Control("seven without a reason",
            {"lib/base/a.c": MARK.replace("other_cb", "") + function(5, f"int f({SEVEN})")},
            "7 parameters"),
    Control("a long function that a library calls",
            {"lib/base/a.c": MARK + function(71, f"int f({SEVEN})")}, "f: 71 lines"),
    Control("a function that a library calls",
            {"lib/base/a.c": MARK + function(5, f"int f({SEVEN})")}, ""),
    Control("a file of 600 lines", {"lib/base/a.c": "\n" * 600}, ""),
    Control("a function of 70 lines", {"lib/base/a.c": function(70)}, ""),
    Control("six parameters", {"lib/base/a.c": function(5, f"int f({SIX})")}, ""),
]

if __name__ == "__main__":
    run("files, functions and parameter lists are short", check, CONTROLS)
