"""Entries of somebody who can write to the folder and does not know the secret: none is read."""

from __future__ import annotations

import builtins
import os
import pickle
import shutil
import sqlite3
import subprocess
import sys
import warnings

import pytest

from reprise import MISSING, cache_data, config
from reprise.contracts import Bounds
from reprise.errors import StoreWarning
from reprise.signing import Signer
from reprise.stores.disk import DiskStore
from reprise.values.codecs import Packed
from reprise.values.codecs.packed import RawBuffer
from reprise.values.envelope import fill
from reprise.values.headers import Facts, Header, Layout, Size, write_header


class Odd:
    def __init__(self, x):
        self.x = x

    def __eq__(self, other):
        return type(other) is Odd and other.x == self.x

    __hash__ = None


class Call:
    """Pickled, it is a call of a function."""

    def __init__(self, function, *args):
        self.reduced = function, args

    def __reduce__(self):
        return self.reduced


def calls(trace):
    """Values that leave a file at ``trace`` when they are unpickled."""
    touch = f"open({str(trace)!r}, 'w').close()"
    python = [sys.executable, "-c", touch]
    yield Call(os.system, f"touch {trace}")
    yield Call(builtins.exec, touch)
    yield Call(builtins.eval, touch)
    yield Call(subprocess.check_call, python)
    yield Call(os.mkdir, str(trace))
    yield Call(open, str(trace), "w")
    yield {"a": [1, (Call(builtins.exec, touch),)]}
    yield [Call(shutil.copy, __file__, str(trace))]


def corpus(trace):
    """Streams of all protocols that would do it."""
    for value in calls(trace):
        for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
            yield pickle.dumps(value, protocol)
    yield b"cposix\nsystem\n(S'touch %s'\ntR." % str(trace).encode()
    yield b"cos\nsystem\n(S'touch %s'\ntR." % str(trace).encode()


@pytest.fixture
def trace(tmp_path):
    return tmp_path / "it_was_executed"


@pytest.fixture
def decorated(place, runs):
    def decorated():
        @cache_data(persist=place)
        def load(x):
            runs(x)
            return {"x": x, "pair": (1, Odd(x))}  # which only pickle writes

        return load

    return decorated


@pytest.fixture
def victim(fresh, decorated, trace):
    """Calls the function in a fresh process; whether the stored entry was taken."""

    def victim(x=1):
        fresh()
        load = decorated()
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            assert load.peek(x) in ({"x": x, "pair": (1, Odd(x))}, MISSING)
            load.explain(x)
            assert load(x) == {"x": x, "pair": (1, Odd(x))}
        assert {one.category for one in told} <= {StoreWarning}
        assert not trace.exists()

    return victim


@pytest.fixture
def stored(folder, decorated, fresh):
    """The one entry that there is: its key and its row."""

    def stored():
        index = sqlite3.connect(folder / "index.sqlite3")
        index.row_factory = sqlite3.Row
        row = index.execute("SELECT * FROM entries ORDER BY version DESC").fetchone()
        index.close()
        return dict(row)

    fresh()
    decorated()(1)
    return stored


def change(folder, **values):
    index = sqlite3.connect(folder / "index.sqlite3", isolation_level=None)
    names = ", ".join(f"{name} = :{name}" for name in values)
    index.execute(f"UPDATE entries SET {names}", values)
    index.close()


def test_the_corpus_would_do_it(trace):
    """Or the tests below would show nothing."""
    streams = list(corpus(trace))
    for stream in [*streams[::5], *streams[-2:]]:
        program = f"import pickle; pickle.loads({stream!r})"
        subprocess.run([sys.executable, "-c", program], check=True)
        assert trace.exists(), stream
        trace.rmdir() if trace.is_dir() else trace.unlink()
    assert len(streams) > 40


def test_pickles_in_the_place_of_parts_and_headers(folder, stored, victim, trace):
    for stream in corpus(trace):
        for column in ("inline", "header", "seal", "layout"):
            change(folder, **{column: stream})
            victim()


def test_entries_signed_with_another_secret(folder, stored, victim, trace, clock):
    attacker = Signer(b"the secret of somebody else")
    row = stored()
    facts = Facts(row["grp"], created=clock.time())
    for number, stream in enumerate(corpus(trace)):
        buffers = (RawBuffer((memoryview(stream * 2000),), len(stream) * 2000),)
        packed = Packed("pickle", stream, buffers if number % 2 else (), {"python": "3"})
        shown = packed if number % 3 == 0 else None
        for codec in ("pickle", "plain"):
            forged = Packed(codec, stream, packed.buffers, {})
            store = DiskStore(folder, signer=attacker, clock=clock, max_size=1e9)
            envelope = fill(row["key"], facts, forged, shown, attacker)
            assert store.put(row["key"], envelope, Bounds())
            store.close()
            victim()


def test_rows_sealed_rightly_whose_header_is_not(folder, stored, victim, trace, clock, monkeypatch):
    """The header's signature alone stands between the bytes and pickle."""
    ours, attacker = Signer(b"the secret of these tests"), Signer(b"the secret of somebody else")
    row = stored()
    for stream in list(corpus(trace))[::5]:
        packed = Packed("pickle", stream, (), {})
        envelope = fill(row["key"], Facts(row["grp"], created=clock.time()), packed, None, attacker)
        store = DiskStore(folder, signer=ours, clock=clock, max_size=1e9)
        assert store.put(row["key"], envelope, Bounds())
        store.close()
        victim()


def test_unsigned_headers_that_choose_their_own_codec(folder, stored, victim, trace):
    row = stored()
    for stream in list(corpus(trace))[::5]:
        layout = Layout("pickle", [Size(len(stream), bytes(32))])
        facts = Facts(row["grp"], created=row["created"])
        header = write_header(row["key"], Header(facts, layout, layout), Signer(b"0" * 32))
        for signature in (header[-32:], bytes(32), row["header"][-32:]):
            change(folder, header=header[:-32] + signature, inline=stream)
            victim()


def test_entries_that_were_moved_to_another_key(folder, stored, fresh, decorated, victim, runs):
    """Each was written by us, for another call."""
    decorated()(2)
    index = sqlite3.connect(folder / "index.sqlite3", isolation_level=None)
    rows = index.execute("SELECT version, key FROM entries").fetchall()
    (one, key_of_one), (other, key_of_other) = rows
    index.execute("UPDATE entries SET key = ? WHERE version = ?", (bytes(32), one))
    index.execute("UPDATE entries SET key = ? WHERE version = ?", (key_of_one, other))
    index.execute("UPDATE entries SET key = ? WHERE version = ?", (key_of_other, one))
    index.close()
    before = len(runs)
    victim(1)
    victim(2)
    assert len(runs) == before + 2


@pytest.mark.parametrize(
    "values", [{"grp": "another:function"}, {"created": 2e9}, {"created": 1.0}, {"expires": 5e9}]
)
def test_entries_whose_group_or_times_were_changed(values, folder, stored, victim, runs):
    change(folder, **values)
    victim(1)
    assert runs == [1, 1]


def test_entries_of_a_deployment_with_another_secret_are_none(
    stored, fresh, decorated, victim, runs, monkeypatch
):
    monkeypatch.setenv("REPRISE_SECRET", "another secret, as good as any")
    config.reset()
    victim(1)
    assert runs == [1, 1]
    victim(1)
    assert runs == [1, 1]


def test_an_old_entry_that_is_put_back_is_what_it_was(folder, stored, fresh, decorated, runs):
    """All that a replay can do: undo a clear or a refresh, within the life of the entry."""
    row = stored()
    fresh()
    decorated().clear()
    fresh()
    index = sqlite3.connect(folder / "index.sqlite3", isolation_level=None)
    names = ", ".join(row)
    index.execute(
        f"INSERT INTO entries ({names}) VALUES ({', '.join('?' * len(row))})", [*row.values()]
    )
    index.close()
    assert decorated().peek(1) == {"x": 1, "pair": (1, Odd(1))}
    assert runs == [1]
