"""Stores outside of the process, for those who want to hold one."""

from __future__ import annotations

from reprise import config
from reprise.engine import runtime as runtimes
from reprise.envelopes import SharedStore


def open_store(url: str) -> SharedStore:
    """Open a store outside of the process, to be given to ``persist=`` or to ``configure(store=)``.

    Nothing is made or read before it is used. The same URL gives the same store.

    Args:
        url: ``disk://`` for the usual folder, ``disk:///var/cache/app`` for another one,
            ``disk:///var/cache/app?max_size=20GB`` with a bound for all that is in there.

    Returns:
        The store. What is kept there is signed with the secret of the settings.

    Raises:
        InvalidOptionError: The URL names no store outside of the process.
        InvalidSettingError: The environment or a file has a bad setting.

    >>> import reprise
    >>> store = reprise.open_store("disk:///var/cache/app?max_size=20GB")
    >>> @reprise.cache_data(persist=store)
    ... def load(): ...
    """
    return runtimes.current().outsides.at(url, config.settings().secret).store
