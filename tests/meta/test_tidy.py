"""clang-tidy 14 has nothing to say.

Arguments: root folder, build folder. The build's own list of files says how each is compiled, but
for options that only gcc knows. A file is checked again when it, a header that it includes, the
configuration or clang-tidy changed: the names of files that passed are kept in the user's cache
folder, by a digest of the preprocessed text, wherever the source tree and the build folder lie.
"""
import hashlib
import json
import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from itertools import dropwhile
from pathlib import Path

from harness import Control, Skip, make_tree, run
from source import files

TIDY = "clang-tidy-14"
CLANG = "clang-14"
ONLY_GCC = ("-mmem", "-flto", "-ffat-lto")  # how options begin that clang refuses
NOT_READING = ("-c", "-MD", "-MMD", "-fdiagnostics-color=always")
KEPT_DAYS = 30  # since a result was last used


class Passed:
    """The digests of what passed: an empty file for each in the user's cache folder."""

    def __init__(self, configuration, folder=None):
        home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        self.folder = Path(folder or os.path.join(home, "holdfast", "tidy"))
        version = subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout
        self.seed = version + Path(configuration).read_bytes()
        self.places = [os.path.realpath(path) for path in (sys.argv[2], sys.argv[1])]

    def digest(self, words):
        """What decides the result of a command; "" when it cannot be told."""
        text = subprocess.run([CLANG, "-E", "-C", *words], capture_output=True, check=False)
        content = b"\0".join([self.seed, " ".join(words).encode(), text.stdout])
        for place in self.places:
            content = content.replace(os.fsencode(place), b"")
        return hashlib.sha256(content).hexdigest() if text.returncode == 0 else ""

    def has(self, digest):
        try:
            os.utime(self.folder / digest)
        except OSError:
            return False
        return digest != ""

    def add(self, digest):
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            (self.folder / digest).touch()
        except OSError:
            return  # it is checked again the next time

    def forget_old(self):
        oldest = time.time() - KEPT_DAYS * 24 * 3600
        for path in self.folder.glob("*"):
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)


def tidy(root, path, words, passed):
    """The problems of a file that is compiled with these words."""
    digest = passed.digest([*words, path])
    if passed.has(digest):
        return []
    configuration = "--config-file=" + os.path.join(sys.argv[1], ".clang-tidy")
    command = [TIDY, "--quiet", configuration, path, "--", *words]
    result = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    problems = [line for line in result.stdout.splitlines() if " error: " in line]
    if result.returncode != 0 and not problems:
        problems = [f"{path}: {result.stderr.strip()}"]
    if not problems and digest:
        passed.add(digest)
    return problems


def read_listing(build):
    """How each file of the build is compiled, as clang understands it, by path."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as listing:
        entries = json.load(listing)
    commands = {}  # some files are part of several programs
    for entry in entries:
        path = os.path.realpath(os.path.join(entry["directory"], entry["file"]))
        commands.setdefault(path, list(options(entry)))
    return commands


def options(entry):
    """The words of a command that say how its file is read, with whole paths."""
    words = dropwhile(lambda word: not word.startswith("-"), shlex.split(entry["command"]))
    for word in words:
        if word in ("-o", "-MF", "-MQ", "-MT"):
            next(words)
        elif word.startswith("-I"):
            yield "-I" + os.path.realpath(os.path.join(entry["directory"], word[2:]))
        elif word not in NOT_READING and word != entry["file"] and not word.startswith(ONLY_GCC):
            yield word


def check(root):
    if shutil.which(TIDY) is None:
        raise Skip(f"{TIDY} is not installed")
    with tempfile.TemporaryDirectory() as folder:
        if root == sys.argv[1]:
            return check_all(root, read_listing(sys.argv[2]), None)
        paths = [os.path.join(root, path) for path, _ in files(root, ["lib", "tests"], (".c",))]
        return check_all(root, {path: ["-std=c11"] for path in paths}, folder)


def check_all(root, commands, folder):
    """The problems of all files; those of a header once."""
    passed = Passed(os.path.join(sys.argv[1], ".clang-tidy"), folder)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda path: tidy(root, path, commands[path], passed),
                                sorted(commands)))
    passed.forget_old()
    return sorted({problem for result in results for problem in result})


def check_twice(root):
    """A file that passed is not checked again until a header of it changes."""
    source, header = os.path.join(root, "a.c"), os.path.join(root, "a.h")
    code = '#include "a.h"\nint f(int *p);\nint f(int *p)\n{\n    A;\n    return *p;\n}\n'
    make_tree(root, {"a.c": code, "a.h": "#define A *p = 1\n"})
    passed = Passed(os.path.join(sys.argv[1], ".clang-tidy"), os.path.join(root, "passed"))
    problems = tidy(root, source, ["-std=c11"], passed)
    if not passed.has(passed.digest(["-std=c11", source])):
        problems.append("the result was not kept")
    Path(header).write_text("#define A p = 0\n", encoding="utf-8")
    if not tidy(root, source, ["-std=c11"], passed):
        problems.append("the change of the header was not seen")
    return problems


def control(title, statement, expected, path="lib/a.c"):
    code = f"int f(int *p);\nint f(int *p)\n{{\n    {statement}\n    return 0;\n}}\n"
    return Control(title, {path: code}, expected)


CONTROLS = [
    control("a null that is read", "p = 0; *p = 1;", "clang-analyzer-core.NullDereference"),
    control("a null that a test reads", "p = 0; *p = 1;", "clang-analyzer-core.NullDereference",
            "tests/a.c"),
    control("an empty branch", "if (*p);\n    *p = 1;", "bugprone-suspicious-semicolon"),
    control("a recursion", "f(p);", "misc-no-recursion"),
    control("good code", "*p = 1;", ""),
]

if __name__ == "__main__":
    run("clang-tidy is content", check, CONTROLS, more={"a changed header": check_twice})
