"""Small values as one text of bytes, for what is written beside results."""

from __future__ import annotations

import msgspec
import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprise.values.codecs import NotTakenError, UndecodableError, pack_data, unpack_data

LEAVES = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(st.characters()), st.binary(), st.dates()
)


@given(st.recursive(LEAVES, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_what_comes_back_is_what_was_put(value):
    assert unpack_data(pack_data(value)) == value


def test_what_has_large_buffers_comes_back_and_is_the_callers_own():
    data = pack_data({"array": np.arange(100_000), "frame": pd.DataFrame({"a": range(50_000)})})
    found, other = unpack_data(data), unpack_data(data)
    found["array"][:] = 0
    assert (other["array"] == np.arange(100_000)).all()
    assert other["frame"].equals(pd.DataFrame({"a": range(50_000)}))


class Own:
    """What no codec knows."""


@pytest.mark.parametrize("value", [Own(), [Own], print, {"a": object()}])
def test_what_only_pickle_could_write_is_refused(value):
    with pytest.raises(NotTakenError):
        pack_data(value)


def test_whatever_is_cut_off_or_of_another_codec_is_one_error():
    data = pack_data([1, (2, "x")])
    for size in range(len(data)):
        with pytest.raises(UndecodableError):
            unpack_data(data[:size])
    for codec in ("pickle", "", "other"):
        with pytest.raises(UndecodableError):
            unpack_data(msgspec.msgpack.encode((codec, b"cos\nsystem\n(S'true'\ntR.", [])))
