"""Digests of files: whole, remembered for as long as nothing can have changed."""

from __future__ import annotations

import os
import socket
import time
from pathlib import Path

import pytest
from blake3 import blake3

from reprise.errors import UnhashableParamError
from reprise.keys import ArgumentKeys, Parameter
from reprise.keys.file_contents import FileContents

SECOND = 1_000_000_000
CODE = ("code",)
KEYS = ArgumentKeys("pkg.load", (Parameter("path"), Parameter("x")), files=frozenset({"path"}))


class Clock:
    """Nanoseconds since the epoch, moved by hand."""

    def __init__(self):
        self.ahead = 0

    def __call__(self):
        return time.time_ns() + self.ahead


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def contents(clock):
    return FileContents(clock)


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "a.csv"
    made.write_bytes(b"abc")
    return made


@pytest.fixture
def reads(monkeypatch):
    """How many files were read to the end."""
    from reprise.keys import file_contents

    read, done = file_contents._content, []

    def counted(file):
        done.append(file.name)
        return read(file)

    monkeypatch.setattr(file_contents, "_content", counted)
    return done


def rewrite(path, content):
    """Change the content and nothing else that a program could set."""
    status = path.stat()
    with path.open("r+b") as file:
        file.write(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))


def key(path, keys=KEYS):
    return keys.key(CODE, (path, 1))


def test_it_is_the_digest_of_the_whole_content(contents, path):
    content = os.urandom(3_000_001)
    path.write_bytes(content)
    assert contents.digest(str(path)) == blake3(content).digest()
    path.write_bytes(b"")
    assert contents.digest(str(path)) == blake3(b"").digest()


def test_a_file_that_lies_still_is_read_once(contents, path, clock, reads):
    clock.ahead = 3 * SECOND
    for _ in range(3):
        assert contents.digest(str(path)) == blake3(b"abc").digest()
    assert len(reads) == 1


def test_a_file_that_was_changed_just_now_is_not_remembered(contents, path, clock, reads):
    for _ in range(2):
        assert contents.digest(str(path)) == blake3(b"abc").digest()
    assert len(reads) == 2
    clock.ahead = 3 * SECOND
    contents.digest(str(path)), contents.digest(str(path))
    assert len(reads) == 3


def test_a_file_from_the_future_is_never_remembered(contents, path, clock, reads):
    clock.ahead = -3600 * SECOND
    contents.digest(str(path)), contents.digest(str(path))
    assert len(reads) == 2


def test_a_change_that_keeps_size_and_time_is_seen(contents, path, clock):
    clock.ahead = 3 * SECOND
    contents.digest(str(path))
    rewrite(path, b"xyz")
    assert contents.digest(str(path)) == blake3(b"xyz").digest()


def test_another_file_in_its_place_is_seen(contents, path, tmp_path, clock):
    clock.ahead = 3 * SECOND
    contents.digest(str(path))
    status = path.stat()
    other = tmp_path / "b.csv"
    other.write_bytes(b"xyz")
    os.utime(other, ns=(status.st_atime_ns, status.st_mtime_ns))
    other.replace(path)
    assert contents.digest(str(path)) == blake3(b"xyz").digest()


def test_what_changes_while_it_is_read_is_not_remembered(contents, path, clock, monkeypatch):
    from reprise.keys import file_contents

    read = file_contents._content
    clock.ahead = 3 * SECOND

    def changed_meanwhile(file):
        digest = read(file)
        path.write_bytes(b"abcd")
        return digest

    with monkeypatch.context() as patched:
        patched.setattr(file_contents, "_content", changed_meanwhile)
        contents.digest(str(path))
    assert contents._known == {}
    assert contents.digest(str(path)) == blake3(b"abcd").digest()


def test_not_too_much_is_remembered(contents, tmp_path, clock, monkeypatch):
    from reprise.keys import file_contents

    monkeypatch.setattr(file_contents, "_REMEMBERED", 5)
    clock.ahead = 3 * SECOND
    for number in range(20):
        made = tmp_path / str(number)
        made.write_bytes(b"%d" % number)
        contents.digest(str(made))
    assert [Path(name).name for name in contents._known] == ["15", "16", "17", "18", "19"]


@pytest.mark.parametrize("name", ["absent", "a.csv/inside", "", "a\0b", "a" * 5000])
def test_there_may_be_no_such_file(contents, path, name):
    assert contents.digest(os.path.join(path.parent, name) if name else "") is None  # noqa: PTH118


# As a part of keys.


def test_the_content_is_a_part_of_the_key(path):
    before = key(path)
    assert key(path) == before
    assert len(before) == 2
    assert len(before[1]) == 32
    rewrite(path, b"xyz")
    changed = key(path)
    assert changed != before
    rewrite(path, b"abc")
    assert key(path) == before
    path.unlink()
    assert key(path) not in (before, changed)


def test_the_path_is_a_part_of_the_key_too(path, tmp_path):
    twin = tmp_path / "b.csv"
    twin.write_bytes(path.read_bytes())
    assert key(path) != key(twin)
    assert key(path) != key(str(path)), "a text is no Path"


def test_other_parameters_count_by_themselves(path):
    keys = ArgumentKeys("load", (Parameter("path"), Parameter("x")), files=frozenset({"x"}))
    before = keys.key(CODE, (str(path), None))
    path.write_bytes(b"xyz")
    assert keys.key(CODE, (str(path), None)) == before


class Unnamed(list):
    def __iter__(self):
        raise RuntimeError("no iteration")


class Pathless:
    def __fspath__(self):
        raise RuntimeError("no path")


@pytest.mark.parametrize(
    "value", [0, 1.5, [3], {1: 2}, bytearray(b"abc"), Unnamed(["a"]), Pathless()]
)
def test_what_may_be_a_file_and_names_none_is_refused(value):
    with pytest.raises(UnhashableParamError, match="argument 'path'"):
        key(value)


@pytest.mark.parametrize(
    "wrap",
    [
        lambda path: [path],
        lambda path: (1, str(path)),
        lambda path: {"a": path},
        lambda path: {path},
        lambda path: [None, [path]],
        lambda path: {str(path): 1},
    ],
)
def test_files_in_containers_count(wrap, path):
    before = key(wrap(path))
    assert key(wrap(path)) == before
    rewrite(path, b"xyz")
    assert key(wrap(path)) != before


@pytest.mark.parametrize(
    "wrap", [list, tuple, set, lambda pair: dict(zip("ab", pair, strict=True))]
)
def test_two_files_that_exchange_their_content_are_seen(wrap, path, tmp_path):
    twin = tmp_path / "b.csv"
    twin.write_bytes(b"xyz")
    before = key(wrap([path, twin]))
    rewrite(path, b"xyz")
    rewrite(twin, b"abc")
    assert key(wrap([path, twin])) != before


@pytest.mark.parametrize("value", [None, False, b"abc", [], {"a": None}])
def test_what_is_no_path_counts_as_itself(value):
    assert key(value) == key(value)
    assert key(value) != key([value])


def test_a_link_counts_as_what_it_leads_to(path, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(path)
    before = key(link)
    rewrite(path, b"xyz")
    assert key(link) != before


def test_a_directory_is_refused_with_what_to_pass(tmp_path):
    with pytest.raises(UnhashableParamError) as caught:
        key([tmp_path])
    text = str(caught.value)
    assert f"'path' of 'pkg.load', which counts by the content of its files: '{tmp_path}'" in text
    assert 'load(path=sorted(Path("...").rglob("*.csv")))' in text


def test_a_pipe_and_a_socket_are_refused_and_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "socket"))
        for name in ("pipe", "socket"):
            with pytest.raises(UnhashableParamError, match="is a pipe or a device"):
                key(tmp_path / name)


def test_a_file_that_cannot_be_read_is_refused(path, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("builtins.open", refuse)
    with pytest.raises(
        UnhashableParamError, match="cannot be read \\(Permission denied\\)"
    ) as caught:
        key(path)
    assert isinstance(caught.value.__cause__, PermissionError)


def test_keywords_and_variadic_parameters(path):
    from inspect import Parameter as Formal

    keys = ArgumentKeys(
        "load",
        (Parameter("paths", Formal.VAR_POSITIONAL), Parameter("named", Formal.VAR_KEYWORD)),
        files=frozenset({"paths", "one"}),
    )
    calls = [((path,), {}), ((), {"one": str(path)}), ((), {"other": str(path)})]
    before = [keys.key(CODE, call) for call in calls]
    rewrite(path, b"xyz")
    after = [keys.key(CODE, call) for call in calls]
    assert [one == other for one, other in zip(before, after, strict=True)] == [False, False, True]
