"""Writes what a generator makes, or with --check compares it with what is there."""
from __future__ import annotations

import sys
from pathlib import Path
from typing import Mapping


def written(files: Mapping[Path, str]) -> int:
    """The exit code: 1 when files are compared and one is not up to date."""
    stale = []
    for path, text in files.items():
        if "--check" not in sys.argv:
            path.write_text(text, encoding="utf-8")
        elif not path.is_file() or path.read_text(encoding="utf-8") != text:
            stale.append(path)
    for path in stale:
        print(f"{path.name}: not up to date; run {Path(sys.argv[0]).name}", file=sys.stderr)
    return 1 if stale else 0
