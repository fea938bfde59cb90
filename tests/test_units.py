"""Durations and sizes: what is read, what is refused with which words, what is written."""

from __future__ import annotations

import contextlib
import math
from datetime import timedelta
from fractions import Fraction

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprise.errors import InvalidDurationError, InvalidSizeError, RepriseError
from reprise.units import format_duration, format_size, parse_duration, parse_size

MINUTE, HOUR, DAY = 60, 3_600, 86_400


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, math.inf),
        (math.inf, math.inf),
        (0, 0),
        (90, 90),
        (2.5, 2.5),
        (np.int64(90), 90),
        (np.float32(2.5), 2.5),
        (Fraction(5, 2), 2.5),
        (timedelta(hours=1, milliseconds=500), HOUR + 0.5),
        (pd.Timedelta(days=1), DAY),
        ("0", 0),
        ("90", 90),
        (" 2.5 ", 2.5),
        (".5", 0.5),
        ("1e3", 1_000),
        ("forever", math.inf),
        ("inf", math.inf),
        ("1h30m", HOUR + 30 * MINUTE),
        ("1h23s", HOUR + 23),
        ("30m 1h", HOUR + 30 * MINUTE),
        ("1 day", DAY),
        ("2.5 s", 2.5),
        ("5.s", 5),
        (".5s", 0.5),
        ("2 weeks", 14 * DAY),
        ("1W", 7 * DAY),
        ("1 Hour, 30 Minutes", HOUR + 30 * MINUTE),
        ("1d 12h", 1.5 * DAY),
        ("10 secs", 10),
        ("3 mins", 3 * MINUTE),
        ("300ms", 0.3),
        ("250us", 250e-6),
        ("250\u00b5s", 250e-6),
        ("250\u03bcs", 250e-6),
        ("5 ns", 5e-9),
        ("01:30:00", HOUR + 30 * MINUTE),
        ("36:00:00", 36 * HOUR),
        ("00:00:01.5", 1.5),
        ("1 days 12:00:00", 1.5 * DAY),
        ("1 day, 2:00:00", DAY + 2 * HOUR),
        ("PT1H30M", HOUR + 30 * MINUTE),
        ("P1DT2H", DAY + 2 * HOUR),
        ("p1w", 7 * DAY),
        ("PT1.5H", 1.5 * HOUR),
        ("PT0.25S", 0.25),
    ],
)
def test_a_duration_is_read(value, seconds):
    assert parse_duration(value) == pytest.approx(seconds, rel=1e-12)


@pytest.mark.parametrize(
    "unit",
    [
        *("s", "sec", "secs", "second", "seconds"),
        *("m", "min", "mins", "minute", "minutes"),
        *("h", "hr", "hrs", "hour", "hours"),
    ],
)
def test_units_have_short_and_long_names_in_any_case(unit):
    expected = parse_duration("3 " + unit)
    assert expected == {"s": 3, "m": 180, "h": 10_800}[unit[0]]
    assert parse_duration("3" + unit.title().replace("M", "m")) == expected


@pytest.mark.parametrize(
    ("text", "reason", "pointed_at"),
    [
        ("1h 30x", "'x' is no unit of time", "x"),
        ("1h 30", "30 has no unit", "30"),
        ("1h,", "a number is expected", ","),
        ("1h,,2m", "a number is expected", ",2m"),
        ("1M", "minutes or months", "M"),
        ("1 month", "no fixed length", "month"),
        ("2Y", "no fixed length", "Y"),
        ("1h 2h", "twice", "h"),
        ("1m 2min", "twice", "min"),
        ("1:30", "hours, minutes and seconds", "1:30"),
        ("1d 12:00", "hours, minutes and seconds", "12:00"),
        ("00:61:00", "hours, minutes and seconds", "00:61:00"),
        ("P1Y", "ISO 8601", "P1Y"),
        ("P", "ISO 8601", "P"),
        ("P1DT", "ISO 8601", "P1DT"),
        ("-1d", "negative", "-1d"),
        ("-5", "negative", "-5"),
        ("1h -5m", "negative", "-5m"),
        ("tomorrow", "a number is expected", "tomorrow"),
        ("2,5 s", "2 has no unit", "2,5 s"),
        ("1e3s", "'e' is no unit", "e3s"),
        ("1_000s", "1 has no unit", "1_000s"),
        ("\u0661s", "a number is expected", "\u0661s"),
        ("1.2.3s", "1.2 has no unit", "1.2.3s"),
    ],
)
def test_a_bad_text_is_named_and_the_place_is_pointed_at(text, reason, pointed_at):
    with pytest.raises(InvalidDurationError) as caught:
        parse_duration(text)
    first, shown, pointer, accepted = str(caught.value).splitlines()
    assert repr(text) in first
    assert reason in first
    assert shown == f"    {text}"
    assert shown[pointer.index("^") :] == pointed_at
    assert "1h30m" in accepted


@pytest.mark.parametrize("text", ["", "  ", "\n"])
def test_an_empty_text_is_refused(text):
    with pytest.raises(InvalidDurationError, match="it is empty"):
        parse_duration(text)
    with pytest.raises(InvalidSizeError, match="it is empty"):
        parse_size(text)


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        (True, "bool is not one"),
        (math.nan, "not a number"),
        (-1, "negative"),
        (-0.5, "negative"),
        (-math.inf, "negative"),
        (10**400, "too large"),
        pytest.param(10**5_000, "too large", id="more digits than Python writes"),
        ("9" * 400, "too large"),
        ("9" * 400 + "d", "too large"),
        ([], "list is not one"),
        (b"1h", "bytes is not one"),
        (1j, "complex is not one"),
    ],
)
def test_what_is_neither_a_duration_nor_a_size_is_refused(value, reason):
    with pytest.raises(InvalidDurationError, match=reason) as caught:
        parse_duration(value)
    assert len(str(caught.value)) < 500
    if value != "9" * 400 + "d":
        with pytest.raises(InvalidSizeError, match=reason):
            parse_size(value)


@pytest.mark.parametrize("value", [timedelta(seconds=-1), np.timedelta64(1, "h"), pd.NaT])
def test_other_values_that_are_no_duration_are_refused(value):
    with pytest.raises(InvalidDurationError):
        parse_duration(value)


def test_an_error_can_be_caught_as_what_it_is():
    for kind in (ValueError, RepriseError):
        with pytest.raises(kind):
            parse_duration("soon")
        with pytest.raises(kind):
            parse_size("much")


@given(st.text() | st.text(alphabet="0123456789.,: \u00b5dhimnPpsTwMGBk-", max_size=12))
def test_any_text_is_read_or_refused_with_the_one_error(text):
    for parse, error in ((parse_duration, InvalidDurationError), (parse_size, InvalidSizeError)):
        with contextlib.suppress(error):
            assert parse(text) >= 0


@given(
    st.fixed_dictionaries(
        {},
        optional={
            unit: st.integers(0, 10_000)
            for unit in ("weeks", "days", "hours", "minutes", "seconds", "milliseconds")
        },
    ).filter(bool),
    st.sampled_from(["", " ", ", "]),
)
def test_numbers_with_units_add_up_as_a_timedelta_does(parts, gap):
    text = gap.join(f"{number} {unit}" for unit, number in parts.items())
    assert parse_duration(text) == pytest.approx(timedelta(**parts).total_seconds(), rel=1e-12)


@given(st.timedeltas(min_value=timedelta(0)))
def test_what_a_timedelta_prints_is_read(duration):
    assert parse_duration(str(duration)) == pytest.approx(duration.total_seconds(), rel=1e-12)


@given(st.floats(min_value=1e-9, max_value=1e12))
def test_what_is_written_for_people_is_read_back_within_three_digits(amount):
    assert parse_duration(format_duration(amount)) == pytest.approx(amount, rel=0.021)
    if amount >= 100:
        assert parse_size(format_size(amount)) == pytest.approx(amount, rel=0.0051)


@given(st.floats(min_value=0, max_value=1e12))
def test_writing_what_was_read_changes_nothing(amount):
    for parse, write in ((parse_duration, format_duration), (parse_size, format_size)):
        text = write(amount)
        assert write(parse(text)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0, "0 s"),
        (3e-9, "3 ns"),
        (0.000_25, "250 us"),
        (0.042, "42 ms"),
        (0.999_9, "1 s"),
        (59.94, "59.9 s"),
        (59.96, "1m"),
        (61, "1m 1s"),
        (3_599.7, "1h"),
        (3_661, "1h 1m"),
        (86_399, "1d"),
        (90_000, "1d 1h"),
        (1e-20, "0 s"),
        (10 * DAY + 5 * HOUR, "10d 5h"),
        (400 * DAY + 5 * HOUR, "400d"),
        (1e20, "1157407407407408d"),
        (math.inf, "forever"),
    ],
)
def test_durations_are_written_in_the_two_largest_units(seconds, text):
    assert format_duration(seconds) == text


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (None, math.inf),
        ("unlimited", math.inf),
        (math.inf, math.inf),
        (0, 0),
        (1024, 1024),
        (5e8, 5e8),
        (np.int64(7), 7),
        ("1024", 1024),
        ("3 bytes", 3),
        ("1 B", 1),
        ("500MB", 500e6),
        ("2 gb", 2e9),
        ("1.5GiB", 1.5 * 2**30),
        ("1 KIB", 1024),
        ("1kB", 1000),
        ("2 megabytes", 2e6),
        ("1 mebibyte", 2**20),
        (" 3 TiB ", 3 * 2**40),
        ("1PB", 1e15),
    ],
)
def test_a_size_is_read(value, size):
    assert parse_size(value) == size


@pytest.mark.parametrize(
    ("text", "reason", "place"),
    [
        ("5M", "write MB or MiB", 1),
        ("5 g", "write GB or GiB", 2),
        ("5 parsecs", "'parsecs' is no unit of size", 2),
        ("-3 MB", "negative", 0),
        ("much", "a number is expected", 0),
        ("1GB 2MB", "one number and one unit", 3),
        ("1,5 GB", "one number and one unit", 1),
        ("50%", "one number and one unit", 2),
    ],
)
def test_a_bad_size_is_named_and_the_place_is_pointed_at(text, reason, place):
    with pytest.raises(InvalidSizeError) as caught:
        parse_size(text)
    first, shown, pointer, accepted = str(caught.value).splitlines()
    assert repr(text) in first
    assert reason in first
    assert shown == f"    {text}"
    assert pointer == f"    {' ' * place}^"
    assert "1.5GiB" in accepted


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (999.9, "1 kB"),
        (999_600, "1 MB"),
        (2**30, "1.07 GB"),
        (25e12, "25 TB"),
        (5e18, "5000 PB"),
        (math.inf, "unlimited"),
    ],
)
def test_sizes_are_written_in_thousands(size, text):
    assert format_size(size) == text
