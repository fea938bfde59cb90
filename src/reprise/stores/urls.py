"""Stores by URL: ``memory://``, ``disk://``, ``disk:///var/cache/app?max_size=20GB``."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeAlias
from urllib.parse import parse_qsl, unquote

from reprise.errors import InvalidOptionError, InvalidSizeError
from reprise.units import parse_size


@dataclass(frozen=True, slots=True)
class MemoryUrl:
    """The store in memory."""


@dataclass(frozen=True, slots=True)
class DiskUrl:
    """A store on disk."""

    folder: Path | None = None
    """Absolute; ``None`` for the default."""
    max_size: float | None = None
    """Bytes that it may take; ``None`` for the default."""


StoreUrl: TypeAlias = MemoryUrl | DiskUrl

_FORMS: Final = {
    "memory": "memory://",
    "disk": "disk:///var/cache/app?max_size=20GB, disk://~/cache, disk://./cache, or disk://",
}
_URL: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<place>[^?]*)(?:\?(?P<options>.*))?", re.DOTALL
)
_DRIVE: Final = re.compile(r"/[A-Za-z]:(?:[/\\]|$)")


def parse_url(url: object) -> StoreUrl:
    """Read which store a URL means.

    The place of ``disk://`` is a path: absolute (``disk:///var/cache/app``, on Windows
    ``disk:///C:/cache``), from the user's folder (``disk://~/cache``), or from the working
    directory (``disk://./cache``). Without one it is the user's folder for caches. ``%3F`` stands
    for a question mark in it, ``%25`` for a percent sign.

    >>> parse_url("disk://")
    DiskUrl(folder=None, max_size=None)
    >>> parse_url("disk://?max_size=20GB").max_size
    20000000000.0

    Args:
        url: Such as those above.

    Raises:
        InvalidOptionError: it has another form, or names a store or an option that does not exist.
    """
    text = url if isinstance(url, str) else ""
    match = _URL.fullmatch(text.strip())
    if match is None:
        forms = " or ".join(_FORMS.values())
        raise InvalidOptionError(f"Cannot read {url!r} as the URL of a store: write {forms}")
    scheme, options = match["scheme"].lower(), _options(text, match["options"] or "")
    if scheme == "memory":
        _refuse(text, scheme, options)
        if match["place"]:
            raise InvalidOptionError(f"The store of {text!r} has no place: write memory://")
        return MemoryUrl()
    if scheme == "disk":
        size = options.pop("max_size", None)
        _refuse(text, scheme, options)
        return DiskUrl(_folder(text, match["place"]), None if size is None else _size(text, size))
    raise InvalidOptionError(
        f"There is no store {scheme!r} (in {text!r}). There are: {', '.join(_FORMS)}"
    )


def parse_outside_url(url: object) -> DiskUrl:
    """Read which store outside of the process a URL means.

    Raises:
        InvalidOptionError: as :func:`parse_url`, and where it means memory.
    """
    parsed = parse_url(url)
    if not isinstance(parsed, DiskUrl):
        raise InvalidOptionError(
            f"{url} is memory, where all results are kept anyway. To keep them beyond the process "
            f'name a folder, for example persist="disk:///var/cache/app".'
        )
    return parsed


def _options(url: str, text: str) -> dict[str, str]:
    try:
        found = parse_qsl(text, keep_blank_values=True, strict_parsing=bool(text))
    except ValueError as error:
        raise InvalidOptionError(
            f"Cannot read the options {text!r} of {url!r}: write them as name=value, with & between"
        ) from error
    options = dict(found)
    if len(options) < len(found):
        raise InvalidOptionError(f"An option stands twice in {url!r}: leave one of them")
    return options


def _refuse(url: str, scheme: str, options: dict[str, str]) -> None:
    for name in options:
        raise InvalidOptionError(
            f"{scheme}:// has no option {name!r} (in {url!r}): write {_FORMS[scheme]}"
        )


def _folder(url: str, place: str) -> Path | None:
    try:
        text = unquote(place, errors="strict")
    except UnicodeDecodeError as error:
        raise InvalidOptionError(
            f"The path in {url!r} is not UTF-8 once %-signs are read"
        ) from error
    if "\0" in text:
        raise InvalidOptionError(f"The path in {url!r} contains a zero byte, which none can")
    if not text:
        return None
    path = Path(text[1:] if _DRIVE.match(text) else text)
    try:
        return path.expanduser().absolute()
    except RuntimeError as error:
        raise InvalidOptionError(
            f"Nobody's folder is {path.parts[0]!r} (in {url!r}): write the whole path, as in "
            f"{_FORMS['disk']}"
        ) from error


def _size(url: str, text: str) -> float:
    try:
        return parse_size(text)
    except InvalidSizeError as error:
        raise InvalidOptionError(f"max_size in {url!r}: {error}") from error
