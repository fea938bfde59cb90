"""Moments and their zones: zoneinfo, pytz and dateutil, none of which is taken for another."""

from __future__ import annotations

import datetime as dt
import itertools
import zoneinfo

import pytest
import pytz
from dateutil import tz
from dateutil.relativedelta import relativedelta
from dateutil.rrule import DAILY, WEEKLY, rrule

from reprise.keys import digest

TWICE = dt.datetime(2024, 10, 27, 2, 30)  # noqa: DTZ001 - there are two of it in Berlin
BERLIN = pytz.timezone("Europe/Berlin")
PARIS = pytz.timezone("Europe/Paris")

ZONES = {
    "none": None,
    "UTC": dt.UTC,
    "zoneinfo UTC": zoneinfo.ZoneInfo("UTC"),
    "zoneinfo Berlin": zoneinfo.ZoneInfo("Europe/Berlin"),
    "zoneinfo Paris": zoneinfo.ZoneInfo("Europe/Paris"),
    "offset": dt.timezone(dt.timedelta(hours=1)),
    "named offset": dt.timezone(dt.timedelta(hours=1), "CET"),
    "dateutil UTC": tz.tzutc(),
    "dateutil Berlin": tz.gettz("Europe/Berlin"),
    "dateutil Paris": tz.gettz("Europe/Paris"),
    "dateutil offset": tz.tzoffset(None, 3600),
    "dateutil named offset": tz.tzoffset("CET", 3600),
    "dateutil local": tz.tzlocal(),
    "dateutil rule": tz.tzstr("CET-1CEST"),
    "dateutil range": tz.tzrange("CET", 3600, "CEST"),
    "pytz UTC": pytz.utc,
    "pytz offset": pytz.FixedOffset(60),
    "pytz Berlin, as it is": BERLIN,
}

MOMENTS = {
    **{name: TWICE.replace(tzinfo=zone) for name, zone in ZONES.items()},
    "pytz Berlin, first": BERLIN.localize(TWICE, is_dst=True),
    "pytz Berlin, second": BERLIN.localize(TWICE, is_dst=False),
    "pytz Paris, first": PARIS.localize(TWICE, is_dst=True),
    "zoneinfo Berlin, second": TWICE.replace(tzinfo=ZONES["zoneinfo Berlin"], fold=1),
    "dateutil Berlin, second": TWICE.replace(tzinfo=ZONES["dateutil Berlin"], fold=1),
    "none, second": TWICE.replace(fold=1),
}


@pytest.mark.parametrize(
    ("one", "other"),
    list(itertools.combinations(MOMENTS, 2)),
    ids=lambda name: name.replace(" ", "-"),
)
def test_moments_in_different_zones_differ(one, other):
    assert digest(MOMENTS[one]) != digest(MOMENTS[other])


@pytest.mark.parametrize("name", MOMENTS)
def test_the_same_moment_made_anew_is_the_same(name):
    moment = MOMENTS[name]
    made = dt.datetime.combine(moment.date(), moment.timetz())
    assert digest(made) == digest(moment)
    assert digest(moment + dt.timedelta(microseconds=1)) != digest(moment)


def test_a_zone_by_another_way_is_the_same():
    assert digest(tz.gettz("Europe/Berlin")) == digest(tz.gettz.nocache("Europe/Berlin"))
    assert digest(pytz.timezone("Europe/Berlin")) == digest(BERLIN)
    assert digest(zoneinfo.ZoneInfo.no_cache("UTC")) == digest(zoneinfo.ZoneInfo("UTC"))


def test_differences_and_rules_of_dateutil():
    start = dt.datetime(2020, 1, 1)  # noqa: DTZ001
    values = [
        *(relativedelta(months=1), relativedelta(months=2), relativedelta(month=1)),
        *(rrule(DAILY, count=2, dtstart=start), rrule(WEEKLY, count=2, dtstart=start)),
    ]
    assert len({digest(value) for value in values}) == len(values)
    assert digest(relativedelta(months=13)) == digest(relativedelta(years=1, months=1))
