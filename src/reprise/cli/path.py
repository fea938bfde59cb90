"""``reprise path``: where a store is."""

from __future__ import annotations

import os

import click

from reprise.cli.places import StoreCommand, folder_of, with_store


@click.command(cls=StoreCommand, short_help="Print the folder of a store.")
@with_store
def path(url: str | None) -> None:
    """Print the folder of a store, and nothing else, whether it is there yet or not.

    Exit codes: 0; 2 for wrong usage.
    """
    _, folder, _ = folder_of(url)
    click.echo(os.fsencode(folder))
