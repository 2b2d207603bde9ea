"""`python -m holdfast doctor` says which library was found, where, and what it can do."""
from __future__ import annotations

import asyncio
import os
import platform
import sys
import tempfile
from pathlib import Path
from typing import List, Tuple

STORES = ("memory:", "sqlite:doctor.db", "lmdb:doctor.lmdb")


def rows() -> List[Tuple[str, str]]:
    """What the doctor says, as pairs of a title and a text."""
    try:
        import holdfast
        from holdfast import _library, _operations
    except ImportError as problem:
        return [("problem", str(problem))]
    found = [("package", str(Path(holdfast.__file__).parent)),
             ("Python", f"{platform.python_version()} at {sys.executable}")]
    found += [("tried", f"{name} ({reason})") for name, reason in _library.tried]
    found += [("library", f"{holdfast.version()}, {len(_operations.OPERATIONS)} operations, "
               f"{len(holdfast.errors.known())} errors")]
    for store in STORES:
        found.append(("store", f"{store.split(':')[0]}: {asyncio.run(try_store(store))}"))
    return found


async def try_store(store: str) -> str:
    """Opens a store in a temporary folder, writes to it and verifies it."""
    import holdfast

    kind, _, name = store.partition(":")
    with tempfile.TemporaryDirectory() as folder:
        url = f"{kind}:{os.path.join(folder, name)}" if name else store
        try:
            async with holdfast.open(url) as hf:
                await hf.units.put("EUR", scale=2)
                findings = (await hf.verify()).findings_total
        except holdfast.Error as problem:
            return str(problem)
    return "works" if findings == 0 else f"{findings} findings"


def main() -> int:
    """The command line."""
    if sys.argv[1:] != ["doctor"]:
        print("usage: python -m holdfast doctor", file=sys.stderr)
        return 2
    found = rows()
    for title, text in found:
        print(f"{title + ':':9} {text}")
    return 1 if any(title == "problem" for title, _ in found) else 0


if __name__ == "__main__":
    sys.exit(main())
