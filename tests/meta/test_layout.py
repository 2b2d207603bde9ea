"""The root folder holds the agreed names only."""
import os

from harness import Control, run

AGREED = {
    "include", "lib", "examples", "bindings", "tests",
    "meson.build", "meson_options.txt", "LICENSE", "README.md",
    ".clang-format", ".clang-tidy", ".ci", ".github", ".gitignore",
}
# not part of the project: version control, build folders and editors' caches, all git-ignored
IGNORED = {".git", "build", ".cache", "compile_commands.json"}
NEEDED = {"include", "lib", "tests", "meson.build", "LICENSE"}


def check(root):
    names = set(os.listdir(root)) - IGNORED
    problems = [f"{name}: not one of the agreed names" for name in sorted(names - AGREED)]
    return problems + [f"{name}: missing" for name in sorted(NEEDED - names)]


GOOD = {"include/a.h": "", "lib/a.c": "", "tests/a.c": "", "meson.build": "", "LICENSE": ""}

CONTROLS = [
    Control("a stray file", {**GOOD, "notes.txt": ""}, "notes.txt: not one"),
    Control("a stray folder", {**GOOD, "src/a.c": ""}, "src: not one"),
    Control("a missing folder", {"meson.build": ""}, "lib: missing"),
    Control("a build folder", {**GOOD, "build/x": ""}, ""),
]

if __name__ == "__main__":
    run("the root is tidy", check, CONTROLS)
