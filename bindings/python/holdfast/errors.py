"""One exception class for each class of errors, and a subclass of it for each error of the library.

The class says what to do next. `Rejected`: a rule refused it and nothing changed. `Retryable`:
nothing changed, and the same call may succeed later. `Unknown`: it may or may not have happened;
look it up by its id, or repeat it with the same id. `Fatal`: the engine or the store needs
attention. `Misuse`: the call itself is wrong and nothing changed. No `Unknown` is a `Rejected`.

The subclasses are made from the library's own table when the package is imported: HF_E_STOCK_SHORT
is `StockShortError`, a `Rejected`.
"""
from __future__ import annotations

from typing import Any, Dict, Optional, Type

from ._library import lib
from ._names import error_class


class Error(Exception):
    """What the library reports. `code` is its number, `name` its name in logs and messages."""

    code: int = 0
    name: str = "HF_OK"

    def __init__(self, detail: str = "", *, code: Optional[int] = None) -> None:
        if code is not None:
            self.code, self.name = code, error_name(code)
        self.detail = detail
        text = error_text(self.code)
        super().__init__(f"{self.name}: {detail or text}")

    @property
    def culprit(self) -> str:
        """The part of the detail that names what was refused, as "line 1: ITEM tea [pcs]"."""
        return self.detail.rpartition(": ")[0]

    def __reduce__(self) -> Any:
        return of, (self.code, self.detail)


class Rejected(Error):
    """A rule refused the operation. Nothing changed, and the same id may be tried again."""


class Retryable(Error):
    """Nothing changed. The same call, with the same id, may succeed later."""


class Unknown(Error):
    """It may or may not have happened. Look it up by its id, or repeat it with the same id."""


class Fatal(Error):
    """The engine or the store needs attention; the health of the engine says whether it continues."""


class Misuse(Error):
    """The call itself is wrong. Nothing changed; fix the program or its input."""


_CLASSES: Dict[int, Type[Error]] = {1: Rejected, 2: Retryable, 3: Unknown, 4: Fatal, 5: Misuse}
_BY_CODE: Dict[int, Type[Error]] = {}
_FIRST, _LAST = -1, -999


def error_name(code: int) -> str:
    """The name of an error in logs and messages, as "HF_E_STOCK_SHORT"."""
    text: bytes = lib.hf_error_name(code)
    return text.decode()


def error_text(code: int) -> str:
    """One sentence that says what an error means."""
    text: bytes = lib.hf_error_text(code)
    return text.decode()


def _make(code: int) -> Type[Error]:
    name = error_name(code)
    base = _CLASSES[lib.hf_error_class(code)]
    text = error_text(code)
    doc = f"{text[0].upper()}{text[1:].replace('NULL', 'None')} ({name})."
    return type(error_class(name), (base,), {"code": code, "name": name, "__doc__": doc,
                                            "__module__": __name__})


for _code in range(_FIRST, _LAST, -1):
    if not error_name(_code).endswith("?"):
        _BY_CODE[_code] = _make(_code)
        globals()[_BY_CODE[_code].__name__] = _BY_CODE[_code]


def of(code: int, detail: str = "") -> Error:
    """The exception of an error code, also of one that this version of the library has not."""
    kind = _BY_CODE.get(code)
    return kind(detail) if kind else Fatal(detail, code=code)


def check(code: int, detail: str = "") -> int:
    """Returns what a function of the library returned, or raises the error that it is."""
    if code < 0:
        raise of(code, detail)
    return code


def known() -> Dict[int, Type[Error]]:
    """Every error of the library that is loaded, by its code."""
    return dict(_BY_CODE)
