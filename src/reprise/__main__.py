"""``python -m reprise``: the command, where it is not on the path."""

from __future__ import annotations

from reprise.cli import main

main(prog_name="reprise")
