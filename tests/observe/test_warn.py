from __future__ import annotations

import pytest

from reprise.observe.warn import warn


def test_it_points_at_the_callers_line():
    with pytest.warns(UserWarning, match="look") as caught:
        warn("look", UserWarning)
    assert caught[0].filename == __file__
