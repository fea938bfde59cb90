"""The guide to caching: each chapter is an app of its own, and this one holds them all.

Start it with ``streamlit run guide.py``, or any chapter alone, such as
``streamlit run minimal.py``.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

CHAPTERS = {
    "Data": {
        "minimal": "A first cached function",
    },
}

here = Path(__file__).parent
st.navigation(
    {
        part: [
            st.Page(here / f"{name}.py", title=title, url_path=name)
            for name, title in chapters.items()
        ]
        for part, chapters in CHAPTERS.items()
    }
).run()
