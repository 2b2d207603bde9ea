"""The counts of tests/run.sh: nothing that failed may look passed."""
import json
import os
import sys

sys.path.insert(0, os.path.join(sys.argv[1], "tests", "support"))
from count import count, reasons  # noqa: E402

from harness import run  # noqa: E402

TAP = "1..3\nok 1 a\nok 2 b # SKIP none\nnot ok 3 c\n"
# title, results and outputs of the tests, meson's exit code, expected counts
CASES = [
    ("subtests one by one", [("FAIL", TAP)], 1, (1, 1, 1)),
    ("a test without subtests", [("OK", "hello\n")], 0, (1, 0, 0)),
    ("a skipped test", [("SKIP", "")], 0, (0, 0, 1)),
    ("a crash after the last subtest", [("ERROR", "ok 1 a\n1..1\n")], 1, (1, 1, 0)),
    ("a time-out", [("TIMEOUT", "ok 1 a\n"), ("OK", "ok 1 b\n")], 1, (2, 1, 0)),
    ("a meson that failed alone", [], 1, (0, 1, 0)),
    ("nothing to do", [], 0, (0, 0, 0)),
]


def check(_):
    problems = []
    for title, tests, code, expected in CASES:
        lines = [json.dumps({"name": "t", "result": r, "stdout": out}) for r, out in tests]
        if count(lines, code) != expected:
            problems.append(f"{title}: {count(lines, code)}, expected {expected}")
    return problems


def check_reasons(_):
    tests = [("FAIL", TAP, "wanted 2\n"), ("OK", "ok 1 a\n", "a warning\n"), ("TIMEOUT", "", "")]
    told = reasons([json.dumps({"name": "t", "result": result, "stdout": out, "stderr": err})
                    for result, out, err in tests])
    wanted = ["t: FAIL", "    not ok 3 c", "    wanted 2", "t: TIMEOUT"]
    return [] if told == wanted else [f"reasons: {told}, expected {wanted}"]


if __name__ == "__main__":
    run("counts tell what happened", check, [], more={"the reasons of what failed": check_reasons})
