"""Every exported function is called by a test of its own kind: not only by a benchmark.

What counts is the name in the code of a test, outside of comments and texts: a call, or an entry of
a table through which it is called. Of Python the whole text counts. Argument: root folder.
"""
import re

from harness import Control, run
from source import code_only, files
from test_exports import declared

TESTS = ["tests/" + name for name in (
    "crash", "domain", "e2e", "journal", "model", "python", "sim", "store", "support", "unit")]
WORD = re.compile(r"\bhf_[a-z]\w*")


def called(root):
    names = set()
    for path, text in files(root, TESTS, (".c", ".h", ".py")):
        names.update(WORD.findall(text if path.endswith(".py") else code_only(text)))
    return names


def check(root):
    missing = declared(root) - called(root)
    return [f"{name}: no test calls it" for name in sorted(missing)]


HEADER = "HF_API int hf_a(int x);\nHF_API const char *\nhf_b(void);\n"


def control(title, path, text, expected):
    return Control(title, {"include/holdfast/a.h": HEADER, path: text}, expected)


CONTROLS = [
    control("a function that no test calls", "tests/unit/test_a.c", "int x = hf_a(1);\n",
            "hf_b: no test calls it"),
    control("a function that stands in a comment", "tests/unit/test_a.c",
            "/* hf_b */ int x = hf_a(1);\n", "hf_b: no test calls it"),
    control("a function that stands in a text", "tests/unit/test_a.c",
            'const char *x = "hf_b"; int y = hf_a(1);\n', "hf_b: no test calls it"),
    control("a function that a benchmark calls", "tests/bench/a.c", "int x = hf_a(1) + hf_b();\n",
            "hf_b: no test calls it"),
    control("the beginning of another name", "tests/unit/test_a.c", "int x = hf_a(1) + hf_bc();\n",
            "hf_b: no test calls it"),
    control("a call and an entry of a table", "tests/unit/test_a.c",
            "int x = hf_a(1);\nvoid *y[] = {hf_b};\n", ""),
    control("calls from Python", "tests/python/test_a.py", "lib.hf_a(1)\nlib.hf_b()\n", ""),
]

if __name__ == "__main__":
    run("every exported function is called by a test", check, CONTROLS)
