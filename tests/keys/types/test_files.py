"""Open files: which file, as it stands, and where the next read begins."""

from __future__ import annotations

import io
import os
import tempfile

import pytest

from reprise.errors import UnhashableParamError
from reprise.keys import digest


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "a.txt"
    made.write_text("abc\ndef\n")
    return made


def test_an_open_file_counts_by_path_time_size_and_position(path):
    with path.open() as one, path.open() as other:
        assert digest(one) == digest(other)
        other.read(1)
        assert digest(one) != digest(other)


def test_text_and_bytes_of_a_file_differ(path):
    with path.open() as text, path.open(encoding="latin-1") as latin, path.open("rb") as raw:
        assert len({digest(file) for file in (text, latin, raw)}) == 3


def test_a_changed_file_is_another(path):
    with path.open() as one:
        before = digest(one)
    path.write_text("abc\ndefg\n")
    with path.open() as one:
        assert digest(one) != before
        resized = digest(one)
    status = path.stat()
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns + 1))
    with path.open() as one:
        assert digest(one) != resized


def test_two_files_with_one_content_differ(path, tmp_path):
    twin = tmp_path / "b.txt"
    twin.write_text(path.read_text())
    with path.open() as one, twin.open() as other:
        assert digest(one) != digest(other)


def test_a_temporary_file_counts_as_the_file_behind_it():
    with tempfile.NamedTemporaryFile() as file:
        before = digest(file)
        assert digest(file) == before
        file.write(b"a")
        file.flush()
        assert digest(file) != before


@pytest.mark.parametrize("make", [lambda: io.BytesIO(b"a\nb"), lambda: io.StringIO("a\nb")])
def test_a_file_in_memory_counts_by_content_position_and_attributes(make):
    one, other = make(), make()
    assert digest(one) == digest(other)
    other.seek(1)
    assert digest(one) != digest(other)
    other.seek(0)
    assert digest(one) == digest(other)
    other.name = "a.txt"
    assert digest(one) != digest(other)
    assert one.tell() == other.tell() == 0


def test_what_ends_a_line_counts():
    one, other = (io.StringIO("a\rb", newline) for newline in ("\n", ""))
    assert one.getvalue() == other.getvalue()
    assert one.readlines() != other.readlines()
    one.seek(0)
    other.seek(0)
    assert digest(one) != digest(other)


def test_how_wrong_bytes_are_read_counts(path):
    with path.open() as one, path.open(errors="ignore") as other:
        assert digest(one) != digest(other)


@pytest.mark.parametrize("make", [io.BytesIO, io.StringIO])
def test_a_closed_file_is_refused(make):
    file = make()
    file.close()
    with pytest.raises(UnhashableParamError, match="it is closed"):
        digest(file)


def test_a_pipe_is_refused():
    ends = os.pipe()
    refused = pytest.raises(UnhashableParamError, match="it has no path")
    with os.fdopen(ends[0]) as reader, os.fdopen(ends[1], "w"), refused:
        digest(reader)


def test_a_file_being_iterated_over_is_refused(path):
    with path.open() as file:
        next(file)
        with pytest.raises(UnhashableParamError, match="it has no position"):
            digest(file)
