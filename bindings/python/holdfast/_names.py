"""How names of the library are written in Python: families, methods, classes, arguments."""
from __future__ import annotations

import keyword
from typing import Tuple

#: Families whose names are not the first word of the operation and an "s".
FAMILY_NAMES = {"txn": "transactions", "attention": "attention"}


def split_name(name: str) -> Tuple[str, str]:
    """The family and method of an operation; an empty family for one that stands alone."""
    first, _, rest = name.partition("_")
    if not rest:
        return "", first
    plural = first if first.endswith("s") else first + "s"
    return FAMILY_NAMES.get(first, plural), rest + ("_" if keyword.iskeyword(rest) else "")


def record_class(name: str) -> str:
    """The class of a record: hf_order_view is OrderView."""
    return "".join(word.capitalize() for word in name.split("_")[1:])


def element_class(element: str) -> str:
    """The class of an element of arguments: line is LineArgs."""
    return "".join(word.capitalize() for word in element.split("_")) + "Args"


def error_class(name: str) -> str:
    """The exception of an error: HF_E_STOCK_SHORT is StockShortError."""
    return "".join(word.capitalize() for word in name.split("_")[2:]) + "Error"


def python_name(name: str) -> str:
    """A name that Python keeps for itself has an underscore behind it."""
    return name + "_" if keyword.iskeyword(name) else name
