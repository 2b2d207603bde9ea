"""Events: an iterator that resumes where it stopped, and the changes in an event's body."""
from __future__ import annotations

import asyncio
import ctypes as c
import struct
from typing import TYPE_CHECKING, Any, AsyncGenerator, Optional, Sequence, Tuple

from . import _records, errors
from . import _shapes as s
from ._api import Change, Event
from ._library import address_of, lib

if TYPE_CHECKING:
    from ._engine import Engine

PAGE = 256
_read_change = _records.read(s.struct_of("hf_change"))
_EVENT = s.struct_of("hf_event")


def changes(event: Event) -> Tuple[Change, ...]:
    """The changes that an event describes, decoded."""
    body: bytes = event.body
    raw = c.create_string_buffer(_EVENT.size)
    at = _EVENT.offsets()["body"].offset
    struct.pack_into("QQ", raw, at, address_of(body), len(body))
    position, out = c.c_uint64(), s.Record("hf_change")
    found = []
    while errors.check(lib.hf_event_next(raw, c.byref(position), out.address)) == 1:
        found.append(_read_change(out.address))
    return tuple(found)


class Follow:
    """Events in order, without end. See Engine.follow."""

    def __init__(self, engine: "Engine", consumer: str, after: Optional[int],
                 types: Sequence[int]) -> None:
        self._engine, self.consumer = engine, consumer
        self._types = frozenset(types)
        self._handled: Optional[int] = after
        self._saved: Optional[int] = None
        self._changed: "Optional[asyncio.Event]" = None
        self._seen = -1

    @property
    def handled(self) -> int:
        """The number of the last event that counts as handled."""
        return self._handled or 0

    async def save(self) -> None:
        """Stores the position of the consumer now; the iterator does so after each page."""
        if self.consumer and self._handled is not None and self._handled != self._saved:
            await self._engine.cursors.put(self.consumer, seq=self._handled)
            self._saved = self._handled

    async def _begin(self) -> int:
        if self._handled is None and self.consumer:
            try:
                cursor = await self._engine.cursors.get(self.consumer)
                self._handled = self._saved = cursor.seq
            except errors.Rejected:  # the consumer is new
                self._handled = 0
        self._handled = self._handled or 0
        return self._handled

    async def __aiter__(self) -> AsyncGenerator[Event, None]:
        position = await self._begin()
        while True:
            page = await self._engine.events.read(after_seq=position, limit=PAGE)
            for event in page.rows:
                if not self._types or event.type in self._types:
                    yield event
                self._handled = event.seq
            position = self._handled = max(position, page.next_seq)
            await self.save()
            if page.at_end:
                await self._new_event(position)

    async def _new_event(self, position: int) -> None:
        """Waits until the engine has written an event behind the position."""
        engine = self._engine
        driver: Any = engine._driver
        changed = asyncio.Event()

        def look() -> None:
            if engine._handle is None or engine._closed or engine.health().event_seq > position:
                changed.set()

        driver.after_turn.append(look)
        try:
            look()
            await changed.wait()
        finally:
            driver.after_turn.remove(look)
