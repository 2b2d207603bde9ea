"""Names of accounts, amounts, times and ids as Python has them."""
from __future__ import annotations

import ctypes as c
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from typing import Iterable, List, NamedTuple, Optional, Union
from uuid import UUID

from . import errors
from ._library import lib, text_of
from .enums import Kind, Rounding

#: As an amount or quantity where the headers allow it: all that is left.
ALL = 2**63 - 1
#: The id that is none.
NIL = UUID(int=0)
UTC = timezone.utc
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_LATEST_MS = (datetime.max.replace(tzinfo=UTC) - EPOCH) // _MS


def _kind_name(kind: int) -> str:
    known = {one.value: f"Kind.{one.name}" for one in Kind}
    return known.get(kind, f"Kind.{kind}")


class Key(NamedTuple):
    """The name of an account: kind, name, place and unit together."""

    kind: int
    name: str = ""
    place: str = ""
    unit: str = ""

    def __repr__(self) -> str:
        if self.kind == Kind.WORLD:
            return "WORLD"
        return f"Key({_kind_name(self.kind)}, {self.name!r}, {self.place!r}, {self.unit!r})"

    def __str__(self) -> str:
        if self.kind == Kind.WORLD:
            return "WORLD"
        place = f"@{self.place}" if self.place else ""
        return f"{_kind_name(self.kind)[len('Kind.'):]} {self.name}{place} [{self.unit}]"


#: The outside: suppliers, customers, banks. It has no record.
WORLD = Key(Kind.WORLD)


def item(sku: str, place: str = "", unit: str = "pcs") -> Key:
    """The account of an item: stock, seats, slots."""
    return Key(Kind.ITEM, sku, place, unit)


def money(name: str, unit: str, place: str = "") -> Key:
    """A money account: a wallet, a gift card, a till."""
    return Key(Kind.MONEY, name, place, unit)


def limit(name: str, unit: str = "uses", place: str = "") -> Key:
    """A right to do something so many times: uses of a coupon, credit hours."""
    return Key(Kind.LIMIT, name, place, unit)


def to_ms(when: datetime) -> int:
    """A time as Unix milliseconds. A time without a zone is refused: it could be any."""
    if when.tzinfo is None:
        raise ValueError(f"{when} has no time zone; use datetime.now(timezone.utc) or the like")
    return (when - EPOCH) // _MS


def from_ms(ms: int) -> Optional[datetime]:
    """Unix milliseconds as an aware time; None for 0. Beyond the year 9999: the latest there is."""
    if ms == 0:
        return None
    return EPOCH + timedelta(milliseconds=min(ms, _LATEST_MS))


def id_from_key(text: str, when: datetime) -> UUID:
    """A stable id from a foreign key: the same time and text always give the same id."""
    out = c.create_string_buffer(16)
    errors.check(lib.hf_id_from_key(to_ms(when), text.encode(), out), text)
    return UUID(bytes=out.raw)


def id_time(ident: UUID) -> datetime:
    """The time that an id carries."""
    return EPOCH + timedelta(milliseconds=ident.int >> 80)


class Money(NamedTuple):
    """An amount of a currency, in its smallest part, with the places that people see.

    Money.of("12.50", "EUR") and Money.of(Decimal("12.5"), "EUR") are 1250 cents. A float is
    refused with TypeError, because 0.1 is none of the numbers that a float has.
    """

    minor: int
    currency: str
    scale: int = 2

    @classmethod
    def of(cls, amount: Union[str, int, Decimal], currency: str, scale: int = 2) -> "Money":
        """An amount in whole units, as a text, an int or a Decimal; exact, or AmountError."""
        if isinstance(amount, bool) or not isinstance(amount, (str, int, Decimal)):
            raise TypeError(f"an amount is a str, int or Decimal, not {type(amount).__name__}")
        text = amount if isinstance(amount, str) else f"{Decimal(amount):f}"
        if isinstance(amount, Decimal) and "." in text:
            text = text.rstrip("0").rstrip(".")
        out, detail = c.c_int64(), c.create_string_buffer(256)
        code = lib.hf_amount_parse(text.encode(), scale, c.byref(out), detail, 256)
        errors.check(code, text_of(detail))
        return cls(out.value, currency, scale)

    @property
    def decimal(self) -> Decimal:
        """The amount in whole units."""
        return Decimal(format_amount(self.minor, self.scale))

    def __str__(self) -> str:
        return f"{format_amount(self.minor, self.scale)} {self.currency}"

    def __index__(self) -> int:
        """The amount in its smallest part: a Money may be given wherever an amount is an argument."""
        return self.minor

    def split(self, weights: Iterable[int]) -> "List[Money]":
        """Parts in proportion to the weights that sum to this amount exactly."""
        return [self._replace(minor=part) for part in split(self.minor, weights)]


def format_amount(amount: int, scale: int) -> str:
    """An amount as a decimal number: 1999 with scale 2 is "19.99"."""
    out = c.create_string_buffer(24)
    text: Optional[bytes] = lib.hf_amount_format(amount, scale, out)
    if text is None:
        raise ValueError(f"a scale is 0..18, not {scale}")
    return text.decode()


def split(total: int, weights: Iterable[int]) -> List[int]:
    """Splits a total over weights, exactly: the largest remainders get one more each."""
    given = list(weights)
    parts = (c.c_int64 * len(given))()
    code = lib.hf_money_split(total, (c.c_int64 * len(given))(*given), len(given), parts)
    errors.check(code, f"{total} over {given}")
    return list(parts)


def muldiv(a: int, b: int, divisor: int, rounding: Rounding = Rounding.HALF_UP) -> int:
    """a * b / divisor with a product of 128 bits, rounded."""
    out = c.c_int64()
    errors.check(lib.hf_money_muldiv(a, b, divisor, rounding, c.byref(out)),
                 f"{a} * {b} / {divisor}")
    return out.value
