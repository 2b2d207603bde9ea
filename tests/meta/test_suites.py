"""The table of suites in tests/README.md has each suite of the tests that meson knows, and no other.

Arguments: root folder, build folder. A build knows the tests of its options only; a suite of the
table that this build does not know must be written in a meson.build of tests.
"""
import glob
import json
import os
import re
import sys

from harness import Control, run

README = os.path.join("tests", "README.md")
KNOWN = os.path.join("meson-info", "intro-tests.json")
ROW = re.compile(r"^\|(.+)\|(.+)\|(.+)\|$", re.MULTILINE)
SUITE = re.compile(r"`(\w+)`")


def listed(root):
    """The suites that the second column of the table names."""
    with open(os.path.join(root, README), encoding="utf-8") as source:
        section = source.read().split("## Which suite answers which question", 1)[1]
    rows = ROW.findall(section.split("\n## ", 1)[0])
    return {suite for _, suites, _ in rows for suite in SUITE.findall(suites)}


def known(build):
    with open(os.path.join(build, KNOWN), encoding="utf-8") as source:
        tests = json.load(source)
    return {suite.split(":")[-1] for test in tests for suite in test["suite"]}


def written(root):
    """Every quoted word of the build files of the tests."""
    words = set()
    for path in glob.glob(os.path.join(root, "tests", "**", "meson.build"), recursive=True):
        with open(path, encoding="utf-8") as source:
            words |= set(re.findall(r"'(\w+)'", source.read()))
    return words


def compare(root, build):
    table, there = listed(root), known(build)
    problems = [f"{README}: the suite {name} is missing" for name in sorted(there - table)]
    gone = table - there - written(root)
    return problems + [f"{README}: {name} is no suite" for name in sorted(gone)]


def check(root):
    own = os.path.join(root, KNOWN)  # a control brings its own list
    return compare(root, root if os.path.exists(own) else sys.argv[2])


def tree(table, suites, words=""):
    tests = [{"suite": [f"holdfast:{suite}"]} for suite in suites]
    rows = "".join(f"| Is it right? | {row} | [unit](unit) |\n" for row in table)
    return {README: "# Tests\n## Which suite answers which question\n"
                    f"| question | suite | folder |\n|---|---|---|\n{rows}\n## More\n| `no` | `no` | |\n",
            KNOWN: json.dumps(tests), "tests/meson.build": words}


CONTROLS = [
    Control("the same suites", tree(["`unit`", "`sweep`, `disk`"], ["unit", "sweep", "disk"]), ""),
    Control("a suite that this build leaves out", tree(["`unit`", "`bench`"], ["unit"], "'bench'"),
            ""),
    Control("a suite without a row", tree(["`unit`"], ["unit", "sim"]), "the suite sim is missing"),
    Control("a row without a suite", tree(["`unit`", "`gone`"], ["unit"]), "gone is no suite"),
]

if __name__ == "__main__":
    run("the table of suites is complete", check, CONTROLS)
