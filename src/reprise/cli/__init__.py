"""The command ``reprise``."""

from __future__ import annotations

import click

import reprise
from reprise.cli.run import run

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(reprise.__version__, prog_name="reprise")
def main() -> None:
    """Function caching for data apps, notebooks and services."""


main.add_command(run)
