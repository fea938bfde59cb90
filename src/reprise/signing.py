"""Signatures: what shows that bytes outside of the process were written by this deployment.

BLAKE3 in its keyed mode (the BLAKE3 specification, section 6.2) is the only algorithm, and the
only one that is ever tried: what is stored cannot choose another.
"""

from __future__ import annotations

import contextlib
import os
import stat
import threading
import warnings
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

from blake3 import blake3

from reprise import forks
from reprise.errors import InvalidSettingError, SecretWarning

if TYPE_CHECKING:
    from pathlib import Path  # with what it imports, a tenth of the time to import Reprise

SIGNATURE_SIZE: Final = 32
"""Bytes of a signature."""

SHORTEST_SECRET: Final = 16
"""Bytes that a secret has at least."""

_FILE: Final = "secret"

_COMMAND: Final = (
    """export REPRISE_SECRET="$(python -c 'import secrets; print(secrets.token_hex(32))')\""""
)

_CONTEXT: Final = "reprise 2026-11-21 signatures of entries"
"""Tells keys made here from keys that others derive from the same secret."""


class Signer:
    """Signs and verifies with one secret.

    Args:
        secret: What only this deployment knows; at least 16 bytes.

    Raises:
        ValueError: the secret is too short to be one.

    >>> signer = Signer(b"sixteen or more bytes")
    >>> signature = signer.sign("entry", b"header", b"content")
    >>> signer.verifies(signature, "entry", b"header", b"content")
    True
    >>> signer.verifies(signature, "entry", b"head", b"ercontent")
    False
    """

    __slots__ = ("__weakref__", "_key")

    def __init__(self, secret: bytes) -> None:
        if len(secret) < SHORTEST_SECRET:
            raise ValueError(f"a secret needs at least {SHORTEST_SECRET} bytes")
        self._key = blake3(secret, derive_key_context=_CONTEXT).digest()

    @classmethod
    def later(cls, load: Callable[[], bytes]) -> Signer:
        """One that asks for its secret when it first signs or verifies something."""
        return _LaterSigner(load)

    def sign(self, purpose: str, *parts: bytes | memoryview) -> bytes:
        """The signature of ``parts``, each with its length, for one purpose and no other."""
        whole = blake3(key=self._key)
        for part in (purpose.encode(), *parts):
            whole.update(len(part).to_bytes(8, "little"))
            whole.update(part)
        return whole.digest()

    def verifies(self, signature: bytes, purpose: str, *parts: bytes | memoryview) -> bool:
        """Whether ``signature`` is that of ``parts``, found in the same time whatever it is."""
        import hmac  # late: OpenSSL comes with it

        return hmac.compare_digest(self.sign(purpose, *parts), bytes(signature))


class _LaterSigner(Signer):
    __slots__ = ("_load", "_lock", "_made")

    def __init__(self, load: Callable[[], bytes]) -> None:
        self._load = load
        self._made: Signer | None = None
        self.after_fork()
        forks.watch(self)

    def after_fork(self) -> None:
        """Replace the lock, which another thread may have held."""
        self._lock = threading.Lock()

    def sign(self, purpose: str, *parts: bytes | memoryview) -> bytes:
        with self._lock:
            if self._made is None:
                self._made = Signer(self._load())
        return self._made.sign(purpose, *parts)


def load_secret(
    given: str | None,
    *,
    folder: Path | None = None,
    warn: Callable[[str, type[Warning]], object] = warnings.warn,
) -> bytes:
    """The secret that entries are signed with.

    Args:
        given: The setting; ``None`` where there is none.
        folder: Where the file with the secret is, or is made, if none is given; by default the
            folder of this user's configuration of Reprise.
        warn: Called where that file cannot be had.

    Returns:
        What was given, else what is in the file. Where there can be none, a secret that lives and
        dies with this process: what is stored with it is of no use to another.

    Raises:
        InvalidSettingError: what was given is too short.

    >>> load_secret("sixteen or more characters")
    b'sixteen or more characters'
    """
    if given is not None:
        secret = given.encode("utf-8", "surrogateescape")
        if len(secret) < SHORTEST_SECRET:
            raise InvalidSettingError(
                f"The secret (REPRISE_SECRET) has {len(secret)} bytes; whoever guesses it can have "
                f"code run by this program. It needs {SHORTEST_SECRET} or more:\n\n    {_COMMAND}"
            )
        return secret
    path = secret_file(folder)
    try:
        return _kept(path)
    except OSError as error:
        warn(
            f"What is stored outside of this process is signed with a secret, and the secret in "
            f"{path} cannot be used: {error.strerror or error}. Until this process ends it has one "
            "of its own; afterwards what it stored is computed again. Give this deployment a "
            f"secret, and keep it:\n\n    {_COMMAND}",
            SecretWarning,
        )
        return os.urandom(32)


def existing_secret(given: str | None, *, folder: Path | None = None) -> bytes | None:
    """The secret that :func:`load_secret` gives; ``None`` where it would have to be made.

    Args:
        given: The setting; ``None`` where there is none.
        folder: Where the file with the secret is.

    Raises:
        InvalidSettingError: what was given is too short.
        OSError: the file cannot be read, or others could have read or written it.
    """
    if given is not None:
        return load_secret(given)
    try:
        return _read(secret_file(folder))
    except FileNotFoundError:
        return None


def secret_file(folder: Path | None = None) -> Path:
    """Where the secret of who was given none is kept."""
    return (_default_folder() if folder is None else folder) / _FILE


def _default_folder() -> Path:
    from platformdirs import user_config_path

    return user_config_path("reprise", appauthor=False)


def _kept(path: Path) -> bytes:
    """What the file has, made first where there is none.

    Raises:
        OSError: it cannot be read or made, or others could have read or written it.
    """
    try:
        return _read(path)
    except FileNotFoundError:
        _make(path)
    return _read(path)


def _read(path: Path) -> bytes:
    flags = os.O_RDONLY | getattr(os, "O_CLOEXEC", 0) | getattr(os, "O_NOFOLLOW", 0)
    # Not blocking: a pipe under that name would have us wait for somebody to write.
    descriptor = os.open(path, flags | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(f"it is no file; remove it: rm -r {path}")
        _expect_private(found, str(path))
        secret = file.read().strip()
    if len(secret) < SHORTEST_SECRET:
        raise OSError(f"it is damaged; remove it: rm {path}")
    return secret


def _expect_private(found: os.stat_result, name: str, forbidden: int = 0o077) -> None:
    """Refuse what others may have read or written. Windows keeps users apart by folders."""
    if not hasattr(os, "geteuid"):
        return
    if found.st_uid != os.geteuid():
        raise OSError(f"{name} belongs to the user with the number {found.st_uid}")
    if stat.S_IMODE(found.st_mode) & forbidden:
        raise OSError(f"others can get at {name}; remove it, for they may know it: rm -r {name}")


def _make(path: Path) -> None:
    """Make the file, complete or not at all; of two that are made at once, one stays."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    # Who may write there can put a secret of their own in place of ours.
    _expect_private(path.parent.stat(), str(path.parent), forbidden=0o022)
    draft = path.with_name(f"{path.name}.{os.urandom(8).hex()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(os.urandom(32).hex().encode() + b"\n")
            file.flush()
            os.fsync(descriptor)
        _publish(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _publish(draft: Path, path: Path) -> None:
    """Give the finished file its name, unless another has it by now."""
    with contextlib.suppress(FileExistsError):
        try:
            os.link(draft, path)
        except FileExistsError:
            raise
        except OSError:
            # No hard links on this file system: whoever comes last wins, and all read it again.
            if not path.exists():
                draft.replace(path)
