"""Headers hold no state: a variable of a header would be another one in each file that includes it.

A header declares the state that its functions share (extern); one file defines it, and the functions
that keep something between calls.
"""
import re

from harness import Control, run
from source import code_only, files

# in any line: `static`, a type, a name, and then no parameter list
STATE = re.compile(r"^ *static (?!inline\b|_Noreturn\b)(?P<type>(?:struct \{.*?^\}|[^=;(){}]*?)[ *])"
                   r"(?P<name>\w+)(?:\[[^\]]*\])*(?: =|;)", re.MULTILINE | re.DOTALL)


def is_constant(kind):
    """Whether the object itself is const, and not only what it points to."""
    return kind.rstrip().endswith("*const") or ("*" not in kind and re.search(r"\bconst\b", kind))


def check(root):
    problems = []
    for path, text in files(root, ["include", "lib", "tests", "examples"], (".h",)):
        code = code_only(text)
        for match in STATE.finditer(code):
            if is_constant(match.group("type")):
                continue
            line = code.count("\n", 0, match.start("name")) + 1
            problems.append(f"{path}:{line}: {match.group('name')} is the state of a header")
    return problems


def control(title, line, expected):
    return Control(title, {"tests/support/a.h": f"{line}\n"}, expected)


CONTROLS = [
    control("a variable", "static int count;", "tests/support/a.h:1: count is the state"),
    control("a variable with a value", "static uint32_t durability = 3;", "durability is"),
    control("an array", "static hf_finding findings[64];", "findings is"),
    control("a pointer", "static hf__engine *engine;", "engine is"),
    control("a pointer to what is constant", "static const char *walked;", "walked is"),
    control("a struct without a name", "static struct {\n    int a;\n} shop;", "a.h:3: shop is"),
    control("a variable of a function", "static inline int a(void)\n{\n    static int n;\n}",
            "a.h:3: n is"),
    control("a table of constants", "static const int sizes[] = {1, 2};", ""),
    control("a table of constant texts", 'static const char *const urls[2] = {"a", "b"};', ""),
    control("a declaration", "extern int count;", ""),
    control("a function", "static inline int count(void)\n{\n    return 1;\n}", ""),
    control("a function that is not inline", "static void count(int a)\n{\n    use(a);\n}", ""),
]

if __name__ == "__main__":
    run("headers hold no state", check, CONTROLS)
