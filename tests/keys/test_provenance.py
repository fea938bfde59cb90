"""Objects that are known by the call that returned them."""

from __future__ import annotations

import gc
import sqlite3
import threading
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from reprise.errors import UnhashableParamError
from reprise.keys import digest
from reprise.keys.provenance import Origins, remember

CODE = b"c" * 32


class Handle:
    def __init__(self):
        self.lock = threading.Lock()


class Holder:
    """Keeps an object alive, as an entry does."""

    def __init__(self, value):
        self.value = value


def test_a_resource_counts_by_the_call_that_returned_it():
    one, same, other = Handle(), Handle(), Handle()
    holders = [Holder(one), Holder(same), Holder(other)]
    for value, name, holder in zip((one, same, other), "aab", holders, strict=True):
        remember(value, (CODE, str, name), holder)
    assert digest(one) == digest(same)
    assert digest(one) != digest(other)
    assert digest([{"x": one}]) == digest([{"x": same}]) != digest([{"x": other}])


def test_the_code_and_the_session_count():
    values = [Handle() for _ in range(3)]
    for value, call in zip(
        values, [(CODE, "s1", 1), (CODE, "s2", 1), (b"d" * 32, "s1", 1)], strict=True
    ):
        remember(value, call, Holder(value))
    assert len({digest(value) for value in values}) == 3


def test_the_first_of_two_calls_that_returned_one_object_counts():
    value = Handle()
    holders = [Holder(value), Holder(value)]
    remember(value, (CODE, "a"), holders[0])
    before = digest(value)
    remember(value, (CODE, "b"), holders[1])
    assert digest(value) == before
    holders.pop(0)
    gc.collect()
    assert digest(value) == before


def test_an_object_that_allows_weak_references_is_known_for_as_long_as_it_lives():
    value = Handle()
    remember(value, (CODE, "a"), Holder(value))
    gc.collect()
    assert digest(value)


def test_it_is_not_kept_alive():
    value = Handle()
    remember(value, (CODE, "a"), Holder(value))
    gone = weakref.ref(value)
    del value
    gc.collect()
    assert gone() is None


def test_any_other_object_is_known_for_as_long_as_the_cache_has_it():
    value = sqlite3.connect(":memory:")
    holders = [Holder(value), Holder(value)]
    remember(value, (CODE, "a"), holders[0])
    remember(value, (CODE, "a"), holders[1])
    before = digest(value)
    holders.pop()
    gc.collect()
    assert digest(value) == before
    holders.clear()
    gc.collect()
    with pytest.raises(UnhashableParamError):
        digest(value)
    value.close()


def test_an_object_at_an_old_address_is_another():
    origins = Origins()
    seen = set()
    for number in range(200):
        value = Handle()
        assert origins.of(value) is None
        origins.remember(value, b"%d" % number, Holder(value))
        assert origins.of(value) == b"%d" % number
        seen.add(id(value))
    assert len(seen) < 200, "addresses are used again, else this shows nothing"


def test_what_has_a_content_counts_by_that():
    for value, twin in (([1], [1]), ({"a": 1}, {"a": 1}), ({1}, {1})):
        holder = Holder(value)
        remember(value, (CODE, "a"), holder)
        before = digest(value)
        assert before == digest(twin)
    for value in (None, True, 1, "a", (), Handle):
        before = digest(value)
        remember(value, (CODE, "a"), Holder(value))
        assert digest(value) == before


def test_a_container_of_what_has_none_counts_by_the_call():
    one, other = [threading.Lock()], [threading.Lock()]
    holders = [Holder(one), Holder(other)]
    remember(one, (CODE, "a"), holders[0])
    remember(other, (CODE, "a"), holders[1])
    assert digest(one) == digest(other)
    with pytest.raises(UnhashableParamError):
        digest([threading.Lock()])


def test_threads_that_remember_and_ask_at_once():
    origins = Origins()
    shared = sqlite3.connect(":memory:", check_same_thread=False)
    lasting = Holder(shared)
    origins.remember(shared, b"first", lasting)

    def work(number):
        value = Handle()
        origins.remember(value, b"%d" % number, Holder(value))
        origins.remember(shared, b"later", Holder(shared))
        return origins.of(value) == b"%d" % number and origins.of(shared) == b"first"

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(work, range(400)))
    shared.close()


@pytest.mark.parametrize("seed", ["0", "7"])
def test_keys_are_the_same_in_every_process(in_new_process, seed):
    script = """if True:
        import threading
        from reprise.keys import digest
        from reprise.keys.provenance import remember
        value = threading.Event()
        remember(value, (b"c" * 32, str, "a", type(None), None), value)
        print(digest(value).hex())
    """
    value = threading.Event()
    remember(value, (b"c" * 32, str, "a", type(None), None), value)
    assert in_new_process(script, seed).strip() == digest(value).hex()
