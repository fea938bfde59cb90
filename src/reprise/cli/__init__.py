"""The command ``reprise``."""

from __future__ import annotations

import click

import reprise
from reprise.cli.check import check
from reprise.cli.clear import clear
from reprise.cli.ls import ls
from reprise.cli.path import path
from reprise.cli.run import run
from reprise.cli.show import show

__all__ = ["main"]


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(reprise.__version__, prog_name="reprise")
def main() -> None:
    """Function caching for data apps, notebooks and services.

    `ls`, `show`, `clear`, `check` and `path` are about a store on disk. They end with 0 if all is
    well, 1 if damage was found or nothing of the name that was asked for, 2 if the command was used
    wrongly, and 3 if the store cannot be used.
    """


for command in (run, ls, show, clear, check, path):
    main.add_command(command)
