"""Which store a command means, the secret that goes with it, and how failures end a command."""

from __future__ import annotations

import contextlib
import secrets
import shlex
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TypeVar

import click

from reprise import config
from reprise.clocks import SystemClock
from reprise.contracts import Clock
from reprise.errors import (
    InvalidDurationError,
    InvalidOptionError,
    InvalidSettingError,
    StoreError,
)
from reprise.signing import Signer, existing_secret, secret_file

if TYPE_CHECKING:
    from reprise.stores.disk.looking import DiskView

NOTHING_FOUND: Final = 1
"""The exit code where damage was found, or nothing of the name that was asked for."""

UNUSABLE: Final = 3
"""The exit code where the store, or the secret, cannot be used."""

USUAL: Final = "disk://"

Command = TypeVar("Command", bound=Callable[..., Any])


class UnusableError(click.ClickException):
    """The store cannot be used."""

    exit_code = UNUSABLE


class StoreCommand(click.Command):
    """A command whose failures end it with a sentence and a code that says of which kind."""

    def invoke(self, ctx: click.Context) -> Any:
        """Run the command."""
        try:
            return super().invoke(ctx)
        except (InvalidSettingError, InvalidOptionError, InvalidDurationError) as error:
            raise click.UsageError(printable(str(error), "\n"), ctx) from error
        except BrokenPipeError:  # who reads has seen enough; click knows what to do
            raise
        except (StoreError, OSError) as error:
            raise UnusableError(printable(str(error), "\n")) from error


@dataclass(frozen=True, slots=True)
class Place:
    """A store that a command works on."""

    url: str
    folder: Path
    given_size: float | None
    """Bytes that it may take, where the URL says so."""
    secret: bytes | None
    """``None`` where none was made yet, so that nothing can have been signed with it."""
    clock: Clock
    option: str = ""
    """What the user has to add to a command for it to mean this store."""

    @property
    def signer(self) -> Signer:
        """Verifies what is there; without a secret nothing is right."""
        return Signer(self.secret or secrets.token_bytes())

    @contextlib.contextmanager
    def look(self) -> Iterator[DiskView | None]:
        """Look at it, without a trace; ``None`` where there is no store yet."""
        from reprise.stores.disk.looking import view

        with view(self.folder, self.signer) as found:
            yield found

    def max_size(self, taken: int) -> float:
        """Bytes that it may take.

        Args:
            taken: Bytes that it takes now.
        """
        from reprise.stores.disk import default_max_size

        if self.given_size is not None:
            return self.given_size
        return default_max_size(self.folder, taken)


def with_store(command: Command) -> Command:
    """Give a command the option ``--store``."""
    option = click.option(
        "--store",
        "url",
        metavar="URL",
        help="Which store, such as disk:///var/cache/app. Default: the setting `store` "
        "(REPRISE_STORE, reprise.toml, pyproject.toml), else disk://, the folder of this user.",
    )
    return option(command)


def with_json(command: Command) -> Command:
    """Give a command the option ``--json``."""
    option = click.option(
        "--json",
        "as_json",
        is_flag=True,
        help="JSON for programs: sizes in bytes, times in seconds since the epoch.",
    )
    return option(command)


def folder_of(url: str | None) -> tuple[str, Path, float | None]:
    """The URL in force, its folder, and the bytes that it says.

    Args:
        url: What the user said; ``None`` for the settings to say.

    Raises:
        InvalidOptionError: it names no store that a command can look at.
        InvalidSettingError: the settings cannot be read.
    """
    from reprise.stores.disk import default_folder
    from reprise.stores.urls import DiskUrl, parse_url

    wanted = config.settings().store if url is None else url
    wanted = USUAL if wanted is None else wanted
    parsed = parse_url(wanted)
    if not isinstance(parsed, DiskUrl):
        raise InvalidOptionError(
            f"{wanted} is the memory of each process, where no command can look. Name a store on "
            f"disk: --store disk:///var/cache/app"
        )
    return wanted, parsed.folder or default_folder(), parsed.max_size


def place_of(url: str | None, clock: Clock | None) -> Place:
    """The store that a command works on. Nothing is made.

    Args:
        url: What the user said; ``None`` for the settings to say.
        clock: ``None`` for the system's.

    Raises:
        InvalidOptionError: it names no store that a command can look at.
        InvalidSettingError: the settings cannot be read.
        StoreError: the file with the secret cannot be used.
    """
    wanted, folder, size = folder_of(url)
    try:
        secret = existing_secret(config.settings().secret)
    except OSError as error:
        raise StoreError(
            f"The secret that results are signed with, in {secret_file()}, cannot be used: "
            f"{error.strerror or error}"
        ) from error
    option = "" if url is None else f" --store {shlex.quote(url)}"
    return Place(wanted, folder, size, secret, clock or SystemClock(), option)


def printable(text: str, kept: str = "") -> str:
    r"""A text that only ever fills its place in a terminal: nothing in it steers one.

    >>> printable("red \x1b[31m\n")
    'red \\x1b[31m\\n'

    Args:
        text: Of whatever origin.
        kept: Characters that stay as they are.
    """
    return "".join(
        letter
        if letter.isprintable() or letter in kept
        else letter.encode("unicode_escape").decode()
        for letter in text
    )
