"""Which decorator for what: each row of the table is a cached function that really runs."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from chapter import begin, finish
from deciding_optional import OPTIONAL, Optional
from deciding_rows import DATA, RESOURCES, Row

BEGAN = begin(
    "Which decorator?",
    "Whatever could be stored in a file or a database is data: each caller gets a copy. What lives "
    "only while the program runs is a resource: all get the one object. Each row calls its "
    "function twice and looks at what came.",
)


def show(title: str, rows: Sequence[Row | Optional]) -> None:
    """Display one half of the table.

    Args:
        title: The decorator.
        rows: Its rows.
    """
    st.subheader(title, anchor=False)
    st.table(pd.DataFrame([row.seen() for row in rows]).set_index("Use"))


show("cache_data", DATA)
show("cache_resource", RESOURCES)
show("cache_resource, with what has to be there first", OPTIONAL)

finish(BEGAN, *(row.function for row in (*DATA, *RESOURCES, *OPTIONAL)))
