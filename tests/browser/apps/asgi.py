"""The same app as an ASGI application, which `run` serves, too."""

from __future__ import annotations

import streamlit as st

app = st.App("places.py")
