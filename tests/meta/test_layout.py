"""The root folder holds the agreed names only, and no folder of lib/ more files than one can read."""
import os

from harness import Control, run

AGREED = {
    "include", "lib", "examples", "bindings", "tests",
    "meson.build", "meson_options.txt", "LICENSE", "README.md",
    ".clang-format", ".clang-tidy", ".ci", ".github", ".gitignore",
}
# not part of the project: version control, build folders and editors' caches, all git-ignored
IGNORED = {".git", "build", ".cache", "compile_commands.json"}
FILES_MAX = 25  # in a folder of lib, beside what every folder may have
BESIDE = {"meson.build", "README.md"}
NEEDED = {"include", "lib", "tests", "meson.build", "LICENSE"}


def crowded(root):
    for folder, _, names in os.walk(os.path.join(root, "lib")):
        count = len(set(names) - BESIDE)
        if count > FILES_MAX:
            yield f"{os.path.relpath(folder, root)}: {count} files, at most {FILES_MAX}"


def check(root):
    names = set(os.listdir(root)) - IGNORED
    problems = [f"{name}: not one of the agreed names" for name in sorted(names - AGREED)]
    problems += crowded(root)
    return problems + [f"{name}: missing" for name in sorted(NEEDED - names)]


GOOD = {"include/a.h": "", "lib/a.c": "", "tests/a.c": "", "meson.build": "", "LICENSE": ""}

CONTROLS = [
    Control("a stray file", {**GOOD, "notes.txt": ""}, "notes.txt: not one"),
    Control("a stray folder", {**GOOD, "src/a.c": ""}, "src: not one"),
    Control("a missing folder", {"meson.build": ""}, "lib: missing"),
    Control("a folder of 26 files", {**GOOD, **{f"lib/a/{n}.c": "" for n in range(26)}},
            "lib/a: 26 files"),
    Control("a folder of 25 files", {**GOOD, **{f"lib/a/{n}.c": "" for n in range(25)},
                                      "lib/a/README.md": ""}, ""),
    Control("a build folder", {**GOOD, "build/x": ""}, ""),
]

if __name__ == "__main__":
    run("the root is tidy", check, CONTROLS)
