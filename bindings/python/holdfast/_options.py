"""The options of an engine: the fields of hf_options, by name."""
from __future__ import annotations

import ctypes as c
from datetime import datetime
from typing import Any, Callable, Dict, Optional

from . import _shapes as s
from . import errors
from ._arguments import time_name
from ._library import lib, text_of
from .values import to_ms

#: Options that are no keyword: the store is the first argument, the others belong to C hosts.
LEFT_OUT = {"size", "store", "error_bytes", "log_level"}
PROGRESS = c.CFUNCTYPE(c.c_int, c.c_void_p, c.c_uint64, c.c_uint64)
#: Called with what is done and what there is in all, 0 when that is not known yet. A result of
#: False ends the work with CancelledError.
Progress = Callable[[int, int], Optional[bool]]


def known() -> Dict[str, s.Field]:
    """The options that an engine can be opened with, by their names in Python."""
    shape = s.struct_of("hf_options")
    found = {}
    for field in shape.fields:
        if field.kind == s.ADDRESS or field.name in LEFT_OUT:
            continue
        found[time_name(field.name, shape) if field.kind == s.TIME else field.name] = field
    return found


class Reporter:
    """Gives the progress of long work to a Python function, on the thread of the engine."""

    def __init__(self, function: Optional[Progress]) -> None:
        self.function = function
        self.error: Optional[BaseException] = None
        self.callback = PROGRESS(self._report) if function else None

    def _report(self, _: Any, done: int, total: int) -> int:
        try:
            assert self.function is not None
            return 1 if self.function(done, total) is False else 0
        except BaseException as problem:  # it must not pass through C
            self.error = problem
            return 1

    @property
    def address(self) -> Optional[int]:
        """The address of the function for C."""
        return c.cast(self.callback, c.c_void_p).value if self.callback else None

    def check(self, code: int, detail: str) -> int:
        """Raises what the function raised, else the error of the work."""
        if self.error is not None:
            raise self.error
        return errors.check(code, detail)


def open_engine(uv: Any, store: str, progress: Optional[Progress], given: Dict[str, Any]) -> Any:
    """Opens an engine on a libuv loop; returns its handle. Blocks until it has recovered."""
    options, fields, reporter = s.Record("hf_options"), known(), Reporter(progress)
    lib.hf_options_init(options.address)
    detail = c.create_string_buffer(512)
    options["store"] = store
    options["error"], options["error_bytes"] = c.addressof(detail), len(detail)
    if reporter.address:
        options["progress"] = reporter.address
    for name, value in given.items():
        if name not in fields:
            raise TypeError(f"open() has no option {name!r}; there are {', '.join(sorted(fields))}")
        options[fields[name].name] = to_ms(value) if isinstance(value, datetime) else value
    handle = c.c_void_p()
    reporter.check(lib.hf_engine_open(uv, options.address, c.byref(handle)), text_of(detail))
    return handle
