"""Order processing in your own process: orders, stock, payments and accounts that add up.

    async with holdfast.open("sqlite:shop.db") as hf:
        await hf.items.put(holdfast.item("tea"), opening=100, unit_scale=0)
        placed = await hf.orders.place("EUR", total=900, lines=[
            holdfast.line("tea", 2, unit_price=450)])

`holdfast.sync` has the same names for programs without asyncio. The families of this module
(`holdfast.orders.place(...)`) describe operations for submit_many and chain, and have the manual:
`help(holdfast.orders.place)`.
"""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, List

from . import _api, cache, enums, errors, sync
from ._engine import Engine
from ._events import changes
from ._library import version
from ._maintenance import journal, restore
from ._metrics import table as _metric_table
from ._operations import Chain, Done, Op, chain
from ._options import Progress
from ._participants import Reply
from ._totals import OrderTotal, order_total
from .enums import *  # noqa: F401,F403
from .errors import Error, Fatal, Misuse, Rejected, Retryable, Unknown
from .values import (ALL, WORLD, Key, Money, format_amount, id_from_key, id_time, item, limit,
                     money, muldiv, split)

open = Engine  # not in __all__: `from holdfast import *` leaves the built-in one alone

__all__ = ["ALL", "METRICS", "WORLD", "Chain", "Done", "Engine", "Error", "Fatal", "Key", "Misuse",
           "Money", "Op", "OrderTotal", "Progress", "Rejected", "Reply", "Retryable", "Unknown",
           "cache", "chain", "changes", "enums", "errors", "format_amount", "id_from_key",
           "id_time", "item", "journal", "limit", "money", "muldiv", "order_total", "restore",
           "split", "sync", "version"]
__all__ += _api.__all__
__all__ += enums.__all__
__all__.remove("OverflowError")

if TYPE_CHECKING:
    from ._api import *  # noqa: F401,F403
    METRICS = _metric_table()
else:
    def __getattr__(name: str) -> Any:
        """A record, an argument, an operation or an error, which is made when it is used."""
        if name != "METRICS" and (name.startswith("_") or name not in _api.__all__):
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        found = globals()[name] = _metric_table() if name == "METRICS" else getattr(_api, name)
        return found


def __dir__() -> List[str]:
    return sorted({*globals(), *__all__})
