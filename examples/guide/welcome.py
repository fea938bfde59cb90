"""The first page: what the guide is, and how to read it."""

from __future__ import annotations

import streamlit as st

from chapter import begin

begin(
    "A guide to caching, to click through",
    "Streamlit runs the whole script again for every click. A *cached function* runs once for each "
    "set of arguments; after that its result comes out of the cache.\n\n"
    "Each chapter is a small app. At its foot a table tells which functions really ran and how "
    "often the cache answered, and under **The code** stands what is cached.",
)

data, resource = st.columns(2, gap="medium")
with data.container(border=True):
    st.markdown("**cache_data** for what a function *returns*")
    st.markdown(
        "Frames, arrays, texts, answers of databases and services. Everybody gets a copy of "
        "their own, and can do with it as they like."
    )
with resource.container(border=True):
    st.markdown("**cache_resource** for what *exists once*")
    st.markdown(
        "Connections, models, open files, threads. Everybody gets the one object, so it must be "
        "safe to share."
    )
st.info("When in doubt, take cache_data: it says so when a value cannot be copied.")
