"""Seeds small defects into the library, one at a time, and counts how many the tests catch.

Usage: mutate.py [--sample 40] [--seed 1] [--under lib/engine ...] [--build FOLDER] ROOT

The sources are copied and built once. For each mutant one file is changed, what depends on it is
built again, and the fast tests that are related to the file run until one of them fails. A mutant
that does not build counts for nothing; one that no test notices has survived, and is printed with
its place. The sample has the same number of each operator where there are as many, and depends on
the seed alone.

Before the sample come two controls: a mutant that changes nothing must survive, and one that is
fatal must be caught; else the score would say nothing.
"""
import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from operators import Mutant, mutants_under
from related import tests_of

FOLDERS = ["lib/engine", "lib/txn", "lib/store", "lib/journal"]
OPTIONS = ["--buildtype=debug", "-Doptimization=0", "-Ddebug=false", "-Dbench=disabled",
           "-Dexamples=disabled", "-Dtests=enabled", "-Dwerror=false"]
LIMIT_S = 120  # a test that takes longer hangs
CAUGHT, SURVIVED, NOT_BUILT = "caught", "survived", "not built"


class Project:
    """A copy of the sources, and the test programs of its build folder."""
    def __init__(self, root, folder):
        self.root = Path(folder) / "source"
        self.build = Path(folder) / "build"
        ignored = shutil.ignore_patterns("build", ".git", "__pycache__", "subprojects")
        shutil.copytree(root, self.root, ignore=ignored, dirs_exist_ok=True)
        if not self.build.exists():
            self.run(["meson", "setup", *OPTIONS, str(self.build), str(self.root)])
        shown = self.run(["meson", "introspect", "--tests", str(self.build)])
        self.tests = [test for test in json.loads(shown) if test["protocol"] == "tap"]

    @staticmethod
    def run(command):
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{' '.join(command)}:\n{done.stdout}{done.stderr}")
        return done.stdout

    def related(self, path):
        """The test programs of a file, in the order in which they run."""
        return [test for name in tests_of(path) for test in self.tests
                if name in (test["name"], f"suite {test['suite'][0].split(':')[-1]}")]

    def compile(self, tests):
        programs = [os.path.relpath(program_of(test), self.build) for test in tests]
        done = subprocess.run(["ninja", "-C", str(self.build), *programs], capture_output=True,
                              check=False)
        return done.returncode == 0


def program_of(test):
    """Without what a test setup puts before it."""
    return next(part for part in test["cmd"] if "/test_" in part)


def passes(test):
    command = test["cmd"][test["cmd"].index(program_of(test)):]
    environment = {**os.environ, **test["env"]}
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(command, cwd=folder, env={**environment, "TMPDIR": folder},
                                  stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  timeout=LIMIT_S, check=False)
        except subprocess.TimeoutExpired:
            return False
    return done.returncode == 0


def judge(project, mutant):
    """What became of a mutant, and the test that caught it."""
    file = project.root / mutant.path
    source = file.read_text("utf-8")
    tests = project.related(mutant.path)
    if not tests:
        sys.exit(f"{mutant.path}: no test is related to it")
    try:
        file.write_text(mutant.apply(source), "utf-8")
        if not project.compile(tests):
            return NOT_BUILT, ""
        caught = next((test["name"] for test in tests if not passes(test)), "")
        return (CAUGHT if caught else SURVIVED), caught
    finally:
        file.write_text(source, "utf-8")


def sample_of(by_operator, count, seed):
    """As many of each operator as there are, in turn; the order depends on the seed alone."""
    chance = random.Random(seed)
    piles = []
    for name in sorted(by_operator):
        pile = list(by_operator[name])
        chance.shuffle(pile)
        piles.append(pile)
    chosen = []
    while len(chosen) < count and any(piles):
        for pile in piles:
            if pile and len(chosen) < count:
                chosen.append(pile.pop())
    return chosen


CONTROL_FILE = "lib/txn/heap.c"
CONTROL_PLACE = "heap->count == 0 ? NULL : heap->items[1]"
CONTROLS = [("0 == heap->count ? NULL : heap->items[1]", SURVIVED),
            ("heap->count == 0 ? heap->items[1] : NULL", CAUGHT),
            ("heap->count == 0 ? heap->items[1]", NOT_BUILT)]


def check_controls(project):
    start = (project.root / CONTROL_FILE).read_text("utf-8").index(CONTROL_PLACE)
    for text, expected in CONTROLS:
        control = Mutant("control", CONTROL_FILE, start, start + len(CONTROL_PLACE), text)
        found, _ = judge(project, control)
        if found != expected:
            sys.exit(f"control: '{text}' is {found}, not {expected}")
        print(f"control: '{text}' is {found}, as it must be", flush=True)


def run_sample(project, mutants):
    counts = {CAUGHT: 0, SURVIVED: 0, NOT_BUILT: 0}
    survivors = []
    for mutant in mutants:
        place = mutant.describe((project.root / mutant.path).read_text("utf-8"))
        found, test = judge(project, mutant)
        counts[found] += 1
        survivors += [place] if found == SURVIVED else []
        print(f"{found}{' by ' + test if test else ''}: {place}", flush=True)
    return counts, survivors


def read_arguments():
    parser = argparse.ArgumentParser(description="seeds defects and counts those that tests catch")
    parser.add_argument("root")
    parser.add_argument("--sample", type=int, default=int(os.environ.get("HF_MUTANTS", "40")))
    parser.add_argument("--seed", type=int, default=int(os.environ.get("HF_TEST_SEED", "1")))
    parser.add_argument("--under", nargs="+", default=FOLDERS)
    parser.add_argument("--build", help="kept between runs; else a temporary folder")
    return parser.parse_args()


def main():
    given = read_arguments()
    with tempfile.TemporaryDirectory() as temporary:
        project = Project(given.root, given.build or temporary)
        check_controls(project)
        by_operator = mutants_under(project.root, given.under)
        print(", ".join(f"{len(found)} {name}" for name, found in by_operator.items()))
        counts, survivors = run_sample(project, sample_of(by_operator, given.sample, given.seed))
    effective = counts[CAUGHT] + counts[SURVIVED]
    print(f"seed {given.seed}: {counts[CAUGHT]} of {effective} mutants caught "
          f"({100 * counts[CAUGHT] // max(effective, 1)} %), {counts[NOT_BUILT]} not built")
    for place in survivors:
        print(f"survived: {place}")


if __name__ == "__main__":
    main()
