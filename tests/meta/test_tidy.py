"""clang-tidy 14 has nothing to say.

Arguments: root folder, build folder. The build's own list of files says how each is compiled, but
for options that only gcc knows.
"""
import json
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from harness import Control, Skip, run
from source import files

TIDY = "clang-tidy-14"
ONLY_GCC = ("-mmem", "-flto", "-ffat-lto")  # how options begin that clang refuses


def tidy(root, path, listing):
    configuration = "--config-file=" + os.path.join(sys.argv[1], ".clang-tidy")
    command = [TIDY, "--quiet", configuration]
    command += ["-p", listing, path] if listing else [path, "--", "-std=c11"]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    problems = [line for line in result.stdout.splitlines() if " error: " in line]
    if result.returncode != 0 and not problems:
        problems = [f"{path}: {result.stderr.strip()}"]
    return problems


def read_listing(folder):
    """The files of the build, and its list as clang understands it, each once, in `folder`."""
    name = "compile_commands.json"
    with open(os.path.join(sys.argv[2], name), encoding="utf-8") as listing:
        entries = json.load(listing)
    files_once = {}  # some are part of several programs
    for entry in entries:
        words = entry["command"].split(" ")
        entry["command"] = " ".join(word for word in words if not word.startswith(ONLY_GCC))
        path = os.path.realpath(os.path.join(entry["directory"], entry["file"]))
        files_once.setdefault(path, entry)
    with open(os.path.join(folder, name), "w", encoding="utf-8") as listing:
        json.dump(list(files_once.values()), listing)
    return set(files_once)


def check(root):
    if shutil.which(TIDY) is None:
        raise Skip(f"{TIDY} is not installed")
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        listing = None
        if root == sys.argv[1]:
            listing = folder
            paths = read_listing(folder)
        else:  # a control
            paths = {os.path.join(root, path) for path, _ in files(root, ["lib"], (".c",))}
        results = list(pool.map(lambda path: tidy(root, path, listing), sorted(paths)))
    return sorted({problem for result in results for problem in result})  # a header's, once


def control(title, statement, expected):
    code = f"int f(int *p);\nint f(int *p)\n{{\n    {statement}\n    return 0;\n}}\n"
    return Control(title, {"lib/a.c": code}, expected)


CONTROLS = [
    control("a null that is read", "p = 0; *p = 1;", "clang-analyzer-core.NullDereference"),
    control("an empty branch", "if (*p);\n    *p = 1;", "bugprone-suspicious-semicolon"),
    control("a recursion", "f(p);", "misc-no-recursion"),
    control("good code", "*p = 1;", ""),
]

if __name__ == "__main__":
    run("clang-tidy is content", check, CONTROLS)
