"""Opening the store that a URL names."""

from __future__ import annotations

from collections.abc import Callable

from reprise.contracts import Clock
from reprise.envelopes import SharedStore
from reprise.signing import Signer
from reprise.stores.urls import parse_outside_url


def open_store(
    url: str, signer: Signer, clock: Clock, on_trouble: Callable[[str], None]
) -> SharedStore:
    """Open a store outside of the process. Nothing is made or read before it is used.

    Args:
        url: Such as ``disk:///var/cache/app?max_size=20GB``.
        signer: Signs what is kept there.
        clock: Where time comes from.
        on_trouble: Told, in a sentence, what was moved aside or works less well.

    Raises:
        InvalidOptionError: the URL names no store outside of the process.
    """
    parsed = parse_outside_url(url)
    from reprise.stores.disk import DiskStore, default_folder, default_max_size

    folder = parsed.folder or default_folder()

    def max_size() -> float:
        if parsed.max_size is not None:
            return parsed.max_size
        return default_max_size(folder, store.usage().size)

    store = DiskStore(folder, signer=signer, clock=clock, max_size=max_size, on_trouble=on_trouble)
    return store
