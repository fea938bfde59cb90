"""Which decorator for what: each row of the table is a cached function that really runs."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from chapter import begin, finish
from deciding_rows import DATA, RESOURCES, Row

BEGAN = begin(
    "Which decorator?",
    "Whatever could be stored in a file or a database is data: each caller gets a copy. What lives "
    "only while the program runs is a resource: all get the one object. Each row calls its "
    "function twice and looks at what came.",
)


def show(title: str, rows: tuple[Row, ...]) -> None:
    """Display one half of the table.

    Args:
        title: The decorator.
        rows: Its rows.
    """
    st.subheader(title, anchor=False)
    st.table(pd.DataFrame([row.seen() for row in rows]).set_index("Use"))


show("cache_data", DATA)
show("cache_resource", RESOURCES)

finish(BEGAN, *(row.function for row in DATA + RESOURCES))
