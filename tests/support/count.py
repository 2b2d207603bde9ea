"""Counts the tests in a meson testlog.json: every TAP line, else one for each meson test.

Usage: count.py TESTLOG EXIT_CODE_OF_MESON_TEST, prints "passed failed skipped".
A test that ends badly without having reported a failure (killed, leak found at exit) is one
failure more; so is a meson that fails without a failed test. The reasons of what failed are
written to the standard error: the end of a long log is often all that is kept of it.
"""
import json
import os
import re
import sys

TAP_LINE = re.compile(r"^(not )?ok\b([^\n]*)", re.MULTILINE)
GOOD, SKIPPED = {"OK", "EXPECTEDFAIL"}, "SKIP"
REASON_LINES, LINE_CHARACTERS = 20, 400


def count_test(entry):
    passed = failed = skipped = 0
    for bad, rest in TAP_LINE.findall(entry.get("stdout") or ""):
        if bad:
            failed += 1
        elif re.search(r"#\s*skip", rest, re.IGNORECASE):
            skipped += 1
        else:
            passed += 1
    if entry["result"] == SKIPPED:
        skipped += passed + failed + skipped == 0
    elif entry["result"] in GOOD:
        passed += passed + failed + skipped == 0
    else:
        failed += failed == 0
    return passed, failed, skipped


def count(lines, exit_code):
    counts = [count_test(json.loads(line)) for line in lines if line.strip()]
    passed, failed, skipped = (sum(column) for column in zip(*counts, (0, 0, 0)))
    if exit_code != 0 and failed == 0:
        failed = 1
    return passed, failed, skipped


def reasons_of(entry):
    """The failed subtests of a test and the last lines that it wrote of them."""
    failed = [line for line in (entry.get("stdout") or "").splitlines()
              if line.startswith("not ok")]
    written = (entry.get("stderr") or "").splitlines()[-REASON_LINES:]
    return [f"{entry['name']}: {entry['result']}",
            *("    " + line[:LINE_CHARACTERS] for line in failed + written)]


def reasons(lines):
    entries = [json.loads(line) for line in lines if line.strip()]
    return [line for entry in entries
            if entry["result"] != SKIPPED and entry["result"] not in GOOD
            for line in reasons_of(entry)]


def main():
    path, exit_code = sys.argv[1], int(sys.argv[2])
    lines = []
    if os.path.exists(path):
        with open(path, encoding="utf-8", errors="replace") as log:
            lines = log.readlines()
    print(*count(lines, exit_code))
    for line in reasons(lines):
        print(line, file=sys.stderr)


if __name__ == "__main__":
    main()
