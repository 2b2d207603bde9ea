"""A transaction as a context manager."""
from __future__ import annotations

from typing import TYPE_CHECKING, Any, Dict, Optional
from uuid import UUID

from . import errors
from ._api import TxnView, branch

if TYPE_CHECKING:
    from ._engine import Engine

REASON_MAX = 63


def reason_of(problem: BaseException) -> str:
    """What is written down as the reason of an abort: what fits of the exception."""
    text = "".join(letter if letter.isprintable() else " " for letter in str(problem))
    raw = (text or type(problem).__name__).encode()[:REASON_MAX]
    return raw.decode(errors="ignore")


class Transaction:
    """Begun when the block is entered, sealed when it is left, aborted by an exception.

    `view` has the transaction with its branches, after the block as it ended.
    """

    __slots__ = ("_engine", "_given", "_wait", "_view")

    def __init__(self, engine: "Engine", given: Dict[str, Any]) -> None:
        self._engine, self._given = engine, given
        self._wait = {name: given.pop(name) for name in ("wait", "wait_ms") if name in given}
        self._view: Optional[TxnView] = None

    @property
    def view(self) -> TxnView:
        """The transaction with its branches; RuntimeError before the block was entered."""
        if self._view is None:
            raise RuntimeError("the transaction has not begun; use it in a `with` block")
        return self._view

    @property
    def id(self) -> UUID:
        """The id of the transaction; RuntimeError before the block was entered."""
        return self.view.txn.id

    async def __aenter__(self) -> "Transaction":
        self._view = await self._engine.transactions.begin(**self._given)
        return self

    async def branch(self, participant: str, payload: bytes = b"", **given: Any) -> TxnView:
        """Adds a branch, whose try begins at once."""
        self._view = view = await self._engine.transactions.branch(
            self.id, branch(participant, payload=payload, **given))
        return view

    async def __aexit__(self, kind: Any, problem: Optional[BaseException], _: Any) -> None:
        if problem is None:
            self._view = await self._engine.transactions.seal(self.id, **self._wait)
            return
        try:
            self._view = await self._engine.transactions.abort(self.id, reason_of(problem))
        except errors.Rejected:
            pass  # it was cancelled before; the exception in flight says why the block ended
