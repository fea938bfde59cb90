"""What can be read off a key again."""

from __future__ import annotations

import subprocess
import sys

from hypothesis import given
from hypothesis import strategies as st

from reprise.keys import ArgumentKeys, Parameter
from reprise.keys.calls import CallDigest, call_parts, digest_in, key_text, readable
from reprise.keys.framing import text

PLAIN = st.one_of(
    st.none(), st.booleans(), st.integers(), st.text(max_size=20), st.binary(max_size=20)
)
KEYS = ArgumentKeys("load", (Parameter("one"), Parameter("_quiet"), Parameter("other")))


@given(PLAIN, PLAIN)
def test_a_plain_key_and_a_digest_say_the_same_of_their_arguments(one, other):
    (_, *plain), digest = KEYS.key(("code",), (one, 0, other)), KEYS.digest((one, 0, other))
    assert call_parts(plain, ("one", "other")) == digest.parts
    assert digest_in(plain) is None
    assert digest_in((digest,)) == digest


@given(PLAIN)
def test_short_plain_values_can_be_read_again(value):
    (_, encoding), _ = KEYS.digest((value, 0, [])).parts
    assert readable(encoding) == repr(value)


@given(st.floats())
def test_floats_can_be_read_again(value):
    (_, encoding), _ = KEYS.digest((value, 0, [])).parts
    assert readable(encoding) == repr(value).replace("-nan", "nan")


@given(st.one_of(st.text(min_size=70), st.lists(st.integers()), st.tuples(PLAIN), st.dates()))
def test_of_anything_else_nothing_is_shown(value):
    (_, encoding), _ = KEYS.digest((value, 0, [])).parts
    assert readable(encoding) == ""


def test_a_digest_finds_what_was_kept_under_its_bytes():
    digest = KEYS.digest(([1], 0, 2))
    assert {("code", digest): 1}[("code", bytes(digest))] == 1
    assert hash(digest) == hash(bytes(digest))
    assert [label for label, _ in digest.parts] == ["one", "other"]
    assert CallDigest((("a", text("b")),)) != CallDigest((("b", text("b")),))


@given(st.tuples(PLAIN, PLAIN), st.tuples(PLAIN, PLAIN))
def test_the_text_of_a_key_tells_calls_apart_as_the_key_does(one, other):
    keys = [KEYS.key(("code",), (first, 0, second)) for first, second in (one, other)]
    texts = [key_text(b"code", key[1:]) for key in keys]
    assert (texts[0] == texts[1]) == (keys[0] == keys[1])


def test_the_text_of_a_key_counts_code_session_and_arguments():
    digest = KEYS.digest(([1], 0, 2))
    texts = {
        key_text(b"code", ()),
        key_text(b"other", ()),
        key_text(b"code", ("session",)),
        key_text(b"code", (str, "session")) + "plain",
        key_text(b"code", (digest,)),
        key_text(b"code", (bytes, bytes(digest))),
        key_text(b"code", ("session", digest)),
        key_text(b"code", ("other", digest)),
    }
    assert len(texts) == 8


PROGRAM = """
from reprise.keys import ArgumentKeys, Parameter
from reprise.keys.calls import key_text
keys = ArgumentKeys("load", (Parameter("one"),))
print(key_text(b"code", keys.key(("code",), ({"b", "a"},))[1:]))
"""


def test_the_text_of_a_key_is_the_same_in_every_process():
    told = {
        subprocess.run(
            [sys.executable, "-c", PROGRAM],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
            env={"PYTHONHASHSEED": seed, "PYTHONPATH": ":".join(sys.path)},
        ).stdout
        for seed in ("1", "2")
    }
    assert len(told) == 1
