"""What is made from the library's tables, by name. The types are in _api.pyi, a generated file.

Records and families are made when their names are used for the first time.
"""
from __future__ import annotations

from typing import Any, Callable, List

from . import _operations as o
from . import _records, _shapes, errors
from ._names import element_class

#: Structs that are no result of an operation and that Python has as records all the same.
for _name in ("hf_health_info", "hf_verify_result", "hf_segment", "hf_call", "hf_change",
              "hf_metrics_info", "hf_metric", "hf_cache_stat"):
    _records.declare(_shapes.struct_of(_name))


class Families(o.family("")):  # type: ignore[misc]
    """Every family of operations as an attribute; operations without a family are methods."""

    def __init__(self, do: Callable[..., Any], pages: Callable[..., Any],
                 peek: Callable[..., Any] = o.no_peek) -> None:
        super().__init__(do, pages, peek)
        for name in o.FAMILIES:
            self.__dict__.pop(name, None)

    def __getattr__(self, name: str) -> Any:
        if not name or name not in o.FAMILIES:
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")
        made = self.__dict__[name] = o.family(name)(self._do, self._pages, self._peek)
        return made

    def __dir__(self) -> List[str]:
        return sorted({*super().__dir__(), *filter(None, o.FAMILIES)})


AsyncFamilies = SyncFamilies = OpFamilies = Families
__all__ = ["AsyncFamilies", "SyncFamilies", "OpFamilies"]


def _add(name: str, value: Any) -> None:
    globals()[name] = value
    __all__.append(name)


def __getattr__(name: str) -> Any:
    """A record or a family that is used for the first time."""
    if name in _records.STRUCTS:
        made: Any = _records.class_of(name)
    elif name and name in o.FAMILIES:
        made = getattr(_ops, name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = made
    return made


__all__ += _records.STRUCTS
for _class in (*o.ELEMENTS.values(), *errors.known().values()):
    _add(_class.__name__, _class)
for _element in o.ELEMENT_PLANS:
    _add(_element, o.ELEMENTS[element_class(_element)])
_ops = Families(o.Op, o.Op)
__all__ += filter(None, o.FAMILIES)
for _operation in o.OPERATIONS.values():
    if not _operation.family:
        _add(_operation.method, getattr(_ops, _operation.method))
