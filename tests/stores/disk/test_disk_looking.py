"""Looking at a store leaves no trace of any kind."""

from __future__ import annotations

import shutil

import pytest
from disk_helpers import SECRET, UNBOUNDED, envelope, key, objection, payload_of

from reprise.contracts import GroupUsage
from reprise.envelopes import Envelope
from reprise.errors import StoreError
from reprise.signing import Signer
from reprise.stores.disk.index import DamagedIndexError
from reprise.stores.disk.looking import view
from reprise.stores.disk.opening import Damage

SIGNER = Signer(SECRET)
LARGE = 100_000


def test_it_sees_what_the_store_has(store, folder):
    store.put(key(1), envelope(50, seed=1), UNBOUNDED)
    store.put(key(2), envelope(LARGE, 5, seed=2, group="other"), UNBOUNDED)
    with view(folder, SIGNER) as found:
        assert [(row.key, row.group) for row in found.rows()] == [
            (key(1), "group"),
            (key(2), "other"),
        ]
        assert found.usage() == store.usage()
        small, large = found.rows()
        assert found.file(small) is None
        assert found.file(large).stat().st_size > LARGE
        for row in (small, large):
            opened = found.open(row.key)
            assert isinstance(opened, Envelope)
            assert payload_of(opened) == payload_of(store.get(row.key))
        assert found.open(key(3)) is None
        assert found.check(objection).sound


def test_it_sees_what_others_commit_meanwhile(make, folder):
    store = make()
    store.put(key(1), envelope(50), UNBOUNDED)
    with view(folder, SIGNER) as found:
        store.put(key(2), envelope(60, seed=2), UNBOUNDED)
        assert len(found.rows()) == 2
        store.clear()
        assert found.rows() == []
        assert found.usage() == GroupUsage()


def test_no_visit_is_noted(store, folder):
    for number in range(3):
        store.put(key(number), envelope(50, seed=number), UNBOUNDED)
    with view(folder, SIGNER) as found:
        assert isinstance(found.open(key(0)), Envelope)
    store.put(key(3), envelope(50, seed=3), type(UNBOUNDED)(entries=3))
    assert store.version(key(0)) is None  # the oldest, which nobody has used, made way


def test_with_another_secret_everything_is_damage(store, folder):
    store.put(key(1), envelope(50), UNBOUNDED)
    with view(folder, Signer(b"quite another secret")) as found:
        assert isinstance(found.open(key(1)), Damage)
        (problem,) = found.check(objection).problems
        assert not problem.repaired
    assert store.get(key(1)) is not None


def test_where_nothing_is_nothing_is_made(tmp_path):
    folder = tmp_path / "no" / "store"
    with view(folder, SIGNER) as found:
        assert found is None
    assert list(tmp_path.iterdir()) == []


def test_an_index_that_is_only_being_made_is_no_store_yet(folder):
    folder.mkdir()
    (folder / "index.sqlite3").touch()
    with view(folder, SIGNER) as found:
        assert found is None
    assert (folder / "index.sqlite3").read_bytes() == b""


def test_what_is_no_database_is_left_where_it_is(folder):
    folder.mkdir()
    (folder / "index.sqlite3").write_bytes(b"nothing like it" * 500)
    with pytest.raises(DamagedIndexError), view(folder, SIGNER):
        pass
    assert [path.name for path in folder.iterdir()] == ["index.sqlite3"]


def test_an_index_that_cannot_be_read_is_the_stores_error(folder):
    (folder / "index.sqlite3").mkdir(parents=True)
    with pytest.raises(StoreError, match="cannot be read"), view(folder, SIGNER):
        pass


def test_what_a_killed_process_left_in_its_log_is_seen_and_stays_there(store, folder, tmp_path):
    store.put(key(1), envelope(50), UNBOUNDED)
    killed = tmp_path / "killed"
    shutil.copytree(folder, killed)
    before = [(killed / f"index.sqlite3{suffix}").read_bytes() for suffix in ("", "-wal")]
    with view(killed, SIGNER) as found:
        assert [row.key for row in found.rows()] == [key(1)]
    after = [(killed / f"index.sqlite3{suffix}").read_bytes() for suffix in ("", "-wal")]
    assert after == before
