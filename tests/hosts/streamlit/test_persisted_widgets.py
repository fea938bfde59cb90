"""Results with widgets inside outlive the server: a fresh one shows them, each session its own.

A fresh runtime on the same folder stands for a fresh server. The uncached app is the oracle.
"""

from __future__ import annotations

import pytest
from differential import differ
from test_widgets import CASES, HELPERS, KEYED, handed_in, steps_of

from reprise.hosts.streamlit.internals import version

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning"),
    pytest.mark.filterwarnings("ignore::reprise.errors.StoreWarning"),
]


def takes_files(case):
    return case.name in {"file_uploader", "camera_input", "audio_input"}


def only_in_memory(case):
    """``AppTest`` is left a function of Streamlit's own for these by the oldest releases."""
    return version() < (1, 46) and case.name in {"pills", "segmented_control"}


@pytest.mark.parametrize("key", ["", "key='k'"], ids=["unkeyed", "keyed"])
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.label)
def test_every_widget_is_shown_by_a_fresh_server(open_app, persisting, case, key):
    if case.missing:
        pytest.skip("this release of Streamlit has no such widget")
    app = HELPERS + KEYED.format(call=case.call(key))
    differ(handed_in(open_app), app, steps_of(case), persisting)
    first = persisting.runs["pick"]
    persisting.renew()
    differ(handed_in(open_app), app, steps_of(case), persisting)
    if only_in_memory(case):
        assert persisting.runs["pick"] == first
    else:  # what a user handed in is nobody else's, and gone with the server
        assert persisting.runs["pick"] == (len(case.values) if takes_files(case) else 0)
