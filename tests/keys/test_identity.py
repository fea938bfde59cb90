"""Tokens of objects without an encoding."""

from __future__ import annotations

import os
import sqlite3
import sys
import weakref
from concurrent.futures import ThreadPoolExecutor

import pytest

from reprise.keys.identity import identity_of


class Handle:
    pass


def test_one_object_has_one_token_for_all_threads():
    handles = [Handle() for _ in range(50)]
    with ThreadPoolExecutor(8) as pool:
        tokens = list(pool.map(identity_of, handles * 20))
    assert len(set(tokens)) == 50
    assert tokens[:50] == [identity_of(handle) for handle in handles]


def test_an_object_that_cannot_be_weakly_referenced_is_held_but_not_forever():
    first = sqlite3.connect(":memory:")
    with pytest.raises(TypeError):
        weakref.ref(first)
    references = sys.getrefcount(first)
    token = identity_of(first)
    assert identity_of(first) == token
    assert sys.getrefcount(first) == references + 1
    others = [sqlite3.connect(":memory:") for _ in range(100)]
    tokens = {identity_of(other) for other in others}
    assert len(tokens) == 100
    assert sys.getrefcount(first) == references
    assert identity_of(first) not in {token, *tokens}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this system does not fork")
def test_a_forked_child_gives_out_tokens_of_its_own(in_new_process):
    script = """if True:
        import os, sys
        from reprise.keys.identity import identity_of
        class Handle: pass
        identity_of(Handle())
        for _ in range(2):
            child = os.fork()
            if child == 0:
                break
            os.waitpid(child, 0)
        print(identity_of(Handle()).hex(), flush=True)
    """
    printed = in_new_process(script, "0").split()
    assert len(printed) == len(set(printed)) == 3
