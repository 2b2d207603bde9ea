"""The two ways in which an engine is driven by the asyncio loop of its thread.

`Queue` collects what is submitted during one turn of the loop and gives it to the engine at once;
the engine's threads work meanwhile. It has the highest throughput. `Loop` gives each operation to
the engine in the call itself and runs the engine's own loop right there, without another thread, so
an operation has often ended when the call returns. It has the lowest latency for one operation
after the other; asyncio stands still while the store writes.

Both watch the descriptor of the engine's libuv loop and run that loop when it is readable or when a
timer of it is due. Neither calls Python from another thread.
"""
from __future__ import annotations

import asyncio
from contextvars import Context
from typing import Any, Callable, Dict, List, Optional, Type

from ._batch import TAKE_MAX, Batch
from ._library import lib

AT_ONCE_MAX = 32  # operations that end in their own call before other tasks may run
# So many operations are given to the engine before the turn of the loop is over: a quarter of those
# that wait for their completions, and not fewer than 32, so that engine and asyncio work together.
FLUSH_AT, FLUSH_PARTS = 32, 4
_run_once = lib.hf_loop_run_once


class Driver:
    """Runs the engine's libuv loop on the thread of an asyncio loop."""

    #: hf_options.threads of an engine that is driven this way.
    threads = 1

    def __init__(self, loop: asyncio.AbstractEventLoop, uv: Any) -> None:
        self.loop, self.uv = loop, uv
        self.batch: Batch
        self.timer: Optional[asyncio.TimerHandle] = None
        self.timer_at = 0.0
        self.after_turn: List[Callable[[], None]] = []
        self.turn_planned = False
        self.running = False
        #: In a child of fork: what wakes the loops of the engine is the parent's as well, and what
        #: the child reads of it the parent would wait for.
        self.forked = False
        #: That of no caller: the engine's work is nobody's, and keeps nobody's variables alive.
        self.context = Context()

    def start(self, batch: Batch) -> None:
        """Begins to watch the loop of the engine."""
        self.batch = batch
        self.context.run(self.loop.add_reader, lib.hf_loop_fd(self.uv), self.turn)
        self.turn()

    def stop(self) -> None:
        """Ends watching. The engine must be run to its end by other means."""
        if not self.loop.is_closed():
            self.loop.remove_reader(lib.hf_loop_fd(self.uv))
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    def wake(self) -> None:
        """Called after operations were added to the batch."""
        raise NotImplementedError

    def turn_soon(self) -> None:
        """Runs the engine in the next turn of the asyncio loop: it was given something to do."""
        if not self.turn_planned:
            self.loop.call_soon(self._turn_planned, context=self.context)
            self.turn_planned = True

    def _turn_planned(self) -> None:
        self.turn_planned = False
        if self.batch.engine is not None:
            self.turn()

    def turn(self) -> None:
        """Runs what is due in the engine, hands out the completions and plans the next turn."""
        if self.forked:
            return
        self.run()
        self.settle()

    def run(self) -> None:
        """Runs what is due in the engine and hands out the completions. Called from within such a
        run, as by a function that reports progress, it leaves that to the next turn.
        """
        if self.running:
            self.turn_soon()
            return
        self.running = True
        try:
            _run_once(self.uv, 0)
            while self.batch.take() == TAKE_MAX:
                pass
        finally:
            self.running = False

    def settle(self) -> None:
        """Plans the next turn by the engine's timers and calls the watchers."""
        self._set_timer()
        for function in self.after_turn:
            function()

    def _set_timer(self) -> None:
        wait = lib.hf_loop_timeout(self.uv)
        if wait < 0:
            return
        at = self.loop.time() + wait / 1000
        if self.timer is not None:
            if abs(self.timer_at - at) < 0.0015 and not self.timer.cancelled():
                return
            self.timer.cancel()
        self.timer_at = at
        self.timer = self.loop.call_at(at, self._due, context=self.context)

    def _due(self) -> None:
        self.timer = None
        self.turn()


class Queue(Driver):
    """Submits once a turn of the asyncio loop."""

    def __init__(self, loop: asyncio.AbstractEventLoop, uv: Any) -> None:
        super().__init__(loop, uv)
        self.planned = False

    def wake(self) -> None:
        """Plans to submit at the end of this turn, or submits when there is much already."""
        if not self.planned:
            self.loop.call_soon(self._submit, context=self.context)
            self.planned = True
            return
        ready = self.batch.count - self.batch.first
        many = ready >= FLUSH_AT and ready * FLUSH_PARTS >= len(self.batch.waiting)
        if many and not self.running:
            self.batch.flush()
            _run_once(self.uv, 0)

    def _submit(self) -> None:
        self.planned = False
        if self.batch.refusal is None:
            self.batch.flush()
            self.turn()


class Loop(Driver):
    """Submits in the call itself and runs the engine right there.

    An await whose operation has ended already does not let other tasks run. Therefore the last of
    AT_ONCE_MAX operations of one turn of the asyncio loop waits for the next turn.
    """

    threads = 0

    def __init__(self, loop: asyncio.AbstractEventLoop, uv: Any) -> None:
        super().__init__(loop, uv)
        self.at_once = 0

    def wake(self) -> None:
        """Submits, runs the engine's loop once and hands out what has ended."""
        if self.at_once == 0:
            self.loop.call_soon(self._next_turn, context=self.context)
        self.at_once += 1
        if self.at_once < AT_ONCE_MAX:
            self.batch.flush()
            self.run()

    def _next_turn(self) -> None:
        waiting = self.at_once >= AT_ONCE_MAX
        self.at_once = 0
        if self.batch.refusal is None:
            if waiting:
                self.batch.flush()
                self.run()
            self.settle()


DRIVERS: Dict[str, Type[Driver]] = {"queue": Queue, "loop": Loop}
