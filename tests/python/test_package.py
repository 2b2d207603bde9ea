"""The package itself: finding the library, generated files, names, errors, values, manual."""
import os
import pickle
import re
import struct
import subprocess
import sys
from datetime import datetime, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any, List, Tuple, Type
from uuid import UUID

import tap

import holdfast
from holdfast import _headers, _operations, _records, _shapes, errors

FOLDER = _headers.folder()
assert FOLDER is not None, "the headers are in the source tree"
HEADERS = _headers.read(FOLDER)
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
                          capture_output=True, timeout=300)


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
    for name in ("generate.py", "generate_types.py"):
        done = subprocess.run([sys.executable, "-B", str(PACKAGE / name), "--check"], text=True,
                              capture_output=True, timeout=300)
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
    assert FOLDER is not None
    for path in FOLDER.glob("*.h"):
        declared = set(_headers.FUNCTION.findall(path.read_text(encoding="utf-8")))
        read = any(name in HEADERS.functions for _, name in declared)
        assert declared and read != (path.name in HEADERS_LEFT_OUT), path.name
    assert all((FOLDER / name).is_file() for name in HEADERS_LEFT_OUT)


def test_structs() -> None:
    """Every record has the fields of its struct, and sizes agree with the library's."""
    headers = HEADERS
    for name, made in _records.PLANS.items():
        fields = [f.name.split("[")[0] for f in headers.structs[name].fields
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
    for text in ("currency: ", "lines: ", "Places an order: holds every leg", "HF_E_STOCK_SHORT",
                 "OrderView"):
        assert text in page, page
    undocumented = [one.name for one in _operations.OPERATIONS.values()
                    if len(holdfast._manual.text(one.name)) < 60]
    assert not undocumented, undocumented


def test_doctor() -> None:
    """The doctor names the library, the version, the stores and what was tried."""
    path = {**os.environ, "PYTHONPATH": str(PACKAGE)}
    done = subprocess.run([sys.executable, "-B", "-m", "holdfast", "doctor"], env=path, text=True,
                          capture_output=True, timeout=300)
    assert done.returncode == 0, done.stderr
    for text in ("library", holdfast.version(), "memory:", "sqlite:", "lmdb:", "Python"):
        assert text in done.stdout, done.stdout


if __name__ == "__main__":
    tap.run(__name__)
