"""What a function keeps outside of the process, behind what memory has of it.

Memory answers first. What it has is taken to be as the store is for half a second, then the store
is asked whether it still is: so what another process clears or replaces is noticed within a second,
and a hit costs what it costs without a store.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Final

from reprise import config
from reprise.contracts import Backing, Entry, Key
from reprise.engine.group import group_of
from reprise.engine.lookup import call_key, entry_key
from reprise.engine.outside import Outside
from reprise.engine.plan import lifetime
from reprise.engine.stored_keys import call_name, is_for, stored_key
from reprise.envelopes import Envelope, Lock, SharedStore
from reprise.errors import InvalidEnvelopeError

if TYPE_CHECKING:
    from reprise.engine.function import DecoratedFunction
    from reprise.values.codecs import Packed
    from reprise.values.envelope import Facts, Opened

CURRENT_FOR: Final = 0.5
"""Seconds for which what memory has is taken to be as the store has it."""

MOST_LOADED: Final = 200
"""How many results of one call are taken from the store at once, the newest."""

_SKEW: Final = 2.0
"""Seconds by which clocks of processes may differ before an entry counts as of the future."""


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

    def load(self, key: Key, realm: str) -> list[tuple[Key, Entry]]:
        """What the store has for a call in ``realm``, with the keys for memory."""
        loaded: list[tuple[Key, Entry]] = []
        group = group_of(key).stored_name
        with self._spared("reading"):
            found = [one for one in self._store.keys(call_name(group, key)) if is_for(one, realm)]
            for stored in found[-MOST_LOADED:]:
                entry = self._open(key, stored)
                # The place is in the header, too: what lies in another's place is foreign.
                if entry is not None:
                    place = entry_key(key, entry)
                    if stored_key(group, place) == stored:
                        loaded.append((place, entry))
        return loaded

    def pack(self, entry: Entry) -> Packed | None:
        """The bytes of an entry's value; ``None`` if there is no way to write it.

        Raises:
            UnserializableReturnValueError: only pickle could, which is not allowed.
        """
        from reprise.values.codecs import pack

        return pack(entry.snapshot, self._decorated.function, safe=self.safe)

    def clears(self, key: Key) -> int | None:
        """How often results of this function were cleared so far, by any process."""
        with self._spared("reading"):
            return self._store.clears(group_of(key).stored_name)
        return None

    def save(
        self, place: Key, entry: Entry, packed: Packed, clears: int | None, when: Callable[[], bool]
    ) -> None:
        """Keep in the store what memory keeps under ``place``.

        Args:
            place: Its key in memory.
            entry: What is kept there.
            packed: The bytes of its value.
            clears: How often results of this function had been cleared when it began to compute.
            when: Asked at the moment of the change, as in ``Store.put``.
        """
        from reprise.values.envelope import fill

        group, store = group_of(place).stored_name, self._store
        recording = self._packed_recording(entry)
        if entry.recording is not None and recording is None:
            return
        with self._spared("writing"):
            key = stored_key(group, place)
            envelope = fill(
                key, self._facts(group, place, entry), packed, recording, self._outside.signer
            )
            kept = store.put(
                key,
                envelope,
                self._decorated.policy.bounds,
                when=lambda: when() and store.clears(group) == clears,
            )
            if kept:
                self._back(entry, Backing(key, envelope.version, self._now))

    def is_current(self, entry: Entry) -> bool:
        """Whether an entry in memory is still what the store has.

        One that never came to the store is. So is any other while the store has trouble.
        """
        backing, now = entry.backing, self._now
        if backing is None or now - backing.checked < CURRENT_FOR:
            return True
        with self._spared("reading"):
            if self._store.version(backing.key) != backing.version:
                return False
        backing.checked = now
        self._back(entry, backing)
        return True

    def lock(self, place: Key) -> Lock | None:
        """The right to compute what is to stand at ``place``, or ``None`` where there is none."""
        with self._spared("locking"):
            return self._store.lock(stored_key(group_of(place).stored_name, place))
        return None

    # -- the inside

    @property
    def _store(self) -> SharedStore:
        return self._outside.store

    @property
    def _now(self) -> float:
        return self._decorated.runtime.clock.monotonic()

    def _spared(self, matter: str) -> AbstractContextManager[None]:
        return self._outside.spared(self._decorated.name, matter)

    def _facts(self, group: str, place: Key, entry: Entry) -> Facts:
        from reprise.values.envelope import Facts

        runtime = self._decorated.runtime
        return Facts(
            group=group,
            label=self._decorated.name,
            created=runtime.wall_time(entry.created),
            expires=runtime.wall_time(entry.expires),
            cost=entry.cost,
            arguments=_written(self._decorated, place),
        )

    def _open(self, key: Key, stored: bytes) -> Entry | None:
        """The entry under one key of the store; what cannot be trusted is set aside."""
        from reprise.values.envelope import open_envelope

        envelope = self._store.get(stored)
        if envelope is None or self._is_of_the_future(envelope.created):
            return None
        try:
            opened = open_envelope(stored, envelope, self._outside.signer, self._decorated.function)
        except InvalidEnvelopeError as error:
            self._store.set_aside(stored, envelope.version, str(error))
            self._outside.complain(
                "damage",
                f"An entry of {self._decorated.name} in the store {self._outside.label} cannot be "
                f"trusted ({error}). It was set aside and is computed again. To look at all of "
                f"them:\n\n    reprise check",
            )
            return None
        return self._entry(key, stored, envelope, opened)

    def _is_of_the_future(self, created: float) -> bool:
        """A clock was set back: how old the entry is cannot be told, nor when its ttl is over."""
        ttl, now = self._decorated.policy.ttl, self._decorated.runtime.clock.time()
        if math.isinf(ttl) or created <= now + _SKEW:
            return False
        self._outside.complain(
            "clock",
            f"An entry of {self._decorated.name} in the store {self._outside.label} is "
            f"{created - now:.0f} s in the future: a clock was set back. Its age cannot be told, "
            f"so it is computed again.",
        )
        return True

    def _entry(self, key: Key, stored: bytes, envelope: Envelope, opened: Opened) -> Entry:
        runtime, policy = self._decorated.runtime, self._decorated.policy
        now = runtime.clock.monotonic()
        created = now - max(0.0, runtime.clock.time() - envelope.created)
        times = lifetime(created, policy.ttl, background=policy.background)
        entry = Entry(
            opened.snapshot,
            group_of(key).name,
            created=created,
            fresh_until=times.fresh_until,
            expires=times.expires,
            cost=opened.facts.cost,
            session=call_key(key)[1] if policy.scoped else None,
        )
        self._back(entry, Backing(stored, envelope.version, now))
        return entry

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
