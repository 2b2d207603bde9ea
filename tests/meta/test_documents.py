"""What the documents name is there: files of links, functions of steps; and their lines are short."""
import os
import re

from harness import Control, run
from source import files

FOLDERS = ["", ".github", "lib", "tests", "examples", "bindings"]
LINK = re.compile(r"\[[^\]]*\]\(([^)\s#]+)(#[^)\s]*)?\)")
# A step: a cell with one link to a C file, then a cell with one function.
STEP = re.compile(r"\| \[[^\]]*\]\(([^)]+\.c)\) \| `(hf_\w+)` \|")
LINE_MAX = 120
# Lists of entries, of which some lines are longer.
LISTS = {".github/CHANGELOG.md", "examples/cli/FORMAT.md", "bindings/python/README.md"}


def documents(root):
    found = {}
    for folder in FOLDERS:
        if folder == "":
            names = [name for name in os.listdir(root) if name.endswith(".md")]
            for name in names:
                with open(os.path.join(root, name), encoding="utf-8") as source:
                    found[name] = source.read()
        else:
            found.update(files(root, [folder], (".md",)))
    return found


def without_code(text):
    return re.sub(r"^```.*?^```", lambda m: re.sub(r"[^\n]", "", m.group()), text, flags=re.M | re.S)


def check_links(root, path, text):
    for match in LINK.finditer(text):
        target = match.group(1)
        if "://" in target or target.startswith("mailto:"):
            continue
        if not os.path.exists(os.path.join(root, os.path.dirname(path), target)):
            line = text.count("\n", 0, match.start()) + 1
            yield f"{path}:{line}: '{target}' is not there"


def check_steps(root, path, text):
    for file, function in STEP.findall(text):
        full = os.path.join(root, os.path.dirname(path), file)
        if not os.path.exists(full):
            continue  # a link that is reported
        with open(full, encoding="utf-8") as source:
            if not re.search(rf"^\w[\w *]*\b{function}\(", source.read(), re.MULTILINE):
                yield f"{path}: {file} does not define {function}"


def check(root):
    problems = []
    for path, text in documents(root).items():
        text = without_code(text)
        problems += check_links(root, path, text)
        problems += check_steps(root, path, text)
        for number, line in enumerate(text.splitlines(), 1):
            if len(line) > LINE_MAX and not line.startswith("|") and path not in LISTS:
                problems.append(f"{path}:{number}: {len(line)} characters")
    return problems


STEP_LINE = "| a step | [a.c](base/a.c) | `hf__{}` |\n"
FILE = {"lib/base/a.c": "int hf__walk(int a)\n{\n    return hf__run(a);\n}\n"}
CONTROLS = [
    Control("a link to nothing", {"lib/README.md": "See [b](base/b.c).\n"}, "'base/b.c' is not there"),
    Control("a function elsewhere", {"lib/README.md": STEP_LINE.format("run"), **FILE}, "define hf__run"),
    Control("a long line", {"README.md": "word " * 30 + "\n"}, "README.md:1: 150 characters"),
    Control("a step that is there", {"lib/README.md": STEP_LINE.format("walk"), **FILE}, ""),
    Control("code and addresses", {"README.md": "[a](https://b.c/d)\n```\n[x](y)\n```\n"}, ""),
]

if __name__ == "__main__":
    run("documents name what is there", check, CONTROLS)
