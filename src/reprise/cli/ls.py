"""``reprise ls``: what a store has, by function, and what it has of one function."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Sequence
from typing import Any, Final

import click

from reprise.cli.items import (
    Item,
    Summary,
    items_of,
    matching,
    plain_entry,
    seconds_or_none,
    short_keys,
    summaries,
)
from reprise.cli.places import (
    NOTHING_FOUND,
    Place,
    StoreCommand,
    place_of,
    printable,
    with_json,
    with_store,
)
from reprise.contracts import GroupUsage
from reprise.units import format_duration, format_size

_BY: Final[dict[str, Callable[[Summary], Any]]] = {
    "size": lambda summary: -summary.size,
    "age": lambda summary: -summary.youngest,
    "entries": lambda summary: -summary.entries,
    "hits": lambda summary: -summary.hits,
    "name": lambda summary: summary.group,
}
_ENTRIES_BY: Final[dict[str, Callable[[Item], Any]]] = {
    "size": lambda item: -item.size,
    "age": lambda item: -item.row.created,
    "hits": lambda item: -item.hits,
    "name": lambda item: "" if item.header is None else item.header.facts.arguments,
}


@click.command(cls=StoreCommand, short_help="List what a store has.")
@click.argument("function", required=False)
@click.option(
    "--sort",
    "order",
    type=click.Choice(list(_BY)),
    default="size",
    show_default=True,
    help="size: the largest first; age: the youngest first; entries, hits: the most first; name.",
)
@with_store
@with_json
@click.pass_obj
def ls(clock: Any, *, function: str | None, order: str, url: str | None, as_json: bool) -> None:
    """List the functions whose results a store has, or the entries of FUNCTION.

    FUNCTION is a whole name (/srv/app/data.py:load), the end of one (load, data.py:load), or a
    pattern for either ('load_*', '/srv/app/*:*').

    What is not signed with this deployment's secret, or was changed, is counted apart: what it says
    of itself is not shown. Hits are the calls that the entries answered, from memory or not, in all
    processes; each writes down its own now and then, and as it ends.

    Exit codes: 0; 1 if nothing is there of FUNCTION; 2 for wrong usage; 3 if the store cannot be
    used.
    """
    if function is None:
        _list_functions(place_of(url, clock), order, as_json)
    elif order in _ENTRIES_BY:
        _list_entries(place_of(url, clock), function, order, as_json)
    else:
        raise click.UsageError(
            f"--sort {order} is for functions: leave out FUNCTION, or sort by "
            f"{', '.join(_ENTRIES_BY)}."
        )


def _list_functions(place: Place, order: str, as_json: bool) -> None:
    from reprise.cli import pages

    items: list[Item] = []
    usage = GroupUsage()
    with place.look() as view:
        if view is not None:
            items, usage = items_of(view, place.signer), view.usage()
    found = sorted(summaries(items, place.clock.time()), key=_BY[order])
    unverified = [item for item in items if item.header is None]
    if as_json:
        pages.show_json(_plain(place, found, unverified, usage))
    elif view is None:
        pages.say(f"There is no store in {place.folder} yet.")
    else:
        _show_functions(place, found, unverified, usage)


def _list_entries(place: Place, function: str, order: str, as_json: bool) -> None:
    from reprise.cli import pages

    now = place.clock.time()
    with place.look() as view:
        items = items_of(view, place.signer)
    found = {summary.group: summary for summary in summaries(items, now)}
    meant = matching(function, found)
    if meant.candidates:
        names = "".join(
            f"\n    reprise ls {shlex.quote(name)}{place.option}" for name in meant.candidates
        )
        raise click.UsageError(printable(f"{function!a} may be any of these:\n{names}", "\n"))
    chosen = [found[group] for group in sorted(meant.groups)]
    for summary in chosen:
        summary.items.sort(key=_ENTRIES_BY[order])
    if as_json:
        listed = [plain_entry(item, now) for summary in chosen for item in summary.items]
        pages.show_json({"store": place.url, "folder": str(place.folder), "entries": listed})
    elif chosen:
        short = short_keys(item.key for item in items)
        for summary in chosen:
            _show_entries(summary, short, now)
    else:
        pages.complain(f"Nothing is kept of {function!a} in {place.folder}.")
    if not chosen:
        click.get_current_context().exit(NOTHING_FOUND)


def _plain(
    place: Place, found: Sequence[Summary], unverified: Sequence[Item], usage: GroupUsage
) -> dict[str, Any]:
    return {
        "store": place.url,
        "folder": str(place.folder),
        "entries": usage.entries,
        "size": usage.size,
        "max_size": seconds_or_none(place.max_size(usage.size)),
        "functions": [
            {
                "function": summary.group,
                "label": summary.label,
                "entries": summary.entries,
                "size": summary.size,
                "hits": summary.hits,
                "youngest": summary.youngest,
                "oldest": summary.oldest,
                "expires": seconds_or_none(summary.expires),
                "expired": summary.expired,
                "cost": summary.cost,
            }
            for summary in found
        ],
        "unverified": {
            "entries": len(unverified),
            "size": sum(item.size for item in unverified),
        },
    }


def _show_functions(
    place: Place, found: Sequence[Summary], unverified: Sequence[Item], usage: GroupUsage
) -> None:
    from reprise.cli import pages

    now = place.clock.time()
    if found:
        columns = [
            pages.Column("function", fold=True, style="cyan"),
            pages.Column("entries", number=True),
            pages.Column("hits", number=True),
            pages.Column("size", number=True),
            pages.Column("age"),
            pages.Column("next expires"),
            pages.Column("took", number=True),
        ]
        pages.show_table(columns, [_function_row(summary, now) for summary in found])
        pages.say("")
    limit = format_size(place.max_size(usage.size))
    size = format_size(usage.size)
    if sum(summary.size for summary in found) > usage.size:
        size += " (what is equal is kept once)"
    entries = pages.count(usage.entries, "entry", "entries")
    pages.say(f"{entries}, {size} of at most {limit}, in {place.folder}", "dim")
    if unverified:
        size = format_size(sum(item.size for item in unverified))
        pages.say(f"{pages.unverified_words(len(unverified), place)} They take {size}.", "yellow")


def _function_row(summary: Summary, now: float) -> list[str]:
    from reprise.cli import pages

    expires = pages.expiry(summary.expires, now)
    if summary.expired:
        rest = "" if summary.expired == summary.entries else f", {expires}"
        expires = f"{summary.expired:,} expired{rest}"
    return [
        summary.group,
        f"{summary.entries:,}",
        f"{summary.hits:,}",
        format_size(summary.size),
        pages.ages(summary.youngest, summary.oldest, now),
        expires,
        format_duration(summary.cost),
    ]


def _show_entries(summary: Summary, short: dict[bytes, str], now: float) -> None:
    from reprise.cli import pages

    columns = [
        pages.Column("key", style="cyan"),
        pages.Column("arguments", cut=True),
        pages.Column("hits", number=True),
        pages.Column("size", number=True),
        pages.Column("age"),
        pages.Column("expires"),
        pages.Column("codec"),
        pages.Column("took", number=True),
    ]
    rows = []
    for item in summary.items:
        assert item.header is not None
        facts = item.header.facts
        rows.append(
            [
                short[item.key],
                facts.arguments,
                f"{item.hits:,}",
                format_size(item.size),
                pages.age(facts.created, now),
                pages.expiry(facts.expires, now),
                item.header.value.codec,
                format_duration(facts.cost),
            ]
        )
    pages.say(f"{summary.group}", "bold")
    pages.show_table(columns, rows)
    pages.say("")
