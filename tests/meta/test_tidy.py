"""clang-tidy 14 has nothing to say.

Arguments: root folder, build folder. The build's own list of files says how each is compiled, but
for options that only gcc knows. A file is checked again when it, a header that it includes, the
configuration or clang-tidy changed: what passed is kept in the user's cache folder, wherever the
source tree and the build folder lie. It is kept by two digests: one of the contents of the file and
of all headers that the build has read with it, which costs nothing to compute, and one of the
preprocessed text, which stays the same when only comments change, or what the file does not use.
"""
import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cache
from itertools import dropwhile
from pathlib import Path

from harness import Control, Skip, make_tree, run
from source import files

TIDY = "clang-tidy-14"
CLANG = "clang-14"
ONLY_GCC = ("-mmem", "-flto", "-ffat-lto")  # how options begin that clang refuses
NOT_READING = ("-c", "-MD", "-MMD", "-fdiagnostics-color=always")
KEPT_DAYS = 30  # since a result was last used
COMMENT = re.compile(rb"\s*/\*.*?\*/", re.DOTALL)


def kept_comment(match):
    """A comment that suppresses a check or names an argument; nothing of any other one."""
    text = match.group()
    return text if b"NOLINT" in text or b"=*/" in text else b""


@cache
def hash_of(path):
    return hashlib.sha256(Path(path).read_bytes()).hexdigest() if os.path.isfile(path) else ""


class Passed:
    """The digests of what passed: an empty file for each in the user's cache folder."""

    def __init__(self, configuration, folder=None):
        home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
        self.folder = Path(folder or os.path.join(home, "holdfast", "tidy"))
        version = subprocess.run([TIDY, "--version"], capture_output=True, check=True).stdout
        self.seed = version + Path(configuration).read_bytes()
        self.places = [os.path.realpath(path) for path in (sys.argv[2], sys.argv[1])]

    def digest(self, words, *contents):
        content = b"\0".join([self.seed, " ".join(words).encode(), *contents])
        for place in self.places:
            content = content.replace(os.fsencode(place), b"")
        return hashlib.sha256(content).hexdigest()

    def digest_of_text(self, words):
        """By the preprocessed text and the comments that clang-tidy reads; "" when it fails."""
        text = subprocess.run([CLANG, "-E", "-C", "-P", *words], capture_output=True, check=False)
        if text.returncode != 0:
            return ""
        return self.digest(words, COMMENT.sub(kept_comment, text.stdout))

    def digest_of_files(self, words, read):
        """By the contents of all files that were read; "" when these are not known."""
        if not read:
            return ""
        return self.digest(words, *(f"{path} {hash_of(path)}".encode() for path in sorted(read)))

    def has(self, digest):
        if digest == "":
            return False
        try:
            os.utime(self.folder / digest)
        except OSError:
            return False
        return True

    def add(self, *digests):
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            for digest in filter(None, digests):
                (self.folder / digest).touch()
        except OSError:
            return  # it is checked again the next time

    def forget_old(self):
        oldest = time.time() - KEPT_DAYS * 24 * 3600
        for path in self.folder.glob("*"):
            if path.stat().st_mtime < oldest:
                path.unlink(missing_ok=True)


def tidy(root, path, command, passed):
    """The problems of a file that is compiled so."""
    by_files = passed.digest_of_files([*command.words, path], command.read)
    if passed.has(by_files):
        return []
    by_text = passed.digest_of_text([*command.words, path])
    if passed.has(by_text):
        passed.add(by_files)
        return []
    configuration = "--config-file=" + os.path.join(sys.argv[1], ".clang-tidy")
    result = subprocess.run([TIDY, "--quiet", configuration, path, "--", *command.words], cwd=root,
                            capture_output=True, text=True, check=False)
    problems = [line for line in result.stdout.splitlines() if " error: " in line]
    if result.returncode != 0 and not problems:
        problems = [f"{path}: {result.stderr.strip()}"]
    if not problems:
        passed.add(by_files, by_text)
    return problems


@dataclass
class Command:
    """How a file is compiled, as clang understands it, and the files that the build read for it."""
    words: list
    read: list = field(default_factory=list)


def read_listing(build):
    """The command of each file of the build, by path."""
    with open(os.path.join(build, "compile_commands.json"), encoding="utf-8") as listing:
        entries = json.load(listing)
    read = read_files(build)
    commands = {}  # some files are part of several programs
    for entry in entries:
        path = os.path.realpath(os.path.join(entry["directory"], entry["file"]))
        commands.setdefault(path, Command(list(options(entry)), read.get(entry["output"], [])))
    return commands


def read_files(build):
    """The files that were read for each output of the build, as ninja has noted them."""
    if shutil.which("ninja") is None:
        return {}
    notes = subprocess.run(["ninja", "-C", build, "-t", "deps"], capture_output=True, text=True,
                           check=False).stdout
    read = {}
    for line in notes.splitlines():
        if line.startswith("    "):
            read[output].append(os.path.realpath(os.path.join(build, line.strip())))
        elif line.endswith("(VALID)"):
            output = line.split(":")[0]
            read[output] = []
        else:
            output = ""
            read[output] = []
    read.pop("", None)
    return read


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
        return check_all(root, {path: Command(["-std=c11"]) for path in paths}, folder)


def check_all(root, commands, folder):
    """The problems of all files; those of a header once."""
    passed = Passed(os.path.join(sys.argv[1], ".clang-tidy"), folder)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        results = list(pool.map(lambda path: tidy(root, path, commands[path], passed),
                                sorted(commands)))
    passed.forget_old()
    return sorted({problem for result in results for problem in result})


def check_twice(root, noted):
    """A file that passed is not checked again until a header of it changes."""
    source, header = os.path.join(root, "a.c"), os.path.join(root, "a.h")
    code = '#include "a.h"\nint f(int *p);\nint f(int *p)\n{\n    A;\n    return *p;\n}\n'
    make_tree(root, {"a.c": code, "a.h": "#define A *p = 1\n"})
    passed = Passed(os.path.join(sys.argv[1], ".clang-tidy"), os.path.join(root, "passed"))
    command = Command(["-std=c11"], [source, header] if noted else [])
    problems = tidy(root, source, command, passed)
    words = [*command.words, source]
    digest = passed.digest_of_files(words, command.read) if noted else passed.digest_of_text(words)
    if not passed.has(digest):
        problems.append("the result was not kept")
    hash_of.cache_clear()
    Path(header).write_text("#define A p = 0\n", encoding="utf-8")
    if not tidy(root, source, command, passed):
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
    run("clang-tidy is content", check, CONTROLS, more={
        "a changed header": lambda root: check_twice(root, False),
        "a changed header that the build has noted": lambda root: check_twice(root, True)})
