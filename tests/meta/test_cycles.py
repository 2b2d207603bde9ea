"""Calls between the files of lib/ go down: no file calls one that calls it back, over however many
others, and no module calls a module above it.

Includes show what a file may use; calls show what it does use. Arguments: root folder, build folder,
C compiler. The symbols of the build's objects are read with nm. A call through a function pointer is
not seen: the table of operations in domain/decide.c and what it gives to the draft are meant to be
the only way up.
"""
import os
import re
import subprocess
import sys
import tempfile

from harness import Control, Skip, run
from source import files
from test_arrows import ARROWS, INSIDE

LIBRARY = "libholdfast_internal.a"
# the modules from the bottom up; a module calls those before it
LAYERS = list(ARROWS)


def object_names(root):
    """The name of a file's object in the library, and the file."""
    return {path.replace("/", "_") + ".o": path for path, _ in files(root, ["lib"], (".c",))}


def symbols(objects, names):
    """({symbol: file that defines it}, [(file, symbol it uses)])."""
    out = subprocess.run(["nm", "-A", "-P", *objects], capture_output=True, text=True, check=True)
    defined, used = {}, []
    for line in out.stdout.splitlines():
        match = re.match(r"(?:.*[/\[])?([^/\[\]]+\.o)\]?: (\S+) (\w)", line)
        path = names.get(match.group(1)) if match else None
        if path is not None and match.group(3) == "U":
            used.append((path, match.group(2)))
        elif path is not None and match.group(3).isupper():
            defined[match.group(2)] = path
    return defined, used


def calls(root, objects):
    """{file: {file that it calls: one symbol}}"""
    defined, used = symbols(objects, object_names(root))
    if not defined:
        raise Skip("the objects have no symbols that nm can read")
    graph = {}
    for path, symbol in used:
        target = defined.get(symbol, path)
        if target != path:
            graph.setdefault(path, {}).setdefault(target, symbol)
    return graph


def reach(graph, start):
    seen, todo = set(), [start]
    while todo:
        for target in graph.get(todo.pop(), ()):
            if target not in seen:
                seen.add(target)
                todo.append(target)
    return seen


def circles(graph):
    """The largest sets of files of which each reaches each."""
    below = {path: reach(graph, path) for path in graph}
    found = {frozenset(other for other in seen if path in below.get(other, ()))
             for path, seen in below.items() if path in seen}
    return sorted(found, key=sorted)


def layer_of(path):
    """(module, folder inside it) of a file below lib/."""
    module, inner = path.split("/")[1], "/".join(path.split("/")[2:-1])
    return module, inner


def is_upward(path, target):
    (module, folder), (to_module, to_folder) = layer_of(path), layer_of(target)
    if module != to_module:
        return LAYERS.index(to_module) > LAYERS.index(module)
    inside = INSIDE.get(module)
    if inside is None or folder == to_folder:
        return False
    return to_folder not in inside[folder] and "*" not in inside[folder]


def problems_of(graph):
    problems = []
    for path, targets in sorted(graph.items()):
        problems += [f"{path}: calls {symbol} of {target}, which is above it"
                     for target, symbol in sorted(targets.items()) if is_upward(path, target)]
    for circle in circles(graph):
        names = ", ".join(sorted(circle))
        problems.append(f"these files call each other in a circle: {names}")
    return problems


def compiled(root, folder):
    """The objects of a control's files, as the build would name them."""
    objects = []
    for name, path in object_names(root).items():
        objects.append(os.path.join(folder, name))
        subprocess.run([*sys.argv[3:], "-c", os.path.join(root, path), "-o", objects[-1]],
                       check=True)
    return objects


def check(root):
    library = os.path.join(sys.argv[2], LIBRARY)
    if root == sys.argv[1]:
        return problems_of(calls(root, [library]))
    with tempfile.TemporaryDirectory() as folder:
        return problems_of(calls(root, compiled(root, folder)))


def calling(name, *others):
    """A file whose function calls those of others."""
    declared = "".join(f"int {other}(void);\n" for other in others)
    sums = "".join(f" + {other}()" for other in others)
    return f"{declared}int {name}(void);\nint {name}(void)\n{{\n    return 1{sums};\n}}\n"


CONTROLS = [
    Control("two files that call each other",
            {"lib/base/a.c": calling("a", "b"), "lib/base/b.c": calling("b", "a")},
            "in a circle: lib/base/a.c, lib/base/b.c"),
    Control("a circle over three files",
            {"lib/base/a.c": calling("a", "b"), "lib/base/b.c": calling("b", "c"),
             "lib/base/c.c": calling("c", "a")}, "lib/base/a.c, lib/base/b.c, lib/base/c.c"),
    Control("a module that calls one above it",
            {"lib/base/a.c": calling("a", "b"), "lib/model/b.c": calling("b")},
            "lib/base/a.c: calls b of lib/model/b.c, which is above it"),
    Control("a folder that calls one above it",
            {"lib/domain/ledger/a.c": calling("a", "b"), "lib/domain/order/b.c": calling("b")},
            "lib/domain/ledger/a.c: calls b"),
    Control("calls downwards",
            {"lib/engine/a.c": calling("a", "b", "c"), "lib/domain/order/b.c": calling("b", "c"),
             "lib/domain/ledger/c.c": calling("c")}, ""),
]

if __name__ == "__main__":
    run("calls between files go down", check, CONTROLS)
