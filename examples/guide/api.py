"""Caches the answers of a web service."""

from __future__ import annotations

from typing import Any

import requests
import streamlit as st

from chapter import begin, finish
from counts import ran
from reprise import cache_data
from sources import service

BEGAN = begin(
    "Calling a web service",
    "Services are slow and count your requests. Each currency is asked for once; the service "
    "numbers its answers, so that you can see whether this one is new.",
)


@cache_data(ttl="10 min", show_spinner="Asking for the rate...")
def rate_of(currency: str, address: str) -> dict[str, Any]:
    """Asks the service for one rate."""
    ran("rate_of")
    answer = requests.get(f"{address}/rates/{currency}", timeout=30)
    answer.raise_for_status()
    return dict(answer.json())


currency = st.radio("Currency", ["EUR", "USD", "JPY", "CHF"], horizontal=True)
rate = rate_of(currency, service())
left, right = st.columns(2)
left.metric(f"1 EUR in {currency}", f"{rate['rate']:.2f}")
right.metric("Answer number", rate["answer"])
st.button("Rerun")

finish(BEGAN, rate_of)
