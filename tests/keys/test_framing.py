"""Encodings: that they can be told apart whatever stands in them, and that cuts leave no trace."""

from __future__ import annotations

import pytest
from blake3 import blake3
from hypothesis import given
from hypothesis import strategies as st

from reprise.keys.framing import LIMIT, frame, head, leaf, number, stream, text

PARTS = st.lists(st.binary(max_size=LIMIT), max_size=8)


@given(PARTS, PARTS)
def test_frames_are_equal_exactly_when_their_parts_are(one, other):
    assert (frame("t", one) == frame("t", other)) is (one == other)


@given(st.lists(st.binary(max_size=4), min_size=2), st.data())
def test_a_frame_shows_where_its_parts_are_cut(parts, data):
    at = data.draw(st.integers(0, len(parts) - 2))
    joined = [*parts[:at], parts[at] + parts[at + 1], *parts[at + 2 :]]
    moved = [*joined[:at], parts[at], parts[at + 1], *joined[at + 1 :]]
    assert moved == parts
    assert len({frame("t", parts), frame("t", joined), frame("t", [*parts, b""])}) == 3


def test_content_cannot_pass_for_framing():
    forged = frame("t", [text("a"), text("b")])
    assert leaf("t", forged[len(head("t")) :]) == forged  # one tag must not serve for both ...
    assert leaf("str", forged) != forged  # ... and values never choose their tag
    assert frame("t", [text("a\x03strb")]) != forged


def test_raw_and_folded_never_look_alike():
    raw = leaf("str", b"x" * (LIMIT - len(head("str"))))
    folded = leaf("str", b"x" * LIMIT)
    assert len(raw) == LIMIT
    assert len(folded) == 33
    assert raw[0] < 0x80 == folded[0]
    assert head("x" * 40)[0] < 0x80
    with pytest.raises(ValueError, match="longer than 40 bytes"):
        head("x" * 41)


def test_a_part_too_long_for_its_length_is_an_error_and_not_a_wrong_key():
    with pytest.raises(ValueError, match="range"):
        frame("t", [b"x" * 256])


@given(st.integers())
def test_numbers_of_any_size(value):
    content = number(value)
    if len(content) <= LIMIT and content[0] != 0x80:
        assert int.from_bytes(content[4:], "little", signed=True) == value
    assert number(value + 1) != content


SIZES = st.sampled_from([0, 1, 100, 65_535, 65_536, 200_000])


@given(st.lists(SIZES, max_size=6), st.lists(SIZES, max_size=6))
def test_where_a_stream_is_cut_leaves_no_trace(sizes, others):
    total = max(sum(sizes), sum(others))
    content = (b"0123456789abcdef" * (total // 16 + 1))[:total]
    made = {stream("t", cut(content, into)) for into in (sizes, others, [total])}
    assert made == {b"\x80" + blake3(head("t") + content).digest()}


def cut(content, sizes):
    for size in sizes:
        piece, content = content[:size], content[size:]
        yield memoryview(piece)
    yield bytearray(content)


def test_a_large_stream_is_hashed_by_several_threads_to_the_same_end():
    content = bytes(range(256)) * (5 << 12)
    assert len(content) > 4 << 20
    expected = b"\x80" + blake3(head("t") + content).digest()
    assert stream("t", [content]) == leaf("t", content) == expected
    assert stream("t", [content[:10], content[10:]]) == expected
