"""All C is formatted by clang-format 14."""
import os
import shutil
import subprocess
import sys

from harness import Control, Skip, run
from source import files


def formatter():
    for name in ("clang-format-14", "clang-format"):
        if shutil.which(name):
            version = subprocess.run([name, "--version"], capture_output=True, text=True, check=True)
            if "version 14." in version.stdout:
                return name
    raise Skip("clang-format 14 is not installed")


def check(root):
    name = formatter()
    paths = [path for path, _ in files(root, ["include", "lib", "examples", "tests"])]
    if not paths:
        return []
    style = "--style=file:" + os.path.join(sys.argv[1], ".clang-format")
    command = [name, "--dry-run", "-Werror", style] + paths
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    problems = [line for line in result.stderr.splitlines() if "error:" in line]
    if result.returncode != 0 and not problems:
        problems = [result.stderr]
    return problems


CONTROLS = [
    Control("a brace out of place", {"lib/a.c": "int f(void) {\n    return 0;\n}\n"}, "lib/a.c:1"),
    Control("two spaces", {"lib/a.c": "int f(void)\n{\n  return 0;\n}\n"}, "lib/a.c:2"),
    Control("good form", {"lib/a.c": "int f(void)\n{\n    return 0;\n}\n"}, ""),
]

if __name__ == "__main__":
    run("sources are formatted", check, CONTROLS)
