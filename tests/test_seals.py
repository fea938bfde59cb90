"""Memory whose content is known: a digest is remembered only where nothing can have changed."""

from __future__ import annotations

import random

import pytest

from reprise.seals import Seals, digested, seals


class Memory:
    """What memory goes with."""


class Content:
    """Counts how often it is digested."""

    def __init__(self, data=b"content"):
        self.data = data
        self.reads = 0

    def digest(self):
        self.reads += 1
        return self.data


class Written:
    """Where memory has been written to."""

    def __init__(self):
        self.places = []

    def unchanged(self, start, stop):
        return not any(start <= place < stop for place in self.places)


BASE = 1 << 60
"""An address where nothing lies: those of processes end below."""


@pytest.fixture
def memory():
    return Memory()


@pytest.fixture
def written(memory):
    written = Written()
    seals.register(memory, BASE, 1000, written.unchanged)
    return written


def test_unchanged_memory_is_digested_once(memory, written):
    content = Content()
    assert [digested(BASE, 1000, "f8", content.digest) for _ in range(3)] == [b"content"] * 3
    assert content.reads == 1


def test_each_stretch_and_each_form_has_a_digest_of_its_own(memory, written):
    for start, size, form in [(0, 10, "a"), (0, 11, "a"), (1, 10, "a"), (0, 10, "b")]:
        data = f"{start} {size} {form}".encode()
        assert digested(BASE + start, size, form, Content(data).digest) == data
    assert digested(BASE, 10, "a", Content(b"").digest) == b"0 10 a"


@pytest.mark.parametrize(("start", "size"), [(-1, 10), (991, 10), (0, 1001), (1000, 1), (-5, 2000)])
def test_what_reaches_out_of_it_is_digested_every_time(memory, written, start, size):
    content = Content()
    for _ in range(2):
        digested(BASE + start, size, "f8", content.digest)
    assert content.reads == 2


def test_memory_that_was_written_to_is_digested_every_time(memory, written):
    content = Content()
    digested(BASE, 10, "f8", content.digest)
    written.places.append(BASE + 5)
    assert [digested(BASE, 10, "f8", Content(b"new").digest) for _ in range(2)] == [b"new"] * 2
    assert digested(BASE + 10, 10, "f8", content.digest) == b"content"


def test_a_digest_during_which_memory_was_written_to_is_not_remembered(memory, written):
    def digest():
        written.places.append(BASE)
        return b"half old, half new"

    digested(BASE, 10, "f8", digest)
    written.places.clear()
    assert digested(BASE, 10, "f8", Content(b"new").digest) == b"new"


def test_memory_of_the_same_content_shares_digests(memory):
    digests, other = {}, Memory()
    seals.register(memory, BASE, 100, Written().unchanged, digests)
    seals.register(other, BASE + 500, 100, Written().unchanged, digests)
    digested(BASE + 20, 10, "f8", Content(b"known").digest)
    assert digested(BASE + 520, 10, "f8", Content(b"").digest) == b"known"
    assert digested(BASE + 521, 10, "f8", Content(b"other").digest) == b"other"


def test_gone_memory_is_forgotten():
    registry, memory = Seals(), Memory()
    registry.register(memory, BASE, 10, Written().unchanged)
    assert registry.find(BASE, BASE + 10) is not None
    del memory
    assert registry.find(BASE, BASE + 10) is None
    assert len(registry) == 0


def test_memory_that_is_gone_does_not_take_what_came_to_its_place_with_it():
    registry, first, second = Seals(), Memory(), Memory()
    registry.register(first, BASE, 10, Written().unchanged)
    registry.register(second, BASE, 20, Written().unchanged)
    del first
    found = registry.find(BASE, BASE + 20)
    assert found is not None
    assert found.owner() is second
    del second
    assert len(registry) == 0


def test_the_right_one_of_many_is_found():
    registry = Seals()
    numbers = list(range(200))
    random.Random(3).shuffle(numbers)
    memories = {}
    for number in numbers:
        memories[number] = Memory()
        registry.register(memories[number], BASE + number * 100, 50, Written().unchanged)
    for number in range(0, 200, 2):
        del memories[number]
    for number in range(200):
        found = registry.find(BASE + number * 100 + 10, BASE + number * 100 + 20)
        assert (found is not None) == (number in memories)
        assert found is None or found.owner() is memories[number]
        assert registry.find(BASE + number * 100 + 45, BASE + number * 100 + 55) is None


def test_remembered_digests_are_bounded(memory, written):
    content = Content()
    for place in range(900):
        for size in (1, 2, 3):
            digested(BASE + place, size, "f8", content.digest)
    seal = seals.find(BASE, BASE + 1)
    assert seal is not None
    assert len(seal.digests) == 1024
