"""The package itself: finding the library, generated files, names, errors, values, manual."""
import dataclasses
import inspect
import os
import pickle
import re
import struct
import subprocess
import sys
import typing
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, Callable, Iterator, List, Sequence, Tuple, Type
from uuid import UUID

import tap

import headers
import words
import holdfast
from holdfast import _operations, _records, _shapes, errors

FOLDER = headers.folder()
HEADERS = headers.read(FOLDER)
ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "bindings" / "python"

#: Functions about engines that Python programs do not need, each with the reason.
NOT_IN_PYTHON = {
    r"\w+_init": "arguments have their defaults",
    r"\w+_name": "enumerations have names",
    r"op_shape|result_shape|struct_shape|struct_size|req_size": "read when the package is imported",
    r"submit\w*|completions\w*|admission_wait|run\w*|wait|loop_\w+|engine_detail": "the drivers",
    r"events_(un)?subscribe": "follow",
    r"key_of": "a Key is a tuple",
    r"id_(parse|format)": "uuid.UUID and str do it",
    r"error_\w+|version": "errors and version()",
    r"call_done": "the result of a participant's coroutine",
    r"orders_peek": "one peek after the other: what it saves is less than a call of Python takes",
    r"barrier_decide": "a service with a database of its own decides in its own language",
    r"event_next": "changes()",
    r"amount_\w+|money_\w+": "Money, split and muldiv",
}


#: Where in Python the functions are that no operation and no method of an engine is named after.
ELSEWHERE = {
    r"engine_open|engine_close": "Engine.close", r"id_make": "Engine.new_id",
    r"participant_register": "Engine.register_participant",
    r"provider_register": "Engine.register_provider", r"journal_read": "journal",
    r"metric_at": "METRICS", r"cache_(new|free)": "cache.Cache.close", r"cache_time": "cache.Cache",
    r"cache_(get|has)": "cache.Cache.get", r"cache_ask|cache_answer": "cache.Cache.load",
    r"cache_each": "cache.Cache.keys", r"cache_keys_write": "cache.Cache.keys_bytes",
    r"cache_keys_read": "cache.keys_of", r"cache_read_stat": "cache.Cache.stats",
    r"cache_(put|put_absent|remove|clear)": "cache.Cache.put",
    r"order_total|restore|id_from_key|id_time": "order_total",
}

#: Headers of which Python has nothing, each with the reason.
HEADERS_LEFT_OUT = {
    "balancer.h": "for hosts in C that call services; Python has clients that do it",
    "resilience.h": "the same: retries, breakers and limits of calls that Python does not make",
    "histogram.h": "the latencies of an engine are in metrics(), as quantiles",
    "store.h": "a store of the host's own is called by the library's threads, so it is in C",
    "shape.h": "the package is made from it when it is imported",
    "error.h": "exceptions; errors.known()",
}


def reachable(path: str) -> bool:
    """Whether a dotted name of the package is there."""
    found: Any = holdfast
    for word in path.split("."):
        found = getattr(found, word, None)
    return found is not None


def run_python(code: str, **env: str) -> "subprocess.CompletedProcess[str]":
    """Runs some Python in a process of its own."""
    path = {**os.environ, "PYTHONPATH": str(PACKAGE), **env}
    return subprocess.run([sys.executable, "-B", "-c", code], env=path, text=True,
                          capture_output=True, timeout=600)


def test_not_found() -> None:
    """A library that cannot be loaded is an ImportError that lists what was tried."""
    done = run_python("import holdfast", HOLDFAST_LIBRARY="/no/such/library.so")
    assert done.returncode == 1 and "/no/such/library.so" in done.stderr, done.stderr
    assert "no such file" in done.stderr and "meson setup" in done.stderr
    done = run_python("import holdfast", HOLDFAST_LIBRARY=os.__file__)
    assert "invalid ELF header" in done.stderr, done.stderr
    done = run_python("import holdfast", HOLDFAST_LIBRARY="libc.so.6")
    assert "ImportError" in done.stderr and "it has no hf_" in done.stderr, done.stderr


def test_generated() -> None:
    """The files that are generated are up to date."""
    for name in ("generate.py", "generate_types.py", "generate_manual.py"):
        done = subprocess.run([sys.executable, "-B", str(PACKAGE / name), "--check"], text=True,
                              capture_output=True, timeout=600)
        assert done.returncode == 0, done.stderr


def test_operations() -> None:
    """Every operation of the library is a method, in asyncio, in the twin and as a description."""
    assert len(_operations.OPERATIONS) >= 62
    for one in _operations.OPERATIONS.values():
        owner = getattr(holdfast, one.family) if one.family else holdfast
        assert callable(getattr(owner, one.method)), one
        assert one.name in ("expect", "attention_clear", "node_drain") or one.result, one
    described = holdfast.orders.get(UUID(int=1))
    assert described.operation.name == "order_get" and described.arguments[0] == UUID(int=1)


def test_every_name() -> None:
    """Every function about an engine can be reached from Python, or is listed with the reason."""
    known = HEADERS.functions
    engine = {name for name in dir(holdfast.Engine) if not name.startswith("_")}
    engine |= {name[len("hf_"):] for name in _operations.PEEKS.values()}
    assert [path for path in ELSEWHERE.values() if not reachable(path)] == []
    missing = []
    for function in known:
        name = function[len("hf_"):]
        listed = any(re.fullmatch(pattern, name) for pattern in (*NOT_IN_PYTHON, *ELSEWHERE))
        if not (name in _operations.OPERATIONS or name in engine or listed):
            missing.append(name)
    assert not missing, missing
    unused = [pattern for pattern in (*NOT_IN_PYTHON, *ELSEWHERE)
              if not any(re.fullmatch(pattern, function[len("hf_"):]) for function in known)]
    assert not unused, unused


def test_every_header() -> None:
    """Every header has its names in Python, or is listed with the reason."""
    for path in FOLDER.glob("*.h"):
        declared = set(headers.FUNCTION.findall(path.read_text(encoding="utf-8")))
        read = any(name in HEADERS.functions for _, name in declared)
        assert declared and read != (path.name in HEADERS_LEFT_OUT), path.name
    assert all((FOLDER / name).is_file() for name in HEADERS_LEFT_OUT)


def test_structs() -> None:
    """Every record has the fields of its struct, and sizes agree with the library's."""
    _records.add_all()
    for name, made in _records.PLANS.items():
        fields = [f.name.split("[")[0] for f in HEADERS.structs[name].fields
                  if not f.name.startswith("reserved")]
        assert set(c.field for c in made.columns) <= set(fields), name
        assert struct.calcsize(made.format) == holdfast._library.struct_size(name)
        addresses = {f.name for f in _shapes.struct_of(name).fields if f.kind == _shapes.ADDRESS}
        counts = {"size", "count", *(f for f in fields if f.endswith(("_count", "_bytes")))}
        assert set(fields) - {c.field for c in made.columns} <= counts | addresses, name


def test_errors() -> None:
    """Every error is a class below that of its class, with code and name, and can be pickled."""
    known = errors.known()
    assert len(known) >= 79 and known[-47].__name__ == "StockShortError"
    for code, kind in known.items():
        made = kind("line 1: ITEM tea [pcs]: 2 wanted")
        assert (made.code, made.culprit) == (code, "line 1: ITEM tea [pcs]")
        assert made.name in str(made) and pickle.loads(pickle.dumps(made)).detail == made.detail
        assert sum(issubclass(kind, base) for base in (
            holdfast.Rejected, holdfast.Retryable, holdfast.Unknown, holdfast.Fatal,
            holdfast.Misuse)) == 1
    assert issubclass(holdfast.UnknownError, holdfast.Unknown)
    assert not issubclass(holdfast.UnknownError, (holdfast.Rejected, holdfast.Retryable))
    assert isinstance(errors.of(-9999, "x"), holdfast.Fatal)


def test_money() -> None:
    """Money takes texts and decimals exactly and refuses floats."""
    price = holdfast.Money.of("12.50", "EUR")
    assert price.minor == 1250 and price.decimal == Decimal("12.50") and str(price) == "12.50 EUR"
    assert holdfast.Money.of(Decimal("1.5000"), "EUR") == holdfast.Money.of("1.50", "EUR")
    assert holdfast.Money.of(Decimal("-100"), "JPY", 0).minor == -100
    assert holdfast.Money.of(Decimal("1E+2"), "EUR").minor == 10_000
    assert [part.minor for part in price.split([1, 1, 1])] == [417, 417, 416]
    assert holdfast.muldiv(10, 1, 4) == 3 and holdfast.split(-5, [1, 1]) == [-3, -2]
    cases: List[Tuple[Any, Type[Exception]]] = [
        ("1.234", holdfast.AmountError), (1.5, TypeError), (True, TypeError),
        ("1,5", holdfast.AmountError), ("", holdfast.TextMissingError)]
    for wrong, kind in cases:
        try:
            holdfast.Money.of(wrong, "EUR")
        except kind:
            continue
        raise AssertionError(wrong)


def test_money_arithmetic() -> None:
    """Amounts of one currency and scale are added, compared, multiplied and negated exactly."""
    cents, total = holdfast.Money, holdfast.Money(1250, "EUR")
    assert total + cents(1, "EUR") == cents(1251, "EUR") and total - total == cents(0, "EUR")
    assert sum([total, total, total], cents(0, "EUR")) == 3 * total == total * 3
    assert -total == cents(-1250, "EUR") and abs(-total) == +total == total
    assert cents(1, "EUR") < total <= total and total > cents(1, "EUR") and total >= total
    assert max(cents(1, "EUR"), total) is total and not cents(0, "EUR") and total
    assert sorted([total, cents(-3, "EUR")])[0].minor == -3 and len({total, +total}) == 1
    assert sum(total.split([1, 1, 1]), cents(0, "EUR")) == total
    assert pickle.loads(pickle.dumps(total)) == total != cents(1250, "USD")


def test_money_refused() -> None:
    """What does not add up is refused, and the message names the two amounts or the value."""
    euro: Any = holdfast.Money(100, "EUR")
    dollar, mill = holdfast.Money(100, "USD"), holdfast.Money(100, "EUR", 3)
    cases: List[Tuple[Callable[[], Any], Type[Exception], str]] = [
        (lambda: euro + dollar, TypeError, "1.00 EUR and 1.00 USD: the currencies differ"),
        (lambda: euro < dollar, TypeError, "compare 1.00 EUR and 1.00 USD"),
        (lambda: euro - mill, ValueError, "EUR has scale 2 in one and 3 in the other"),
        (lambda: sum([euro, euro]), TypeError, "give sum() a start"),
        (lambda: euro + 1, TypeError, "add 1.00 EUR and int 1"),
        (lambda: 1.5 + euro, TypeError, "float 1.5"),
        (lambda: (1, 2) + euro, TypeError, "tuple (1, 2)"),
        (lambda: euro * 1.5, TypeError, "multiply 1.00 EUR by float 1.5"),
        (lambda: euro * euro, TypeError, "multiply 1.00 EUR by Money"),
        (lambda: euro * True, TypeError, "multiply 1.00 EUR by bool"),
        (lambda: euro / 3, TypeError, "split()"), (lambda: euro // 3, TypeError, "split()"),
        (lambda: euro < 5, TypeError, "compare 1.00 EUR and int 5"),
        (lambda: euro * 2**60, OverflowError, "an amount must be in"),
        (lambda: holdfast.Money(euro.decimal, "EUR"), TypeError, "not Decimal"),
        (lambda: holdfast.Money(1.0, "EUR"), TypeError, "not float: 1.0"),  # type: ignore[arg-type]
        (lambda: holdfast.Money(1, "EUR", 19), ValueError, "a scale is 0..18, not 19"),
        (lambda: setattr(euro, "minor", 1), AttributeError, "minor"),
        (lambda: euro[0], TypeError, ""), (lambda: len(euro), TypeError, ""),
        (lambda: holdfast.split(2**64 + 3, [1]), OverflowError, "a total must be in"),
        (lambda: holdfast.muldiv(1, 2**64 + 1, 1), OverflowError, "a factor or divisor"),
        (lambda: holdfast.format_amount(2**63, 2), OverflowError, "an amount must be in"),
        (lambda: holdfast.format_amount(1, 2**32), ValueError, "a scale is 0..18")]
    for work, kind, text in cases:
        try:
            found = work()
        except kind as problem:
            assert text in str(problem), problem
            continue
        raise AssertionError(found)


def test_totals() -> None:
    """The total of an order is computed as the library will check it."""
    lines = [holdfast.line("tea", 3, unit_price=333), holdfast.line("cup", 1, unit_price=100)]
    found = holdfast.order_total(holdfast.orders.place("EUR", lines=lines, adjustments=[
        holdfast.adjustment(line=1, amount=-99), holdfast.adjustment(amount=500)]))
    assert found == (1500, (900, 100)), found
    try:
        holdfast.order_total(holdfast.orders.place("EUR", adjustments=[
            holdfast.adjustment(amount=-1)]))
    except holdfast.TotalError as problem:
        assert problem.detail
        return
    raise AssertionError("a total below zero was computed")


def test_times() -> None:
    """Times are aware and exact to the millisecond, also far away; naive ones are refused."""
    values = holdfast.values
    for ms in (1, 999, 1_700_000_000_123, -5, 253_402_300_799_999):
        when = values.from_ms(ms)
        assert when is not None and values.to_ms(when) == ms
    assert values.from_ms(0) is None
    assert values.from_ms(2**63 - 1) == values.from_ms(253_402_300_799_999)
    try:
        values.to_ms(datetime(2026, 1, 1))
    except ValueError as problem:
        assert "time zone" in str(problem)
    else:
        raise AssertionError("a time without a zone was taken")
    when = datetime(2026, 1, 1, tzinfo=timezone.utc)
    ident = holdfast.id_from_key("basket 7", when)
    assert ident == holdfast.id_from_key("basket 7", when) and ident.version == 7
    assert holdfast.id_time(ident) == when


def test_records() -> None:
    """Records are frozen, compare by value, have no dict, and can be pickled."""
    key = holdfast.item("tea")
    cursor = holdfast.Cursor("mail", 7, None)
    assert cursor == holdfast.Cursor("mail", 7, None) and hash(cursor) and "seq=7" in repr(cursor)
    assert not hasattr(cursor, "__dict__") and pickle.loads(pickle.dumps(cursor)) == cursor
    try:
        setattr(cursor, "seq", 8)
    except AttributeError:
        pass
    else:
        raise AssertionError("a record was changed")
    assert str(key) == "ITEM tea [pcs]" and repr(holdfast.WORLD) == "WORLD"
    wanted = holdfast.line("tea", 2, unit_price=450)
    assert isinstance(wanted, holdfast.LineArgs) and wanted.unit == "pcs"


def test_manual() -> None:
    """Help on an operation reads as a manual page: its arguments and what the header says."""
    code = "import holdfast, pydoc; print(pydoc.plain(pydoc.render_doc(holdfast.orders.place)))"
    page = run_python(code).stdout
    for text in ("currency: str. A declared unit.", "lines: Sequence[LineArgs]. 0..4,096 of them",
                 "Places an order: holds every leg", "StockShortError", "    OrderView.",
                 "deadline: Optional[datetime]. Of PENDING and WAITING; None = none"):
        assert text in page, page
    for one in _operations.OPERATIONS.values():
        doc = holdfast._manual.text(one.name)
        assert len(doc) > 60 and "Arguments:" in doc and "Raises:" in doc, one.name
        assert all(f"    {found.name}: " in doc for found in one.plan.parameters), one.name


def public_objects() -> Iterator[Tuple[str, Any]]:
    """Everything with a public name: of the package, its modules, and the classes in them."""
    seen = set()
    modules = {"holdfast": (holdfast, ["open", *holdfast.__all__]),
               "holdfast.sync": (holdfast.sync, holdfast.sync.__all__),
               "holdfast.cache": (holdfast.cache, holdfast.cache.__all__),
               "holdfast.errors": (errors, [k.__name__ for k in errors.known().values()])}
    for where, (module, names) in modules.items():
        found = [(f"{where}.{name}", getattr(module, name)) for name in names]
        while found:
            path, one = found.pop()
            if isinstance(one, _operations.Family):
                one = type(one)
            if isinstance(one, (property, staticmethod, classmethod)):
                one = getattr(one, "fget", None) or getattr(one, "__func__")
            if id(one) in seen or not (inspect.isclass(one) or inspect.isfunction(one)):
                continue
            seen.add(id(one))
            yield path, one
            if inspect.isclass(one):
                found += [(f"{path}.{name}", value) for name, value in vars(one).items()
                          if not name.startswith("_") or name in ("__init__", "__aenter__")]


def only_c(path: str, one: Any) -> List[str]:
    """What a docstring says that is only true in C. That of an error is its message and name."""
    if one in errors.known().values() or one in (errors.error_name, errors.Error):
        return []
    return words.ONLY_C.findall(inspect.getdoc(one) or "")


def test_docstrings() -> None:
    """No docstring of a public name speaks of C: of its names, pointers, callbacks or structs."""
    objects = dict(public_objects())
    assert len(objects) > 390 and "holdfast.orders.place" in objects
    found = [(path, only_c(path, one)) for path, one in objects.items() if only_c(path, one)]
    assert found == [], found
    missing = [path for path, one in objects.items() if inspect.isclass(one) and not one.__doc__]
    assert missing == [], missing

    def control() -> None:
        """Pass NULL, or a pointer to an hf_order."""

    assert only_c("control", control) == ["NULL", "pointer", "hf_"]


def test_annotations() -> None:
    """The annotations of every public name can be resolved, as web frameworks do it."""
    unresolved = []
    for path, one in public_objects():
        try:
            hints = typing.get_type_hints(one)
        except Exception as problem:
            unresolved.append((path, problem))
            continue
        if dataclasses.is_dataclass(one):
            assert [f.name for f in dataclasses.fields(one)] == list(hints), path
    assert unresolved == [], unresolved
    place = typing.get_type_hints(holdfast.orders.place)
    assert place["return"] is holdfast.OrderView
    assert place["lines"] == Sequence[holdfast.LineArgs]
    assert typing.get_type_hints(holdfast.OrderView)["lines"] == Tuple[holdfast.OrderLine, ...]
    assert typing.get_type_hints(holdfast.Order)["state"] is holdfast.OrderState

    def control(one: "Nowhere") -> None:  # type: ignore[name-defined]  # noqa: F821
        """Has an annotation that nothing defines."""

    try:
        typing.get_type_hints(control)
    except NameError:
        return
    raise AssertionError("an annotation without a meaning was resolved")


def test_lazy() -> None:
    """An import makes no record and no family that nothing has named; each is made once."""
    done = run_python(
        "import holdfast; from holdfast import _records, _operations as o\n"
        "assert 'Order' in holdfast.__all__ and 'Order' not in _records.CLASSES\n"
        "assert o._made.cache_info().currsize == 1, o._made.cache_info()\n"
        "assert holdfast.Order is holdfast.Order is _records.CLASSES['Order']\n"
        "assert holdfast.orders is holdfast.orders and 'orders' in dir(holdfast)\n"
        "from holdfast import *\n"
        "assert OrderView is holdfast.OrderView and METRICS is holdfast.METRICS\n"
        "assert not hasattr(holdfast, 'nonsense') and not hasattr(holdfast.orders, 'nonsense')\n"
        "assert set(holdfast.__all__) <= set(dir(holdfast))\n")
    assert done.returncode == 0, done.stderr


def test_doctor() -> None:
    """The doctor names the library, the version, the stores and what was tried."""
    path = {**os.environ, "PYTHONPATH": str(PACKAGE)}
    done = subprocess.run([sys.executable, "-B", "-m", "holdfast", "doctor"], env=path, text=True,
                          capture_output=True, timeout=600)
    assert done.returncode == 0, done.stderr
    for text in ("library", holdfast.version(), "memory:", "sqlite:", "lmdb:", "Python"):
        assert text in done.stdout, done.stdout


if __name__ == "__main__":
    tap.run(__name__)
