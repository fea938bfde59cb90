"""How an envelope goes in: first its file, then its row, and then others leave to make room."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from reprise.contracts import Bounds, Removal
from reprise.errors import StoreError
from reprise.signing import Signer
from reprise.stores.disk import rows, seals
from reprise.stores.disk.changes import Changes
from reprise.stores.disk.eviction import Room
from reprise.stores.disk.files import Files, Steps
from reprise.stores.disk.incoming import Incoming
from reprise.stores.disk.index import Index
from reprise.stores.disk.rows import Change
from reprise.stores.disk.visits import Visits

if TYPE_CHECKING:
    from sqlite3 import Connection

Objection: TypeAlias = "Callable[[Connection], Removal | None]"
"""Why an envelope is not wanted any more, asked inside of the transaction; ``None`` if it is."""


@dataclass(frozen=True, slots=True)
class Putting:
    """Puts envelopes into a store."""

    signer: Signer
    index: Index
    files: Files
    changes: Changes
    visits: Visits
    steps: Steps

    def keep(
        self,
        incoming: Incoming,
        bounds: Bounds,
        limit: float,
        objection: Objection,
    ) -> int | Removal | None:
        """Keep what comes in; what is raised and returned is as for ``DiskStore.keep``.

        Args:
            incoming: What is kept.
            bounds: Those of its group.
            limit: Bytes that all groups together may take.
            objection: Asked at the moment of the change.
        """
        fits = incoming.size <= min(bounds.size, limit) and bounds.entries >= 1
        # Inside another change of this thread its file could not be guarded until it is committed.
        if not fits or self.changes.running:
            return self._let_go(incoming.key, objection)
        try:
            if incoming.content is None:
                return self._insert(incoming, b"", bounds, limit, objection)
            with self.files.writing(incoming.content):
                identity = self._filed(incoming, incoming.content)
                return self._insert(incoming, identity, bounds, limit, objection)
        except OSError as error:
            raise StoreError(f"the file of a result could not be written: {error}") from error
        finally:
            # Behind our own gate nobody could remove what stands on the same shelf.
            self.changes.clean_up()

    def _insert(
        self,
        incoming: Incoming,
        identity: bytes,
        bounds: Bounds,
        limit: float,
        objection: Objection,
    ) -> int | Removal | None:
        """Put the row in, whose file is there by now, and make room for it."""
        outcome: int | Removal | None = None
        new = incoming.row(self.signer, identity)
        visited = self.visits.due()

        def insert(connection: Connection, change: Change) -> None:
            nonlocal outcome
            outcome = _replace(connection, new.key, objection, change)
            if outcome is not None:
                return
            self.steps("old row removed")
            outcome = version = rows.insert(connection, new)
            self.steps("row inserted")
            rows.visit(connection, visited)
            room = Room(connection, version, new.key, change, self.files.in_use)
            room.within_group(new.group, bounds)
            room.within_store(limit)
            self.steps("room made")

        self.changes.commit(insert)
        return outcome

    def _let_go(self, key: bytes, objection: Objection) -> Removal | None:
        """Put nothing in the place of what stands under ``key``."""
        outcome: Removal | None = None

        def remove(connection: Connection, change: Change) -> None:
            nonlocal outcome
            outcome = _replace(connection, key, objection, change)

        self.changes.run(remove)
        return outcome

    def _filed(self, incoming: Incoming, content: bytes) -> bytes:
        """Have the file of ``incoming`` in its place, and say which file it is."""
        there = self.files.identity(content)
        if there is not None and self._is_vouched(content, there):
            return there
        return self.files.write(content, incoming.parts, incoming.extents)

    def _is_vouched(self, content: bytes, identity: bytes) -> bool:
        """Whether some entry knows that this very file is right."""
        found = self.index.ask(lambda connection: list(rows.vouchers(connection, content)))
        return any(
            seals.vouched(self.signer, sealed, voucher) == identity for sealed, voucher in found
        )


def _replace(
    connection: Connection, key: bytes, objection: Objection, change: Change
) -> Removal | None:
    """Take out what stands under ``key``, or say why nothing is wanted in its place."""
    objected = objection(connection)
    version = rows.version(connection, key)
    if objected is None and version is not None:
        rows.take_out(connection, version, Removal.REPLACED, change)
    return objected
