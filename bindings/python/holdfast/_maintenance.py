"""Verify, backup, restore and the journal: long work with progress.

The library calls back when such work ends. It does so on the thread that runs the engine's loop,
inside a call of that loop, so no foreign thread ever runs Python.
"""
from __future__ import annotations

import asyncio
import ctypes as c
from typing import Any, List, Optional, Set, Tuple

from . import _records, errors
from . import _shapes as s
from ._api import Segment, VerifyResult
from ._library import lib, text_of
from ._options import Progress, Reporter

_ENDED = c.CFUNCTYPE(None, c.c_void_p, c.c_int, c.c_void_p)
_SEGMENT = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_void_p)
_read_result = _records.read(s.struct_of("hf_verify_result"))
_read_segment = _records.read(s.struct_of("hf_segment"))
_running: Set[Any] = set()  # what C may still call


class _Work:
    """One piece of long work: keeps what C calls until the work has ended."""

    def __init__(self, progress: Optional[Progress], read: Any) -> None:
        self.reporter, self.read = Reporter(progress), read
        self.future: "asyncio.Future[Tuple[int, Any]]" = \
            asyncio.get_running_loop().create_future()
        self.callback = _ENDED(self._ended)

    def start(self, code: int, detail: str) -> None:
        """Called with what the starting call returned."""
        errors.check(code, detail)
        _running.add(self)

    def _ended(self, _: Any, status: int, address: Optional[int]) -> None:
        _running.discard(self)
        try:
            result = self.read(address) if address else None
        except Exception as problem:  # it must not pass through C
            self.reporter.error, result = problem, None
        if not self.future.done() and not self.future.get_loop().is_closed():
            self.future.set_result((status, result))


async def verify(engine: Any, driver: Any, progress: Optional[Progress]) -> VerifyResult:
    """See Engine.verify."""
    work = _Work(progress, _read_result)
    work.start(lib.hf_verify(engine, work.reporter.address, work.callback, None), "")
    driver.turn()
    status, result = await work.future
    work.reporter.check(status, "")
    found: VerifyResult = result
    return found


async def backup(engine: Any, driver: Any, path: str, progress: Optional[Progress]) -> None:
    """See Engine.backup."""
    work = _Work(progress, s.text_at)
    code = lib.hf_backup(engine, path.encode(), work.reporter.address, work.callback, None)
    detail: bytes = lib.hf_engine_detail(engine) if code < 0 else b""
    work.start(code, detail.decode(errors="replace") or path)
    driver.turn()
    status, text = await work.future
    work.reporter.check(status, text or path)


def restore(path: str, store: str) -> None:
    """Copies a backup to where a store is to be: "lmdb:PATH" or "sqlite:PATH". Blocks."""
    detail = c.create_string_buffer(512)
    code = lib.hf_restore(path.encode(), store.encode(), detail, len(detail))
    errors.check(code, text_of(detail))


def journal(store: str) -> List[Segment]:
    """The segments of the journal beside a store, the oldest first. Blocks while they are read."""
    found: List[Segment] = []

    def add(_: Any, address: int) -> int:
        found.append(_read_segment(address))
        return 0

    detail = c.create_string_buffer(512)
    code = lib.hf_journal_read(store.encode(), _SEGMENT(add), None, detail, len(detail))
    errors.check(code, text_of(detail))
    return found
