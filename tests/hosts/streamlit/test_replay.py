"""A page that is replayed is the page that the functions themselves would have made.

Each app is run plainly, then with an empty cache and with a full one; all pages must be equal, byte
for byte and in the same places.
"""

from __future__ import annotations

import pytest
from replay_apps import APPS, same_key_twice

# Streamlit 1.40 calls what newer releases of Altair want to be called otherwise.
pytestmark = pytest.mark.filterwarnings(r"ignore:\s*Deprecated since .altair:DeprecationWarning")


@pytest.fixture(params=["cached", "engine"])
def decorator(request):
    """What is as small as can be around the host, and the real one."""
    return request.getfixturevalue(request.param)


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.__name__)
def test_a_replayed_page_is_the_page_itself(app, run, plainly, decorator):
    plain = plainly(app)
    first = run(app, decorator)
    runs = decorator.runs.copy()
    again = run(app, decorator)
    assert plain.elements
    assert len(plain.exceptions) == (app is same_key_twice), plain.exceptions
    assert first == plain
    assert again == plain
    assert runs
    assert decorator.runs == runs, "the second session was to run nothing"
