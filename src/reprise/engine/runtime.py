"""What all cached functions of a process share."""

from __future__ import annotations

import atexit
import math
import weakref
from collections.abc import Callable
from typing import Any

from reprise import forks
from reprise.contracts import Clock, Entry, Eviction, Key, Removal
from reprise.engine.group import Group, group_of
from reprise.engine.history import Cause, Event, Loss, ident_of
from reprise.engine.lookup import call_key
from reprise.engine.outside import Outsides
from reprise.engine.refresher import Refresher
from reprise.engine.repetition import Repetitions
from reprise.errors import NoSessionError, NoUserError
from reprise.flights import FlightTable
from reprise.hosts import Hosts
from reprise.stores.expiry import Sweeper
from reprise.stores.memory import MemoryStore


class Runtime:
    """The store, the flights, the hosts and the groups; one of it serves the whole process.

    Args:
        clock: Where time comes from.
        hosts: The hosts that functions may run in.
        max_size: Bytes that all entries together may occupy; asked again on each put.
        outsides: The stores outside of the process.
    """

    def __init__(
        self,
        clock: Clock,
        hosts: Hosts,
        max_size: float | Callable[[], float],
        outsides: Outsides,
    ) -> None:
        self._max_size = max_size
        self.clock = clock
        self.hosts = hosts
        self.store = MemoryStore(max_size, self._left)
        self.flights = FlightTable()
        self.sweeper = Sweeper(self.store, clock)
        self.refresher = Refresher()
        self.repetitions = Repetitions(self.hits)
        self.outsides = outsides
        self._groups: dict[str, Group] = {}
        # Those of functions that close over something: each closure is a group, and nobody but
        # its functions and entries knows how long it is needed.
        self._closures: weakref.WeakValueDictionary[str, Group] = weakref.WeakValueDictionary()
        self._others: dict[str, Callable[[str], object]] = {}
        self._cleared: dict[str, float] = {}
        hosts.connect(self)
        forks.watch(self)

    def group(self, name: str, make: Callable[[], Group], *, lasting: bool) -> Group:
        """The one group of that name, kept for good if it is ``lasting``."""
        groups = self._groups if lasting else self._closures
        found = groups.get(name)
        if found is None:
            made = make()
            self._tell_of_clear(made)  # before another thread can find it
            found = groups.setdefault(name, made)
            self._tell_of_clear(found)  # all may have been cleared just now
        return found

    def _tell_of_clear(self, group: Group) -> None:
        group.cleared = self._cleared.get(group.kind, -math.inf)
        group.owes = group.kind in self._cleared

    @property
    def groups(self) -> list[Group]:
        """All groups that there are now."""
        # References first, in one step: other threads may add groups while this one looks.
        closures = [reference() for reference in self._closures.valuerefs()]
        return [*self._groups.values(), *(group for group in closures if group is not None)]

    def siblings(self, group: Group) -> list[Group]:
        """The groups of functions that differ from that of ``group`` in their closure only."""
        return [one for one in self.groups if one.family == group.family]

    def hits(self, group: Group) -> int:
        """The hits so far of a function, in all its closures."""
        return sum(
            one.info([entry for _, entry in self.store.entries(one.name)]).hits
            for one in self.siblings(group)
        )

    def session(self) -> str:
        """The session that the calling thread works for.

        Raises:
            NoSessionError: there is none.
        """
        session = self.hosts.current().session()
        if session is None:
            raise NoSessionError(
                'A function with scope="session" was called where there is no session: sessions '
                "exist in a running Streamlit app, in the thread that runs the script.\n"
                'Use scope="global" here, or pass what distinguishes the users as an argument.'
            )
        return session

    def user(self) -> str:
        """The user that the calling thread works for.

        Raises:
            NoUserError: nobody is logged in.
        """
        user = self.hosts.current().user()
        if user is None:
            raise NoUserError(
                'A function with scope="user" was called where nobody is logged in. In a running '
                "Streamlit app, let the user log in first:\n\n"
                "    if not st.user.is_logged_in:\n"
                "        st.login()\n"
                "        st.stop()\n\n"
                'Use scope="session" for what belongs to one browser tab, or scope="global" with '
                "what distinguishes the users as an argument."
            )
        return user

    def owner_if_any(self, group: Group) -> str | None:
        """Whose entries the calling thread has in ``group``; ``None`` if they are no one's."""
        host = self.hosts.current()
        if group.scope == "global":
            return None
        return host.user() if group.scope == "user" else host.session()

    def keep(self, key: Key, entry: Entry, group: Group, *, when: Callable[[], bool]) -> bool:
        """Put ``entry`` into the store; false when its bounds, or ``when``, do not allow it."""
        group.hold(entry)
        if not self.store.put(key, entry, group.bounds, when=when):
            group.not_kept(entry, cleared=not when())
            return False
        self.sweeper.notice(entry.expires)
        return True

    def shrink(self) -> None:
        """Let entries go if less is allowed than they occupy."""
        self.store.max_size = self._max_size

    def also_clears(self, name: str, clear: Callable[[str], object]) -> None:
        """Let ``clear(kind)`` be called whenever all functions of a kind are cleared."""
        self._others[name] = clear

    def clear(self, kind: str) -> None:
        """Clear every function of that kind (``"data"`` or ``"resource"``).

        What is stored of one that is decorated only later goes when that is called first:
        a page of an app that nobody has opened yet is cleared, too, and another app is not.
        """
        self._cleared[kind] = self.clock.time()
        for clear in self._others.values():
            clear(kind)
        for group in self.groups:
            if group.kind == kind:
                self.clear_group(group)

    def clear_group(
        self, group: Group, reason: Removal = Removal.CLEARED, session: str | None = None
    ) -> None:
        """Clear one function, or what it keeps for one session.

        What is outside first, or a call could bring it back from there. Then flights: a computation
        that was under way when this began can then no longer put its value, and what it put before
        is removed here.
        """
        if reason is Removal.CLEARED:
            group.forget_stored(session)
        self.flights.detach_where(lambda key: _belongs(key, group, session))
        for key, entry in self.store.entries(group.name):
            if session is None or entry.session == session:
                self.store.remove(key, reason, only=entry)
        if session is None:
            group.backoffs.clear()
        group.release_cleared(session)

    def clear_call(self, key: Key) -> None:
        """Clear every result of one call."""
        group = group_of(key)
        group.forget_stored_call(key)
        self.detach(key)
        for place in list(group.places(key)):
            self.store.remove(place, Removal.CLEARED)

    def detach(self, key: Key) -> None:
        """Forget what computes results of one call: nobody joins it, nothing of it is kept."""
        self.flights.detach_where(lambda other: call_key(other) == key)

    def session_ended(self, session: str) -> None:
        """A user has gone. Called by the host."""
        for group in self.groups:
            if group.scope == "session":
                self.clear_group(group, Removal.SESSION_ENDED, session)

    def clear_requested(self) -> None:
        """The user asked for all caches to be cleared. Called by the host."""
        self.clear("data")
        self.clear("resource")

    def after_fork(self) -> None:
        """Start over in a forked child."""
        for group in self.groups:
            group.after_fork()
        # Which of the two is told of the fork first is open, and another thread may have been
        # inside of the store.
        self.store.after_fork()
        for _, entry in self.store.entries():
            if entry.backing is not None:  # the parent will tell of its hits so far
                entry.backing.counted = entry.hits

    def close(self) -> None:
        """Release everything; at the end of the process."""
        self.sweeper.stop()
        for group in self.groups:
            self.clear_group(group, Removal.EXIT)
        self.outsides.flush()

    def note(self, key: Key, loss: Loss, note: str = "") -> None:
        """Remember why the result under ``key`` is not kept."""
        group_of(key).note(key, Event(loss, self.clock.time(), note))

    def wall_time(self, moment: float) -> float:
        """A moment on the monotonic clock, in seconds since the epoch."""
        return self.clock.time() - (self.clock.monotonic() - moment)

    def _left(self, key: Key, entry: Entry, reason: Removal, eviction: Eviction | None) -> None:
        group = group_of(key)
        if reason is not Removal.REPLACED:  # what took its place, or did not, has its own story
            expired = reason is Removal.EXPIRED
            at = self.wall_time(entry.expires) if expired else self.clock.time()
            if eviction is None:
                group.note(key, Event(reason, at))
            else:
                group.note(key, Event(reason, at, "", eviction.bound, _cause(eviction.key)))
        group.left(key, entry)


def _cause(key: Key | None) -> Cause | None:
    return None if key is None else Cause(group_of(key).label, ident_of(key))


def _belongs(key: Any, group: Group, session: str | None) -> bool:
    if group_of(key) is not group:
        return False
    return session is None or call_key(key)[1] == session


_runtime: Runtime | None = None


def current() -> Runtime:
    """The runtime of this process.

    Raises:
        RuntimeError: the composition root (``reprise.decorators``) has not made one yet.
    """
    if _runtime is None:
        raise RuntimeError("reprise.engine was used without reprise.decorators, which sets it up.")
    return _runtime


def use(runtime: Runtime) -> None:
    """Make ``runtime`` the one that functions decorated from now on belong to."""
    global _runtime  # noqa: PLW0603 - the one runtime of the process, set by the composition root
    if _runtime is None:
        atexit.register(lambda: current().close())
    _runtime = runtime
