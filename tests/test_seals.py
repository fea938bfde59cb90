"""Memory whose content is known: a digest is remembered only where nothing can have changed."""

from __future__ import annotations

import random
import time

import pytest

from reprise.seals import Seals, digested, digested_together, seals


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


def test_memory_is_found_past_what_is_gone_inside_of_it():
    registry, memory, inner = Seals(), Memory(), [Memory() for _ in range(10)]
    for number, one in enumerate(inner):
        registry.register(one, BASE + 10 * number, 5, Written().unchanged)
    inner.clear()
    del one
    registry.register(memory, BASE, 1000, Written().unchanged)
    for start in (0, 10, 55, 500):
        found = registry.find(BASE + start, BASE + start + 5)
        assert found is not None
        assert found.owner() is memory


def test_the_list_of_starts_does_not_grow_with_what_is_gone():
    registry, memory = Seals(), Memory()
    registry.register(memory, BASE - 10, 10, Written().unchanged)
    for number in range(2000):
        registry.register(Memory(), BASE + number, 1, Written().unchanged)
        registry.register(Memory(), BASE, 1, Written().unchanged)
    assert len(registry) == 1
    assert len(registry._starts) < 100
    assert registry.find(BASE - 10, BASE) is not None


def test_forgetting_much_memory_takes_no_longer_for_each():
    def seconds(count):
        registry, owners = Seals(), [Memory() for _ in range(count)]
        addresses = random.Random(count).sample(range(BASE, BASE + 10 * count, 10), count)
        for owner, address in zip(owners, addresses, strict=True):
            registry.register(owner, address, 10, bool)
        started = time.perf_counter()
        owners.clear()
        del owner
        return (time.perf_counter() - started) / count

    few = min(seconds(2_000) for _ in range(3))
    assert min(seconds(40_000) for _ in range(2)) < 10 * few


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


def test_of_two_things_at_one_place_the_later_is_believed():
    registry, first, second = Seals(), Memory(), Memory()
    registry.register(first, BASE, 30, Written().unchanged)
    registry.register(second, BASE, 10, Written().unchanged)
    assert registry.find(BASE, BASE + 20) is None
    del second
    assert (registry.find(BASE, BASE + 10), len(registry)) == (None, 0)
    del first
    assert len(registry) == 0


def test_a_fork_in_the_midst_of_registering_leaves_a_whole_table():
    registry, memory, other = Seals(), Memory(), Memory()
    registry.register(memory, BASE, 10, Written().unchanged)
    registry.register(other, BASE + 50, 10, Written().unchanged)
    registry._starts.remove(BASE)
    registry._lock.acquire()
    registry.after_fork()
    assert registry.find(BASE, BASE + 10) is not None
    del memory, other
    assert len(registry) == 0
    assert registry.find(BASE, BASE + 10) is None


def test_the_original_is_read_instead_of_the_memory_while_it_can_be_had(memory):
    originals = [None, memoryview(b"0123456789")]
    seals.register(memory, BASE, 10, Written().unchanged, original=originals.pop)
    content, seen = Content(), []

    def make_of(original):
        seen.append(bytes(original))
        return seen[-1]

    assert digested(BASE + 2, 3, "a", content.digest, make_of) == b"234"
    assert digested(BASE + 2, 3, "a", content.digest, make_of) == b"234"
    assert digested(BASE + 2, 4, "a", content.digest, make_of) == b"content"
    assert digested(BASE + 2, 5, "a", content.digest) == b"content"
    assert (seen, content.reads, originals) == ([b"234"], 2, [])


class Several:
    """Three pieces of memory, and a digest of what lies in two of them."""

    def __init__(self):
        self.memories = [Memory() for _ in range(3)]
        self.written = [Written() for _ in range(3)]
        for place in range(3):
            self.register(place)

    def register(self, place):
        start = BASE + place * 1000
        seals.register(self.memories[place], start, 500, self.written[place].unchanged)

    def digest(self, content, *places, form="f"):
        stretches = [(BASE + place, 100) for place in places]
        return digested_together(stretches, form, content.digest)


def test_what_lies_in_several_places_is_digested_once():
    several, content = Several(), Content()
    assert [several.digest(content, 0, 1000) for _ in range(3)] == [b"content"] * 3
    assert content.reads == 1


def test_other_places_and_forms_together_have_digests_of_their_own():
    several = Several()
    several.digest(Content(), 0, 1000)
    for places in [(0, 2000), (1000, 0), (0, 1001), (1, 1000), (0,), (0, 1000, 2000), (0, 0)]:
        data = repr(places).encode()
        assert several.digest(Content(data), *places) == data
    assert several.digest(Content(b"other"), 0, 1000, form="g") == b"other"
    assert several.digest(Content(b""), 0, 1000) == b"content"


@pytest.mark.parametrize("place", [0, 1])
def test_of_several_places_none_may_have_been_written_to(place):
    several, content = Several(), Content()
    several.digest(content, 0, 1000)
    several.written[place].places.append(BASE + place * 1000 + 50)
    assert [several.digest(Content(b"new"), 0, 1000) for _ in range(2)] == [b"new"] * 2


@pytest.mark.parametrize("place", [0, 1])
def test_of_several_places_none_may_have_become_other_memory(place):
    several = Several()
    several.digest(Content(), 0, 1000)
    several.memories[place] = Memory()
    assert several.digest(Content(b"gone"), 0, 1000) == b"gone"
    several.register(place)
    assert several.digest(Content(b"new"), 0, 1000) == b"new"


def test_writing_to_the_second_place_while_it_is_read_forbids_remembering():
    several = Several()

    def digest():
        several.written[1].places.append(BASE + 1000)
        return b"half old, half new"

    digested_together([(BASE, 100), (BASE + 1000, 100)], "f", digest)
    several.written[1].places.clear()
    assert several.digest(Content(b"new"), 0, 1000) == b"new"
