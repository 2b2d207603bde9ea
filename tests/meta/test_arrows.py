"""Includes between modules point down only, as drawn; each outside library has its module."""
import fnmatch
import os
import re

from harness import Control, run
from source import files, without_comments

# module: what it may include beside itself and the public headers
ARROWS = {
    "base": [],
    "metrics": ["base/*"],
    "resilience": ["base/*"],
    "model": ["base/*"],
    "barrier": [],
    "domain": ["model/*", "base/*"],
    # tables and rows, never orders
    "store": ["model/codec.h", "model/key*.h", "model/tables.h", "base/*"],
    "journal": ["metrics/histogram.h", "model/codec.h", "model/key*.h", "model/tables.h", "base/*"],
    "cache": ["model/codec.h", "model/key*.h", "model/tables.h", "base/*"],
    "engine": ["domain/*", "cache/*", "store/*.h", "journal/*", "metrics/*", "model/*", "base/*"],
    "txn": ["engine/*", "resilience/*", "domain/txn/*", "metrics/*", "model/*", "base/*"],
    "loop": ["txn/*", "engine/*", "metrics/*", "model/*", "base/*"],
    # the journal beside a store that no engine has open
    "api": ["journal/journal.h", "loop/*", "txn/*", "engine/*", "metrics/*", "model/*", "base/*"],
}

# The folders of a module: which folders of the same module each may include beside itself; "" is the
# module's own folder.
INSIDE = {
    "base": {"": [], "structures": [""], "money": [""]},
    "domain": {
        "core": [],
        "ledger": ["core"],
        "order": ["ledger", "core"],
        "txn": ["ledger", "core"],
        "payment": ["order", "txn", "ledger", "core"],
        "lifecycle": ["payment", "order", "ledger", "core"],
        "drive": ["lifecycle", "payment", "txn", "core"],
        "upkeep": ["drive", "lifecycle", "order", "txn", "ledger", "core"],
        "": ["*"],
    },
    "store/lmdb": {"walker": [], "": ["walker"]},
    "journal": {"segments": [], "": ["segments"]},
    "engine": {
        "": [],
        "run": [""],
        "open": ["run", ""],
        "reads": [""],
        "verify": ["reads", ""],
    },
    "loop": {"uv": [], "": ["uv"], "open": ["uv", ""]},
    "api": {"shapes": [], "structs": ["shapes"], "": ["structs", "shapes"]},
}

# header of an outside library: folders of lib/ that may include it
LIBRARIES = {
    "uv.h": ["loop"],
    "lmdb.h": ["store/lmdb"],
    "sqlite3.h": ["store/sqlite"],
    "libpq-fe.h": ["store/postgres"],
    "pthread.h": ["base", "loop"],
}

# system headers that public headers may use
PUBLIC_SYSTEM = {"stdbool.h", "stddef.h", "stdint.h"}

INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]*([<"])([^>"]+)[>"]', re.MULTILINE)


def is_public(name):
    return name == "holdfast.h" or name.startswith("holdfast/")


def may_include(path, name):
    """Whether lib/<path> may include the internal header <name>."""
    module, target = path.split("/")[1], name.split("/")[0]
    if module != "store" or target != "store":
        return module == target or any(fnmatch.fnmatchcase(name, p) for p in ARROWS.get(module, []))
    # Inside store: the contract's files see all stores (they are chosen by URL), a store only the
    # contract and its own folder.
    own = "/".join(path.split("/")[1:3])
    return path.count("/") == 2 or name.count("/") == 1 or name.startswith(own + "/")


def may_include_inside(path, name):
    """Whether the folder of lib/<path> may include the folder of <name>, both in one module."""
    for module, folders in INSIDE.items():
        if path.startswith(f"lib/{module}/") and name.startswith(module + "/"):
            own = os.path.dirname(path[len(f"lib/{module}/"):])
            target = os.path.dirname(name[len(module) + 1:])
            allowed = folders.get(own, [])
            return own in folders and (own == target or target in allowed or "*" in allowed)
    return True


def library_problem(path, name):
    folders = LIBRARIES.get(name)
    if path.startswith("include/"):
        if name not in PUBLIC_SYSTEM and not is_public(name):
            return f"a public header may not include <{name}>"
    elif folders is not None:
        if not any(path.startswith(f"lib/{folder}/") for folder in folders):
            return f"<{name}> belongs to lib/{', lib/'.join(folders)}"
    return None


def problem_of(path, mark, name):
    if is_public(name):
        return None
    if mark == "<":
        return library_problem(path, name)
    if path.startswith("include/"):
        return f'a public header may not include "{name}"'
    if "/" not in name:
        return f'"{name}" is not written as "module/file.h"'
    if path.split("/")[1] not in ARROWS:
        return "is in a module that the table of arrows does not know"
    if name.split("/")[0] not in ARROWS:
        return f'"{name}" names no module'
    allowed = may_include(path, name) and may_include_inside(path, name)
    return None if allowed else f'may not include "{name}"'


def check(root):
    problems = []
    for path, text in files(root, ["include", "lib"]):
        for match in INCLUDE.finditer(without_comments(text)):
            problem = problem_of(path, *match.groups())
            if problem:
                line = text.count("\n", 0, match.start()) + 1
                problems.append(f"{path}:{line}: {problem}")
    return problems


def control(title, path, include, expected):
    return Control(title, {path: f"#include {include}\n"}, expected)


CONTROLS = [
    control("an arrow upwards", "lib/base/a.c", '"model/order.h"', "may not include"),
    control("domain reading a store", "lib/domain/a.c", '"store/row.h"', "may not include"),
    control("a store knowing orders", "lib/store/a.c", '"model/records.h"', "may not include"),
    control("a store knowing another", "lib/store/lmdb/a.c", '"store/sqlite/b.h"', "may not"),
    control("the engine reaching up", "lib/engine/a.c", '"api/b.h"', "may not include"),
    control("an include without a module", "lib/engine/a.c", '"b.h"', "module/file.h"),
    control("an unknown module", "lib/attic/a.c", '"base/b.h"', "does not know"),
    control("libuv outside loop", "lib/engine/a.c", "<uv.h>", "<uv.h>"),
    control("libuv in a public header", "include/holdfast/a.h", "<uv.h>", "<uv.h>"),
    control("LMDB outside its store", "lib/store/a.c", "<lmdb.h>", "<lmdb.h>"),
    control("SQLite outside its store", "lib/engine/a.c", "<sqlite3.h>", "<sqlite3.h>"),
    control("a public header using a module", "include/holdfast/a.h", '"base/b.h"', "may not"),
    control("a rule of accounts knowing orders", "lib/domain/ledger/a.c",
            '"domain/order/b.h"', "may not include"),
    control("the engine's base reaching up to its reads", "lib/engine/a.c", '"engine/reads/b.h"',
            "may not include"),
    control("a folder that the table does not know", "lib/domain/attic/a.c",
            '"domain/core/b.h"', "may not include"),
    control("a store's inner folder reaching up", "lib/store/lmdb/walker/a.c",
            '"store/lmdb/state.h"', "may not include"),
    control("an arrow downwards inside a module", "lib/domain/order/a.c",
            '"domain/ledger/b.h"', ""),
    control("an arrow downwards", "lib/domain/a.c", '"model/order.h"', ""),
    control("a store encoding rows", "lib/store/lmdb/a.c", '"model/codec.h"', ""),
    control("a public header in any module", "lib/base/a.c", '"holdfast/types.h"', ""),
    control("the choice of a store", "lib/store/open.c", '"store/lmdb/lmdb.h"', ""),
]

if __name__ == "__main__":
    run("includes follow the arrows", check, CONTROLS)
