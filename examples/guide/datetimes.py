"""Passes datetimes, with a zone of pytz and without."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytz
import streamlit as st

from chapter import begin, finish
from counts import ran
from reprise import cache_data

BEGAN = begin(
    "Datetimes and zones",
    "A datetime with a zone of pytz counts like any other value, and noon is another moment in "
    "Berlin than in New York. If the minute is enough for you, `hash_funcs` can say so: move the "
    "seconds and see who runs.",
)


@cache_data
def exactly(moment: datetime) -> datetime:
    """Every microsecond counts, and the zone."""
    ran("exactly")
    return moment


@cache_data(hash_funcs={datetime: lambda moment: moment.strftime("%a %d %b %Y, %H:%M %z")})
def to_the_minute(moment: datetime) -> datetime:
    """What counts is the text that the function makes."""
    ran("to_the_minute")
    return moment


seconds = st.slider("Seconds after noon", 0, 90, 0)
noon = datetime(2013, 7, 1, 12) + timedelta(seconds=seconds)  # noqa: DTZ001 - without a zone
moments = {
    "no zone": noon,
    "Berlin": pytz.timezone("Europe/Berlin").localize(noon),
    "New York": pytz.timezone("America/New_York").localize(noon),
}
st.table(
    {
        "exactly": {place: str(exactly(moment)) for place, moment in moments.items()},
        "to the minute": {place: str(to_the_minute(moment)) for place, moment in moments.items()},
    }
)

finish(BEGAN, exactly, to_the_minute)
