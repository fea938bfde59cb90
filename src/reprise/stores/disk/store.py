"""The store on disk: results that survive the process, shared by all processes of a machine."""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, TypeVar, cast

from reprise.contracts import Bounds, Clock, GroupUsage, Key, Removal, RemovalListener
from reprise.envelopes import Envelope, Moment
from reprise.errors import StoreError
from reprise.signing import Signer
from reprise.stores.disk import aside, rows, seals
from reprise.stores.disk.changes import Changes
from reprise.stores.disk.checking import Checker, Report, Verify
from reprise.stores.disk.files import Files, Steps
from reprise.stores.disk.incoming import Incoming
from reprise.stores.disk.index import DamagedIndexError, Index
from reprise.stores.disk.layout import Layout, is_digest
from reprise.stores.disk.locks import ComputeLock, ComputeLocks
from reprise.stores.disk.opening import Damage, Opener
from reprise.stores.disk.putting import Objection, Putting
from reprise.stores.disk.rows import Change, Row
from reprise.stores.disk.sweeping import Sweep
from reprise.stores.disk.visits import Visits

if TYPE_CHECKING:
    from sqlite3 import Connection

_logger = logging.getLogger("reprise")

MaxSize: TypeAlias = float | Callable[[], float]
"""Bytes, or a function that is asked for them whenever something is put."""

Answer = TypeVar("Answer")

_TRIES: Final = 3
"""How often an entry is looked up whose file leaves while it is being opened."""


def _no_steps(step: str) -> None:
    pass


class DiskStore:
    """Keeps envelopes in a folder; implements ``reprise.contracts.Store``.

    Keys are 32 bytes. Any number of threads and processes of one machine may use one folder. What
    one of them commits, all others find.

    Every method raises :class:`reprise.errors.StoreError` when the folder or its index cannot be
    used; nothing was changed then. Damage is no error: what is damaged is moved aside, told of, and
    is not there.

    Args:
        folder: Where everything is kept; made when it is first used, and again where it is gone.
        signer: Signs rows, and verifies them before they are believed.
        clock: Tells when marks and hits were written last.
        max_size: Bytes that all groups together may take.
        on_removal: Told of every entry that leaves by what this process does, without its parts.
        on_trouble: Told, in a sentence, what was moved aside or works less well.
        steps: Told the name of each step of a change. For tests, which end the process there.
    """

    def __init__(
        self,
        folder: Path,
        *,
        signer: Signer,
        clock: Clock,
        max_size: MaxSize,
        on_removal: RemovalListener[Envelope] | None = None,
        on_trouble: Callable[[str], None] = _logger.warning,
        steps: Steps = _no_steps,
    ) -> None:
        self._layout = Layout(folder)
        self._signer = signer
        self._max_size = max_size
        self._on_trouble = on_trouble
        self._index = Index(self._layout, on_trouble)
        self._files = Files(self._layout, steps)
        self._opener = Opener(signer, self._files, self._vouch)
        self._changes = Changes(self._index, self._files, on_removal, on_trouble, steps)
        self._visits = Visits(clock)
        self._putting = Putting(
            signer, self._index, self._files, self._changes, self._visits, steps
        )
        self._locks = ComputeLocks(self._layout, on_trouble)
        self._sweep = Sweep(self._index, self._changes, self._files, self._locks, self._visits)

    @property
    def folder(self) -> Path:
        """Where everything is kept."""
        return self._layout.folder

    @property
    def max_size(self) -> float:
        """Bytes that all groups together may take."""
        return self._max_size() if callable(self._max_size) else self._max_size

    def get(self, key: Key) -> Envelope | None:
        """The envelope, expired or not, with small parts as bytes and large ones as a file.

        It counts as a visit.
        """
        row: Row | None = None
        for _ in range(_TRIES):
            found = self._ask(lambda connection: rows.find(connection, key))
            if found is None:
                return None
            try:
                opened = self._opener.opened(cast("bytes", key), found)
            except OSError as error:
                raise StoreError(f"a file of the store cannot be opened: {error}") from error
            if isinstance(opened, Envelope):
                return self._visited(opened)
            if row is not None and row.version == found.version:
                self._give_up(found, opened)
                return None
            row = found  # its file may have left with it: then it is gone, or another, by now
        return None

    def put(
        self,
        key: Key,
        entry: Envelope,
        bounds: Bounds,
        *,
        when: Callable[[], bool] | None = None,
    ) -> bool:
        """Keep ``entry``, and let others go until it fits.

        An entry that was kept under the same key leaves, also when the new one is too large to be
        kept: a value that is out of date is worse than none.

        Args:
            key: What finds it; 32 bytes.
            entry: What is kept.
            bounds: How much of its group may be kept from now on.
            when: Asked at the moment of the change: if it says false nothing is changed. Until the
                change is committed no process can change anything else. Must not block.

        Returns:
            False when it is larger than ``bounds`` or the store, or not wanted.
        """

        def objection(_: Connection) -> Removal | None:
            return None if when is None or when() else Removal.CLEARED

        now = self.moment(entry.group)
        return isinstance(self._keep(key, entry, bounds, now, objection), int)

    def keep(
        self, key: Key, entry: Envelope, bounds: Bounds, *, since: Moment
    ) -> int | Removal | None:
        """As :meth:`put`, for what was computed since then, unless it is out of date.

        Args:
            key: What finds it; 32 bytes.
            entry: What is kept.
            bounds: How much of its group may be kept from now on.
            since: When its computation began.

        Returns:
            The version that it got; ``None`` when it is larger than ``bounds`` or the store;
            ``Removal.CLEARED`` where entries of its group were cleared since, and
            ``Removal.REPLACED`` where what stands there began later: nothing is changed then.
        """

        def objection(connection: Connection) -> Removal | None:
            return rows.outdated(connection, key, entry.group, since)

        return self._keep(key, entry, bounds, since, objection)

    def remove(self, key: Key, reason: Removal, *, only: Envelope | None = None) -> bool:
        """Let go of one entry.

        Cleared is a word to those, too, who compute it right now: see :meth:`keep`.

        Args:
            key: What finds it.
            reason: Passed on to the listener.
            only: Where given, nothing happens unless it is still that one, by its version.

        Returns:
            Whether there was one to let go.
        """
        found = False

        def remove(connection: Connection, change: Change) -> None:
            nonlocal found
            row = rows.find(connection, key)
            found = row is not None and (only is None or row.version == only.version)
            if row is not None and found:
                rows.take_out(connection, row.version, reason, change)
            if reason is Removal.CLEARED and only is None:
                # Whose it would have been is not known: a needless miss is better than a wrong hit.
                rows.count_clear(connection, row.group if row is not None else None)
            elif reason is Removal.CLEARED and row is not None and found:
                rows.count_clear(connection, row.group)

        self._change(remove)
        return found

    def count_hits(self, _: Key, version: int, hits: int, /) -> None:
        """Count calls that the entry of this version answered; they are written with what is next.

        No version is given twice: it tells the entry without its key.
        """
        self._visits.note(version, hits)

    def flush(self) -> None:
        """Write marks and hits that were only counted so far; makes no store where none is."""
        visited = self._visits.all() if self._layout.index.exists() else {}
        if visited:
            self._change(lambda connection, _: rows.visit(connection, visited))

    def clear(self, group: str | None = None, *, created_before: float = math.inf) -> int:
        """Let go of all entries, of one group or of all, at once.

        Args:
            group: Of which; ``None`` for all.
            created_before: Seconds since the epoch. Where given, what is being computed meanwhile
                may be put nevertheless, for it is younger.

        Returns:
            How many there were.
        """
        count = 0

        def clear(connection: Connection, change: Change) -> None:
            nonlocal count
            versions = rows.older(connection, group, created_before)
            for version in versions:
                rows.take_out(connection, version, Removal.CLEARED, change)
            if created_before == math.inf:
                rows.count_clear(connection, group)
            count = len(versions)

        self._change(clear)
        return count

    def moment(self, group: str) -> Moment:
        """Now, for a computation that begins: see :meth:`keep`."""
        return self._ask(lambda connection: rows.moment(connection, group))

    def supersede(self) -> None:
        """Let what begins from now on count as later than all that began before, by any process."""
        self._change(lambda connection, _: rows.supersede(connection))

    def count_clear(self, group: str) -> None:
        """Count a clear of ``group``: what is computed right now is not kept any more."""
        self._change(lambda connection, _: rows.count_clear(connection, group))

    def keys(self, call: bytes) -> list[bytes]:
        """The keys that begin with these bytes, the oldest first; no visit."""
        return self._ask(lambda connection: rows.keys(connection, call))

    def version(self, key: Key) -> int | None:
        """The version of what is kept under ``key``, expired or not; no visit."""
        return self._ask(lambda connection: rows.version(connection, key))

    def entries(self, group: str | None = None) -> Iterator[tuple[Key, Envelope]]:
        """What is kept, of one group or of all, the oldest first: envelopes without their parts."""
        found = self._ask(lambda connection: rows.listed(connection, group))
        return iter([(row.key, row.envelope()) for row in found])

    def usage(self, group: str | None = None) -> GroupUsage:
        """Entries and bytes of one group, or of all.

        Files that several entries have in common count for each of them in a group, and once in
        all, so the groups together may seem to take more than there is.
        """
        if group is None:
            return self._ask(rows.total_usage)
        return self._ask(lambda connection: rows.group_usage(connection, group))

    def sweep(self, now: float) -> float:
        """Remove some of what expired, of what killed writers left, and of unused locks.

        Args:
            now: Seconds since the epoch.

        Returns:
            When the next entry will expire, infinity if none will; not after ``now`` where some
            that are due are left for the next call.
        """
        try:
            return self._sweep(now)
        except DamagedIndexError:
            return self._sweep(now)

    def set_aside(self, key: Key, version: int, reason: str) -> bool:
        """Move a damaged entry aside, where nobody finds it any more.

        Args:
            key: What found it.
            version: Which it was; another one is left alone.
            reason: What is wrong with it, for who looks at it later.

        Returns:
            Whether it was there.
        """
        taken: Row | None = None

        def take(connection: Connection, change: Change) -> None:
            nonlocal taken
            row = rows.find(connection, key)
            taken = row if row is not None and row.version == version else None
            if taken is not None:
                rows.take_out(connection, version, Removal.INVALID, change)
                change.contents.clear()  # its file is not removed, but moved aside, below

        self._change(take)
        if taken is not None:
            self._keep_aside(taken, reason)
        return taken is not None

    def lock(self, key: Key) -> ComputeLock:
        """The lock of who computes the result of ``key``, not yet taken."""
        return self._locks.lock(cast("bytes", key))

    def check(self, *, repair: bool, verify: Verify) -> Report:
        """Go through every row, every file and every signature.

        Args:
            repair: Move damaged entries aside, put sums right and remove what was left behind.
            verify: Goes through the bytes of one envelope and says what is wrong, if anything.
        """
        return Checker(self._index, self._files, self._opener, self.set_aside).check(repair, verify)

    def close(self) -> None:
        """Close the index. It is opened again when it is needed."""
        self._index.close()

    def _keep(
        self, key: Key, entry: Envelope, bounds: Bounds, since: Moment, objection: Objection
    ) -> int | Removal | None:
        incoming = Incoming.of(cast("bytes", key), entry, since.order)
        return self._putting.keep(incoming, bounds, self.max_size, objection)

    def _ask(self, question: Callable[[Connection], Answer]) -> Answer:
        return self._index.ask(question)

    def _vouch(self, row: Row, identity: bytes) -> None:
        voucher = seals.voucher(self._signer, row.seal, identity)
        try:
            self._change(lambda connection, _: rows.vouch(connection, row.version, voucher))
        except StoreError as error:
            self._on_trouble(f"That a stored result was verified could not be noted: {error}")

    def _visited(self, found: Envelope) -> Envelope:
        self._visits.note(found.version)
        return found

    def _give_up(self, row: Row, damage: Damage) -> None:
        try:
            self.set_aside(row.key, row.version, damage.reason)
        except StoreError as error:
            self._on_trouble(f"A damaged result could not be moved aside: {error}")
        self._on_trouble(
            f"A stored result of {row.group!a} cannot be used: {damage.reason}. "
            "It is computed again."
        )

    def _keep_aside(self, row: Row, reason: str) -> None:
        """Write down what is known of a damaged entry, and move its file there."""
        try:
            note = aside.keep_note(self._layout, row, reason)
            if is_digest(row.content):
                self._files.remove(
                    row.content,
                    lambda content: self._ask(lambda index: rows.is_named(index, content)),
                    lambda path: aside.keep_file(self._layout, path, note),
                )
        except OSError as error:
            raise StoreError(f"nothing can be moved to {self._layout.aside}: {error}") from error

    def _change(self, change: Callable[[Connection, Change], object]) -> None:
        self._changes.run(change)
