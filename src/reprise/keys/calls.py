"""What can be read off a key again: what each argument added to it, and a text that names it."""

from __future__ import annotations

import math
from collections.abc import Callable, Hashable, Sequence
from struct import unpack
from typing import TYPE_CHECKING, Final, TypeAlias

from reprise.keys.atoms import ATOMS
from reprise.keys.framing import frame, leaf, seal, text

if TYPE_CHECKING:
    from typing import Self

CallParts: TypeAlias = tuple[tuple[str, bytes], ...]
"""The label of each argument that counts, and its encoding."""


class CallDigest(bytes):
    """The digest of a call, together with what each argument added to it.

    It is equal to its 32 bytes and hashes as they do. What it carries is looked at when a later
    call misses, to tell which argument made the difference.

    >>> one = CallDigest((("path", text("a.csv")), ("limit", text("10"))))
    >>> len(one), one == bytes(one), [label for label, _ in one.parts]
    (32, True, ['path', 'limit'])
    """

    parts: CallParts

    def __new__(cls, parts: CallParts) -> Self:
        """Digest the names and the encodings of all arguments."""
        items = [item for label, encoding in parts for item in (text(label), encoding)]
        digest = super().__new__(cls, seal(frame("call", items)))
        digest.parts = parts
        return digest


def digest_in(arguments: Sequence[Hashable]) -> bytes | None:
    """The digest that stands for the arguments in a key; ``None`` if they stand there themselves.

    >>> digest_in((b"32 bytes",)), digest_in((bytes, b"32 bytes")), digest_in(())
    (b'32 bytes', None, None)
    """
    last = arguments[-1] if arguments else None
    if not isinstance(last, bytes) or (len(arguments) > 1 and arguments[-2] is bytes):
        return None
    return last


def call_parts(arguments: Sequence[Hashable], labels: Sequence[str]) -> CallParts:
    r"""What each argument added to a key.

    Args:
        arguments: What stands in the key behind its prefix.
        labels: The parameters that count and take one value, in their order.

    >>> call_parts((str, "a.csv", int, 10), ("path", "limit"))
    (('path', b'\x03stra.csv'), ('limit', b'\x03int\n'))
    """
    digest = digest_in(arguments)
    if digest is not None:
        return digest.parts if isinstance(digest, CallDigest) else ()
    values = arguments[1::2]
    return tuple(
        (label, ATOMS[type(value)](value)) for label, value in zip(labels, values, strict=True)
    )


def readable(encoding: bytes) -> str:
    """The value that is encoded, as it is written; empty unless it is short and plain.

    >>> readable(text("a.csv")), readable(ATOMS[int](-7)), readable(frame("list", []))
    ("'a.csv'", '-7', '')
    """
    tag, content = encoding[1 : encoding[0] + 1], encoding[encoding[0] + 1 :]
    reader = _READERS.get(tag)
    return "" if reader is None else repr(reader(content))


_READERS: Final[dict[bytes, Callable[[bytes], object]]] = {
    b"None": lambda _: None,
    b"bool": lambda content: content == b"1",
    b"int": lambda content: int.from_bytes(content, "little", signed=True),
    b"float": lambda content: math.nan if content == b"nan" else unpack("<d", content)[0],
    b"str": lambda content: content.decode("utf-8", "surrogatepass"),
    b"bytes": lambda content: content,
}


def key_text(code: bytes, rest: Sequence[Hashable]) -> str:
    """A text that names a key: the same for the same call in every process.

    Args:
        code: The digest of the function's code.
        rest: What stands in the key behind the code: a session, perhaps, and the arguments.

    Returns:
        64 hexadecimal digits.

    >>> len(key_text(b"code", (str, "a.csv")))
    64
    """
    parts, digest = [leaf("code", code)], digest_in(rest)
    themselves = rest if digest is None else rest[:-1]
    parts += [ATOMS[type(item)](item) for item in themselves if not isinstance(item, type)]
    if digest is not None:
        parts.append(leaf("call", digest))
    return seal(frame("key", parts)).hex()
