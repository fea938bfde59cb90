"""The panel that shows what the cache did."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

import counters
import data
import model
import report
from reprise import CachedFunction, cache_data, cache_resource

FUNCTIONS: dict[str, CachedFunction[..., Any]] = {
    "load_flights": data.load_flights,
    "load_table": data.load_table,
    "airline_names": data.airline_names,
    "joined_flights": data.joined_flights,
    "select_flights": data.select_flights,
    "data_edition": data.data_edition,
    "figures": report.figures,
    "overview": report.overview,
    "airline_ranking": report.airline_ranking,
    "weather_effect": report.weather_effect,
    "destination_map": report.destination_map,
    "route_table": report.route_table,
    "routes": model.routes,
    "destinations": model.destinations,
    "chances_by_hour": model.chances_by_hour,
    "delay_model": model.delay_model,
    "flights_database": model.flights_database,
}
EVERYTHING = "All functions"


def rows() -> pd.DataFrame:
    """Ask each cached function how it is doing.

    Returns:
        One row a function.
    """
    computed = counters.totals()
    table = []
    for name, function in FUNCTIONS.items():
        info = function.cache_info()
        table.append(
            {
                "Function": f"`{name}`",
                "Runs": computed.get(name, 0),
                "Hits": info.hits,
                "Misses": info.misses,
                "Kept": info.entries,
                "MB": info.bytes / 1e6,
                "Saved (s)": info.seconds_saved,
            }
        )
    return pd.DataFrame(table)


def clear(name: str) -> None:
    """Empty the cache of one function or of all.

    Args:
        name: One of :data:`FUNCTIONS`, or :data:`EVERYTHING`.
    """
    if name == EVERYTHING:
        cache_data.clear()
        cache_resource.clear()
    else:
        FUNCTIONS[name].clear()


def show() -> None:
    """Display the table, and a button that clears."""
    with st.container(border=True, key="cache_panel"):
        numbers = rows().style.format({"MB": "{:,.1f}", "Saved (s)": "{:,.1f}"}, thousands=",")
        st.table(numbers, border="horizontal", hide_index=True)
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            name = st.selectbox("Forget the results of", [EVERYTHING, *FUNCTIONS], width=240)
            st.button("Clear", on_click=clear, args=(name,), type="primary")
