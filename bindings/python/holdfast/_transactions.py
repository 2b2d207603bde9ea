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

    def __init__(self, engine: "Engine", given: Dict[str, Any]) -> None:
        self._engine, self._given = engine, given
        self._seal: Dict[str, Any] = {}
        self._wait = {name: given.pop(name) for name in ("wait", "wait_ms") if name in given}
        self.view: Optional[TxnView] = None
        self.id: Optional[UUID] = None

    async def __aenter__(self) -> "Transaction":
        self.view = await self._engine.transactions.begin(**self._given)
        self.id = self.view.txn.id
        return self

    async def branch(self, participant: str, payload: bytes = b"", **given: Any) -> TxnView:
        """Adds a branch, whose try begins at once."""
        assert self.id is not None, "the transaction has not begun"
        self.view = await self._engine.transactions.branch(
            self.id, branch(participant, payload=payload, **given))
        return self.view

    async def __aexit__(self, kind: Any, problem: Optional[BaseException], _: Any) -> None:
        assert self.id is not None
        if problem is None:
            self.view = await self._engine.transactions.seal(self.id, **self._wait)
            return
        try:
            self.view = await self._engine.transactions.abort(self.id, reason_of(problem))
        except errors.Rejected:
            pass  # it was cancelled before; the exception in flight says why the block ended
