"""Finds the shared library, loads it, and declares the functions that the package calls.

The first of these that exists is taken: the file that HOLDFAST_LIBRARY names, a file beside this
module (as in a wheel), the newest one in the build folders of the source tree, and last whatever
the dynamic linker finds under the soname. When none can be loaded, the ImportError lists each with
the reason.
"""
from __future__ import annotations

import ctypes as c
import os
from pathlib import Path
from typing import Any, Dict, Iterator, List, Tuple

SONAME = "libholdfast.so.0"
VARIABLE = "HOLDFAST_LIBRARY"

#: How the library that is in use was found, for `python -m holdfast doctor`.
tried: List[Tuple[str, str]] = []


def _candidates() -> Iterator[Tuple[str, str]]:
    """Pairs of a file and where it comes from, the best one first."""
    named = os.environ.get(VARIABLE)
    if named:
        yield named, f"the variable {VARIABLE}"
        return
    here = Path(__file__).resolve().parent
    yield str(here / SONAME), "beside the package"
    root = here.parents[2]
    if (root / "meson.build").is_file():
        builds = [*root.glob("build/" + SONAME), *root.glob("build/*/" + SONAME)]
        builds.sort(key=lambda path: path.stat().st_mtime, reverse=True)
        if not builds:
            yield str(root / "build" / "*" / SONAME), "a build folder of the source tree"
        for path in builds:
            yield str(path), "a build folder of the source tree"
    yield SONAME, "the dynamic linker"


_P, _I, _U, _L, _UL, _S, _Z = (c.c_void_p, c.c_int, c.c_uint32, c.c_int64, c.c_uint64, c.c_char_p,
                               c.c_size_t)

#: The functions that the package calls: result type, argument types.
PROTOTYPES: Dict[str, Tuple[Any, Tuple[Any, ...]]] = {
    "hf_version": (_S, ()),
    "hf_op_name": (_S, (_U,)),
    "hf_op_shape": (_P, (_U,)),
    "hf_result_shape": (_P, (_U,)),
    "hf_struct_shape": (_P, (_S,)),
    "hf_struct_size": (_Z, (_S,)),
    "hf_error_name": (_S, (_I,)),
    "hf_error_text": (_S, (_I,)),
    "hf_error_class": (_I, (_I,)),
    "hf_event_type_name": (_S, (_U,)),
    "hf_options_init": (None, (_P,)),
    "hf_engine_open": (_I, (_P, _P, _P)),
    "hf_engine_close": (_I, (_P, _P, _P)),
    "hf_engine_detail": (_S, (_P,)),
    "hf_submit": (_I, (_P, _P, _U, _P)),
    "hf_submit_from": (_I, (_P, _P, _U, _P, _P, _Z)),
    "hf_completions": (_I, (_P, _P, _U)),
    "hf_account_peek": (_I, (_P, _P, _P, _P)),
    "hf_item_peek": (_I, (_P, _P, _P, _P)),
    "hf_order_peek": (_I, (_P, _P, _P, _P)),
    "hf_completions_fd": (_I, (_P,)),
    "hf_health": (_I, (_P, _P)),
    "hf_metrics": (_I, (_P, _P)),
    "hf_metrics_text": (_L, (_P, _P, _UL)),
    "hf_metric_at": (_P, (_U,)),
    "hf_clock_advance": (_I, (_P, _L)),
    "hf_time_accept": (_I, (_P,)),
    "hf_verify": (_I, (_P, _P, _P, _P)),
    "hf_backup": (_I, (_P, _S, _P, _P, _P)),
    "hf_restore": (_I, (_S, _S, _P, _Z)),
    "hf_journal_read": (_I, (_S, _P, _P, _P, _Z)),
    "hf_loop_create": (_I, (_P,)),
    "hf_loop_fd": (_I, (_P,)),
    "hf_loop_timeout": (_I, (_P,)),
    "hf_loop_run_once": (_I, (_P, _I)),
    "hf_loop_destroy": (_I, (_P,)),
    "hf_run_close": (_I, (_P,)),
    "hf_id_make": (_I, (_P, _P)),
    "hf_id_from_key": (_I, (_L, _S, _P)),
    "hf_money_muldiv": (_I, (_L, _L, _L, _U, _P)),
    "hf_money_split": (_I, (_L, _P, _U, _P)),
    "hf_order_total": (_I, (_P, _P, _P, _P, _Z)),
    "hf_amount_format": (_S, (_L, _U, _P)),
    "hf_amount_parse": (_I, (_S, _U, _P, _P, _Z)),
    "hf_event_next": (_I, (_P, _P, _P)),
    "hf_participant_init": (None, (_P, _S)),
    "hf_provider_init": (None, (_P, _S)),
    "hf_participant_register": (_I, (_P, _P)),
    "hf_provider_register": (_I, (_P, _P)),
    "hf_call_answer_init": (None, (_P, _U)),
    "hf_call_done": (_I, (_P, _UL, _P)),
    "hf_cache_options_init": (None, (_P,)),
    "hf_cache_new": (_I, (_P, _P)),
    "hf_cache_free": (_I, (_P,)),
    "hf_cache_time": (None, (_P, _L)),
    "hf_cache_get": (_I, (_P, _S, _U, _P)),
    "hf_cache_has": (_I, (_P, _S, _U)),
    "hf_cache_put": (_I, (_P, _S, _U, _S, _UL, _L)),
    "hf_cache_put_absent": (_I, (_P, _S, _U, _L)),
    "hf_cache_remove": (_I, (_P, _S, _U)),
    "hf_cache_clear": (_I, (_P,)),
    "hf_cache_ask": (_I, (_P, _S, _U, _P, _P)),
    "hf_cache_answer": (_I, (_P, _S, _U, _I, _S, _UL)),
    "hf_cache_each": (_I, (_P, _P, _P)),
    "hf_cache_keys_write": (_UL, (_P, _P, _UL)),
    "hf_cache_keys_read": (_I, (_S, _UL, _P, _P)),
    "hf_cache_read_stat": (_I, (_P, _P)),
    "hf_barrier_decide": (_I, (_P, _U, _U, _UL, _P)),
}

def _load() -> c.CDLL:
    for name, origin in _candidates():
        try:
            if "/" in name and not os.path.exists(name):
                raise OSError("there is no such file")
            found = c.CDLL(name)
            missing = next((one for one in PROTOTYPES if not hasattr(found, one)), None)
            if missing is not None:
                raise OSError(f"it has no {missing}: it is not the library of this package")
        except OSError as problem:
            tried.append((name, f"{origin}: {problem}"))
            continue
        tried.append((name, f"{origin}: loaded"))
        return found
    lines = "".join(f"\n  {name} ({reason})" for name, reason in tried)
    raise ImportError(f"the holdfast library was not found; tried:{lines}\n"
                      f"Build it with `meson setup build && ninja -C build`, or set {VARIABLE}.")


lib: Any = _load()
for _name, (_result, _arguments) in PROTOTYPES.items():
    _function = getattr(lib, _name)
    _function.restype, _function.argtypes = _result, _arguments

_bytes_at = c.pythonapi.PyBytes_AsString
_bytes_at.restype, _bytes_at.argtypes = c.c_void_p, (c.py_object,)
_probe = b"where the bytes of an object begin"
_AHEAD = int(_bytes_at(_probe)) - id(_probe)


def address_of(raw: bytes) -> int:
    """The address of the bytes of a bytes object, which ends with NUL and is valid while the object
    lives. All of them begin equally far behind the object's own address, which is its id.
    """
    return id(raw) + _AHEAD


def version() -> str:
    """The version of the library that is loaded."""
    text: bytes = lib.hf_version()
    return text.decode()


def text_of(buffer: Any) -> str:
    """The text in a buffer that the library has written a detail into. What did not fit may have
    been cut in the middle of a letter.
    """
    text: bytes = buffer.value
    return text.decode(errors="replace")


def struct_size(name: str) -> int:
    """The size of a public struct of the library; ImportError when the library has none such."""
    size = int(lib.hf_struct_size(name.encode()))
    if size == 0:
        raise ImportError(f"the library {version()} has no struct {name}: {tried[-1][0]}")
    return size


def check_size(name: str, expected: int) -> None:
    """Raises ImportError when a struct of the library has another size than this package knows."""
    size = struct_size(name)
    if size != expected:
        raise ImportError(f"{name} has {size} bytes in {tried[-1][0]}, {expected} in this package")
