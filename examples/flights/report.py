"""The parts of the page that are cached together with what they show.

Each of these functions works out some figures *and* displays them. A hit gives the figures back and
puts the elements on the page again, without running the function.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd
import streamlit as st

import charts
import counters
from data import Selection, airline_names, load_table, select_flights, table_file
from model import routes
from reprise import cache_data


@dataclass(frozen=True, slots=True)
class Measure:
    """One way to rank airlines."""

    column: str
    unit: str
    factor: float = 1.0


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        "Departure delay": Measure("dep_delay", "Mean departure delay (minutes)"),
        "Arrival delay": Measure("arr_delay", "Mean arrival delay (minutes)"),
        "Late": Measure("late", "Late departures (%)", 100.0),
        "Cancelled": Measure("cancelled", "Cancelled flights (%)", 100.0),
    }
)


@dataclass(frozen=True, slots=True)
class Weather:
    """One kind of weather, cut into steps."""

    column: str
    title: str
    bounds: tuple[float, ...]
    steps: tuple[str, ...]


WEATHER: Mapping[str, Weather] = MappingProxyType(
    {
        "Rain": Weather(
            "precip",
            "Rain in the hour of departure (inches)",
            (-1, 0, 0.02, 0.1, 0.25, np.inf),
            ("none", "to 0.02", "to 0.1", "to 0.25", "more"),
        ),
        "Wind": Weather(
            "wind_speed",
            "Wind (miles an hour)",
            (-1, 5, 10, 15, 20, 25, np.inf),
            ("0-5", "5-10", "10-15", "15-20", "20-25", "more"),
        ),
        "Visibility": Weather(
            "visib",
            "Visibility (miles)",
            (-1, 1, 3, 6, 9, np.inf),
            ("0-1", "1-3", "3-6", "6-9", "more"),
        ),
    }
)


@dataclass(frozen=True, slots=True)
class Figures:
    """The four figures on top of the page."""

    flights: int
    on_time: float
    delay: float
    cancelled: float


@cache_data(show_spinner=False)
def figures(selection: Selection) -> Figures:
    """Work out the four figures for some flights.

    Args:
        selection: Origins, airlines and months.

    Returns:
        Shares in per cent, the delay in minutes.
    """
    counters.computed("figures")
    flights = select_flights(selection)
    departed = flights[~flights["cancelled"]]
    return Figures(
        flights=len(flights),
        on_time=100 * (1 - departed["late"].mean()),
        delay=departed["dep_delay"].mean(),
        cancelled=100 * flights["cancelled"].mean(),
    )


def change(value: float, usual: float) -> str | None:
    """Put the difference to the whole year into words.

    Args:
        value: The figure of what was selected.
        usual: The same figure of all flights.

    Returns:
        A signed difference; None where there is none.
    """
    return None if value == usual else f"{value - usual:+.1f} against all"


def show_figures(now: Figures, year: Figures) -> None:
    """Display the four figures, each against the whole year where they differ.

    Args:
        now: The figures of what was selected.
        year: The figures of all flights.
    """
    left, right = st.columns(2, gap="medium")
    first, second = left.columns(2, wrap=False)
    third, fourth = right.columns(2, wrap=False)
    share = f"{100 * now.flights / year.flights:.1f}% of all" if now != year else None
    first.metric(
        "Flights", f"{now.flights:,}", share, delta_color="off", delta_arrow="off", border=True
    )
    second.metric(
        "Left on time", f"{now.on_time:.1f}%", change(now.on_time, year.on_time), border=True
    )
    third.metric(
        "Mean delay",
        f"{now.delay:.1f} min",
        change(now.delay, year.delay),
        delta_color="inverse",
        border=True,
    )
    fourth.metric(
        "Cancelled",
        f"{now.cancelled:.1f}%",
        change(now.cancelled, year.cancelled),
        delta_color="inverse",
        border=True,
    )


@cache_data(show_spinner="Drawing the overview...", max_entries=32)
def overview(selection: Selection) -> None:
    """Display the figures and how delays go through the year and the week.

    Args:
        selection: Origins, airlines and months.
    """
    counters.computed("overview")
    everything = Selection(origins=(), carriers=(), months=(1, 12))
    show_figures(figures(selection), figures(everything))
    departed = select_flights(selection).dropna(subset="dep_delay")
    daily = departed.groupby("date")["dep_delay"].agg(["mean", "size"]).reset_index()
    daily.columns = pd.Index(["date", "delay", "flights"])
    daily["week"] = daily["delay"].rolling(7, center=True, min_periods=1).mean()
    hourly = departed.groupby(["weekday", "hour"])["dep_delay"].agg(["mean", "size"]).reset_index()
    hourly.columns = pd.Index(["weekday", "hour", "delay", "flights"])
    left, right = st.columns(2, gap="medium")
    with left.container(border=True):
        st.subheader("Through the year", anchor=False)
        st.caption("Mean departure delay of each day, and the mean of the week around it")
        st.altair_chart(charts.days(daily), theme=None)
    with right.container(border=True):
        st.subheader("Through the week", anchor=False)
        st.caption("Mean departure delay for each hour of the week")
        st.altair_chart(charts.week(hourly), theme=None)


@cache_data(show_spinner="Ranking the airlines...", max_entries=64)
def airline_ranking(selection: Selection, name: str) -> None:
    """Display the airlines in the order of one measure.

    Args:
        selection: Origins, airlines and months.
        name: One of :data:`MEASURES`.
    """
    counters.computed("airline_ranking")
    measure = MEASURES[name]
    table = select_flights(selection).groupby("carrier")[measure.column].agg(["mean", "size"])
    table.columns = pd.Index(["value", "flights"])
    table = table.assign(
        value=table["value"] * measure.factor, airline=table.index.map(airline_names())
    ).dropna(subset="value")
    st.altair_chart(charts.ranking(table, measure.unit), theme=None)


@cache_data(show_spinner="Relating delays to the weather...", max_entries=64)
def weather_effect(selection: Selection, name: str) -> None:
    """Display the share of late departures for each step of the weather.

    Args:
        selection: Origins, airlines and months.
        name: One of :data:`WEATHER`.
    """
    counters.computed("weather_effect")
    kind = WEATHER[name]
    departed = select_flights(selection).dropna(subset=["dep_delay", kind.column])
    steps = pd.cut(departed[kind.column], list(kind.bounds), labels=list(kind.steps))
    table = departed.groupby(steps, observed=True)["late"].agg(["mean", "size"]).reset_index()
    table.columns = pd.Index(["step", "late", "flights"])
    table = table.assign(step=table["step"].astype(str), late=100 * table["late"])
    st.altair_chart(charts.weather(table, kind.title), theme=None)


@cache_data(show_spinner="Drawing the map...", max_entries=32)
def destination_map(selection: Selection) -> None:
    """Display where the flights went, and how late they came.

    Args:
        selection: Origins, airlines and months.
    """
    counters.computed("destination_map")
    flights = select_flights(selection).dropna(subset="lat")
    places = flights.groupby(["dest_name", "lat", "lon"])["arr_delay"].agg(["size", "mean"])
    places = places.reset_index().rename(columns={"size": "flights", "mean": "delay"})
    airports = load_table(table_file("airports.csv"))
    inside = airports["lat"].between(18, 72) & airports["lon"].between(-172, -60)
    st.altair_chart(charts.destinations(places, airports.loc[inside, ["lat", "lon"]]), theme=None)
    st.caption("The area is the number of flights. The pale dots are all American airports.")


@cache_data(show_spinner="Writing the table of routes...", max_entries=32)
def route_table(selection: Selection) -> int:
    """Display the routes as a table.

    Args:
        selection: Origins, airlines and months.

    Returns:
        The number of routes.
    """
    counters.computed("route_table")
    table = routes(selection)
    number = st.column_config.NumberColumn
    st.dataframe(
        table,
        hide_index=True,
        height=388,
        column_config={
            "origin": st.column_config.TextColumn("From", width=50),
            "dest_name": st.column_config.TextColumn("To", width=150),
            "flights": number("Flights", format="localized", width=70),
            "late": st.column_config.ProgressColumn(
                "Late", format="%.0f%%", min_value=0, max_value=60, width=110
            ),
            "dep_delay": number("Delay (min)", format="%.1f", width=90),
            "arr_delay": number("At arrival (min)", format="%.1f", width=110),
            "airlines": number("Airlines", width=70),
            "miles": number("Miles", format="localized", width=70),
            "air_time": number("In the air (min)", format="%.0f", width=110),
        },
    )
    return len(table)
