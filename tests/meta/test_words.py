"""No unfinished work."""
import re

from harness import Control, run
from source import files

WORDS = re.compile(r"\b(TODO|FIXME|XXX|HACK|stubs?|placeholders?|not implemented)\b", re.IGNORECASE)


def check(root):
    problems = []
    for path, text in files(root, ["include", "lib", "examples", "tests"]):
        for number, line in enumerate(text.splitlines(), 1):
            for match in WORDS.finditer(line):
                problems.append(f"{path}:{number}: '{match.group()}'")
    return problems


CONTROLS = [
    Control("work put off", {"lib/base/a.c": "/* TODO: later */\n"}, "a.c:1: 'TODO'"),
    Control("an empty answer", {"lib/base/a.c": "\n\n/* a stub */\n"}, "a.c:3: 'stub'"),
    Control("it in a header", {"include/holdfast/a.h": "/* Fixme */\n"}, "'Fixme'"),
    Control("mkstemp's pattern", {"lib/base/a.c": 'char t[] = "a-XXXXXX";\n'}, ""),
]

if __name__ == "__main__":
    run("no unfinished work", check, CONTROLS)
