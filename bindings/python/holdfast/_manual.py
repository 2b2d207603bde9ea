"""Manual pages: the comments of the C headers as docstrings of the methods."""
from __future__ import annotations

from typing import Dict

from . import _headers


def _read() -> Dict[str, str]:
    """The comment of every declared function. It ends right before HF_API."""
    found: Dict[str, str] = {}
    where = _headers.folder()
    for path in sorted(where.glob("*.h")) if where else ():
        text = path.read_text(encoding="utf-8")
        at = text.find("\nHF_API ")
        while at >= 0:
            declared = text[at:text.index(";", at)]
            name = declared[:declared.index("(")].rpartition("hf_")[2]
            start = text.rfind("/*", 0, at)
            found[name] = _headers.plain(text[start + 2:text.rindex("*/", 0, at)])
            at = text.find("\nHF_API ", at + 1)
    return found


_TEXTS = _read()


def text(name: str) -> str:
    """The manual page of an operation, with the errors and the result as the header says them."""
    return _TEXTS.get(name, f"The operation hf_{name} of the C headers.")
