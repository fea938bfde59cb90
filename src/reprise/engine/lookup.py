"""Where the entry of a call stands in the store.

A result that displayed nothing is the same everywhere and stands under the call's own key. One that
displayed something can only be replayed by the host that recorded it, so it stands under a key of
that host's realm: what a thread without a page computed is never mistaken for what the page shows.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from reprise.contracts import Entry, Key, Store


def shown_key(key: Any, realm: str) -> Key:
    """The key of a result that displayed something in ``realm``."""
    return (key[0], ("realm", realm, key))


def call_key(key: Any) -> Any:
    """The call's own key, whether ``key`` is that or one of a realm."""
    # Behind the code, a call's own key has a type, a session or a digest.
    return key[1][2] if len(key) == 2 and isinstance(key[1], tuple) else key


def entry_key(key: Key, entry: Entry) -> Key:
    """The key under which ``entry`` is to stand."""
    return key if entry.recording is None else shown_key(key, entry.recording.realm)


def find(store: Store, key: Key, realm: str) -> tuple[Key, Entry | None]:
    """The entry that answers a call in ``realm``, and the key that it stands under."""
    entry = store.get(key)
    if entry is not None:
        return key, entry
    shown = shown_key(key, realm)
    return shown, store.get(shown)


def all_keys(key: Key, realms: Iterable[str]) -> Iterator[Key]:
    """Every key that results of one call may stand under."""
    yield key
    for realm in realms:
        yield shown_key(key, realm)
