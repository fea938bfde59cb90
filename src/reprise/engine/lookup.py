"""Where the entry of a call stands in the store.

A result that displayed nothing is the same everywhere and stands under the call's own key. One that
displayed something can only be replayed by the host that recorded it, so it stands under a key of
that host's realm: what a thread without a page computed is never mistaken for what the page shows.
The same holds for one that read something of its session. Where it stands says what it read, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeAlias

from reprise.contracts import Entry, Key, Store

Path: TypeAlias = tuple[bytes, ...]
"""Digests of what a function read besides its arguments, in the order in which it did."""


def shown_key(key: Any, realm: str, path: Path = ()) -> Key:
    """The key of a result that displayed something in ``realm``, or read something there."""
    return (key[0], ("realm", realm, key, path))


def call_key(key: Any) -> Any:
    """The call's own key, whether ``key`` is that or one of a realm."""
    # Behind the code, a call's own key has a type, a session or a digest.
    return key[1][2] if len(key) == 2 and isinstance(key[1], tuple) else key


def entry_key(key: Key, entry: Entry) -> Key:
    """The key under which ``entry`` is to stand."""
    recording = entry.recording
    if recording is None:
        return key
    return shown_key(key, recording.realm, tuple(one.answer for one in recording.inputs))


def find(
    store: Store[Entry], key: Key, realm: str, path: Callable[[], Path]
) -> tuple[Key, Entry | None]:
    """The entry that answers a call in ``realm``, and the key that it stands under.

    Args:
        store: Where to look.
        key: The call's own key.
        realm: Where it takes place.
        path: Reads what the function would read.
    """
    entry = store.get(key)
    if entry is not None:
        return key, entry
    shown = shown_key(key, realm, path())
    return shown, store.get(shown)


def flight_key(key: Key, place: Any) -> Key:
    """The key of the computation that would put its result at ``place``.

    Where nothing is known of what the function reads, it is the call's own.
    """
    return place if place is not key and place[1][3] else key


def all_keys(key: Key, realms: Iterable[str], leaves: Iterable[Key]) -> Iterator[Key]:
    """Every key that results of one call may stand under.

    Args:
        key: The call's own.
        realms: Where results of its function displayed something.
        leaves: The keys of those that read something besides their arguments.
    """
    yield key
    for realm in realms:
        yield shown_key(key, realm)
    yield from leaves
