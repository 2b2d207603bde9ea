"""What an order adds up to, computed by the code with which the library checks it."""
from __future__ import annotations

import ctypes as c
from typing import NamedTuple, Tuple

from . import errors
from ._arguments import Memory
from ._library import lib, text_of
from ._operations import Op


class OrderTotal(NamedTuple):
    """The total that an order must be placed with, and those of its lines with adjustments."""

    total: int
    lines: Tuple[int, ...]


def order_total(order: Op) -> OrderTotal:
    """Computes what `holdfast.orders.place(...)` adds up to; nothing is stored.

    Raises what placing the order would raise for the same arguments.
    """
    operation, given = order
    names = [one.name for one in operation.plan.parameters]
    if operation.name != "order_place":
        raise TypeError(f"order_total takes holdfast.orders.place(...), not {operation.name}")
    lines = (c.c_int64 * max(len(given[names.index("lines")]), 1))()
    memory = Memory(c.create_string_buffer(len(operation.shape.blank)))
    operation.pack(memory, 0, *given)
    total, detail = c.c_int64(), c.create_string_buffer(256)
    code = lib.hf_order_total(memory.buffer, lines, c.byref(total), detail, len(detail))
    errors.check(code, text_of(detail))
    return OrderTotal(total.value, tuple(lines)[:len(given[names.index("lines")])])
