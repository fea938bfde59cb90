"""The shared things, each made once for all users: a fitted model and a database connection."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

import counters
from data import Selection, joined_flights
from reprise import cache_data, cache_resource

CATEGORIES = ["origin", "carrier"]
NUMBERS = ["month", "weekday", "hour", "distance", "temp", "wind_speed", "precip", "visib"]
HOURS = range(5, 24)


@dataclass(frozen=True, slots=True)
class DelayModel:
    """A fitted classifier, and how well it does on flights that it has not seen."""

    classifier: Any
    levels: dict[str, list[str]]
    skill: float
    """Area under the ROC curve: 0.5 is guessing, 1 is knowing."""

    def chance(self, flights: pd.DataFrame) -> npt.NDArray[np.float64]:
        """Estimate how likely each flight is to leave late.

        Args:
            flights: A frame with the model's columns.

        Returns:
            One probability, 0 to 1, a row.
        """
        inputs = features(flights, self.levels)
        chances: npt.NDArray[np.float64] = self.classifier.predict_proba(inputs)[:, 1]
        return chances


@dataclass(frozen=True, slots=True)
class Trip:
    """A flight that somebody thinks of taking."""

    origin: str
    carrier: str
    destination: str
    month: int
    weekday: int
    wind_speed: float
    rain: bool


def features(flights: pd.DataFrame, levels: dict[str, list[str]]) -> pd.DataFrame:
    """Turn flights into what the classifier reads.

    Args:
        flights: A frame with the model's columns.
        levels: The known values of each category, in the order of their codes.

    Returns:
        A frame of numbers; an unknown category is -1, which the classifier takes as missing.
    """
    table = flights[NUMBERS].astype("float32")
    codes = {name: pd.Categorical(flights[name], levels[name]).codes for name in CATEGORIES}
    return table.assign(**codes)


@cache_resource(show_spinner="Fitting the delay model on 328,521 departures...", show_time=True)
def delay_model() -> DelayModel:
    """Fit the chance of leaving more than a quarter of an hour late.

    Every fifth day is held back, to measure the model on flights that it has not seen.

    Returns:
        The model, shared by all users.
    """
    from sklearn.ensemble import HistGradientBoostingClassifier
    from sklearn.metrics import roc_auc_score
    from threadpoolctl import threadpool_limits

    counters.computed("delay_model")
    flights = joined_flights()
    flights = flights[~flights["cancelled"]]
    levels = {name: sorted(flights[name].unique()) for name in CATEGORIES}
    inputs, late = features(flights, levels), flights["late"]
    held_back = flights["day"] % 5 == 0
    classifier = HistGradientBoostingClassifier(
        categorical_features=CATEGORIES, learning_rate=0.15, max_iter=60, random_state=0
    )
    # OpenMP's threads wait for each other in busy loops. On a server whose cores are shared, four
    # times as slow as one thread alone was measured.
    with threadpool_limits(limits=1, user_api="openmp"):
        classifier.fit(inputs[~held_back], late[~held_back])
        chances = classifier.predict_proba(inputs[held_back])[:, 1]
    return DelayModel(classifier, levels, float(roc_auc_score(late[held_back], chances)))


@cache_resource(
    show_spinner="Filling the database...", on_release=lambda connection: connection.close()
)
def flights_database() -> sqlite3.Connection:
    """Put the flights into an SQL database in memory.

    Returns:
        The connection, shared by all users; it is closed when it leaves the cache.
    """
    counters.computed("flights_database")
    connection = sqlite3.connect(":memory:", check_same_thread=False)
    columns = ["origin", "dest", "dest_name", "carrier", "month", "air_time", "distance"]
    flights = joined_flights()[[*columns, "dep_delay", "arr_delay", "late"]]
    flights.to_sql("flights", connection, index=False)
    return connection


ROUTES = """
    select origin, dest_name, count(*) as flights,
           100.0 * sum(late) / count(dep_delay) as late,
           avg(dep_delay) as dep_delay, avg(arr_delay) as arr_delay,
           count(distinct carrier) as airlines, max(distance) as miles, avg(air_time) as air_time
    from flights
    where month between :first and :last {origins} {carriers}
    group by origin, dest
    order by flights desc
"""


@cache_data(show_spinner="Asking the database for the routes...", max_entries=16)
def routes(selection: Selection) -> pd.DataFrame:
    """Sum up each route in SQL.

    Args:
        selection: Origins, airlines and months.

    Returns:
        One row a route, the busiest first.
    """
    counters.computed("routes")
    values: dict[str, Any] = dict(zip(("first", "last"), selection.months, strict=True))
    conditions = {}
    for name, column in (("origins", "origin"), ("carriers", "carrier")):
        chosen = {f"{column}{i}": code for i, code in enumerate(getattr(selection, name))}
        marks = ", ".join(f":{mark}" for mark in chosen)
        conditions[name] = f"and {column} in ({marks})" if chosen else ""
        values |= chosen
    with closing(flights_database().execute(ROUTES.format(**conditions), values)) as cursor:
        names = [column[0] for column in cursor.description]
        return pd.DataFrame(cursor.fetchall(), columns=names)


@cache_data(show_spinner="Finding the destinations...", max_entries=256)
def destinations(origin: str, carrier: str) -> pd.DataFrame:
    """List where an airline flies to.

    Args:
        origin: Airport code.
        carrier: Airline code.

    Returns:
        Code, name and distance in miles, the busiest first; empty where the airline does not fly.
    """
    counters.computed("destinations")
    query = """
        select dest as code, dest_name as name, max(distance) as distance
        from flights where origin = ? and carrier = ? group by dest order by count(*) desc
    """
    with closing(flights_database().execute(query, (origin, carrier))) as cursor:
        return pd.DataFrame(cursor.fetchall(), columns=["code", "name", "distance"])


@cache_data(show_spinner=False, max_entries=256)
def chances_by_hour(trip: Trip) -> pd.DataFrame:
    """Estimate the chance of a late departure for each hour of a day.

    Args:
        trip: The flight in question.

    Returns:
        One row an hour, with ``hour`` and ``chance`` (0 to 1).
    """
    counters.computed("chances_by_hour")
    places = destinations(trip.origin, trip.carrier).set_index("code")
    month = joined_flights().query("month == @trip.month")
    table = pd.DataFrame({"hour": list(HOURS)}).assign(
        origin=trip.origin,
        carrier=trip.carrier,
        month=trip.month,
        weekday=trip.weekday,
        distance=float(places.loc[trip.destination, "distance"]),
        temp=month["temp"].median(),
        wind_speed=trip.wind_speed,
        precip=0.1 if trip.rain else 0.0,
        visib=3.0 if trip.rain else 10.0,
    )
    return table.assign(chance=delay_model().chance(table))[["hour", "chance"]]
