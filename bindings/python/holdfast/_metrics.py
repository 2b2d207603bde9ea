"""The figures of an engine: what each one means, and reading all of them.

The table of metrics is the library's own; it gives the documentation of the records' fields.
"""
from __future__ import annotations

import ctypes as c
from typing import Any, Dict, List, Tuple

from . import _records, errors
from . import _shapes as s
from ._api import CalleeFigures, Metric, MetricsInfo, OperationFigures
from ._library import lib
from .enums import MetricOf

_read_info = _records.read(s.struct_of("hf_metrics_info"))
_read_metric = _records.read(s.struct_of("hf_metric"))
_TEXT_BYTES = 1 << 16


def _table() -> Tuple[Metric, ...]:
    found: List[Metric] = []
    while address := lib.hf_metric_at(len(found)):
        found.append(_read_metric(address))
    return tuple(found)


#: Every metric: the field of MetricsInfo, OperationFigures or CalleeFigures, its name and help in
#: the Prometheus text, kind, unit and label.
METRICS = _table()


def _describe(metric: Metric) -> str:
    """What a field has: the help of its metric, and which of the metric's fields it is."""
    which = f" ({metric.label} {metric.value})" if metric.value else ""
    return f"    {metric.field}: {metric.help}{which}"


def _document() -> None:
    classes: Dict[MetricOf, Any] = {MetricOf.ENGINE: MetricsInfo,
                                    MetricOf.OPERATION: OperationFigures,
                                    MetricOf.CALLEE: CalleeFigures}
    for of, cls in classes.items():
        lines = [_describe(metric) for metric in METRICS if metric.of is of]
        cls.__doc__ = "\n".join([cls.__doc__ or "", "", *lines])


_document()


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
