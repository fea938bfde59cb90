"""What all decorations of one function share: its bounds, its figures, what it must release."""

from __future__ import annotations

import logging
import math
import threading
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from reprise.contracts import Bounds, Entry, Key
from reprise.engine.branches import Branches
from reprise.engine.history import Event, History, Ident, Version
from reprise.engine.lookup import all_keys
from reprise.engine.plan import Backoff
from reprise.engine.policy import Scope
from reprise.hosting import Recording
from reprise.observe.statistics import CacheInfo, Tally

if TYPE_CHECKING:
    from reprise.engine.outside import Outside
    from reprise.keys import LeftOut, Part

logger = logging.getLogger("reprise")


@dataclass(slots=True, eq=False, weakref_slot=True)
class Code:
    """One version of a function's code: the first part of every key made with it.

    Compared by identity, which makes it the cheapest thing that a dict can hash; a group hands out
    one object for each digest.
    """

    group: Group
    digest: bytes
    parts: tuple[Part, ...] = ()
    """What the digest covers."""
    left_out: tuple[LeftOut, ...] = ()
    """What the code names and the digest does not cover."""


def _nowhere() -> None:
    """Most functions keep nothing outside of the process."""


@dataclass(slots=True, eq=False, weakref_slot=True)
class Group:
    """One function, by kind, module, file, name, policy and closure, through all its decorations.

    A Streamlit script is run anew on each rerun and decorates its functions each time; all those
    decorations meet here, edits of the code included.
    """

    name: str
    """Unique in the process; the ``group`` of the entries."""
    kind: str
    label: str
    """The function's qualified name, for people."""
    scope: Scope
    """Whether each session, or each user, has results of its own."""
    bounds: Bounds = field(default_factory=Bounds)
    on_release: Callable[[Any], object] | None = None
    name_outside: Callable[[], str] = str
    """Makes :attr:`stored_name`, for few ask."""
    outside: Callable[[], Outside | None] = _nowhere
    """The store outside of the process that it uses now, if any."""
    cleared: float = -math.inf
    """Seconds since the epoch: what began before then was cleared while this was not there."""
    owes: bool = False
    """Whether that has still to be removed outside of the process."""
    lock: threading.RLock = field(default_factory=threading.RLock)
    tally: Tally = field(default_factory=Tally)
    realms: set[str] = field(default_factory=set)
    """Where results of this function have displayed something."""
    branches: Branches = field(default_factory=Branches)
    """Which results read what besides their arguments."""
    backoffs: dict[Key, Backoff] = field(default_factory=dict)
    """Keys whose last refresh failed."""
    _history: History = field(default_factory=History)
    _warned: set[str] = field(default_factory=set)
    _codes: weakref.WeakValueDictionary[bytes, Code] = field(
        default_factory=weakref.WeakValueDictionary
    )
    _stored_name: str = ""
    _held: dict[int, int] = field(default_factory=dict)
    """How many entries keep the object of that id, which lives as long as it is counted here."""
    _cleared: list[Entry] = field(default_factory=list)

    def code(
        self, digest: bytes, parts: tuple[Part, ...] = (), left_out: tuple[LeftOut, ...] = ()
    ) -> Code:
        """The one :class:`Code` of that digest."""
        with self.lock:
            code = self._codes.get(digest)
            if code is None:
                code = self._codes[digest] = Code(self, digest, parts, left_out)
                self._history.note_version(digest, parts)
            elif parts:
                # The same code may stand on other lines by now. Only explanations look at these.
                code.parts, code.left_out = parts, left_out
            return code

    @property
    def stored_name(self) -> str:
        """What it is called outside of the process."""
        if not self._stored_name:
            self._stored_name = self.name_outside()
        return self._stored_name

    @property
    def family(self) -> str:
        """What it shares with groups that differ from it in their closure only."""
        return self.name.rpartition("|")[0]

    def known_code(self, digest: bytes) -> Code | None:
        """The :class:`Code` of that digest, if an entry or a function still has it."""
        return self._codes.get(digest)

    def note(self, key: Key, event: Event) -> None:
        """Remember what happened to the result under ``key``."""
        with self.lock:
            self._history.note(key, event)

    def event(self, ident: Ident) -> Event | None:
        """The last that happened to the result of a call, as far as is remembered."""
        return self._history.event(ident)

    @property
    def versions(self) -> list[Version]:
        """The versions of the code that are remembered, the latest first."""
        with self.lock:
            return self._history.versions

    @property
    def forgetful(self) -> bool:
        """Whether more happened than is remembered."""
        return self._history.forgotten

    def once(self, matter: str) -> bool:
        """Whether this is the first time that ``matter`` comes up."""
        with self.lock:
            first = matter not in self._warned
            self._warned.add(matter)
            return first

    def note_place(self, place: Key, recording: Recording) -> list[Key]:
        """Make room for a result that displayed or read something, before it is put.

        Returns:
            The keys of entries that answer no call any more.
        """
        self.realms.add(recording.realm)
        return self.branches.grow(place, recording.inputs) if recording.inputs else []

    def places(self, key: Key) -> Iterator[Key]:
        """Every key that results of one call may stand under."""
        return all_keys(key, self.realms, self.branches.places(key))

    def hold(self, entry: Entry) -> None:
        """Count ``entry`` in, just before it is put into the store."""
        if self.on_release is not None:
            with self.lock:
                self._held[id(entry.value)] = self._held.get(id(entry.value), 0) + 1

    def not_kept(self, entry: Entry, *, cleared: bool) -> None:
        """Count out an entry that was held and then not stored.

        A value that is too large to be kept was never ours, and is its caller's to release. One
        whose key was cleared while it was computed is ours to release, but not now: its caller is
        about to use it.
        """
        if self.on_release is None:
            return
        with self.lock:
            if cleared:
                self._cleared.append(entry)
            else:
                self._count_down(entry.value)

    def left(self, key: Key, entry: Entry) -> None:
        """Count ``entry`` out, and release its value if no other entry has the same."""
        self.backoffs.pop(key, None)
        if entry.recording is not None and entry.recording.inputs:
            self.branches.prune(key)
        self.tally.retire(entry)
        outside = None if entry.backing is None else self.outside()
        if outside is not None:
            outside.count_hits(entry)
        if self.on_release is not None:
            self._let_go(entry.value)

    def release_cleared(self, session: str | None) -> None:
        """Release what was cleared while it was computed, of one session or of all."""
        with self.lock:
            leaving = [e for e in self._cleared if session is None or e.session == session]
            self._cleared = [e for e in self._cleared if e not in leaving]
        for entry in leaving:
            self._let_go(entry.value)

    def _count_down(self, value: Any) -> bool:
        """Whether that was the last entry with this object."""
        count = self._held.pop(id(value), 0)
        if count > 1:
            self._held[id(value)] = count - 1
        return count == 1

    def _let_go(self, value: Any) -> None:
        with self.lock:
            last = self._count_down(value)
        if not last or self.on_release is None:
            return
        try:
            self.on_release(value)
        except Exception:
            logger.exception("on_release of %s raised; the value is gone all the same", self.label)

    def after_fork(self) -> None:
        """Start over in a forked child.

        What was held is the parent's to release: to close its connection here would end it there.
        """
        self.lock = threading.RLock()
        self.branches.after_fork()
        self._held.clear()
        self._cleared.clear()
        self.tally.after_fork()

    def forget_stored(self, session: str | None) -> None:
        """Remove what is kept outside of the process, of all sessions or users or of one."""
        outside = self.outside()
        if outside is None:
            return
        if session is None:
            outside.forget(self.label, self.stored_name)
        else:
            from reprise.engine.stored_keys import owner_name  # late: few functions need it

            outside.forget_owner(self.label, self.stored_name, owner_name(session))

    def settle(self) -> bool:
        """Remove what is owed outside of the process; whether nothing is owed any more."""
        outside = self.outside() if self.owes else None
        if outside is not None:
            if not outside.forget_older(self.label, self.stored_name, self.cleared):
                return False
            self.owes = False
        return True

    def forget_stored_call(self, key: Key) -> None:
        """Remove what is kept of one call outside of the process."""
        outside = self.outside()
        if outside is not None:
            from reprise.engine.stored_keys import call_name

            call = call_name(self.stored_name, key)
            outside.forget_call(self.label, self.stored_name, call)

    def info(self, entries: list[Entry]) -> CacheInfo:
        """The figures so far, ``entries`` being what is kept now."""
        return self.tally.info(entries)


def group_of(key: Any) -> Group:
    """The group that a key belongs to. The function's own may be another by now."""
    code: Code = key[0]
    return code.group
