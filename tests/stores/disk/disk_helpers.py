"""What the tests of the disk store share, also those parts of them that run in other processes."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

from blake3 import blake3

from reprise.clocks import SystemClock
from reprise.contracts import Bounds
from reprise.envelopes import Envelope, Part
from reprise.signing import Signer
from reprise.stores.disk import DiskStore

SECRET = b"the secret of the tests"
UNBOUNDED = Bounds()


def key(name):
    return blake3(repr(name).encode()).digest()


def payload(seed, size):
    """Bytes that tell which they are, and which no other seed has."""
    return random.Random(seed).randbytes(size)


def part(content):
    middle = len(content) // 2
    chunks = (memoryview(content)[:middle], memoryview(content)[middle:])
    return Part(len(content), blake3(content).digest(), chunks)


def envelope(*sizes, seed=0, group="group", created=0.0, expires=float("inf"), header=None):
    """One whose header says what its parts have to be."""
    facts = {"seed": seed, "sizes": sizes, "group": group, "created": created}
    parts = tuple(part(payload(f"{seed}-{place}", size)) for place, size in enumerate(sizes))
    header = json.dumps(facts).encode() if header is None else header
    return Envelope(header, group, created, expires, parts)


def payload_of(found):
    """The bytes of an envelope that came out."""
    if isinstance(found.parts, tuple):
        return list(found.parts)
    descriptor = found.parts.descriptor()
    try:
        return [os.pread(descriptor, end - start, start) for start, end in found.parts.extents]
    finally:
        os.close(descriptor)


def expected(found):
    """The bytes that its header says it has."""
    facts = json.loads(found.header)
    return [payload(f"{facts['seed']}-{place}", size) for place, size in enumerate(facts["sizes"])]


def objection(_, found):
    """For ``check``: what is wrong with it."""
    return None if payload_of(found) == expected(found) else "its parts are not what they should be"


def open_store(folder, *, clock=None, max_size=10**12, **options):
    return DiskStore(
        Path(folder),
        signer=Signer(options.pop("secret", SECRET)),
        clock=clock or SystemClock(),
        max_size=max_size,
        **options,
    )


def keep_now(store, name, put, bounds=UNBOUNDED):
    """Keep what needed no time to compute; gives the version that it got."""
    return store.keep(key(name), put, bounds, since=store.moment(put.group))


def part_files(folder):
    return sorted(path for path in Path(folder).glob("parts/*/*") if path.is_file())
