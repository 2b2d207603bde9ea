"""Searches every state of txn.pml with Spin, then with one rule taken away at a time.

Arguments: the model, C compiler command. Each case is a set of definitions; one without an
expectation must hold, the others (negative controls) must break a property. The faults of a case
bound its states; more of them, in minutes and some GB:

    HOLDFAST_SPIN="-DFAULTS=1 -DCRASHES=1 -DTAKEOVERS=1" meson test --suite spin --verbose -t 0
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile

SAFETY, LIVENESS = ["-DSAFETY"], ["-DNP", "-DNOFAIR"]
SHORTEST = ["-DSAFETY", "-DBFS"]  # finds early what takes few steps of many kinds
MEMORY_MB = 3000


def bounds(faults, crashes, takeovers):
    return [f"-DFAULTS={faults}", f"-DCRASHES={crashes}", f"-DTAKEOVERS={takeovers}"]


# name, definitions of the model, what is searched, what must be reported ("" for nothing)
CASES = [
    ("one message fault and one crash", bounds(1, 1, 0), SAFETY, ""),
    ("one message fault and one takeover", bounds(1, 0, 1), SAFETY, ""),
    ("two message faults", bounds(2, 0, 0), SAFETY, ""),
    ("every run ends after a fault and a crash", bounds(1, 1, 0), LIVENESS, ""),
    ("every run ends after a takeover", bounds(0, 0, 1), LIVENESS, ""),
    ("a run can end confirmed", bounds(0, 0, 0) + ["-DONLY=CANCELLED"], SAFETY, "assertion"),
    ("a run can end cancelled", bounds(0, 0, 0) + ["-DONLY=CONFIRMED"], SAFETY, "assertion"),
    ("without the fence", bounds(0, 0, 1) + ["-DNO_FENCE"], SAFETY, "assertion"),
    ("without the fence, told by the participants",
     bounds(0, 0, 1) + ["-DNO_FENCE", "-DREDECIDE"], SAFETY, "assertion"),
    ("without the barrier", bounds(1, 0, 0) + ["-DNO_BARRIER"], SAFETY, "assertion"),
    ("without a logged decision", bounds(0, 1, 0) + ["-DNO_LOG"], SAFETY, "assertion"),
    ("without a recorded refusal", bounds(1, 0, 0) + ["-DNO_REFUSAL"], SAFETY, "assertion"),
    ("with answers to calls of an earlier lease",
     bounds(0, 0, 2) + ["-DOLD_ANSWERS"], SHORTEST, "assertion"),
    ("with endless faults", bounds(1, 0, 0) + ["-DENDLESS"], LIVENESS, "non-progress cycle"),
]


def search(model, compiler, definitions, kind, folder):
    """What the search printed."""
    subprocess.run(["spin", "-a", *definitions, model], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL)
    subprocess.run([*compiler, "-O2", "-w", *kind, f"-DMEMLIM={MEMORY_MB}", "-o", "pan", "pan.c"],
                   cwd=folder, check=True)
    command = ["./pan", "-m100000", "-w22"] + (["-l"] if kind == LIVENESS else [])
    result = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    return result.stdout + result.stderr


def problem_of(output, expected):
    if "error: max search depth" in output or "out of memory" in output or "memory limit" in output:
        return "the search is not complete"
    errors = re.search(r"errors: (\d+)", output)
    if errors is None:
        return "the search did not end"
    if expected == "":
        return None if errors.group(1) == "0" else "a property is broken"
    return None if expected in output else f"no {expected} was reported"


def main():
    model, compiler = sys.argv[1], sys.argv[2:]
    if shutil.which("spin") is None:
        print("1..0 # SKIP spin is not installed")
        return 0
    cases = CASES
    if os.environ.get("HOLDFAST_SPIN"):
        cases = [("the given bounds", os.environ["HOLDFAST_SPIN"].split(), SAFETY, "")]
    print(f"1..{len(cases)}", flush=True)
    failed = False
    for number, (name, definitions, kind, expected) in enumerate(cases, 1):
        with tempfile.TemporaryDirectory() as folder:
            output = search(model, compiler, definitions, kind, folder)
        problem = problem_of(output, expected)
        states = re.search(r"(\d+) states, stored", output)
        print(f"# {name}: {states.group(1) if states else 'no'} states")
        print(f"{'ok' if problem is None else 'not ok'} {number} {name}", flush=True)
        if problem is not None:
            failed = True
            print(f"{name}: {problem}\n{output}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
