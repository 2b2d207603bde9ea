"""Names of accounts, amounts, times and ids as Python has them."""
from __future__ import annotations

import ctypes as c
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from operator import index
from typing import Iterable, List, NamedTuple, NoReturn, Optional, SupportsIndex, Union
from uuid import UUID

from . import errors
from ._library import lib, text_of
from .enums import Kind, Rounding

#: As an amount or quantity where the headers allow it: all that is left.
ALL = 2**63 - 1
SCALE_MAX = 18
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


@dataclass(frozen=True, eq=True, order=False)
class Money:
    """An amount of a currency, in its smallest part, with the places that people see.

    Money.of("12.50", "EUR") and Money.of(Decimal("12.5"), "EUR") are 1250 cents. A float is
    refused with TypeError, because 0.1 is none of the numbers that a float has.

    Amounts of one currency and scale are added, subtracted and compared, multiplied by an int and
    negated: sum(prices, Money(0, "EUR")). Two currencies are a TypeError, two scales of one
    currency a ValueError, a result beyond 64 bits an OverflowError. What is to be divided is
    `split`, which keeps the sum. An amount of 0 is false.
    """

    minor: int
    currency: str
    scale: int = 2

    def __post_init__(self) -> None:
        if not is_whole(self.minor):
            raise TypeError(f"an amount in its smallest part is an int, not "
                            f"{type(self.minor).__name__}: {self.minor!r}; see Money.of")
        if not isinstance(self.currency, str):
            raise TypeError(f"a currency is a str, not {type(self.currency).__name__}: "
                            f"{self.currency!r}")
        if not is_whole(self.scale):
            raise TypeError(f"a scale is an int, not {type(self.scale).__name__}: {self.scale!r}")
        if not 0 <= self.scale <= SCALE_MAX:
            raise ValueError(f"a scale is 0..{SCALE_MAX}, not {self.scale}")
        in_64_bits("an amount", self.minor)

    @classmethod
    def of(cls, amount: Union[str, int, Decimal], currency: str, scale: int = 2) -> "Money":
        """An amount in whole units, as a text, an int or a Decimal; exact, or AmountError."""
        if isinstance(amount, bool) or not isinstance(amount, (str, int, Decimal)):
            raise TypeError(f"an amount is a str, int or Decimal, not {type(amount).__name__}")
        text = amount if isinstance(amount, str) else f"{Decimal(amount):f}"
        if isinstance(amount, Decimal) and "." in text:
            text = text.rstrip("0").rstrip(".")
        zero = cls(0, currency, scale)
        out, detail = c.c_int64(), c.create_string_buffer(256)
        code = lib.hf_amount_parse(text.encode(), scale, c.byref(out), detail, 256)
        errors.check(code, text_of(detail))
        return replace(zero, minor=out.value)

    @property
    def decimal(self) -> Decimal:
        """The amount in whole units."""
        return Decimal(format_amount(self.minor, self.scale))

    def __str__(self) -> str:
        return f"{format_amount(self.minor, self.scale)} {self.currency}"

    def __index__(self) -> int:
        """The amount in its smallest part: a Money may be given wherever an amount is an argument."""
        return self.minor

    def __bool__(self) -> bool:
        return self.minor != 0

    def _same(self, other: object, what: str) -> int:
        """The other amount, when it is one that can be put together with this one."""
        if not isinstance(other, Money):
            hint = ("; give sum() a start, as Money(0, \"EUR\")" if is_whole(other) and other == 0
                    else "")
            raise TypeError(f"cannot {what} {self} and {type(other).__name__} {other!r}{hint}")
        if other.currency != self.currency:
            raise TypeError(f"cannot {what} {self} and {other}: the currencies differ")
        if other.scale != self.scale:
            raise ValueError(f"cannot {what} {self} and {other}: {self.currency} has scale "
                             f"{self.scale} in one and {other.scale} in the other")
        return other.minor

    def _with(self, minor: int) -> "Money":
        return replace(self, minor=minor)

    def __add__(self, other: "Money") -> "Money":
        return self._with(self.minor + self._same(other, "add"))

    def __radd__(self, other: object) -> "Money":
        return self._with(self._same(other, "add") + self.minor)

    def __sub__(self, other: "Money") -> "Money":
        return self._with(self.minor - self._same(other, "subtract"))

    def __rsub__(self, other: object) -> "Money":
        return self._with(self._same(other, "subtract") - self.minor)

    def __mul__(self, times: int) -> "Money":
        if not is_whole(times):
            raise TypeError(f"cannot multiply {self} by {type(times).__name__} {times!r}: only by "
                            "an int; muldiv rounds a share")
        return self._with(self.minor * times)

    __rmul__ = __mul__

    def __truediv__(self, divisor: object) -> NoReturn:
        raise TypeError(f"cannot divide {self} by {divisor!r}: split() keeps the sum, muldiv() "
                        "rounds as it is told")

    __floordiv__ = __mod__ = __divmod__ = __truediv__

    def __neg__(self) -> "Money":
        return self._with(-self.minor)

    def __pos__(self) -> "Money":
        return self

    def __abs__(self) -> "Money":
        return self._with(abs(self.minor))

    def __lt__(self, other: "Money") -> bool:
        return self.minor < self._same(other, "compare")

    def __le__(self, other: "Money") -> bool:
        return self.minor <= self._same(other, "compare")

    def __gt__(self, other: "Money") -> bool:
        return self.minor > self._same(other, "compare")

    def __ge__(self, other: "Money") -> bool:
        return self.minor >= self._same(other, "compare")

    def split(self, weights: Iterable[int]) -> "List[Money]":
        """Parts in proportion to the weights that sum to this amount exactly."""
        return [self._with(part) for part in split(self.minor, weights)]


def is_whole(value: object) -> bool:
    """Whether a value is an int. True and False are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def in_64_bits(what: str, value: SupportsIndex) -> int:
    """The number that a value is; OverflowError when C would have another one in its place."""
    number = index(value)
    if not -2**63 <= number < 2**63:
        raise OverflowError(f"{what} must be in -2**63..2**63 - 1, not {number}")
    return number


def format_amount(amount: int, scale: int) -> str:
    """An amount as a decimal number: 1999 with scale 2 is "19.99"."""
    if not 0 <= scale <= SCALE_MAX:
        raise ValueError(f"a scale is 0..{SCALE_MAX}, not {scale}")
    out = c.create_string_buffer(24)
    text: bytes = lib.hf_amount_format(in_64_bits("an amount", amount), scale, out)
    return text.decode()


def split(total: int, weights: Iterable[int]) -> List[int]:
    """Splits a total over weights, exactly: the largest remainders get one more each."""
    given = [in_64_bits("a weight", weight) for weight in weights]
    parts = (c.c_int64 * len(given))()
    code = lib.hf_money_split(in_64_bits("a total", total), (c.c_int64 * len(given))(*given), len(given), parts)
    errors.check(code, f"{total} over {given}")
    return list(parts)


def muldiv(a: int, b: int, divisor: int, rounding: Rounding = Rounding.HALF_UP) -> int:
    """a * b / divisor with a product of 128 bits, rounded."""
    out = c.c_int64()
    a, b, divisor = (in_64_bits("a factor or divisor", one) for one in (a, b, divisor))
    errors.check(lib.hf_money_muldiv(a, b, divisor, Rounding(rounding), c.byref(out)),
                 f"{a} * {b} / {divisor}")
    return out.value
