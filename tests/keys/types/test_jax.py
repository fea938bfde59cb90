"""JAX: type, shape and all of the content; devices and memory layout do not count."""

from __future__ import annotations

import numpy as np
import pytest

from reprise.errors import UnhashableParamError
from reprise.keys import digest

jax = pytest.importorskip("jax")
jnp = pytest.importorskip("jax.numpy")


def test_arrays_count_by_type_shape_and_content():
    zeros = jnp.zeros(100_000)
    assert digest(zeros) == digest(jnp.asarray(np.zeros(100_000, "f4")))
    assert digest(zeros) != digest(zeros.at[50_001].set(1e-9))
    assert digest(zeros) != digest(zeros.astype("int32"))
    assert digest(zeros) != digest(zeros.astype("bfloat16"))
    assert digest(zeros) != digest(zeros.reshape(10, -1))
    assert digest(zeros) != digest(np.asarray(zeros))


def test_strides_do_not_count():
    grid = jnp.arange(6.0).reshape(2, 3)
    assert digest(grid.T.T) == digest(grid)
    assert digest(grid.T) != digest(grid)


def test_small_floats_count():
    one, other = (jnp.asarray([1, 2, last], "bfloat16") for last in (3, 4))
    assert digest(one) != digest(other)


def test_a_type_that_gives_way_counts():
    weak, strong = jnp.asarray(1.0), jnp.asarray(1.0, "float32")
    assert weak.dtype == strong.dtype
    assert digest(weak) != digest(strong)


def test_random_keys_count_by_content_and_method():
    key = jax.random.key
    assert digest(key(0)) == digest(key(0))
    assert digest(key(0)) != digest(key(1))
    assert digest(key(0)) != digest(key(0, impl="rbg"))
    assert digest(key(0)) != digest(jax.random.key_data(key(0)))


def test_data_types():
    assert digest(jnp.float32) == digest(jnp.float32)
    assert digest(jnp.float32) != digest(jnp.bfloat16)
    assert digest(jnp.dtype("bfloat16")) != digest(jnp.dtype("float16"))


def test_a_deleted_array_is_refused():
    gone = jnp.zeros(3)
    gone.delete()
    with pytest.raises(UnhashableParamError, match="deleted"):
        digest(gone)
