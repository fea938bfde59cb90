"""A store that is filled by hand, and the command that looks at it."""

from __future__ import annotations

import json
import sqlite3
from dataclasses import dataclass
from pathlib import Path

import pytest
from blake3 import blake3
from click.testing import CliRunner

from reprise import config
from reprise.cli import main
from reprise.contracts import Bounds
from reprise.signing import Signer
from reprise.stores.disk import DiskStore
from reprise.testing import FakeClock
from reprise.values import take_snapshot
from reprise.values.codecs import pack
from reprise.values.envelope import fill
from reprise.values.headers import Facts

SECRET = "the secret of these tests"
NOW = 1_700_000_000.0


def made():
    """What the values of these tests come from."""


@dataclass
class Shop:
    """A store, filled by hand, and the command."""

    folder: Path
    clock: FakeClock
    monkeypatch: pytest.MonkeyPatch

    @property
    def url(self):
        return f"disk://{self.folder}"

    def opened(self):
        return DiskStore(
            self.folder, signer=Signer(SECRET.encode()), clock=self.clock, max_size=10**12
        )

    def keep(self, group, value, *, key=None, secret=SECRET, hits=0, **facts):
        """Keep a value that has answered some calls; gives its key."""
        name = key or blake3(repr((group, facts)).encode()).digest()
        facts = {"created": NOW - 60, "label": group.rpartition(":")[2], "cost": 2.0} | facts
        packed = pack(take_snapshot(value, made), made)
        signer = Signer(secret.encode())
        envelope = fill(name, Facts(group, **facts), packed, None, signer)
        store = DiskStore(self.folder, signer=signer, clock=self.clock, max_size=10**12)
        assert store.put(name, envelope, Bounds())
        if hits:
            store.count_hits(name, store.version(name), hits)
            store.flush()
        store.close()
        return name

    def run(self, *arguments, secret=SECRET, **options):
        """Run the command in this process."""
        if secret is None:
            self.monkeypatch.delenv("REPRISE_SECRET", raising=False)
        else:
            self.monkeypatch.setenv("REPRISE_SECRET", secret)
        config.reset()
        return CliRunner().invoke(main, list(arguments), obj=self.clock, **options)

    def plain(self, *arguments, code=0, **options):
        """What the command says to programs."""
        done = self.run(*arguments, "--json", **options)
        assert done.exit_code == code, done.output
        return json.loads(done.stdout)

    def change(self, statement, *parameters):
        """Change the index behind the store's back."""
        connection = sqlite3.connect(self.folder / "index.sqlite3")
        with connection:
            connection.execute(statement, parameters)
        connection.close()

    def left(self):
        """The keys that are there."""
        store = self.opened()
        try:
            return {key for key, _ in store.entries()}
        finally:
            store.close()

    def files(self):
        """Everything around the store with what is in it, but for SQLite's own traffic."""
        return {
            path: path.read_bytes()
            for path in sorted(self.folder.parent.rglob("*"))
            if path.is_file() and not path.name.endswith(("-wal", "-shm"))
        }
