"""Participants of transactions and payment providers, written as coroutines.

Their calls come from the completion queue; the library never calls into Python. Each call runs its
coroutine as a task. An exception in it, or a result that is no answer, counts as UNKNOWN: the
engine calls again. A coroutine that wants another answer returns it.
"""
from __future__ import annotations

import asyncio
import inspect
import logging
from contextvars import Context, copy_context
from typing import Any, Callable, Dict, List, NamedTuple, Sequence, Set, Tuple

from . import _records, errors
from . import _manual
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


#: Fields of hf_participant and hf_provider that the package fills in itself.
OWN = {"size", "reserved", "name", "data", *_PHASES.values(), *_COMMANDS.values(), "void_"}


def needed(kind: str, flags: int) -> Sequence[str]:
    """The methods that a handler must have."""
    if kind == "provider":
        return (*_COMMANDS.values(), "query")
    if flags & ParticipantFlags.ONE_PHASE:
        return ("attempt", "query")
    return ("attempt",) if flags & ParticipantFlags.READONLY else ("attempt", "confirm", "cancel")


@_manual.continued("reply")
class Reply(NamedTuple):
    """An answer with its particulars."""

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
        self.handlers: List[Tuple[str, Any, Context]] = []
        self.tasks: "Set[asyncio.Task[None]]" = set()

    def register(self, kind: str, name: str, handler: Any, given: Dict[str, Any]) -> None:
        """Registers a participant or provider whose calls come from the queue."""
        flags = int(given.get("flags", 0))
        for method in needed(kind, flags):
            if not callable(getattr(handler, method, None)):
                raise TypeError(f"a {kind} needs {method}(call), which {handler!r} has not")
        about = s.Record(f"hf_{kind}")
        raw = name.encode()
        about.kept.append(raw)
        getattr(lib, f"hf_{kind}_init")(about.address, raw)
        for field, value in given.items():
            if field not in about.fields or field in OWN:
                known = ", ".join(sorted(set(about.fields) - OWN))
                raise TypeError(f"a {kind} has no option {field!r}; there are {known}")
            about[field] = value
        about["flags"] = flags | ParticipantFlags.QUEUED
        about["data"] = len(self.handlers)
        errors.check(getattr(lib, f"hf_{kind}_register")(self.engine, about.address), name)
        self.handlers.append((kind, handler, copy_context()))
        self.soon()

    def called(self, number: int, address: int) -> None:
        """Starts the task of a call that came from the queue, in the next turn of the loop: a task
        that starts at once (asyncio.eager_task_factory) would use the queue while it is read. Its
        context is that of the registration, not that of whose operation happened to be sent.
        """
        call: Call = _read_call(address)
        self.loop.call_soon(self._start, number, call, context=self.handlers[number][2])

    def _start(self, number: int, call: Call) -> None:
        if self.engine is None:
            return
        task = self.loop.create_task(self._run(number, call))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    async def _run(self, number: int, call: Call) -> None:
        kind, handler, _ = self.handlers[number]
        name = _COMMANDS.get(call.command, "") if kind == "provider" else ""
        if not name or call.phase == Phase.QUERY:
            name = _PHASES[call.phase]
        reply = Reply(Answer.UNKNOWN, detail=f"{name} failed")
        try:
            given = getattr(handler, name)(call)
            if inspect.isawaitable(given):
                given = await given
            reply = given if isinstance(given, Reply) else Reply(Answer(given))
        except asyncio.CancelledError:
            if self.engine is None:
                return  # the engine is closing: whoever opens the store next calls again
            reply = reply._replace(detail=f"{name} was cancelled")
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

