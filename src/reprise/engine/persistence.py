"""What a function keeps outside of the process, behind what memory has of it.

Memory answers first. What it has is taken to be as the store is for half a second, then the store
is asked whether it still is: so what another process clears or replaces is noticed within a second,
and a hit costs what it costs without a store.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

# Whole, before any of its modules: of two threads that came in by different ones, each would wait
# for what the other is loading, and get half of it.
import reprise.values  # noqa: F401
from reprise import config
from reprise.contracts import Backing, Entry, Key, Removal
from reprise.engine.drivers import Pause, Raised
from reprise.engine.group import Group, group_of
from reprise.engine.lookup import call_key, entry_key
from reprise.engine.outside import Outside
from reprise.engine.plan import lifetime
from reprise.engine.right import NOBODYS, Right
from reprise.engine.shown import Outcome, pack_shown, unpack_shown
from reprise.engine.stored_keys import call_name, is_for, owner_name, stored_key
from reprise.envelopes import Envelope, InvalidEnvelopeError, Moment
from reprise.errors import UnserializableReturnValueError
from reprise.hosting import Host, NotWrittenError, Recording

if TYPE_CHECKING:
    from reprise.engine.function import DecoratedFunction
    from reprise.values.headers import Facts

CURRENT_FOR: Final = 0.5
"""Seconds for which what memory has is taken to be as the store has it."""

MOST_BROUGHT: Final = 200
"""How many results of one call are taken from the store at once, the newest."""

_SKEW: Final = 2.0
"""Seconds by which clocks of processes may differ before an entry counts as of the future."""

Save = Callable[[Key, Entry, "Outcome | None"], None]
"""Keeps what came of a computation: its key in memory, its entry, its bytes if they are made."""


@dataclass(frozen=True, slots=True, eq=False)
class Brought:
    """What the store had for a call."""

    entries: Mapping[Key, Entry]
    """By their keys in memory, those included that memory has no room for."""
    over: tuple[Key, ...] = ()
    """The keys of these, where the decision tree leads to them all the same."""

    def settle(self) -> None:
        """Let the tree lead to what memory has: whoever came for the rest has looked."""
        for place in self.over:
            group_of(place).branches.prune(place)


class Persistence:
    """What one function keeps outside of the process.

    Args:
        decorated: The function.
        outside: The store.
    """

    __slots__ = ("_decorated", "_outside")

    def __init__(self, decorated: DecoratedFunction, outside: Outside) -> None:
        self._decorated = decorated
        self._outside = outside

    @property
    def safe(self) -> bool:
        """Whether to refuse what only pickle can write."""
        wanted = self._decorated.policy.persist_codec or config.settings().persist_codec
        return wanted == "safe"

    def bring(
        self, key: Key, host: Host, realm: str, *, unless: Callable[[], bool] = lambda: False
    ) -> Brought:
        """Take into memory what the store has for a call in ``realm``.

        Args:
            key: The call's own key.
            host: Where it takes place.
            realm: That host's, as the calling thread has it: another may be asked to do this.
            unless: Asked at the moment when memory takes an entry; it does not if that says yes.
        """
        runtime, group = self._decorated.runtime, group_of(key)
        found: dict[Key, Entry] = {}
        if not group.settle():
            return Brought(found)
        with self._spared("reading"):
            keys = self._outside.store.keys(call_name(group.stored_name, key))
            for stored in [one for one in keys if is_for(one, realm)][-MOST_BROUGHT:]:
                entry = self._entry(key, stored, host)
                place = None if entry is None else entry_key(key, entry)
                # The place is in what was signed, too: what stands elsewhere is not looked at.
                if entry is not None and stored_key(group.stored_name, place) == stored:
                    found[place] = entry
        brought = self._take(found, group, unless)
        tend = self._outside.tend_later if found else self._outside.tend
        tend(runtime.refresher)
        return brought

    def _take(self, found: dict[Key, Entry], group: Group, unless: Callable[[], bool]) -> Brought:
        runtime, over = self._decorated.runtime, []
        for place, entry in list(found.items()):
            recording = entry.recording
            for lost in [] if recording is None else group.note_place(place, recording):
                found.pop(lost, None)
                runtime.store.remove(lost, Removal.REPLACED)
            kept = runtime.keep(place, entry, group, when=lambda: not unless())
            if not kept and recording is not None and recording.inputs:
                over.append(place)
        return Brought(found, tuple(over))

    def pack(self, entry: Entry, host: Host) -> Outcome | None:
        """The bytes of what came of a computation; ``None`` if nothing can write it.

        Args:
            entry: What came of it.
            host: Where it took place.

        Raises:
            UnserializableReturnValueError: only pickle could, which is refused.
        """
        from reprise.values.codecs import UndecodableError, pack

        recording, name = entry.recording, self._decorated.name
        try:
            shown = None if recording is None else pack_shown(recording, host)
        except NotWrittenError as error:
            self._outside.complain(
                f"writing down {name}",
                f"Results of {name} that come with {error} cannot be kept in the store "
                f"{self._outside.label}, only in memory.",
            )
            return None
        try:
            return Outcome(pack(entry.snapshot, self._decorated.function, safe=self.safe), shown)
        except UndecodableError as error:
            reason: Exception = error
        except UnserializableReturnValueError as error:
            if self.safe:
                raise
            reason = error
        self._outside.complain(
            f"packing {name}",
            f"What {name} returned cannot be kept in the store "
            f"{self._outside.label}, only in memory: {reason}",
        )
        return None

    def saving(self, key: Key, host: Host) -> Save:
        """What keeps the result of a computation that begins now in ``host``.

        It is kept neither here nor there if, meanwhile, any process clears the function's results,
        or keeps one that began later.
        """
        began: Moment | None = None
        with self._spared("reading"):
            began = self._outside.store.moment(group_of(key).stored_name)

        def save(place: Key, entry: Entry, packed: Outcome | None) -> None:
            refused: Removal | None = None
            packed = packed or self.pack(entry, host)
            if packed is not None and began is not None:
                with self._spared("writing"):
                    refused = self._save(place, entry, packed, began)
            if refused is not None:  # by another process, which means our memory, too
                self._decorated.runtime.store.remove(place, refused, only=entry)

        return save

    def supersede(self) -> None:
        """Let what is computed from now on count as later than all that is under way."""
        with self._spared("writing"):
            self._outside.store.supersede()

    def count_hits(self, entry: Entry) -> None:
        """Tell the store of the calls that an entry answered, which memory may have no room for."""
        self._outside.count_hits(entry)

    def is_current(self, entry: Entry) -> bool:
        """Whether an entry in memory is still what the store has.

        One that never came to the store is. So is any other while the store has trouble.
        """
        backing = entry.backing
        if backing is None or self._now - backing.checked < CURRENT_FOR:
            return True
        return self.is_still_there(entry)

    def is_still_there(self, entry: Entry) -> bool:
        """As :meth:`is_current`, and the store is asked, however lately it was."""
        backing, now = entry.backing, self._now
        if backing is None:
            return True
        self._outside.count_hits(entry)
        self._outside.tend_later(self._decorated.runtime.refresher)
        version: int | None = backing.version
        with self._spared("reading"):
            version = self._outside.store.version(backing.key)
        if version != backing.version:
            return False
        backing.checked = now
        self._back(entry, backing)
        return True

    def right_to_compute(self, place: Key) -> Generator[Pause, Any, Right | Raised]:
        """Wait until no other process computes what is to stand at ``place``."""
        with self._spared("locking"):
            lock = self._outside.store.lock(stored_key(group_of(place).stored_name, place))
            return (yield from Right.waited_for(lock, self._decorated.runtime.clock))
        return NOBODYS

    def right_at_once(self, place: Key) -> Right | None:
        """The right to compute what is to stand at ``place``; ``None`` if another process does."""
        with self._spared("locking"):
            lock = self._outside.store.lock(stored_key(group_of(place).stored_name, place))
            return Right(lock) if lock.try_acquire() else None
        return NOBODYS

    # -- the inside

    @property
    def _now(self) -> float:
        return self._decorated.runtime.clock.monotonic()

    def _spared(self, matter: str) -> AbstractContextManager[None, bool]:
        return self._outside.spared(self._decorated.name, matter)

    def _save(self, place: Key, entry: Entry, packed: Outcome, began: Moment) -> Removal | None:
        from reprise.values.envelope import fill

        store, group = self._outside.store, group_of(place)
        key = stored_key(group.stored_name, place)
        facts, signer = self._facts(group, place, entry), self._outside.signer
        envelope = fill(key, facts, packed.value, packed.shown, signer)
        kept = store.keep(key, envelope, self._decorated.policy.bounds, since=began)
        if not isinstance(kept, int):
            return kept
        self._back(entry, Backing(key, kept, self._now))
        # What displays nothing and reads nothing answers everywhere, and what does not, not here.
        others = store.keys(call_name(group.stored_name, place))
        plain = stored_key(group.stored_name, call_key(place))
        for other in others if key == plain else [plain]:
            if other != key and other in others:
                store.remove(other, Removal.REPLACED)
        return None

    def _facts(self, group: Group, place: Key, entry: Entry) -> Facts:
        from reprise.values.headers import Facts

        runtime = self._decorated.runtime
        return Facts(
            group.stored_name,
            created=runtime.wall_time(entry.created),
            expires=runtime.wall_time(entry.expires),
            label=self._decorated.name,
            cost=entry.cost,
            arguments=_written(self._decorated, place),
            realm="" if entry.recording is None else entry.recording.realm,
            owner="" if entry.session is None else owner_name(entry.session),
        )

    def _entry(self, key: Key, stored: bytes, host: Host) -> Entry | None:
        """The entry under one key of the store; what cannot be trusted is set aside.

        What another release of the host wrote is neither: it leaves when it is replaced.
        """
        from reprise.values.codecs import UndecodableError
        from reprise.values.codecs.table import SAFE
        from reprise.values.envelope import open_envelope
        from reprise.values.revival import revive

        envelope = self._outside.store.get(stored)
        if envelope is None or self._is_of_the_future(envelope):
            return None
        try:
            opened = open_envelope(stored, envelope, self._outside.signer)
            if self.safe and opened.value.codec not in SAFE:
                return None  # nothing is wrong with it: it is another's, who allows pickle
            if envelope.created - opened.facts.cost < group_of(key).cleared:
                return None  # another process was computing it then, and knew of no clear
            recording: Recording | None = None
            if opened.recording is not None:
                recording = unpack_shown(opened.recording, host)
                if recording is None:
                    return None
            snapshot = revive(opened.value, self._decorated.function)
        except (InvalidEnvelopeError, UndecodableError) as error:
            self._outside.store.set_aside(stored, envelope.version, str(error))
            self._outside.complain(
                "damage",
                f"An entry of {self._decorated.name} in the store {self._outside.label} cannot be "
                f"used ({error}). It was set aside and is computed again. To look at all of "
                f"them:\n\n    reprise check",
            )
            return None
        runtime, policy = self._decorated.runtime, self._decorated.policy
        now = self._now
        created = now - max(0.0, runtime.clock.time() - envelope.created)
        times = lifetime(created, policy.ttl, background=policy.background)
        entry = Entry(
            snapshot,
            group_of(key).name,
            created=created,
            fresh_until=times.fresh_until,
            expires=times.expires,
            cost=opened.facts.cost,
            recording=recording,
            session=call_key(key)[1] if policy.scoped else None,
        )
        self._back(entry, Backing(stored, envelope.version, now))
        return entry

    def _is_of_the_future(self, envelope: Envelope) -> bool:
        """A clock was set back: how old the entry is cannot be told, nor when its ttl is over."""
        ahead = envelope.created - self._decorated.runtime.clock.time()
        if math.isinf(self._decorated.policy.ttl) or ahead <= _SKEW:
            return False
        self._outside.complain(
            "clock",
            f"An entry of {self._decorated.name} in the store {self._outside.label} is {ahead:.0f} "
            f"s in the future: a clock was set back. Its age cannot be told, so it is computed "
            f"again.",
        )
        return True

    def _back(self, entry: Entry, backing: Backing) -> None:
        """Note where an entry stands, and for how long wrappers may hand it out by themselves."""
        entry.backing = backing
        fast = entry.recording is None and self._decorated.timed
        until = min(entry.fresh_until, backing.checked + CURRENT_FOR)
        entry.fast_until = until if fast else -math.inf


def _written(decorated: DecoratedFunction, place: Key) -> str:
    """The arguments of a call, as far as they are short and plain."""
    from reprise.engine.reading import parts_of
    from reprise.keys.calls import readable

    parts = parts_of(decorated, place)
    return ", ".join(f"{label}={readable(encoding) or '...'}" for label, encoding in parts)
