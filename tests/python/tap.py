"""Runs test functions and reports them as TAP. The first sentence of a docstring is the name.

HOLDFAST_TESTS is a regular expression: only functions whose names have it are run.
"""
import asyncio
import inspect
import os
import re
import sys
import tempfile
import traceback
from typing import Any, Callable, Optional, Sequence, Tuple

TESTS = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
sys.path[:0] = [os.path.join(TESTS, "..", "bindings", "python"), os.path.join(TESTS, "support")]


#: A test: a plain function or a coroutine, with the texts of its case as arguments.
Test = Callable[..., Any]


class Skip(Exception):
    """What a test needs is not there."""


def run_one(function: Test, arguments: Sequence[str]) -> Optional[str]:
    """Runs one test in a folder of its own; None, or the text of what went wrong."""
    before = os.getcwd()
    with tempfile.TemporaryDirectory() as folder:
        os.chdir(folder)
        try:
            result = function(*arguments)
            if inspect.iscoroutine(result):
                asyncio.run(result)
        except Skip:
            raise
        except BaseException:  # an interrupt of a test is a failure too
            return traceback.format_exc()
        finally:
            os.chdir(before)
    return None


def run(module: str, cases: Sequence[Tuple[str, ...]] = ((),), everything: bool = False) -> None:
    """Runs the functions of a module whose names begin with test_, once for each case."""
    wanted = re.compile("" if everything else os.environ.get("HOLDFAST_TESTS", ""))
    tests = [f for name, f in vars(sys.modules[module]).items()
             if name.startswith("test_") and wanted.search(name)]
    jobs = [(test, case) for test in tests
            for case in (cases if inspect.signature(test).parameters else ((),))]
    print(f"1..{len(jobs)}", flush=True)
    failed = 0
    for number, (test, case) in enumerate(jobs, 1):
        name = " ".join((inspect.getdoc(test) or "").split("\n\n")[0].split()).rstrip(".").replace("#", "")
        name += f" ({', '.join(case)})" if case else ""
        try:
            problem = run_one(test, case)
        except Skip as reason:
            print(f"ok {number} {name} # SKIP {reason}", flush=True)
            continue
        if problem:
            print(problem, file=sys.stderr)
        print(f"{'not ok' if problem else 'ok'} {number} {name}", flush=True)
        failed += bool(problem)
    sys.exit(1 if failed else 0)
