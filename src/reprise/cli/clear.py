"""``reprise clear``: let entries of a store go."""

from __future__ import annotations

import math
import shlex
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click

from reprise.cli.items import Item, items_of, matching
from reprise.cli.places import (
    NOTHING_FOUND,
    Place,
    StoreCommand,
    place_of,
    printable,
    with_json,
    with_store,
)
from reprise.contracts import Eviction, Key, Removal
from reprise.envelopes import Envelope
from reprise.units import format_size, parse_duration

if TYPE_CHECKING:
    from reprise.stores.disk import DiskStore


@dataclass(slots=True)
class Gone:
    """What has left, told by the store."""

    entries: int = 0
    size: int = 0
    """Bytes of all of them."""

    def __call__(self, _: Key, entry: Envelope, __: Removal, ___: Eviction | None, /) -> None:
        """Count one."""
        self.entries += 1
        self.size += entry.size


@click.command(cls=StoreCommand, short_help="Clear entries.")
@click.argument("function", required=False)
@click.option("--older", metavar="AGE", help="Only what was made longer ago, such as 7d or 12h.")
@click.option("--expired", is_flag=True, help="Only what has expired and was not swept yet.")
@click.option("--yes", is_flag=True, help="Do not ask before clearing without FUNCTION.")
@with_store
@with_json
@click.pass_obj
def clear(
    clock: Any,
    *,
    function: str | None,
    older: str | None,
    expired: bool,
    yes: bool,
    url: str | None,
    as_json: bool,
) -> None:
    """Clear all entries of a store, or those of FUNCTION.

    FUNCTION is a whole name (/srv/app/data.py:load), the end of one (load, data.py:load), or a
    pattern for either ('load_*', '/srv/app/*:*'), which clears all functions that
    fit. Programs that run meanwhile notice within a second.

    Exit codes: 0, also where nothing was old enough; 1 if nothing is there of FUNCTION; 2 for wrong
    usage; 3 if the store cannot be used.
    """
    from reprise.cli import pages

    if older is not None and expired:
        raise click.UsageError("--older and --expired say two things: give one of them.")
    place = place_of(url, clock)
    before = math.inf if older is None else place.clock.time() - parse_duration(older)
    with place.look() as view:
        items = items_of(view, place.signer)
    groups = _groups(place, function, items)
    # What has expired is of no use to anybody: nobody needs to be asked.
    if items and function is None and not (expired or yes):
        _ask(place, len(items), older)
    gone = Gone()
    # Not where there is no store: to clear one would make it.
    if view is not None and groups != []:
        _clear(place, gone, groups, before, expired)
    if as_json:
        pages.show_json({"functions": groups, "entries": gone.entries, "size": gone.size})
    elif groups != []:
        _report(place, gone, groups)
    else:
        pages.complain(f"Nothing is kept of {function!a} in {place.folder}.")
    if groups == []:
        click.get_current_context().exit(NOTHING_FOUND)


def _groups(place: Place, function: str | None, items: Sequence[Item]) -> list[str] | None:
    """The groups to clear; ``None`` for all.

    Raises:
        UsageError: it may be one of several.
    """
    if function is None:
        return None
    found = matching(function, (item.claimed_group for item in items))
    if found.candidates:
        names = "".join(
            f"\n    reprise clear {shlex.quote(name)}{place.option}" for name in found.candidates
        )
        raise click.UsageError(
            printable(f"{function!a} may be any of these; nothing was cleared:\n{names}", "\n")
        )
    return sorted(found.groups)


def _ask(place: Place, entries: int, older: str | None) -> None:
    """Have the user confirm what concerns all functions.

    Raises:
        UsageError: there is no terminal to ask at.
        Abort: it is not to be.
    """
    from reprise.cli import pages

    if older is None:
        question = f"All of {pages.count(entries, 'entry', 'entries')} in {place.folder}"
    else:
        question = f"All entries in {place.folder} that are older than {older}"
    if not sys.stdin.isatty():
        words = shlex.join(["reprise", "clear", *(["--older", older] if older else []), "--yes"])
        message = f"{question} would be cleared, and there is no terminal to confirm it:\n\n    "
        raise click.UsageError(printable(message + words + place.option, "\n"))
    click.confirm(printable(f"{question} will be cleared. Go on?"), abort=True)


def _clear(
    place: Place, gone: Gone, groups: list[str] | None, before: float, expired: bool
) -> None:
    from reprise.cli import pages
    from reprise.stores.disk import DiskStore

    store = DiskStore(
        place.folder,
        signer=place.signer,
        clock=place.clock,
        max_size=math.inf,
        on_removal=gone,
        on_trouble=lambda text: pages.complain(text, "yellow"),
    )
    try:
        for group in [None] if groups is None else groups:
            if expired:
                _clear_expired(store, group, place.clock.time())
            else:
                store.clear(group, created_before=before)
    finally:
        store.close()


def _clear_expired(store: DiskStore, group: str | None, now: float) -> None:
    for key, envelope in store.entries(group):
        if envelope.expires <= now:
            store.remove(key, Removal.EXPIRED, only=envelope)


def _report(place: Place, gone: Gone, groups: list[str] | None) -> None:
    from reprise.cli import pages

    for group in groups or ():
        pages.say(group, "cyan")
    entries = pages.count(gone.entries, "entry", "entries")
    pages.say(f"Cleared {entries}, {format_size(gone.size)}, in {place.folder}.")
