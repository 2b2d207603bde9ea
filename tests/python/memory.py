"""The tests of the Python package while a tool watches the memory that the library uses.

    memory.py asan       a library built with AddressSanitizer, whose run time is preloaded
    memory.py valgrind   the library of HOLDFAST_LIBRARY under valgrind

Fails when the tool reports something in which the library takes part; the interpreter's own reports
do not count. HOLDFAST_TESTS is a regular expression of the names of the tests to run instead of
all; HOLDFAST_ASAN_LIBRARY names a sanitized library that is built already.
"""
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Dict, List

import tap

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
LIBRARY = "libholdfast.so"
MODULES = ("engine", "transactions", "sync", "maintenance", "cache", "faults")
REPORT = "report"  # the files into which a tool writes
OPTIONS = ("--buildtype=debug", "-Doptimization=1", "-Db_sanitize=address", "-Db_lundef=false",
           "-Ddefault_library=shared", "-Dtests=disabled", "-Dexamples=disabled",
           "-Dbench=disabled")


def sanitized() -> Path:
    """A library with AddressSanitizer, built in the folder of the test."""
    given = os.environ.get("HOLDFAST_ASAN_LIBRARY")
    if given:
        return Path(given)
    for command in (["meson", "setup", "asan", str(ROOT), *OPTIONS], ["ninja", "-C", "asan"]):
        done = subprocess.run(command, text=True, capture_output=True)
        assert done.returncode == 0, done.stdout + done.stderr
    return Path("asan", LIBRARY + ".0").resolve()


def runtime() -> str:
    """The run time of AddressSanitizer that belongs to the compiler."""
    compiler = shutil.which("gcc")
    found = "" if compiler is None else subprocess.run(
        [compiler, "-print-file-name=libasan.so"], text=True, capture_output=True).stdout.strip()
    if not os.path.isabs(found):
        raise tap.Skip("gcc has no libasan here")
    return found


def reports() -> List[str]:
    """The reports in which the library takes part."""
    found = []
    for path in Path().glob(REPORT + "*"):
        for block in re.split(r"\n(?:==\d+==)? *\n", path.read_text(errors="replace")):
            if LIBRARY in block and "HEAP SUMMARY" not in block:
                found.append(block)
    return found


def watch(module: str, command: List[str], env: Dict[str, str]) -> None:
    """Runs the tests of a module with a tool; nothing may be reported, and all must pass."""
    for path in Path().glob(REPORT + "*"):
        path.unlink()
    done = subprocess.run([*command, sys.executable, "-B", str(HERE / f"test_{module}.py")],
                          text=True, capture_output=True, env={**os.environ, **env})
    found = reports()
    assert not found, "\n\n".join(found)
    failed = [line for line in done.stdout.splitlines() if line.startswith("not ok")]
    assert done.returncode == 0 and not failed, f"{module}: {failed}\n{done.stderr[-3000:]}"


def test_asan() -> None:
    """AddressSanitizer reports nothing of the library while the tests of the package run."""
    preload = runtime()
    library = sanitized()
    where = os.path.abspath(REPORT)
    for module in MODULES:
        watch(module, [], {"LD_PRELOAD": preload, "HOLDFAST_LIBRARY": str(library),
                           "ASAN_OPTIONS": f"detect_leaks=0:log_path={where}:exitcode=99"})


def test_valgrind() -> None:
    """valgrind reports nothing of the library while the tests of the package run."""
    program = shutil.which("valgrind")
    if program is None:
        raise tap.Skip("valgrind is not installed")
    where = os.path.abspath(REPORT)
    command = [program, "-q", "--trace-children=no", "--num-callers=30", f"--log-file={where}.%p"]
    for module in MODULES:
        watch(module, command, {"PYTHONMALLOC": "malloc"})


if __name__ == "__main__":
    for name in ("asan", "valgrind"):
        if sys.argv[1:] not in ([], [name]):
            del globals()[f"test_{name}"]
    tap.run(__name__, everything=True)
