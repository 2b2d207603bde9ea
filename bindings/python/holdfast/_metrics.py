"""The figures of an engine: what each one means, and reading all of them."""
from __future__ import annotations

import ctypes as c
from functools import lru_cache
from typing import Any, List, Tuple

from . import _records, errors
from . import _shapes as s
from ._api import Metric, MetricsInfo
from ._library import lib

_read_info = _records.read(s.struct_of("hf_metrics_info"))
_read_metric = _records.read(s.struct_of("hf_metric"))
_TEXT_BYTES = 1 << 16


@lru_cache(maxsize=None)
def table() -> Tuple[Metric, ...]:
    """Every metric: the field of MetricsInfo, OperationFigures or CalleeFigures, its name and help
    in the Prometheus text, kind, unit and label.
    """
    found: List[Metric] = []
    while address := lib.hf_metric_at(len(found)):
        found.append(_read_metric(address))
    return tuple(found)


def read(engine: Any) -> MetricsInfo:
    """See Engine.metrics."""
    info = s.Record("hf_metrics_info")
    errors.check(lib.hf_metrics(engine, info.address))
    found: MetricsInfo = _read_info(info.address)
    return found


def text(engine: Any) -> str:
    """See Engine.metrics_text."""
    room = _TEXT_BYTES
    while True:
        out = c.create_string_buffer(room)
        length = errors.check(lib.hf_metrics_text(engine, out, room))
        if length < room:
            return out.value.decode()
        room = 2 * length
