"""The guide to caching: each chapter is an app of its own, and this one holds them all.

Start it with ``streamlit run guide.py``, or any chapter alone, such as
``streamlit run minimal.py``.
"""

from __future__ import annotations

from pathlib import Path

import streamlit as st

CHAPTERS = {
    "": {"welcome": "Welcome"},
    "Data": {
        "minimal": "A first cached function",
        "load_data": "Loading a table",
        "transform": "Transforming a frame",
        "arrays": "Computing with arrays",
        "query": "Asking a database",
        "api": "Calling a web service",
        "inference": "Running a model",
    },
    "Resources": {
        "text_classification": "One model for everybody",
        "connection": "One connection for everybody",
        "deciding": "Which decorator?",
    },
    "How long, how much": {
        "ttl": "How long a result counts",
        "max_entries": "How many results are kept",
        "clearing": "Forgetting",
        "persist": "Results that outlive the server",
        "large_data": "Large data",
    },
    "What counts": {
        "excluded": "Leaving a parameter out",
        "own_class": "Objects of your own",
        "pydantic_model": "Models of pydantic",
        "model_layers": "Models as arguments",
        "datetimes": "Datetimes and zones",
        "unique_values": "Arrays of texts",
    },
    "What is seen": {
        "spinners": "What is shown meanwhile",
        "static_elements": "What a cached function shows",
        "widgets": "Widgets inside",
        "combinations": "Widgets take memory",
    },
    "Sharing": {
        "mutation": "Changing what you got",
        "two_users": "Two users at once",
        "migrating": "Coming from st.cache",
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
    },
    expanded=True,
).run()
