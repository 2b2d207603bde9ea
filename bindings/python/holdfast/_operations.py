"""The operations of the library that is loaded, and the families of methods made of them.

"order_place" is the method `place` of the family `orders`. A family calls one function with an
operation and its arguments; what that function does makes the difference between an engine, its
synchronous twin, and the families of this package, which describe an operation without doing it.
"""
from __future__ import annotations

import struct
from functools import lru_cache
from threading import RLock
from typing import Any, Callable, Dict, List, NamedTuple, Optional, Sequence, Tuple, Type

from . import _arguments as a
from . import _manual
from . import _records
from . import _shapes as s
from ._names import element_class, record_class, split_name
from .errors import Error

#: What packing raises for a value of the wrong type.
PACK_ERRORS = (struct.error, AttributeError, TypeError, IndexError, ValueError)


class Operation:
    """One operation: how its arguments are packed and its result is read."""

    __slots__ = ("number", "name", "shape", "family", "method", "plan", "result", "pack", "read",
                 "limit")

    def __init__(self, number: int, shape: s.Shape) -> None:
        self.number, self.name, self.shape = number, shape.name, shape
        self.family, self.method = split_name(shape.name)
        self.plan = a.plan(shape)
        self.result = s.result_of(number)
        self.pack: Callable[..., None] = self._first_pack
        self.read: Optional[Callable[[int], Any]] = None
        if self.result is not None:
            _records.declare(self.result)
            self.read = self._first_read
        self.limit = self._limit()

    def _first_pack(self, *arguments: Any) -> None:
        """Makes the packer when the first operation of this kind is packed."""
        _make_packers(self.shape)
        self.pack = a.make_packer(self.name, self.plan, _packers)
        self.pack(*arguments)

    def _first_read(self, at: int) -> Any:
        """Makes the reader when the first result of this kind is read."""
        assert self.result is not None
        self.read = _records.add(self.result)
        return self.read(at)

    def _limit(self) -> int:
        """The position of `limit` in the arguments of an operation that reads page after page."""
        names = [one.name for one in self.plan.parameters]
        pages = "limit" in names and any(name.startswith("after") for name in names)
        return names.index("limit") if pages else -1

    def wrong(self, arguments: Sequence[Any], problem: Exception) -> Exception:
        """What to raise when the arguments could not be packed."""
        if isinstance(problem, ValueError):
            return problem
        beyond = a.overflow(self.plan.parameters, arguments)
        if beyond:
            return OverflowError(f"{self.name}: {beyond}")
        return TypeError(f"{self.name}: {a.complaint(self.plan.parameters, arguments, problem)}")

    def __repr__(self) -> str:
        return f"<operation {self.name}>"

    def __reduce__(self) -> Tuple[Any, ...]:
        return operation_named, (self.name,)


class Op(NamedTuple):
    """An operation with its arguments, not done yet: for submit_many and chain."""

    operation: Operation
    arguments: Tuple[Any, ...]

    def __repr__(self) -> str:
        one, names = self.operation, []
        for parameter, value in zip(one.plan.parameters, self.arguments):
            if parameter.required or value != parameter.default:
                names.append(f"{parameter.name}={value!r}")
        family = f"{one.family}." if one.family else ""
        return f"holdfast.{family}{one.method}({', '.join(names)})"


Op.__doc__ = f"{Op.__doc__}\n\n{_manual.text('head')}"


class Chain(Tuple[Op, ...]):
    """Operations that are done all or none."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"holdfast.chain({', '.join(map(repr, self))})"


class Done(NamedTuple):
    """How an operation of submit_many ended."""

    result: Any
    error: Optional[Error]
    id: Any
    event_seq: int
    at: Any

    @property
    def value(self) -> Any:
        """The result; raises the error when there was one."""
        if self.error is not None:
            raise self.error
        return self.result


def chain(*ops: Op) -> Chain:
    """Ties operations together: all of them are done, or none of them."""
    return Chain(ops)


def operation_named(name: str) -> Operation:
    """The operation of a name in the library that is loaded."""
    return OPERATIONS[name]


#: Reads that can be answered at once from the read cache: the function of the library.
PEEKS = {"account_get": "hf_account_peek", "item_get": "hf_item_peek", "order_get": "hf_order_peek"}


def no_peek(operation: "Operation", arguments: Tuple[Any, ...]) -> Any:
    """What a family without an engine does: a peek is no operation."""
    raise TypeError(f"only the {operation.family} of an open engine have peek")


class Family:
    """Operations on one kind of records, as methods."""

    __slots__ = ("_do", "_pages", "_peek")

    def __init__(self, do: Callable[..., Any], pages: Callable[..., Any],
                 peek: Callable[..., Any] = no_peek) -> None:
        self._do, self._pages, self._peek = do, pages, peek


def signature(parameters: Sequence[a.Parameter], scope: Dict[str, Any]) -> str:
    """The parameters of a method as source text; values of defaults go to `scope`."""
    words: List[str] = []
    for one in parameters:
        if one.required:
            words.append(one.name)
            continue
        if "*" not in words:
            words.append("*")
        scope[f"_default_{one.name}"] = one.default
        words.append(f"{one.name}=_default_{one.name}")
    return ", ".join(words)


def _define(one: Operation, name: str, call: str, result: str) -> Callable[..., Any]:
    scope: Dict[str, Any] = {"operation": one}
    names = "".join(f"{p.name}, " for p in one.plan.parameters)
    source = (f"def {name}(self, {signature(one.plan.parameters, scope)}):\n"
              f"    return self.{call}(operation, ({names}))\n")
    exec(source, scope)  # the text is made of the library's own tables
    method: Callable[..., Any] = scope[name]
    method.__module__ = "holdfast"
    method.__annotations__ = {p.name: _records.type_of(p.type) for p in one.plan.parameters}
    method.__annotations__["return"] = _records.type_of(result)
    return method


def _method(one: Operation) -> Callable[..., Any]:
    call = "_pages" if one.limit >= 0 else "_do"
    method = _define(one, one.method, call,
                     record_class(one.result.name) if one.result else "None")
    method.__doc__ = _manual.text(one.name)
    return method


def _peek_method(one: Operation) -> Callable[..., Any]:
    """Looks at the record of a get: from the cache, at once, without await."""
    assert one.result is not None
    kind = record_class(one.result.name)
    method = _define(one, "peek", "_peek", f"Optional[{kind}]")
    method.__doc__ = (
        "Returns the record from the read cache, at once and without await; None when it is not\n"
        "cached, or not current: then `await get(...)`, which caches it. The record is a copy.\n\n"
        + _manual.text("peek"))
    return method


@lru_cache(maxsize=None)
def _made(name: str) -> Type[Family]:
    title = name.capitalize() or "Alone"
    space: Dict[str, Any] = {"__slots__": (), "__module__": "holdfast",
                             "__doc__": f"Operations on {name}.\n\n{_manual.text(name)}".rstrip()}
    for one in OPERATIONS.values():
        if one.family == name:
            space[one.method] = _method(one)
            space[one.method].__qualname__ = f"{title}.{one.method}"
            if one.name in PEEKS:
                space["peek"] = _peek_method(one)
                space["peek"].__qualname__ = f"{title}.peek"
    return type(title, (Family,), space)


def family(name: str) -> Type[Family]:
    """The class of a family; its methods are made when it is used for the first time."""
    with _making:
        return _made(name)


_making = RLock()  # one thread makes a family, so that there is one class of each
_packers: Dict[str, Any] = {}
#: The classes of elements of arguments: LineArgs and the like.
ELEMENTS: Dict[str, type] = {}
ELEMENT_PLANS: Dict[str, a.Plan] = {}


def _add_elements(shape: s.Shape) -> None:
    for field in shape.fields:
        element = field.element
        if element is None or element.name in ELEMENT_PLANS:
            continue
        _add_elements(element)
        made, name = a.plan(element), element_class(element.name)
        ELEMENT_PLANS[element.name] = made
        _packers[name] = ELEMENTS[name] = a.make_element_class(element.name, made)
        ELEMENTS[name].__annotations__ = {one.name: _records.type_of(one.type)
                                          for one in made.parameters}
        _records.add_type(ELEMENTS[name])


def _make_packers(shape: s.Shape) -> None:
    """Makes the packers of the elements of a shape."""
    for field in shape.fields:
        element = field.element
        if element is None or f"pack_{element.name}" in _packers:
            continue
        _make_packers(element)
        _packers[f"pack_{element.name}"] = a.make_element_packer(
            element.name, ELEMENT_PLANS[element.name], _packers)


_shapes = s.operations()
for _shape in _shapes.values():
    _add_elements(_shape)
OPERATIONS: Dict[str, Operation] = {shape.name: Operation(number, shape)
                                    for number, shape in _shapes.items()}
BY_NUMBER: Dict[int, Operation] = {one.number: one for one in OPERATIONS.values()}
ARGUMENT_BYTES_MAX = max(shape.size for shape in _shapes.values())
#: The names of all families; "" is that of operations that stand alone.
FAMILIES: List[str] = list(dict.fromkeys(one.family for one in OPERATIONS.values()))


def rows_of(page: Any) -> Sequence[Any]:
    """The rows of a page; of a page with several arrays, those of the one that is set."""
    rows: Optional[Sequence[Any]] = getattr(page, "rows", None)
    if rows is not None:
        return rows
    arrays = [getattr(page, name) for name in page.__slots__]
    return next((one for one in arrays if isinstance(one, tuple) and one), ())


def _from_row(row: Any, parameter: a.Parameter) -> Any:
    suffix = parameter.name[len("after_"):]
    if suffix and hasattr(row, suffix):
        return getattr(row, suffix)
    if parameter.type == "Key":
        return getattr(row, "key", None)
    if "UUID" in parameter.type:
        return getattr(row, "id", None)
    texts = [getattr(row, name) for name in row.__slots__]
    return next((one for one in texts if isinstance(one, str)), None) if not suffix else None


def following(one: Operation, given: Tuple[Any, ...], page: Any) -> Optional[Tuple[Any, ...]]:
    """The arguments of the page after this one; None when this one was the last."""
    rows = rows_of(page)
    at_end = getattr(page, "at_end", None)
    if at_end or at_end is None and len(rows) < given[one.limit]:
        return None
    found = list(given)
    for index, parameter in enumerate(one.plan.parameters):
        if not parameter.name.startswith("after"):
            continue
        value = getattr(page, "next" + parameter.name[len("after"):], None)
        if value is None and rows:
            value = _from_row(rows[-1], parameter)
        if value is not None:
            found[index] = value
    return tuple(found)


