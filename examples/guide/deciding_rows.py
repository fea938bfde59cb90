"""One cached function for each row of the table that helps to decide."""

from __future__ import annotations

import io
import sqlite3
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import altair
import matplotlib.figure
import numpy as np
import pandas as pd
import plotly.graph_objects
import requests
from numpy.typing import NDArray
from PIL import Image
from sklearn.linear_model import LogisticRegression
from sqlalchemy import Engine, create_engine

from counts import ran
from reprise import cache_data, cache_resource
from sources import book_file, service

CSV = "x,y\n1,2\n3,4\n"


@cache_data(show_spinner=False)
def read_table() -> pd.DataFrame:
    """Reads CSV."""
    ran("read_table")
    return pd.read_csv(io.StringIO(CSV))


@cache_data(show_spinner=False)
def read_text() -> list[str]:
    """Reads a text file."""
    ran("read_text")
    return CSV.splitlines()


@cache_data(show_spinner=False)
def transformed(frame: pd.DataFrame) -> pd.Series:
    """Transforms a frame."""
    ran("transformed")
    return frame.sum()


@cache_data(show_spinner=False)
def computed_array() -> NDArray[np.float64]:
    """Computes with arrays."""
    ran("computed_array")
    return np.arange(6.0).reshape(2, 3) ** 2


@cache_data(show_spinner=False)
def simple(x: int) -> float:
    """Computes with a number."""
    ran("simple")
    return x / 4


@cache_data(show_spinner=False)
def queried() -> pd.DataFrame:
    """Asks a database."""
    ran("queried")
    return pd.read_sql_query("select author, price from books", opened_sqlite())


@cache_data(show_spinner=False)
def asked_service(address: str) -> dict[str, Any]:
    """Asks a web service."""
    ran("asked_service")
    return dict(requests.get(f"{address}/rates/USD", timeout=30).json())


@cache_data(show_spinner=False)
def predicted(x: float) -> list[int]:
    """Asks a model."""
    ran("predicted")
    return [int(label) for label in loaded_model().predict([[x]])]


@cache_data(show_spinner=False)
def picture() -> Image.Image:
    """Makes an image."""
    ran("picture")
    return Image.new("RGB", (32, 16), (11, 92, 143))


@cache_data(show_spinner=False)
def matplotlib_chart() -> matplotlib.figure.Figure:
    """Draws with matplotlib."""
    ran("matplotlib_chart")
    figure = matplotlib.figure.Figure()
    figure.subplots().plot([1, 3, 2])
    return figure


@cache_data(show_spinner=False)
def plotly_chart() -> plotly.graph_objects.Figure:
    """Draws with plotly."""
    ran("plotly_chart")
    return plotly.graph_objects.Figure(plotly.graph_objects.Scatter(y=[1, 3, 2]))


@cache_data(show_spinner=False)
def altair_chart() -> altair.Chart:
    """Draws with altair."""
    ran("altair_chart")
    table = pd.DataFrame({"x": [1, 2, 3], "y": [1, 3, 2]})
    chart: altair.Chart = altair.Chart(table).mark_line().encode(x="x", y="y")
    return chart


@cache_resource(show_spinner=False)
def loaded_model() -> LogisticRegression:
    """Loads a model."""
    ran("loaded_model")
    return LogisticRegression().fit([[0.0], [1.0]], [0, 1])


@cache_resource(show_spinner=False, on_release=sqlite3.Connection.close)
def opened_sqlite() -> sqlite3.Connection:
    """Connects to a file of SQLite."""
    ran("opened_sqlite")
    return sqlite3.connect(book_file(), check_same_thread=False)


@cache_resource(show_spinner=False, on_release=Engine.dispose)
def opened_engine() -> Engine:
    """Makes an engine of SQLAlchemy."""
    ran("opened_engine")
    return create_engine(f"sqlite:///{book_file()}")


@cache_resource(show_spinner=False, on_release=io.TextIOWrapper.close)
def opened_file() -> io.TextIOWrapper:
    """Opens a file."""
    ran("opened_file")
    return book_file().with_name("notes.txt").open("w", encoding="utf-8")


@cache_resource(show_spinner=False)
def started_thread() -> threading.Thread:
    """Starts a thread that waits."""
    ran("started_thread")
    thread = threading.Thread(target=threading.Event().wait, daemon=True, name="patient")
    thread.start()
    return thread


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table.

    Args:
        use: What the function is for.
        function: The cached function.
        call: Calls it.
    """

    use: str
    function: Any
    call: Callable[[], Any]

    def seen(self) -> Mapping[str, str]:
        """What two calls give.

        Returns:
            The row's texts by column.
        """
        first, second = self.call(), self.call()
        unchangeable = isinstance(first, str | int | float)
        shares = "the one object" if first is second else "a copy for each"
        return {
            "Use": self.use,
            "Function": self.function.__name__,
            "Returned": type(first).__name__,
            "Two calls give": "what cannot change" if unchangeable else shares,
        }


DATA = (
    Row("Reading a CSV file", read_table, read_table),
    Row("Reading a text file", read_text, read_text),
    Row("Transforming frames", transformed, lambda: transformed(read_table())),
    Row("Computing with arrays", computed_array, computed_array),
    Row("Simple computations", simple, lambda: simple(3)),
    Row("Querying a database", queried, queried),
    Row("Calling a web service", asked_service, lambda: asked_service(service())),
    Row("Running a model", predicted, lambda: predicted(0.9)),
    Row("Making images", picture, picture),
    Row("Charts of matplotlib", matplotlib_chart, matplotlib_chart),
    Row("Charts of plotly", plotly_chart, plotly_chart),
    Row("Charts of altair", altair_chart, altair_chart),
)
RESOURCES = (
    Row("Loading models", loaded_model, loaded_model),
    Row("Connections of sqlite3", opened_sqlite, opened_sqlite),
    Row("Engines of SQLAlchemy", opened_engine, opened_engine),
    Row("Files that stay open", opened_file, opened_file),
    Row("Threads", started_thread, started_thread),
)
