"""Durations and sizes as people write them, read strictly and written back shortly.

A text that could mean two things is an error, not a guess: ``"1M"`` (minute or month?), ``"1:30"``
(of hours or of minutes?), ``"500M"`` (of a thousand or of 1024?). The error points at the place.
"""

from __future__ import annotations

import math
import numbers
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from reprise.errors import InvalidDurationError, InvalidSizeError, RepriseError

_NANOSECONDS = {
    "w weeks week": 604_800 * 10**9,
    "d days day": 86_400 * 10**9,
    "h hours hour hrs hr": 3_600 * 10**9,
    "m min minutes minute mins": 60 * 10**9,
    "s sec seconds second secs": 10**9,
    "ms msec milliseconds millisecond millis milli": 10**6,
    # Micro is written with the micro sign, with the Greek letter, or with a u for want of both.
    "us \u00b5s \u03bcs usec microseconds microsecond micros micro": 10**3,
    "ns nsec nanoseconds nanosecond nanos nano": 1,
}
_DURATION_UNITS = {name: length for names, length in _NANOSECONDS.items() for name in names.split()}
_UNFIXED = frozenset(["mo", "mon", "month", "months", "y", "yr", "yrs", "year", "years"])

_DECIMAL, _BINARY = 1000, 1024
_SIZE_UNITS = {"b": 1, "byte": 1, "bytes": 1}
for _power, (_letter, _large, _binary) in enumerate(
    [
        ("k", "kilo", "kibi"),
        ("m", "mega", "mebi"),
        ("g", "giga", "gibi"),
        ("t", "tera", "tebi"),
        ("p", "peta", "pebi"),
    ],
    start=1,
):
    for _name in (f"{_letter}b", f"{_large}byte", f"{_large}bytes"):
        _SIZE_UNITS[_name] = _DECIMAL**_power
    for _name in (f"{_letter}ib", f"{_binary}byte", f"{_binary}bytes"):
        _SIZE_UNITS[_name] = _BINARY**_power

# [0-9] and not \d, which matches the digits of all scripts.
_NUMBER = r"(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)"
_PLAIN = re.compile(rf"{_NUMBER}(?:[eE][+-]?[0-9]+)?")
# A comma may stand between two parts, as in what timedelta itself prints.
_PART = re.compile(rf"(?P<number>{_NUMBER})\s*(?P<unit>[^\W\d_]*)(?:\s*,(?=\s*\S))?\s*")
_CLOCK = re.compile(
    r"(?:(?P<days>[0-9]+)\s*(?:d|day|days)\s*,?\s*)?"
    r"(?P<hours>[0-9]+):(?P<minutes>[0-5]?[0-9]):(?P<seconds>[0-5]?[0-9](?:\.[0-9]*)?)",
    re.IGNORECASE,
)
_ISO = re.compile(
    rf"P(?=[0-9.T])(?:(?P<w>{_NUMBER})W)?(?:(?P<d>{_NUMBER})D)?"
    rf"(?:T(?=[0-9.])(?:(?P<h>{_NUMBER})H)?(?:(?P<m>{_NUMBER})M)?(?:(?P<s>{_NUMBER})S)?)?",
    re.IGNORECASE,
)

_SHOWN = 60
"""Characters of a wrong value that a message repeats."""


@dataclass(frozen=True, slots=True)
class _Quantity:
    """What distinguishes the messages about durations from those about sizes."""

    name: str
    error: type[RepriseError]
    accepted: str

    def refuse(self, value: object, reason: str, pointer: str = "") -> RepriseError:
        shown = repr(value)
        if len(shown) > _SHOWN:
            shown = f"{shown[:_SHOWN]}..."
        fault = f"Cannot read {shown} as a {self.name}: {reason}."
        return self.error(f"{fault}\n{pointer}Accepted are {self.accepted}.")

    def refuse_at(self, text: str, position: int, reason: str) -> RepriseError:
        # On a line of its own with nothing escaped, so that the caret stands under the right place.
        line = "".join(letter if letter.isprintable() else " " for letter in text)
        pointer = f"    {line}\n    {' ' * position}^\n" if len(line) <= _SHOWN else ""
        return self.refuse(text, reason, pointer)

    def amount(self, value: object) -> float:
        """A number that is given as a number."""
        # NumPy counts its timedelta64 among the integers, whatever their unit.
        if not isinstance(value, numbers.Real) or type(value).__name__ in ("bool", "timedelta64"):
            raise self.refuse(value, f"{type(value).__name__} is not one of the accepted types")
        try:
            amount = float(value)
        except OverflowError:
            # Not shown: Python itself may refuse to write out that many digits.
            raise self.refuse(..., "the number is too large") from None
        if math.isnan(amount):
            raise self.refuse(value, "it is not a number")
        if amount < 0:
            raise self.refuse(value, "it is negative")
        return amount

    def finite(self, text: str, amount: float) -> float:
        if math.isinf(amount):
            raise self.refuse(text, "it is too large")
        return amount


_DURATION = _Quantity(
    "duration",
    InvalidDurationError,
    'seconds (90, 2.5), a timedelta, None for no limit, or text: "90", "1h30m", "1 day 12 hours", '
    '"2.5 s", "01:30:00", "2 days, 12:00:00", "PT1H30M", "forever"; '
    "units are w, d, h, m or min, s, ms, us, ns and their long names",
)
_SIZE = _Quantity(
    "size",
    InvalidSizeError,
    'bytes (500_000_000), None for no limit, or text: "1024", "500MB", "1.5GiB", "2 gb", '
    '"unlimited"; kB, MB, GB, TB and PB count in thousands, KiB, MiB, GiB, TiB and PiB in 1024s',
)


def parse_duration(value: float | timedelta | str | None) -> float:
    """Read a duration such as a ``ttl``.

    >>> parse_duration("1h30m"), parse_duration("2.5 s"), parse_duration("1 day, 2:00:00")
    (5400.0, 2.5, 93600.0)
    >>> parse_duration(None)
    inf

    Args:
        value: Seconds as a number or as plain text, a ``timedelta``, text with units, as a clock
            (``"HH:MM:SS"``, days before it if need be) or in ISO 8601; ``None`` is no limit.

    Returns:
        Seconds, not negative; infinity for no limit.

    Raises:
        InvalidDurationError: The value is negative, not a number, ambiguous or of another form.
    """
    if value is None:
        return math.inf
    if isinstance(value, timedelta):
        return _DURATION.amount(value.total_seconds())
    if not isinstance(value, str):
        return _DURATION.amount(value)
    if value.strip().lower() in ("forever", "inf"):
        return math.inf
    return _DURATION.finite(value, _read_duration(value))


def _read_duration(text: str) -> float:
    bare = text.strip()
    if _PLAIN.fullmatch(bare):
        return float(bare)
    if match := _CLOCK.fullmatch(bare):
        days, hours, minutes, seconds = (float(part or 0) for part in match.groups())
        return days * 86_400 + hours * 3_600 + minutes * 60 + seconds
    if match := _ISO.fullmatch(bare):
        parts = match.groupdict(default="0")
        return _seconds(float(number) * _DURATION_UNITS[unit] for unit, number in parts.items())
    return _read_parts(text)


def _seconds(nanoseconds: Iterable[float]) -> float:
    return math.fsum(nanoseconds) / 1e9


def _read_parts(text: str) -> float:
    """Read numbers with units, each unit once, in any order."""
    position = len(text) - len(text.lstrip())
    lengths: dict[int, float] = {}
    while position < len(text) or not lengths:
        match = _PART.match(text, position)
        if match is None:
            raise _misplaced(text, position)
        length = _unit_length(text, match)
        if length in lengths:
            raise _DURATION.refuse_at(text, match.start("unit"), "this unit stands there twice")
        lengths[length] = float(match["number"]) * length
        position = match.end()
    return _seconds(lengths.values())


def _misplaced(text: str, position: int) -> RepriseError:
    if not text.strip():
        return _DURATION.refuse(text, "it is empty")
    if text[position] == "-":
        return _DURATION.refuse_at(text, position, "it is negative")
    if text[position] in "Pp":
        reason = "this is no ISO 8601 duration of weeks, days, hours, minutes or seconds"
        return _DURATION.refuse_at(text, position, reason)
    return _DURATION.refuse_at(text, position, "a number is expected here")


def _unit_length(text: str, match: re.Match[str]) -> int:
    unit, place = match["unit"], match.start("unit")
    if not unit:
        if text[match.end("number") :].lstrip().startswith(":"):
            reason = "a time of day is written with hours, minutes and seconds, as 01:30:00"
        else:
            reason = f"{match['number']} has no unit"
        raise _DURATION.refuse_at(text, match.start("number"), reason)
    if unit == "M":
        reason = "M may be minutes or months; write m or min, or a number of days"
        raise _DURATION.refuse_at(text, place, reason)
    if unit.lower() in _UNFIXED:
        reason = f"{unit} has no fixed length; write a number of days"
        raise _DURATION.refuse_at(text, place, reason)
    length = _DURATION_UNITS.get(unit) or _DURATION_UNITS.get(unit.lower())
    if length is None:
        raise _DURATION.refuse_at(text, place, f"{unit!r} is no unit of time")
    return length


def parse_size(value: float | str | None) -> float:
    """Read a size such as a ``max_size``.

    >>> parse_size("500MB"), parse_size("1.5GiB"), parse_size("2 gb")
    (500000000.0, 1610612736.0, 2000000000.0)

    Args:
        value: Bytes as a number or as plain text, or text with a unit in any case;
            ``None`` is no limit.

    Returns:
        Bytes, not negative; infinity for no limit.

    Raises:
        InvalidSizeError: The value is negative, not a number, ambiguous or of another form.
    """
    if value is None:
        return math.inf
    if not isinstance(value, str):
        return _SIZE.amount(value)
    bare = value.strip()
    if bare.lower() in ("unlimited", "inf"):
        return math.inf
    if _PLAIN.fullmatch(bare):
        return _SIZE.finite(value, float(bare))
    start = len(value) - len(value.lstrip())
    match = _PART.match(value, start)
    if not bare:
        raise _SIZE.refuse(value, "it is empty")
    if match is None:
        reason = "it is negative" if bare[0] == "-" else "a number is expected here"
        raise _SIZE.refuse_at(value, start, reason)
    return _SIZE.finite(value, float(match["number"]) * _size_unit(value, match))


def _size_unit(text: str, match: re.Match[str]) -> int:
    unit = match["unit"].lower()
    if match.end("unit") < len(text.rstrip()):
        raise _SIZE.refuse_at(text, match.end("unit"), "one number and one unit are expected")
    if unit in ("k", "m", "g", "t", "p"):
        letter = match["unit"].upper()
        reason = f"{letter} may count in thousands or in 1024s; write {letter}B or {letter}iB"
        raise _SIZE.refuse_at(text, match.start("unit"), reason)
    if unit not in _SIZE_UNITS:
        raise _SIZE.refuse_at(text, match.start("unit"), f"{match['unit']!r} is no unit of size")
    return _SIZE_UNITS[unit]


def format_duration(seconds: float) -> str:
    """Write a duration for people, to about three digits; :func:`parse_duration` reads it back.

    >>> [format_duration(s) for s in (5400, 93_600, 2.5, 0.000_25, 0)]
    ['1h 30m', '1d 2h', '2.5 s', '250 us', '0 s']

    Args:
        seconds: Not negative; infinity is ``"forever"``.
    """
    if math.isinf(seconds):
        return "forever"
    if _three_digits(seconds) < 60:
        return _short_duration(seconds)
    for larger, smaller, ratio, end in (
        ("m", "s", 60, 60),
        ("h", "m", 60, 24),
        ("d", "h", 24, 100),
    ):
        high, low = divmod(round(seconds * 1e9 / _DURATION_UNITS[smaller]), ratio)
        if high < end:
            return f"{high}{larger} {low}{smaller}" if low else f"{high}{larger}"
    return f"{round(seconds / 86_400)}d"


def _short_duration(seconds: float) -> str:
    if seconds < 1e-12:
        return "0 s"
    for unit, scale in (("s", 1.0), ("ms", 1e3), ("us", 1e6)):
        amount = _three_digits(seconds * scale)
        if amount >= 1:
            return f"{amount:g} {unit}"
    return f"{_three_digits(seconds * 1e9):g} ns"


def format_size(size: float) -> str:
    """Write a size for people, to three digits; :func:`parse_size` reads it back.

    >>> [format_size(n) for n in (0, 999, 1_500_000, 2 * 2**30)]
    ['0 B', '999 B', '1.5 MB', '2.15 GB']

    Args:
        size: Bytes, not negative; infinity is ``"unlimited"``.
    """
    if math.isinf(size):
        return "unlimited"
    amount = _three_digits(round(size))
    for unit in ("B", "kB", "MB", "GB", "TB"):
        if amount < _DECIMAL:
            return f"{amount:g} {unit}"
        amount = _three_digits(amount / _DECIMAL)
    # %g would turn to exponents, which no one calls readable.
    return f"{amount:.0f} PB" if amount >= _DECIMAL else f"{amount:g} PB"


def _three_digits(number: float) -> float:
    return float(f"{number:.3g}")
