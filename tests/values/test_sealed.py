from __future__ import annotations

import gc
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis.extra import numpy as arrays

from reprise.values.sealed import is_sealed, lock, owner_of, seal, sealed_copy

KINDS = ["f8", "i1", "?", "c16", "M8[ns]", "m8[s]", ">f8", "U3", "O"]
VIEWS = {
    "all": lambda array: array,
    "two rows": lambda array: array.reshape(2, -1),
    "columns": lambda array: array.reshape(-1, 2).T,
    "gaps": lambda array: array[1::3],
    "backwards": lambda array: array[::-2],
    "one, repeated": lambda array: np.broadcast_to(array[:1], (5,)),
    "nothing": lambda array: array[:0],
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("name", VIEWS)
def test_a_sealed_array_shows_the_same_and_cannot_be_made_writable(kind, name):
    owner = np.arange(12).astype(kind)
    array = VIEWS[name](owner)
    sealed = seal(array, owner)
    assert (sealed.dtype, sealed.strides) == (array.dtype, array.strides)
    np.testing.assert_array_equal(sealed, array)
    for view in (sealed, sealed.view(), sealed[...], sealed.T):
        assert is_sealed(view)
        with pytest.raises(ValueError, match="WRITEABLE"):
            view.flags.writeable = True


@given(arrays.arrays(arrays.scalar_dtypes(), arrays.array_shapes(min_dims=0, min_side=0)))
def test_a_copy_is_the_same_on_memory_of_its_own(array):
    expected = array.tobytes()
    sealed = sealed_copy(array)
    assert not np.shares_memory(sealed, array)
    array[...] = np.ones((), "u1").astype(array.dtype)
    assert (sealed.tobytes(), sealed.shape, sealed.dtype) == (expected, array.shape, array.dtype)


def test_a_structure_is_refused():
    array = np.zeros(3, [("a", "i4"), ("b", "f8")])
    with pytest.raises(TypeError, match="cannot be sealed"):
        seal(array, array)


def test_the_owner_is_found_where_a_plain_array_owns_the_memory():
    owner = np.arange(12)
    assert owner_of(owner.reshape(3, 4)[1:].T) is owner
    assert owner_of(np.frombuffer(b"12345678", "i8")) is None
    assert owner_of(seal(owner, owner)) is None
    assert not is_sealed(owner)
    assert not is_sealed(np.frombuffer(b"12345678", "i8"))


def test_what_is_sealed_keeps_its_memory_and_lets_go_of_it():
    owner = np.arange(100_000)
    alive = weakref.ref(owner)
    view = seal(owner, owner)[5:]
    del owner
    gc.collect()
    assert view[0] == 5
    del view
    gc.collect()
    assert alive() is None


def test_what_is_locked_is_read_only_for_its_owner_too():
    owner = np.arange(5)
    lock(seal(owner, owner))
    with pytest.raises(ValueError, match="read-only"):
        owner[0] = 9
