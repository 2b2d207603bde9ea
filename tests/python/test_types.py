"""mypy --strict finds nothing in package, generators, examples and tests, and finds mistakes."""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Sequence

import tap

PACKAGE = Path(__file__).resolve().parents[2] / "bindings" / "python"
PACKAGES = Path("/usr/lib/python3/dist-packages")  # of the distribution, as mypy is
FASTAPI, HYPOTHESIS = PACKAGES / "fastapi", PACKAGES / "hypothesis"
WRONG = {
    'hf.orders.place("EUR", total="9")': 'expected "int"',
    'hf.orders.get("x")': 'expected "UUID"',
    'hf.accounts.get(holdfast.item("x"), nonsense=1)': "Unexpected keyword",
    "(await hf.orders.get(ident)).order.stat": 'has no attribute "stat"',
    "holdfast.StockShortage": "has no attribute",
}


def mypy(*arguments: str,
         places: Sequence[Path] = ()) -> "subprocess.CompletedProcess[str]":
    """Runs mypy --strict, which finds modules of these places too."""
    program = shutil.which("mypy")
    if program is None:
        raise tap.Skip("mypy is not installed")
    env = {**os.environ, "MYPYPATH": ":".join(map(str, [PACKAGE, PACKAGE / "holdfast", *places]))}
    return subprocess.run([program, "--strict", "--cache-dir", tempfile.gettempdir() + "/mypy",
                           *arguments], text=True, capture_output=True, env=env, timeout=600)


def test_package() -> None:
    """mypy --strict finds nothing in the package, its generators and its examples."""
    examples = [path for path in (PACKAGE / "examples").glob("*.py")
                if path.name != "web_shop.py" or FASTAPI.exists()]
    done = mypy(str(PACKAGE / "holdfast"), str(PACKAGE / "generate_types.py"),
                str(PACKAGE / "generate_manual.py"),
                *(str(path) for path in (PACKAGE / "bench").glob("*.py")),
                *(str(path) for path in examples))
    assert done.returncode == 0, done.stdout + done.stderr
    done = mypy(str(PACKAGE / "generate.py"), str(PACKAGE / "build_wheel.py"))
    assert done.returncode == 0, done.stdout + done.stderr


def test_tests() -> None:
    """mypy --strict finds nothing in the tests of the package."""
    here = Path(__file__).resolve().parent
    if not HYPOTHESIS.exists():
        raise tap.Skip("hypothesis is not installed")
    done = mypy(*(str(path) for path in here.glob("*.py")),
                places=[here, here.parent / "support"])
    assert done.returncode == 0, done.stdout + done.stderr


def test_django_site() -> None:
    """mypy --strict finds nothing in the site either, but that Django has no types in Debian."""
    site = PACKAGE / "examples" / "django_site"
    untyped = ("--ignore-missing-imports", "--allow-subclassing-any", "--allow-untyped-calls")
    done = mypy(*untyped, *(str(path) for path in sorted(site.rglob("*.py"))), places=[site])
    assert done.returncode == 0, done.stdout + done.stderr


def test_mistakes() -> None:
    """mypy finds a wrong argument, a wrong name and a wrong attribute in a program."""
    for code, complaint in WRONG.items():
        with open("program.py", "w", encoding="utf-8") as out:
            out.write("import uuid\nimport holdfast\n\n\nasync def main(hf: holdfast.Engine, "
                      f"ident: uuid.UUID) -> None:\n    {code}\n")
        done = mypy("program.py")
        assert done.returncode == 1 and complaint in done.stdout, (code, done.stdout, sys.path)


if __name__ == "__main__":
    tap.run(__name__)
