"""Operations on their way: packed into two blocks of memory, submitted together, answered singly.

An operation is packed at once, so a wrong type is reported by the call itself. It is submitted when
`flush` is called. What the engine has no room for stays packed and is submitted again when
completions have been taken; only when this memory is full too, a call is refused with
OverloadedError. Nothing here waits.
"""
from __future__ import annotations

import asyncio
import ctypes as c
import struct
from threading import Lock, get_ident
from typing import Any, Callable, Dict, List, Optional, Sequence, Tuple

from . import errors
from ._arguments import Memory
from ._library import check_size, lib
from ._operations import ARGUMENT_BYTES_MAX, PACK_ERRORS, PEEKS, Done, Op, Operation
from ._records import ident, times
from ._shapes import text_at

OPS_MAX = 4096
CHAIN_MAX = 64
TAKE_MAX = 512
LINKED = 1
CALL = 128  # HF_OP_CALL: a completion that is a call of a participant
_OP, _COMPLETION = struct.Struct("<IIQQ40x"), struct.Struct("<QiI16sQQQq")
_OP_BYTES, _DONE_BYTES = _OP.size, _COMPLETION.size
_pack_op, _unpack_done = _OP.pack_into, _COMPLETION.iter_unpack
check_size("hf_op", _OP_BYTES)
check_size("hf_completion", _DONE_BYTES)
_OVERLOADED = next(code for code, kind in errors.known().items()
                   if kind.__name__ == "OverloadedError")
_CLOSED = next(code for code, kind in errors.known().items() if kind.__name__ == "ClosedError")
_NOT_CACHED = next(code for code, kind in errors.known().items()
                   if kind.__name__ == "NotCachedError")
_CHAIN = next(code for code, kind in errors.known().items() if kind.__name__ == "ChainError")

#: What waits for a completion: something with set_result and set_exception, and its operation.
Waiting = Tuple[Any, Operation]


class Slot:
    """One operation of submit_many: its outcome goes into a list, and the last one ends it."""

    __slots__ = ("outcomes", "index", "group")

    def __init__(self, outcomes: List[Any], index: int, group: "Group") -> None:
        self.outcomes, self.index, self.group = outcomes, index, group


class Group:
    """What waits for all operations of one submit_many."""

    __slots__ = ("future", "left")

    def __init__(self, future: Any, left: int) -> None:
        self.future, self.left = future, left

    def one_done(self, outcomes: List[Any]) -> None:
        """Counts an outcome; the last one ends the wait."""
        self.left -= 1
        if self.left == 0 and not self.future.done():
            self.future.set_result(outcomes)


class Batch:
    """The operations of one engine that have not been submitted or not been answered yet."""

    def __init__(self, engine: Any, new_future: Callable[[], Any], wake: Callable[[], None],
                 on_call: Callable[[int, int], None]) -> None:
        self.engine, self.new_future, self.wake, self.on_call = engine, new_future, wake, on_call
        #: Makes what every further operation is refused with; None while the engine is open.
        self.refusal: Optional[Callable[[], Exception]] = None
        #: Held by other threads while they submit, so that no engine is closed under them.
        self.gate = Lock()
        self.thread = get_ident()
        self.ops = c.create_string_buffer(OPS_MAX * _OP_BYTES)
        self.ops_at = c.addressof(self.ops)
        arguments = c.create_string_buffer(OPS_MAX * ARGUMENT_BYTES_MAX)
        self.memory = Memory(arguments)
        self.base = c.addressof(arguments)
        looked = c.create_string_buffer(ARGUMENT_BYTES_MAX)
        self.looked, self.looked_at = Memory(looked), c.addressof(looked)
        self.found = (c.c_uint64 * 1)()
        self.first = self.count = self.used = 0
        self.token = 0
        self.waiting: Dict[int, Waiting] = {}
        self.out = c.create_string_buffer(TAKE_MAX * _DONE_BYTES)
        self.view = memoryview(self.out)
        self.reasons = (c.c_int32 * OPS_MAX)()

    # ---- Submitting --------------------------------------------------------------------------

    def refuse(self, error: Callable[[], Exception]) -> None:
        """Lets no thread add an operation any more."""
        with self.gate:
            self.refusal = error

    def _refused(self) -> Exception:
        if self.refusal is not None:
            return self.refusal()
        return errors.of(-18, "an engine is used in the thread that opened it; holdfast.sync.of "
                         "gives other threads a view of it")

    def _put(self, operation: Operation, arguments: Tuple[Any, ...], sink: Any, flags: int) -> None:
        """Packs one operation behind the others. There must be room for it."""
        used = self.used
        try:
            operation.pack(self.memory, used, *arguments)
        except PACK_ERRORS as problem:
            raise operation.wrong(arguments, problem) from None
        token = self.token = self.token + 1
        count = self.count
        _pack_op(self.ops, count * _OP_BYTES, operation.number, flags, self.base + used, token)
        self.used = used + ARGUMENT_BYTES_MAX
        self.count = count + 1
        self.waiting[token] = (sink, operation)

    def add(self, operation: Operation, arguments: Tuple[Any, ...]) -> Any:
        """Adds an operation; returns what will have its result."""
        if self.refusal is not None or get_ident() != self.thread:
            raise self._refused()
        if self.count == OPS_MAX:
            self.make_room(1)
        future = self.new_future()
        self._put(operation, arguments, future, 0)
        try:
            self.wake()
        except RuntimeError as problem:
            raise self._no_loop(1) from problem
        return future

    def peek(self, operation: Operation, arguments: Tuple[Any, ...]) -> Any:
        """Looks a record up in the read cache of the engine; None when it is not there."""
        if self.refusal is not None or get_ident() != self.thread:
            raise self._refused()
        try:
            operation.pack(self.looked, 0, *arguments)
        except PACK_ERRORS as problem:
            raise operation.wrong(arguments, problem) from None
        code = getattr(lib, PEEKS[operation.name])(self.engine, self.looked_at, self.found, None)
        self.looked.trim()
        if code == 0 and operation.read is not None:
            return operation.read(self.found[0])
        if code == _NOT_CACHED:
            return None
        raise errors.of(code, lib.hf_engine_detail(self.engine).decode())

    def add_all(self, chains: Sequence[Sequence[Op]]) -> Any:
        """Adds chains of operations; returns what will have all outcomes in order."""
        if self.refusal is not None or get_ident() != self.thread:
            raise self._refused()
        count = sum(len(ops) for ops in chains)
        outcomes: List[Any] = [None] * count
        group = Group(self.new_future(), count)
        if count == 0:
            group.future.set_result(outcomes)
        index = 0
        for ops in chains:
            self._add_chain(ops, [Slot(outcomes, index + n, group) for n in range(len(ops))])
            index += len(ops)
        try:
            self.wake()
        except RuntimeError as problem:
            raise self._no_loop(count) from problem
        return group.future

    def _no_loop(self, count: int) -> Exception:
        """Takes the last operations back: the asyncio loop that was to submit them has ended."""
        if self.count >= count:
            self._take_back(self.count - count, self.token - count)
        return errors.of(_CLOSED, "the asyncio loop that the engine was opened in is closed; open "
                         "the engine in the loop that uses it")

    def _take_back(self, count: int, token: int) -> None:
        for number in range(token + 1, self.token + 1):
            self.waiting.pop(number, None)
        self.used -= (self.count - count) * ARGUMENT_BYTES_MAX
        self.count = count

    def _add_chain(self, ops: Sequence[Op], slots: List[Slot]) -> None:
        if len(ops) > CHAIN_MAX:
            raise errors.of(-11, f"a chain has at most {CHAIN_MAX} operations")
        if self.count + len(ops) > OPS_MAX:
            self.make_room(len(ops))
        start, token = self.count, self.token
        try:
            for n, op in enumerate(ops):
                linked = LINKED if n + 1 < len(ops) else 0
                self._put(op.operation, op.arguments, slots[n], linked)
        except BaseException:
            self._take_back(start, token)
            raise

    def make_room(self, count: int) -> None:
        """Submits what is there to make room for more; OverloadedError when there is none."""
        self.flush()
        if self.count + count > OPS_MAX:
            raise errors.of(_OVERLOADED, f"{len(self.waiting)} operations wait for the engine")

    def flush(self) -> None:
        """Submits what was added, as far as the engine has room for it."""
        count = self.count
        while self.first < count:
            at = self.ops_at + self.first * _OP_BYTES
            accepted = lib.hf_submit(self.engine, at, count - self.first, self.reasons)
            if accepted > 0:
                self.first += accepted
            elif accepted == _OVERLOADED and len(self.waiting) > count - self.first:
                return  # completions that come make room
            else:
                self._refuse(accepted)
        self.first = self.count = self.used = 0
        self.memory.trim()

    def _refuse(self, code: int) -> None:
        """Ends the operation, or the whole chain, that was not accepted."""
        detail = text_at_engine(self.engine)
        for n in range(self.count - self.first):
            _, flags, _, token = _OP.unpack_from(self.ops, (self.first + n) * _OP_BYTES)
            reason = self.reasons[n] or (code if n == 0 and not flags & LINKED else 0)
            error = errors.of(reason, detail) if reason else errors.of(_CHAIN)
            self._end(token, error)
            if not flags & LINKED:
                self.first += n + 1
                return
        self.first = self.count

    def _end(self, token: int, error: errors.Error) -> None:
        sink, operation = self.waiting.pop(token)
        if type(sink) is Slot:
            sink.outcomes[sink.index] = Done(None, error, None, 0, None)
            sink.group.one_done(sink.outcomes)
        elif not sink.done():
            sink.set_exception(error)

    # ---- Completions -------------------------------------------------------------------------

    def take(self) -> int:
        """Takes completions and hands them to whoever waits for them; returns how many."""
        count = int(lib.hf_completions(self.engine, self.out, TAKE_MAX))
        if count <= 0:
            return count
        waiting = self.waiting
        for done in _unpack_done(self.view[:count * _DONE_BYTES]):
            if done[2] == CALL:
                self.on_call(done[0], done[4])
                continue
            sink, operation = waiting.pop(done[0])
            if type(sink) is Slot:
                self._fill(sink, operation, done)
            elif not sink.done():  # an await that was cancelled is not waited for any more
                try:
                    if done[1] == 0:
                        read, at = operation.read, done[4]
                        sink.set_result(read(at) if at and read is not None else None)
                    else:
                        sink.set_exception(errors.of(done[1], text_at(done[5])))
                except Exception as problem:  # of reading: the wait must end all the same
                    sink.set_exception(problem)
        if self.first < self.count:
            self.flush()
        return count

    def _fill(self, slot: Slot, operation: Operation, done: Tuple[Any, ...]) -> None:
        _, status, _, raw, at, detail, seq, at_ms = done
        result = error = None
        if status == 0 and at and operation.read is not None:
            result = operation.read(at)
        elif status != 0:
            error = errors.of(status, text_at(detail))
        slot.outcomes[slot.index] = Done(result, error, ident(raw), seq, times[at_ms])
        slot.group.one_done(slot.outcomes)

    def fail_all(self, error: Callable[[], errors.Error], futures: bool = True) -> None:
        """Ends everything that still waits; without futures only the threads that wait."""
        for token, (sink, _) in list(self.waiting.items()):
            if futures or not (type(sink) is Slot or asyncio.isfuture(sink)):
                self._end(token, error())


def text_at_engine(engine: Any) -> str:
    """What the engine says of its last refusal."""
    text: bytes = lib.hf_engine_detail(engine)
    return text.decode(errors="replace")
