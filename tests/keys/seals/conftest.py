"""Memory that came from pages, and how much of it is hashed.

Everything here tries to get a digest that is not that of the content.
"""

from __future__ import annotations

import copy

import numpy as np
import pytest

from reprise.keys import digest
from reprise.values.snapshots import take_snapshot


@pytest.fixture(autouse=True)
def _only_where_the_kernel_tells(page_map):
    pass


def keep(value):
    return take_snapshot(value, keep)


@pytest.fixture
def kept():
    """What a cache would keep of a value."""
    return keep


@pytest.fixture
def is_right():
    """Whether the digest of a value is that of the same content in other memory."""
    return lambda value: digest(value) == digest(copy.deepcopy(value))


@pytest.fixture
def snapshot():
    """Eight bytes an item: kept in pages."""
    return keep(np.arange(1 << 20, dtype=np.float64))


@pytest.fixture
def array(snapshot, hashed):
    """From the cache, and digested once."""
    array = snapshot.restore()
    digest(array)
    assert hashed.pop("bytes") == array.nbytes
    return array
