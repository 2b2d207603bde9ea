"""Participants of transactions and payment providers, written as coroutines.

Their calls come from the completion queue; the library never calls into Python. Each call runs its
coroutine as a task. An exception in it, or a result that is no answer, counts as UNKNOWN: the
engine calls again. A coroutine that wants another answer returns it.
"""
from __future__ import annotations

import asyncio
import logging
from typing import Any, Callable, Dict, List, NamedTuple, Set, Tuple

from . import _records, errors
from . import _shapes as s
from ._api import Call
from ._library import lib
from .enums import Answer, Command, ParticipantFlags, Phase

log = logging.getLogger("holdfast")
_read_call = _records.read(s.struct_of("hf_call"))
_PHASES = {Phase.TRY: "attempt", Phase.CONFIRM: "confirm", Phase.CANCEL: "cancel",
           Phase.QUERY: "query"}
_COMMANDS = {Command.AUTHORIZE: "authorize", Command.CAPTURE: "capture", Command.VOID: "void",
             Command.REFUND: "refund"}


class Reply(NamedTuple):
    """An answer with its particulars: the fields of hf_call_answer."""

    answer: Answer
    amount: int = 0
    after_ms: int = 0
    reference: str = ""
    detail: str = ""


class Participants:
    """Those that are registered with one engine, and their calls that are under way."""

    def __init__(self, engine: Any, loop: asyncio.AbstractEventLoop,
                 soon: Callable[[], None]) -> None:
        self.engine, self.loop, self.soon = engine, loop, soon
        self.handlers: List[Tuple[str, Any]] = []
        self.tasks: "Set[asyncio.Task[None]]" = set()

    def register(self, kind: str, name: str, handler: Any, given: Dict[str, Any]) -> None:
        """Registers a participant or provider whose calls come from the queue."""
        about = s.Record(f"hf_{kind}")
        raw = name.encode()
        about.kept.append(raw)
        getattr(lib, f"hf_{kind}_init")(about.address, raw)
        for field, value in given.items():
            about[field] = value
        about["flags"] = int(given.get("flags", 0)) | ParticipantFlags.QUEUED
        about["data"] = len(self.handlers)
        errors.check(getattr(lib, f"hf_{kind}_register")(self.engine, about.address), name)
        self.handlers.append((kind, handler))
        self.soon()

    def called(self, number: int, address: int) -> None:
        """Starts the task of a call that came from the queue."""
        call: Call = _read_call(address)
        task = self.loop.create_task(self._run(number, call))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _run(self, number: int, call: Call) -> None:
        kind, handler = self.handlers[number]
        name = _COMMANDS.get(call.command, "") if kind == "provider" else ""
        if not name or call.phase == Phase.QUERY:
            name = _PHASES[call.phase]
        reply = Reply(Answer.UNKNOWN, detail=f"{name} failed")
        try:
            given = await getattr(handler, name)(call)
            reply = given if isinstance(given, Reply) else Reply(Answer(given))
        except asyncio.CancelledError:
            return  # the engine is closing: whoever opens the store next calls again
        except Exception as problem:
            log.exception("%s of %s failed; the answer counts as UNKNOWN", name, call.participant)
            reply = reply._replace(detail=f"{type(problem).__name__}: {problem}"[:60])
        self.answer(call.ticket, reply)

    def answer(self, ticket: int, reply: Reply) -> None:
        """Gives an answer to the engine. A call that is not waited for any more is left alone."""
        if self.engine is None:
            return
        about = s.Record("hf_call_answer")
        lib.hf_call_answer_init(about.address, int(reply.answer))
        about["amount"], about["after_ms"] = reply.amount, reply.after_ms
        about["reference"], about["detail"] = reply.reference, reply.detail
        code = lib.hf_call_done(self.engine, ticket, about.address)
        self.soon()
        if code < 0:
            log.debug("the answer came too late: %s", errors.error_name(code))

    def cancel(self) -> None:
        """Cancels the tasks that run; their calls are made again when the store is open next."""
        self.engine = None
        for task in list(self.tasks):
            task.cancel()

