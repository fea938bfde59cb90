"""``reprise show``: all that is known of one entry."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

import click

from reprise.cli.items import Item, items_of, plain_entry, short_keys, spoken
from reprise.cli.places import (
    NOTHING_FOUND,
    Place,
    StoreCommand,
    place_of,
    with_json,
    with_store,
)
from reprise.envelopes import Envelope, InvalidEnvelopeError
from reprise.errors import StoreError
from reprise.units import format_duration, format_size

if TYPE_CHECKING:
    from pathlib import Path

    from reprise.stores.disk.looking import DiskView
    from reprise.values.headers import Header, Layout

_DIGITS: Final = re.compile("[0-9a-f]{1,64}")
_LINES: Final = 40
"""Lines of a value that are shown."""

_MOST_PARTS: Final = 12
"""Parts whose sizes are listed one by one."""


@click.command(cls=StoreCommand, short_help="Show all that is known of one entry.")
@click.argument("key")
@click.option("--value", "with_value", is_flag=True, help="Show the beginning of the value, too.")
@with_store
@with_json
@click.pass_obj
def show(clock: Any, *, key: str, with_value: bool, url: str | None, as_json: bool) -> None:
    """Show all that is known of the entry of KEY, of which the first digits are enough.

    `reprise ls FUNCTION` lists the keys. With --value the beginning of the value is shown if it is
    kept in a safe format; what is pickled is never unpickled, for that runs code.

    Exit codes: 0; 1 if there is no such entry, or it is damaged; 2 for wrong usage; 3 if the store
    cannot be used.
    """
    if with_value and as_json:
        raise click.UsageError("--value is for people and --json for programs: choose one.")
    place = place_of(url, clock)
    with place.look() as view:
        item = _item(items_of(view, place.signer), key)
        if view is None or item is None:
            _end_without(key, place)
        else:
            _show(item, view, place, with_value=with_value, as_json=as_json)


def _end_without(key: str, place: Place) -> None:
    from reprise.cli import pages

    pages.complain(f"There is no entry {key.lower()} in {place.folder}.")
    click.get_current_context().exit(NOTHING_FOUND)


def _item(items: Sequence[Item], key: str) -> Item | None:
    """The one entry whose key begins so.

    Raises:
        UsageError: these are no digits of a key, or there are several.
    """
    digits = key.lower()
    if not _DIGITS.fullmatch(digits):
        raise click.UsageError(
            f"{key!a} is no key: a key has up to 64 digits, 0 to 9 and a to f. "
            f"`reprise ls FUNCTION` lists them."
        )
    found = [item for item in items if item.key.hex().startswith(digits)]
    if len(found) > 1:
        short = short_keys(item.key for item in items)
        lines = "".join(f"\n    {short[item.key]}  {_described(item)}" for item in found[:20])
        more = f"\n    ... and {len(found) - 20:,} more" if len(found) > 20 else ""
        raise click.UsageError(f"{len(found):,} keys begin with {digits}:\n{lines}{more}")
    return found[0] if found else None


def _described(item: Item) -> str:
    from reprise.cli.places import printable

    if item.header is None:
        return "(cannot be trusted)"
    facts = item.header.facts
    return printable(f"{facts.group}({facts.arguments})")[:100]


def _show(item: Item, view: DiskView, place: Place, *, with_value: bool, as_json: bool) -> None:
    from reprise.cli import pages
    from reprise.stores.disk.opening import Damage

    opened = view.open(item.key)
    if opened is None:
        raise StoreError("the entry left while it was looked at")
    objection = item.objection or (opened.reason if isinstance(opened, Damage) else "")
    file = view.file(item.row)
    if as_json:
        pages.show_json(_plain(item, objection, file, place))
    else:
        pages.show_facts(_facts(item, objection, file, place))
    if objection:
        click.get_current_context().exit(NOTHING_FOUND)
    if with_value and isinstance(opened, Envelope):
        _show_value(item, opened, place)


def _facts(
    item: Item, objection: str, file: Path | None, place: Place
) -> Iterator[tuple[str, str]]:
    from reprise.cli import pages

    now = place.clock.time()
    header = item.header
    if header is not None:
        facts = header.facts
        yield "function", facts.group
        yield "arguments", facts.arguments or "(none)"
    yield "key", item.key.hex()
    if header is None:
        yield "signature", f"wrong: {item.objection}"
        yield "", pages.unverified_words(1, place)
        return
    yield "signature", f"DAMAGED: {objection}" if objection else "right"
    yield from _times(header, now)
    yield "hits", f"{item.hits:,}"
    yield "took", format_duration(facts.cost)
    yield "size", format_size(item.size)
    yield "value", _layout(header.value)
    if header.recording is not None:
        yield "recording", _layout(header.recording)
        yield "shown in", facts.realm
    # Modules of the program itself have none.
    known = sorted((name, text) for name, text in header.value.versions.items() if text)
    versions = ", ".join(f"{name} {text}" for name, text in known)
    if versions:
        yield "only with", versions
    yield "kept in", "the index" if file is None else str(file)


def _times(header: Header, now: float) -> Iterator[tuple[str, str]]:
    from reprise.cli.pages import age, expiry

    facts = header.facts
    yield "created", f"{_moment(facts.created)} ({age(facts.created, now)} ago)"
    if math.isinf(facts.expires):
        yield "expires", "never"
    else:
        yield "expires", f"{_moment(facts.expires)} ({expiry(facts.expires, now)})"


def _moment(time: float) -> str:
    try:
        return datetime.fromtimestamp(time, UTC).astimezone().strftime("%Y-%m-%d %H:%M:%S %z")
    except (OverflowError, ValueError, OSError):
        return f"{time!r} s after 1970"


def _layout(layout: Layout) -> str:
    sizes = [format_size(part.size) for part in layout.parts]
    if len(sizes) > _MOST_PARTS:
        sizes[_MOST_PARTS:] = ["..."]
    what = "1 part" if len(layout.parts) == 1 else f"{len(layout.parts):,} parts"
    return f"{layout.codec}, {what}: {', '.join(sizes)}"


def _plain(item: Item, objection: str, file: Path | None, place: Place) -> dict[str, Any]:
    header = item.header
    state = {"verified": not objection, "objection": objection or None}
    if header is None:
        return {"key": item.key.hex(), **state}
    return {
        **plain_entry(item, place.clock.time()),
        **state,
        "parts": [part.size for part in header.value.parts],
        "versions": header.value.versions,
        "recording": None
        if header.recording is None
        else {
            "codec": header.recording.codec,
            "parts": [part.size for part in header.recording.parts],
            "realm": header.facts.realm,
        },
        "file": None if file is None else str(file),
    }


def _show_value(item: Item, envelope: Envelope, place: Place) -> None:
    """Show the beginning of a value that is made without running any code of it."""
    from reprise.cli import pages
    from reprise.values.codecs import UndecodableError
    from reprise.values.codecs.packing import unpack_safely
    from reprise.values.codecs.table import SAFE
    from reprise.values.envelope import open_envelope

    assert item.header is not None
    codec = item.header.value.codec
    pages.say("")
    if codec not in SAFE:
        pages.say(
            f"The value is kept in {codec}. It is not shown, for unpickling it would run code; the "
            f"function itself shows it.",
            "yellow",
        )
        return
    try:
        value = unpack_safely(open_envelope(item.key, envelope, place.signer).value)
    except InvalidEnvelopeError as error:
        raise StoreError(f"the entry is damaged: {spoken(error)}. `reprise check`") from error
    except UndecodableError as error:
        pages.say(f"The value cannot be shown here: {error}", "yellow")
        return
    pages.say("\n".join(_beginning(value)))


def _beginning(value: object) -> list[str]:
    from rich.pretty import pretty_repr

    text = pretty_repr(value, max_width=78, max_length=20, max_string=200)
    lines = text.splitlines()
    return lines if len(lines) <= _LINES else [*lines[:_LINES], "..."]
