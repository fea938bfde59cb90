from __future__ import annotations

import io
import mmap
import sys
from collections import deque

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from PIL import Image

from reprise.values import size_of
from reprise.values.pandas_internals import plain_bytes

MB = 1_000_000
ARRAY = np.zeros(MB, dtype="u1")
NUMBERS = np.zeros(MB // 8)
TEXTS = [f"{i:0100}" for i in range(10_000)]


class Holder:
    def __init__(self, held):
        self.held = held


class Slotted:
    __slots__ = ("empty", "held")

    def __init__(self, held):
        self.held = held


class Tagged(list):
    pass


TAGGED = Tagged()
TAGGED.note = ARRAY


@pytest.mark.parametrize(
    "value",
    [
        *[bytes(MB), bytearray(MB), "a" * MB, memoryview(bytes(MB)), io.BytesIO(bytes(MB))],
        *[
            ARRAY,
            NUMBERS,
            [ARRAY],
            {"a": {"b": (ARRAY,)}},
            deque([ARRAY]),
            {1: NUMBERS, 2: NUMBERS},
        ],
        *[Holder(ARRAY), Slotted(Holder([ARRAY])), TAGGED, [ARRAY] * 1000, (ARRAY, ARRAY[::2])],
        *[pd.DataFrame({"a": NUMBERS}), pd.Series(NUMBERS), pd.Index(NUMBERS)],
        *[pl.DataFrame({"a": NUMBERS}), pl.Series(NUMBERS)],
        *[pa.table({"a": NUMBERS}), pa.array(NUMBERS), pa.py_buffer(bytes(MB))],
        *[Image.new("L", (1000, 1000)), Image.new("RGB", (500, 500))],
        mmap.mmap(-1, MB),
    ],
    ids=lambda value: type(value).__qualname__,
)
def test_a_million_bytes_count_once_wherever_they_are(value):
    assert MB <= size_of(value) < 1.05 * MB


def test_a_view_counts_what_it_keeps_alive():
    assert size_of(ARRAY[:10]) == size_of(ARRAY)
    assert size_of(np.broadcast_to(np.zeros(1), (10**6, 10**6))) < 1000


@pytest.mark.parametrize(
    "value",
    [
        *[
            TEXTS,
            tuple(TEXTS),
            set(TEXTS),
            dict.fromkeys(TEXTS),
            dict(enumerate(TEXTS)),
            deque(TEXTS),
        ],
        *[np.array(TEXTS, dtype=object), [[text] for text in TEXTS], [{"a": t} for t in TEXTS]],
        *[pd.Series(TEXTS, dtype=object), pd.DataFrame({"a": pd.Series(TEXTS, dtype=object)})],
        *[pd.Index(TEXTS, dtype=object), [Holder(text) for text in TEXTS]],
    ],
    ids=lambda value: type(value).__qualname__,
)
def test_many_items_are_estimated_from_some(value):
    texts = sum(map(sys.getsizeof, TEXTS))
    assert texts < size_of(value) < 5 * texts


def test_what_a_long_list_repeats_counts_once():
    repeated = [bytes(MB)] * 50_000
    assert size_of(repeated) < 2 * MB
    assert size_of(np.array(repeated, dtype=object)) < 2 * MB


def test_the_walk_is_bounded_however_large_the_value_is(monkeypatch):
    looked_at = 0

    class Counted:
        def __sizeof__(self):
            nonlocal looked_at
            looked_at += 1
            return 100

    value = [[[Counted() for _ in range(50)] for _ in range(50)] for _ in range(50)]
    assert size_of(value) > 50**3 * 100 * 0.8
    assert looked_at < 10_000


def test_a_value_that_holds_itself_is_measured():
    value: list = []
    value.append(value)
    assert size_of(value) == sys.getsizeof(value)


def test_a_long_chain_does_not_overflow_the_stack():
    chain = None
    for _ in range(100_000):
        chain = (chain,)
    assert size_of(chain) > 100_000


class Hostile:
    def __init__(self):
        self.held = ARRAY

    def __sizeof__(self):
        raise RuntimeError("no size today")

    def __getattr__(self, name):
        raise RuntimeError("no attributes today")

    def __len__(self):
        raise RuntimeError("no length today")


class HostileList(list):
    __len__ = Hostile.__len__


def test_methods_that_fail_are_no_reason_to():
    for value in (Hostile(), HostileList([1]), [Hostile()], (HostileList(),)):
        assert 0 < size_of(value) < 1000


def test_no_property_runs():
    class Lazy:
        @property
        def __dict__(self):
            raise AssertionError("must not be asked")

        @property
        def value(self):
            raise AssertionError("must not be asked")

    assert 0 < size_of(Lazy()) < 1000


@pytest.mark.parametrize("value", [sys, Holder, size_of, len, [sys], Holder(1).__init__])
def test_code_is_no_part_of_the_cost(value):
    assert size_of(value) < 200


class Tensor:
    def __init__(self, count):
        self.count = count

    def element_size(self):
        return 4

    def nelement(self):
        return self.count


def test_a_torch_module_costs_its_parameters_and_buffers():
    def pretend(self):
        return [Tensor(100)]

    module = type(
        "Module",
        (),
        {"__module__": "torch.nn.modules.module", "parameters": pretend, "buffers": pretend},
    )
    assert size_of(type("Net", (module,), {})()) == 800


def test_an_object_of_a_class_that_cannot_be_hashed_counts_little():
    meta = type("Meta", (type,), {"__hash__": None})
    unhashable = meta("Unhashable", (), {})()
    assert 0 < size_of(unhashable) < 1000
    assert 0 < size_of([unhashable]) < 1000


def test_a_frame_is_measured_as_pandas_measures_it():
    wide = pd.DataFrame({str(at): np.arange(50, dtype=f"i{2 ** (at % 4)}") for at in range(9)})
    for frame in (wide, wide.iloc[:, 2:5], wide[::2], wide.T, pd.DataFrame(), wide > 3):
        assert plain_bytes(frame) == frame.memory_usage(index=False).sum()
    for column in (["a", 1], pd.Categorical(["a", "b"]), pd.array([1, None])):
        assert plain_bytes(pd.DataFrame({"a": [1, 2], "b": column})) is None
