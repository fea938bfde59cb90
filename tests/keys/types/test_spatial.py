"""scipy's search trees: points and how they were divided."""

from __future__ import annotations

import numpy as np
import pytest

from reprise.keys import digest

spatial = pytest.importorskip("scipy.spatial")

POINTS = np.random.default_rng(0).random((50, 2))


def moved(place):
    made = POINTS.copy()
    made[place] += 1e-9
    return made


@pytest.mark.parametrize("name", ["KDTree", "cKDTree"])
def test_search_trees_count_by_content(name):
    kind = getattr(spatial, name)
    assert digest(kind(POINTS)) == digest(kind(POINTS.copy()))
    assert digest(kind(POINTS)) != digest(kind(moved(25)))
    assert digest(kind(POINTS)) != digest(kind(POINTS, leafsize=3))
    assert digest(kind(POINTS)) != digest(kind(POINTS, boxsize=2))


def test_a_query_that_was_answered_is_no_change():
    one = spatial.KDTree(POINTS)
    before = digest(one)
    one.query(POINTS)
    assert digest(one) == before


def test_kinds_of_trees_differ():
    assert digest(spatial.KDTree(POINTS)) != digest(spatial.cKDTree(POINTS))
