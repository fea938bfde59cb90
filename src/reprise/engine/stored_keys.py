"""The keys of entries outside of the process: digests that are the same in every process.

Such a key has 32 bytes: 16 for the call, then 4 for the realm and 12 for what was read besides the
arguments, all of them zero where a result displayed and read nothing. So what a store has for one
call stands together. A header carries the whole digest, and is compared with it.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from blake3 import blake3

from reprise.contracts import Key
from reprise.engine.history import ident_of
from reprise.engine.lookup import call_key
from reprise.keys.calls import key_text
from reprise.keys.packages import is_installed

CALL_SIZE: Final = 16
"""Bytes of a key that name the call."""

_EVERYWHERE: Final = bytes(16)

_SCRIPT: Final = "__main__"
_SPAWNED: Final = "__mp_main__"
"""What a script is called by the processes that ``multiprocessing`` starts for it."""


def stored_group(module: str, qualified: str, file: str, closure: bytes) -> str:
    """The name of a function outside of the process, for people too: ``/srv/app/data.py:load``.

    Programs of the same user have modules of the same name, and all scripts are ``__main__``: what
    is the user's own goes by its file, and without one by the folder that the program runs in. What
    is installed goes by its module, wherever it is installed.

    Args:
        module: The function's module.
        qualified: Its name in there.
        file: Where its code stands.
        closure: Digest of what it closes over, if that tells it from others.

    >>> stored_group("json.decoder", "load", "", b"")
    'json.decoder:load'
    """
    if not is_installed(module):
        # A cell of a notebook has the name of a file that is not there, another in each process.
        name = file if Path(file).is_file() else _SCRIPT if module == _SPAWNED else module
        module = os.path.abspath(name)  # noqa: PTH100 - a link stays one: it may lead elsewhere soon
    told_apart = f"|{closure.hex()[:16]}" if closure else ""
    return f"{module}:{qualified}{told_apart}"


def call_name(group: str, key: Key) -> bytes:
    """The first half of the keys of one call's results.

    Args:
        group: The function's name outside of the process.
        key: The call's own key, or one of a realm.
    """
    code, *rest = ident_of(key)
    return _digest(group.encode(), bytes.fromhex(key_text(code, rest)))[:CALL_SIZE]


def realm_name(realm: str) -> bytes:
    """What follows the call in the keys of results that were displayed in ``realm``."""
    return _digest(b"realm", realm.encode())[:4]


def owner_name(owner: str) -> str:
    """What tells whose entry it is, without naming the user."""
    return _digest(b"owner", owner.encode()).hex()[:32]


def stored_key(group: str, key: Any) -> bytes:
    """The key outside of the process for what stands under ``key`` in memory."""
    call = call_name(group, key)
    if call_key(key) is key:
        return call + _EVERYWHERE
    _, realm, _, path = key[1]
    return call + realm_name(realm) + _digest(b"path", *path)[:12]


def is_for(stored: bytes, realm: str) -> bool:
    """Whether what stands under a key may answer a call in ``realm``."""
    place = stored[CALL_SIZE:]
    return place == _EVERYWHERE or place[:4] == realm_name(realm)


def _digest(*parts: bytes) -> bytes:
    whole = blake3(b"reprise stored key 1")
    for part in parts:
        whole.update(len(part).to_bytes(8, "little") + part)
    return whole.digest()
