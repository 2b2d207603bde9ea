"""What is made from the library's tables, by name. The types are in _api.pyi, a generated file."""
from __future__ import annotations

from typing import Any, Callable

from . import _operations as o
from . import _records, _shapes, errors

#: Structs that are no result of an operation and that Python has as records all the same.
for _name in ("hf_health_info", "hf_verify_result", "hf_segment", "hf_call", "hf_change",
              "hf_metrics_info", "hf_metric", "hf_cache_stat"):
    _records.add(_shapes.struct_of(_name))


class Families(o.FAMILIES[""]):  # type: ignore[misc,name-defined]
    """Every family of operations as an attribute; operations without a family are methods."""

    def __init__(self, do: Callable[..., Any], pages: Callable[..., Any],
                 peek: Callable[..., Any] = o.no_peek) -> None:
        super().__init__(do, pages, peek)
        for name, family in o.FAMILIES.items():
            if name:
                setattr(self, name, family(do, pages, peek))


AsyncFamilies = SyncFamilies = OpFamilies = Families
__all__ = ["AsyncFamilies", "SyncFamilies", "OpFamilies"]


def _add(name: str, value: Any) -> None:
    globals()[name] = value
    __all__.append(name)


for _class in (*_records.CLASSES.values(), *o.ELEMENTS.values(), *errors.known().values()):
    _add(_class.__name__, _class)
for _element in o.ELEMENT_PLANS:
    _add(_element, o.ELEMENTS[o.a.class_name(_element)])
_ops = Families(o.Op, o.Op)
for _name in o.FAMILIES:
    if _name:
        _add(_name, getattr(_ops, _name))
for _operation in o.OPERATIONS.values():
    if not _operation.family:
        _add(_operation.method, getattr(_ops, _operation.method))
