"""Envelopes: what was put comes out, and anything else is no value."""

from __future__ import annotations

import math
import os
import pickle
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reprise.envelopes import REASONS, Envelope, InvalidEnvelopeError, Part
from reprise.signing import Signer
from reprise.values import headers, take_snapshot
from reprise.values.codecs import Packed, pack, unpack
from reprise.values.envelope import Facts, fill, open_envelope, verify
from reprise.values.pages import Limits, PagePool
from reprise.values.revival import Mapped, revive

SIGNER = Signer(b"a secret of the tests")
KEY = bytes(range(32))
FACTS = Facts("group", 12.5, 99.0, "load_things", 1.5, "x=1", "streamlit 1.67")
PAGE = 4096


def load_things() -> None:
    """The cached function that the values of these tests come from."""


def packed_of(value: object) -> Packed:
    return pack(take_snapshot(value, load_things), load_things)


def in_memory(envelope: Envelope) -> Envelope:
    """As a store gives back small ones."""
    parts = [part for part in envelope.parts if isinstance(part, Part)]
    return replace(envelope, parts=tuple(b"".join(part.chunks) for part in parts))


@dataclass(eq=False)
class StoredFile:
    """A file as a store keeps it."""

    path: Path
    extents: tuple[tuple[int, int], ...]
    witnessed: bool = False
    told: int = 0
    opened: list[int] = field(default_factory=list)

    def witness(self) -> None:
        self.told += 1

    def descriptor(self) -> int:
        self.opened.append(os.open(self.path, os.O_RDONLY))
        return self.opened[-1]


def in_file(envelope: Envelope, path: Path, witnessed: bool = False) -> Envelope:
    """As a store gives back large ones."""
    extents, content = [], bytearray()
    for part in envelope.parts:
        assert isinstance(part, Part)
        content += bytes(-len(content) % PAGE)
        start = len(content)
        for chunk in part.chunks:
            content += chunk
        extents.append((start, len(content)))
        assert len(content) - start == part.size
    path.write_bytes(content)
    return replace(envelope, parts=StoredFile(path, tuple(extents), witnessed))


def value_of(envelope: Envelope, pool: PagePool | None = None) -> Any:
    opened = open_envelope(KEY, envelope, SIGNER, pool or PagePool())
    return revive(opened.value, load_things).restore()


def filled(value: object = ("a", 1), recording: object = None) -> Envelope:
    shown = None if recording is None else packed_of(recording)
    return fill(KEY, FACTS, packed_of(value), shown, SIGNER)


def test_value_recording_and_facts_come_out() -> None:
    envelope = filled({"a": [1]}, recording=["shown", np.zeros(2000)])
    assert (envelope.group, envelope.created, envelope.expires) == ("group", 12.5, 99.0)
    opened = open_envelope(KEY, in_memory(envelope), SIGNER)
    assert opened.facts == FACTS
    assert unpack(opened.value, load_things) == {"a": [1]}
    assert opened.recording is not None
    assert unpack(opened.recording, load_things)[0] == "shown"


def test_without_a_recording_there_is_none() -> None:
    assert open_envelope(KEY, in_memory(filled()), SIGNER).recording is None


def test_the_size_is_that_of_header_and_parts() -> None:
    envelope = in_memory(filled({"a": np.zeros(2000)}))
    assert isinstance(envelope.parts, tuple)
    assert envelope.size == len(envelope.header) + sum(map(len, envelope.parts))


def test_an_infinite_life_and_odd_texts_come_out() -> None:
    facts = Facts("group", -1.0, math.inf, arguments="x='\ud800'" + "y" * 10_000)
    envelope = fill(KEY, facts, packed_of(1), None, SIGNER)
    opened = open_envelope(KEY, in_memory(envelope), SIGNER)
    assert opened.facts.expires == math.inf
    assert opened.facts.arguments.startswith("x='?'yyy")
    assert len(opened.facts.arguments) == 2000


@pytest.mark.parametrize("witnessed", [False, True])
def test_large_values_come_out_of_a_file(tmp_path: Path, witnessed: bool) -> None:
    value = {"a": np.arange(1_000_000), "b": "x" * 10, "c": np.arange(5000)}
    envelope = in_file(filled(value), tmp_path / "file", witnessed)
    pool = PagePool()
    first, second = value_of(envelope, pool), value_of(envelope, pool)
    first["a"][0] = 7
    assert (first["a"][:2].tolist(), second["a"][:2].tolist()) == ([7, 1], [0, 1])
    assert second["c"].tolist() == list(range(5000))
    assert isinstance(envelope.parts, StoredFile)
    assert envelope.parts.told == (0 if witnessed else 2)
    assert pool.mappings == 2


def test_a_large_value_is_mapped_for_each_caller_and_not_read(tmp_path: Path) -> None:
    envelope = in_file(filled(np.zeros(1_000_000)), tmp_path / "file", witnessed=True)
    opened = open_envelope(KEY, envelope, SIGNER)
    # A change below the file system that the store cannot see: it is seen if anything is read.
    with (tmp_path / "file").open("r+b") as file:
        file.seek(PAGE)
        file.write(b"\xff" * 8)
    snapshot = revive(opened.value, load_things)
    assert isinstance(snapshot, Mapped)
    assert math.isnan(snapshot.restore()[0])


def test_files_are_closed_with_the_last_snapshot(tmp_path: Path) -> None:
    envelope = in_file(filled(np.zeros(1_000_000)), tmp_path / "file")
    assert isinstance(envelope.parts, StoredFile)
    snapshot = revive(open_envelope(KEY, envelope, SIGNER).value, load_things)
    array = snapshot.restore()
    del snapshot
    for descriptor in envelope.parts.opened:
        with pytest.raises(OSError, match="Bad file"):
            os.fstat(descriptor)
    assert array.sum() == 0


@pytest.mark.parametrize("limits", [Limits(files=0, mappings=10), Limits(files=10, mappings=0)])
def test_without_descriptors_or_mappings_values_are_read(tmp_path: Path, limits: Limits) -> None:
    envelope = in_file(filled(np.arange(1_000_000)), tmp_path / "file", witnessed=True)
    back = value_of(envelope, PagePool(lambda: limits))
    back[0] = 5
    assert back[:2].tolist() == [5, 1]


def test_small_values_in_a_file_are_read_and_kept_as_always(tmp_path: Path) -> None:
    envelope = in_file(filled(("a", 1)), tmp_path / "file")
    snapshot = revive(open_envelope(KEY, envelope, SIGNER).value, load_things)
    assert snapshot.shared == ("a", 1)


def test_pickled_values_come_out(tmp_path: Path) -> None:
    value = [Path("a"), np.arange(1_000_000), b"x" * 10_000]
    for envelope in (in_memory(filled(value)), in_file(filled(value), tmp_path / "file")):
        back = value_of(envelope)
        assert (back[0], back[1][3], back[2]) == (Path("a"), 3, b"x" * 10_000)


def reason(envelope: Envelope, key: bytes = KEY, signer: Signer = SIGNER) -> str:
    with pytest.raises(InvalidEnvelopeError) as opening:
        open_envelope(key, envelope, signer, PagePool())
    with pytest.raises(InvalidEnvelopeError) as checking:
        verify(key, envelope, signer, PagePool())
    assert opening.value.reason == checking.value.reason
    assert opening.value.reason in REASONS
    return opening.value.reason


def test_every_flipped_bit_of_a_header_is_seen() -> None:
    envelope = in_memory(filled(1))
    for place in range(len(envelope.header) * 8):
        changed = bytearray(envelope.header)
        changed[place // 8] ^= 1 << place % 8
        assert reason(replace(envelope, header=bytes(changed))) == "signature"


def test_every_truncation_of_a_header_is_seen() -> None:
    envelope = in_memory(filled(1))
    for length in range(len(envelope.header)):
        changed = replace(envelope, header=envelope.header[:length])
        assert reason(changed) in ("truncated", "signature")


def test_a_header_under_another_key_or_of_another_secret_is_seen() -> None:
    envelope = in_memory(filled(1))
    assert reason(envelope, key=bytes(32)) == "signature"
    assert reason(envelope, signer=Signer(b"another secret of the tests")) == "signature"


@pytest.mark.parametrize("change", [{"group": "g"}, {"created": 12.0}, {"expires": math.inf}])
def test_a_row_that_says_something_else_is_seen(change: dict[str, Any]) -> None:
    assert reason(replace(in_memory(filled(1)), **change)) == "row"


def test_another_version_is_told_from_a_forgery(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(headers, "VERSION", 2)
    newer = in_memory(filled(1))
    monkeypatch.undo()
    assert reason(newer) == "format version"


def test_a_signed_header_that_is_none_is_seen() -> None:
    body = headers.FORMAT + bytes((headers.VERSION,)) + b"\x93\x01\x02\x03"
    header = body + SIGNER.sign("entry", KEY, body)
    assert reason(replace(in_memory(filled(1)), header=header)) == "header"


def damaged(envelope: Envelope) -> Iterator[Envelope]:
    """Each bit of each part flipped, each part truncated at each offset and gone."""
    parts = envelope.parts
    assert isinstance(parts, tuple)
    for number, part in enumerate(parts):
        assert isinstance(part, bytes)
        for place in range(len(part) * 8):
            changed = bytearray(part)
            changed[place // 8] ^= 1 << place % 8
            yield replace(envelope, parts=(*parts[:number], bytes(changed), *parts[number + 1 :]))
        for length in range(len(part)):
            yield replace(envelope, parts=(*parts[:number], part[:length], *parts[number + 1 :]))
        yield replace(envelope, parts=(*parts[:number], *parts[number + 1 :]))
    yield replace(envelope, parts=(*parts, b""))


def test_every_change_of_parts_in_memory_is_seen() -> None:
    envelope = in_memory(filled([1, (2,)], recording="shown"))
    assert {reason(one) for one in damaged(envelope)} == {"digest", "truncated"}


def test_every_truncation_and_every_changed_page_of_a_file_is_seen(tmp_path: Path) -> None:
    path = tmp_path / "file"
    envelope = in_file(filled({"a": np.arange(2000), "b": np.arange(700)}), path)
    content = path.read_bytes()
    for length in range(0, len(content), 97):
        path.write_bytes(content[:length])
        assert reason(envelope) == "truncated"
    assert isinstance(envelope.parts, StoredFile)
    for start, stop in envelope.parts.extents:
        for place in {start, (start + stop) // 2, stop - 1}:
            changed = bytearray(content)
            changed[place] ^= 1
            path.write_bytes(changed)
            assert reason(envelope) == "digest"
    assert envelope.parts.told == 0


def test_streams_in_a_witnessed_file_are_read_and_compared(tmp_path: Path) -> None:
    path = tmp_path / "file"
    envelope = in_file(filled(np.arange(1_000_000)), path, witnessed=True)
    content = bytearray(path.read_bytes())
    content[3] ^= 1
    path.write_bytes(content)
    assert reason(envelope) == "digest"


def test_checking_reads_what_is_witnessed(tmp_path: Path) -> None:
    path = tmp_path / "file"
    envelope = in_file(filled(np.arange(1_000_000)), path, witnessed=True)
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    open_envelope(KEY, envelope, SIGNER)
    with pytest.raises(InvalidEnvelopeError, match="digest"):
        verify(KEY, envelope, SIGNER)


def test_a_file_that_is_gone_is_told(tmp_path: Path) -> None:
    envelope = in_file(filled(np.arange(1_000_000)), tmp_path / "file")
    (tmp_path / "file").unlink()
    assert reason(envelope) == "unreadable"


def test_a_file_with_other_parts_is_seen(tmp_path: Path) -> None:
    envelope = in_file(filled(np.arange(1_000_000)), tmp_path / "file")
    assert isinstance(envelope.parts, StoredFile)
    for extents in (envelope.parts.extents[:1], ((0, 5), *envelope.parts.extents[1:])):
        envelope.parts.extents = extents
        assert reason(envelope) == "truncated"


class Bomb:
    """Creates a file when it is unpickled."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (self.path,)


def malicious(path: Path) -> Iterator[bytes]:
    for protocol in range(pickle.HIGHEST_PROTOCOL + 1):
        yield pickle.dumps(Bomb(path), protocol)
        yield pickle.dumps([1, {"a": Bomb(path)}], protocol)
    name = str(path)
    yield f"cos\nmkdir\n(S'{name}'\ntR.".encode()
    yield f"cposix\nmkdir\n(S'{name}'\ntR.".encode()
    yield f'cbuiltins\neval\n(S\'__import__("os").mkdir("{name}")\'\ntR.'.encode()
    yield f'cbuiltins\nexec\n(S\'__import__("os").mkdir("{name}")\'\ntR.'.encode()
    yield f"csubprocess\ngetoutput\n(S'touch {name}'\ntR.".encode()
    yield b"(S'" + name.encode() + b"'\nios\nmkdir\n."


def test_the_malicious_streams_do_what_they_are_feared_for(tmp_path: Path) -> None:
    for number, stream in enumerate(malicious(tmp_path / "made")):
        made = tmp_path / "made"
        pickle.loads(stream)
        assert made.exists(), number
        made.rmdir() if made.is_dir() else made.unlink()


@pytest.mark.parametrize("codec", ["pickle", "plain", "numpy", "frame", "other"])
def test_no_malicious_stream_is_executed(tmp_path: Path, codec: str) -> None:
    made = tmp_path / "made"
    genuine = in_memory(filled([1]))
    for stream in malicious(made):
        packed = Packed(codec, stream)
        forged = [
            # Signed with another secret, put under another key, brought in below a signed header.
            in_memory(fill(KEY, FACTS, packed, None, Signer(b"the attacker's own secret"))),
            in_memory(fill(bytes(32), FACTS, packed, None, SIGNER)),
            replace(genuine, parts=(stream,)),
            replace(
                in_memory(fill(KEY, FACTS, packed, None, Signer(b"the attacker's own secret"))),
                header=genuine.header,
            ),
            replace(genuine, header=stream),
            replace(genuine, header=stream + SIGNER.sign("other purpose", KEY, stream)),
        ]
        for envelope in forged:
            with pytest.raises(InvalidEnvelopeError):
                open_envelope(KEY, envelope, SIGNER)
        assert not made.exists()


@given(st.binary(max_size=300))
def test_any_bytes_are_no_header(header: bytes) -> None:
    assert reason(replace(in_memory(filled(1)), header=header)) in ("truncated", "signature")
