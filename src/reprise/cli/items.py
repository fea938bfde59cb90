"""What a store has, as the commands show it: verified, summed up by function, found by name."""

from __future__ import annotations

import fnmatch
import math
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from reprise.envelopes import InvalidEnvelopeError
from reprise.signing import Signer

if TYPE_CHECKING:
    from reprise.stores.disk.looking import DiskView
    from reprise.stores.disk.rows import Row
    from reprise.values.headers import Header

_SIGNS: Final = ":./\\"
"""What stands between the parts of a function's name."""

_SHORTEST_KEY: Final = 12
"""Digits of a key that are shown at least."""


@dataclass(frozen=True, slots=True)
class Item:
    """One entry, as far as it can be trusted."""

    row: Row
    hits: int
    """Calls that it answered, in all processes, as far as they have written them down."""
    header: Header | None
    """What was signed; ``None`` where nothing that is said of the entry can be believed."""
    objection: str = ""
    """Why not."""

    @property
    def size(self) -> int:
        """Bytes that it takes as the store counts them, which fills up files to whole pages."""
        size: object = self.row.size
        return size if isinstance(size, int) else 0

    @property
    def claimed_group(self) -> str:
        """The function that it belongs to, as the index says; good enough to clear it."""
        group: object = self.row.group
        return group if isinstance(group, str) else ""

    @property
    def key(self) -> bytes:
        """What finds it; nothing where that was damaged."""
        key: object = self.row.key
        return key if isinstance(key, bytes) else b""


@dataclass(slots=True)
class Summary:
    """What a store has of one function."""

    group: str
    label: str = ""
    entries: int = 0
    size: int = 0
    """Bytes."""
    hits: int = 0
    youngest: float = -math.inf
    """When the last one was made, in seconds since the epoch."""
    oldest: float = math.inf
    expires: float = math.inf
    """When the first of those that are not expired expires."""
    expired: int = 0
    cost: float = 0.0
    """Seconds that all of them took to compute."""
    items: list[Item] = field(default_factory=list)

    def add(self, item: Item, header: Header, now: float) -> None:
        """Count one more entry."""
        facts = header.facts
        self.label = facts.label
        self.entries += 1
        self.size += item.size
        self.hits += item.hits
        self.youngest = max(self.youngest, facts.created)
        self.oldest = min(self.oldest, facts.created)
        self.cost += facts.cost
        self.items.append(item)
        if facts.expires <= now:
            self.expired += 1
        else:
            self.expires = min(self.expires, facts.expires)


def items_of(view: DiskView | None, signer: Signer) -> list[Item]:
    """Verify what is said of entries, without reading their values.

    Args:
        view: Of the store; ``None`` where there is none.
        signer: Of the secret in force.
    """
    if view is None:
        return []
    hits = view.hits()
    return [_item(row, hits.get(row.version, 0), signer) for row in view.rows()]


def _item(row: Row, hits: int, signer: Signer) -> Item:
    from reprise.values.envelope import checked_header

    if not row.is_well_typed():
        return Item(row, hits, None, "its row was damaged")
    try:
        return Item(row, hits, checked_header(row.key, row.envelope(), signer))
    except InvalidEnvelopeError as error:
        return Item(row, hits, None, spoken(error))


def spoken(error: InvalidEnvelopeError) -> str:
    """Why an envelope cannot be used, for people."""
    from reprise.envelopes import REASONS

    return REASONS.get(error.reason, str(error))


def summaries(items: Iterable[Item], now: float) -> list[Summary]:
    """What a store has, by function; entries that are not verified are left out.

    Args:
        items: All entries.
        now: Seconds since the epoch.
    """
    found: dict[str, Summary] = {}
    for item in items:
        if item.header is not None:
            group = item.header.facts.group
            found.setdefault(group, Summary(group)).add(item, item.header, now)
    return list(found.values())


def plain_name(group: str) -> str:
    """The name of a group without the digest that tells closures apart."""
    return group.partition("|")[0]


@dataclass(frozen=True, slots=True)
class Match:
    """The groups that a name means."""

    groups: frozenset[str]
    candidates: tuple[str, ...] = ()
    """Names of which the user has to choose one; no group is meant then."""


def matching(name: str, groups: Iterable[str]) -> Match:
    """Find the functions that a user means.

    Args:
        name: A whole name (``app.data:load``), the end of one (``load``, ``data:load``), or a
            pattern for either with ``*``, ``?`` or ``[...]``, which may mean several functions.
        groups: All that there are.

    >>> sorted(matching("load", ["app.data:load", "app.data:reload"]).groups)
    ['app.data:load']
    >>> matching("load", ["a:load", "b:load"]).candidates
    ('a:load', 'b:load')
    >>> sorted(matching("lo*", ["a:load", "b:load", "lo:save"]).groups)
    ['a:load', 'b:load']
    """
    every = set(groups)
    exact = {group for group in every if name in (group, plain_name(group))}
    if exact:
        return Match(frozenset(exact))
    ends = {group for group in every if _ends_with(plain_name(group), name)}
    names = {plain_name(group) for group in ends}
    if len(names) > 1:
        return Match(frozenset(), tuple(sorted(names)))
    if not ends:
        ends = {group for group in every if _fits(plain_name(group), name)}
    return Match(frozenset(ends))


def _fits(group: str, pattern: str) -> bool:
    """Whether the name of a group, the end of it, or that of its function alone fits."""
    starts = [0, *(place + 1 for place, letter in enumerate(group) if letter in _SIGNS)]
    if ":" not in pattern:
        starts = [group.rfind(":") + 1]  # or load* would mean all of a module load_all, too
    return any(fnmatch.fnmatchcase(group[start:], pattern) for start in starts)


def _ends_with(group: str, name: str) -> bool:
    """Whether ``name`` is the last parts of the name of a group, each of them whole."""
    return bool(name) and group.endswith(tuple(f"{sign}{name}" for sign in _SIGNS))


def short_keys(keys: Iterable[bytes]) -> dict[bytes, str]:
    """The beginning of each key that tells it from all others, for people to type.

    >>> list(short_keys([bytes(32), bytes(8) + b"1" * 24]).values())
    ['00000000000000000', '00000000000000003']
    """
    ordered = sorted(set(keys))
    texts = [key.hex() for key in ordered]
    short: dict[bytes, str] = {}
    for place, (key, text) in enumerate(zip(ordered, texts, strict=True)):
        beside = texts[max(0, place - 1) : place] + texts[place + 1 : place + 2]
        common = max((_in_common(text, other) for other in beside), default=0)
        short[key] = text[: max(_SHORTEST_KEY, common + 1)]
    return short


def _in_common(text: str, other: str) -> int:
    """How many digits two keys begin with that are the same."""
    pairs = enumerate(zip(text, other, strict=False))
    return next((place for place, (one, two) in pairs if one != two), len(text))


def seconds_or_none(time: float) -> float | None:
    """Infinity, which JSON does not have, as null."""
    return None if math.isinf(time) else time


def plain_entry(item: Item, now: float) -> dict[str, Any]:
    """A verified entry for programs.

    Args:
        item: The entry.
        now: Seconds since the epoch.
    """
    assert item.header is not None
    facts = item.header.facts
    return {
        "key": item.key.hex(),
        "function": facts.group,
        "label": facts.label,
        "arguments": facts.arguments,
        "created": facts.created,
        "expires": seconds_or_none(facts.expires),
        "expired": facts.expires <= now,
        "size": item.size,
        "hits": item.hits,
        "codec": item.header.value.codec,
        "cost": facts.cost,
    }
