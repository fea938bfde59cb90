"""``reprise check``: go through every row, every file and every signature of a store."""

from __future__ import annotations

import math
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import click

from reprise.cli.items import items_of, spoken
from reprise.cli.places import (
    NOTHING_FOUND,
    Place,
    StoreCommand,
    UnusableError,
    place_of,
    printable,
    with_json,
    with_store,
)
from reprise.envelopes import Envelope, InvalidEnvelopeError
from reprise.signing import Signer, secret_file
from reprise.units import format_size

if TYPE_CHECKING:
    from reprise.stores.disk import Report


@click.command(cls=StoreCommand, short_help="Look for damage, and repair it.")
@click.option(
    "--repair",
    is_flag=True,
    help="Move damaged entries aside, put sums right, remove what killed programs left behind.",
)
@with_store
@with_json
@click.pass_obj
def check(clock: Any, *, repair: bool, url: str | None, as_json: bool) -> None:
    """Go through every row, every file and every signature; programs may use the store meanwhile.

    Without --repair nothing is changed. An entry that is not signed with the secret in force counts
    as damaged: have REPRISE_SECRET set as the programs have it.

    Exit codes: 0 if nothing is damaged; 1 if something is, or was before --repair; 2 for wrong
    usage; 3 if the store or its secret cannot be used.
    """
    from reprise.cli import pages

    place = place_of(url, clock)
    with pages.console(sys.stderr).status("Going through all entries ..."):
        report = _repaired(place) if repair else _looked_at(place)
    if as_json:
        pages.show_json(_plain(place, report))
    elif report is None:
        pages.say(f"There is no store in {place.folder} yet.")
    else:
        _show(place, report, repair)
    if report is not None and not report.sound:
        click.get_current_context().exit(NOTHING_FOUND)


def _looked_at(place: Place) -> Report | None:
    """What is wrong; nothing is changed."""
    from reprise.stores.disk.checking import Problem, Report
    from reprise.stores.disk.index import DamagedIndexError

    try:
        with place.look() as view:
            if view is None:
                return None
            _expect_secret(place)
            return view.check(_verifier(place.signer))
    except DamagedIndexError as error:
        return Report(0, 0, (Problem("index", str(error), repaired=False),), ())


def _repaired(place: Place) -> Report | None:
    """What was wrong; damaged entries have been moved aside."""
    from reprise.cli import pages
    from reprise.stores.disk import DiskStore
    from reprise.stores.disk.checking import Problem
    from reprise.stores.disk.index import DamagedIndexError

    damage: list[Problem] = []
    try:
        with place.look() as view:
            if view is None:
                return None
            items = items_of(view, place.signer)
    except DamagedIndexError as error:
        damage.append(Problem("index", str(error), repaired=True))
    else:
        _expect_secret(place)
        if items and all(item.header is None for item in items):
            raise UnusableError(_all_would_go(place, len(items)))
    store = DiskStore(
        place.folder,
        signer=place.signer,
        clock=place.clock,
        max_size=math.inf,
        on_trouble=lambda text: pages.complain(text, "yellow"),
    )
    try:
        report = _checked_twice(store, place, damage)
    finally:
        store.close()
    return replace(report, problems=(*damage, *report.problems))


def _checked_twice(store: Any, place: Place, damage: list[Any]) -> Report:
    """Check and repair; again, where the index was found damaged and another was begun."""
    from reprise.stores.disk.checking import Problem
    from reprise.stores.disk.index import DamagedIndexError

    verify = _verifier(place.signer)
    try:
        report: Report = store.check(repair=True, verify=verify)
    except DamagedIndexError as error:
        if not damage:
            damage.append(Problem("index", str(error), repaired=True))
        report = store.check(repair=True, verify=verify)
    return report


def _expect_secret(place: Place) -> None:
    if place.secret is None:
        raise UnusableError(
            f"No signature can be verified: REPRISE_SECRET is not set, and there is no secret in "
            f"{secret_file()}. Set it to that of the programs that use this store."
        )


def _all_would_go(place: Place, entries: int) -> str:
    from reprise.cli import pages

    return printable(
        f"None of {pages.count(entries, 'entry', 'entries')} in {place.folder} is signed with the "
        f"secret in force, so it is most likely not that of the programs that use this store. A "
        f"repair would move all of them aside; nothing was changed. Set REPRISE_SECRET to theirs, "
        f"or let everything go:\n\n    reprise clear --yes{place.option}",
        "\n",
    )


def _verifier(signer: Signer) -> Any:
    from reprise.values.envelope import verify

    def objection(key: bytes, envelope: Envelope) -> str | None:
        try:
            verify(key, envelope, signer)
        except InvalidEnvelopeError as error:
            return spoken(error)
        return None

    return objection


def _plain(place: Place, report: Report | None) -> dict[str, Any]:
    where = {"store": place.url, "folder": str(place.folder)}
    if report is None:
        return {**where, "sound": True, "entries": 0, "size": 0, "problems": [], "left": []}
    return {
        **where,
        "sound": report.sound,
        "entries": report.entries,
        "size": report.size,
        "problems": [
            {"what": problem.what, "reason": problem.reason, "repaired": problem.repaired}
            for problem in report.problems
        ],
        "left": [str(path) for path in report.left],
    }


def _show(place: Place, report: Report, repair: bool) -> None:
    from reprise.cli import pages

    if report.problems:
        columns = [
            pages.Column("what", fold=True, style="red"),
            pages.Column("what is wrong with it", fold=True),
            *([pages.Column("repaired")] if repair else []),
        ]
        pages.show_table(
            columns,
            [
                [
                    _short(problem.what),
                    problem.reason,
                    *(["yes" if problem.repaired else "no"] if repair else []),
                ]
                for problem in report.problems
            ],
        )
        pages.say("")
    seen = (
        f"{pages.count(report.entries, 'entry', 'entries')}, {format_size(report.size)}, "
        f"in {place.folder}"
    )
    if report.sound:
        pages.say(f"All is as it was written: {seen}.", "green")
    else:
        pages.say(f"{pages.count(len(report.problems), 'problem')} among {seen}.", "red")
        pages.say(_advice(place, report, repair))
    if report.left:
        files = pages.count(len(report.left), "file")
        done = "were removed" if repair else "will be swept"
        pages.say(f"{files} that killed programs left behind {done}; that is no damage.", "dim")


def _advice(place: Place, report: Report, repair: bool) -> str:
    unrepaired = any(not problem.repaired for problem in report.problems)
    if not repair:
        return f"To move what is damaged aside: reprise check --repair{place.option}"
    if unrepaired:
        return (
            f"What was not repaired needs a new beginning: end the programs that use the store and "
            f"remove {place.folder}. All is computed again."
        )
    return f"What was damaged is in {place.folder / 'aside'}, and is computed again when needed."


def _short(what: str) -> str:
    """What is damaged, in a table: of a key, enough digits to show it."""
    kind, _, rest = what.partition(" ")
    return f"{kind} {rest[:12]}" if kind == "entry" else what
