"""Parameters that are files count by the content of these."""

from __future__ import annotations

import functools
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

import reprise
from reprise import File, cache_data, cache_resource
from reprise.errors import UnhashableParamError


@pytest.fixture
def path(tmp_path):
    made = tmp_path / "a.txt"
    made.write_text("one")
    return made


@pytest.fixture
def load(runs):
    @cache_data
    def read(path: File, times: int = 1):
        runs(str(path))
        return Path(path).read_text() * times

    return read


@pytest.mark.parametrize("kind", [str, Path])
def test_a_changed_file_is_read_again_and_an_unchanged_one_is_not(load, runs, path, kind):
    assert load(kind(path)) == load(path=kind(path), times=1) == "one"
    assert len(runs) == 1
    status = path.stat()
    path.write_text("two")
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    assert load(kind(path)) == "two"
    path.write_text("one")
    assert load(kind(path)) == "one"
    assert len(runs) == 2


@pytest.mark.parametrize("files", [["path"], ("path",), {"path"}, "path"], ids=repr)
@pytest.mark.parametrize("decorator", [cache_data, cache_resource])
def test_files_names_parameters_without_an_annotation(decorator, files, path, runs):
    @decorator(files=files)
    def read(path, other="x"):
        runs(path)
        return path.read_text()

    assert read(path) == read(path) == "one"
    path.write_text("two")
    assert read(path) == "two"
    assert len(runs) == 2


def test_a_missing_file_is_the_functions_matter(load, runs, path):
    path.unlink()
    for _ in range(2):
        with pytest.raises(FileNotFoundError):
            load(path)
    path.write_text("two")
    assert load(path) == "two"
    assert len(runs) == 3


def test_a_file_that_changes_while_it_is_read_is_not_kept(path, runs):
    @cache_data
    def read(path: File):
        text = path.read_text()
        runs(text)
        path.write_text("two" if text == "one" else "one")
        return text

    # Else the second "one" would be given what was read of ... whatever it was.
    assert [read(path), read(path), read(path)] == ["one", "two", "one"]
    assert runs == ["one", "two", "one"]


def test_a_file_that_is_replaced_by_a_directory_meanwhile_harms_nobody(path, runs):
    @cache_data
    def read(path: File):
        text = path.read_text()
        path.unlink()
        path.mkdir()
        return text

    assert read(path) == "one"


def test_a_list_of_files_and_variadic_parameters(path, tmp_path, runs):
    other = tmp_path / "b.txt"
    other.write_text("b")

    @cache_data
    def read(*paths: File, more: list[File] | None = None):
        runs(len(paths))
        return "".join(one.read_text() for one in [*paths, *(more or [])])

    assert read(path, other) == read(path, other) == "oneb"
    other.write_text("c")
    assert read(path, other) == "onec"
    assert read(path, more=[other]) == "onec"
    other.write_text("d")
    assert read(path, more=[other]) == "oned"
    assert len(runs) == 4


def test_a_function_behind_a_wrapper(path, runs):
    def logged(function):
        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            return function(*args, **kwargs)

        return wrapper

    @cache_data
    @logged
    def read(path: File):
        runs(path)
        return path.read_text()

    assert read(path) == read(path=path) == "one"
    path.write_text("two")
    assert read(path) == "two"
    assert len(runs) == 2


def test_peek_and_clear_look_at_the_content_too(load, path, runs):
    load(path)
    assert load.peek(path) == "one"
    path.write_text("two")
    assert load.peek(path) is reprise.MISSING
    load(path)
    load.clear(path)
    path.write_text("one")
    assert load.peek(path) == "one"


def test_a_directory_is_refused(load, tmp_path):
    with pytest.raises(reprise.UnhashableParamError, match="is a directory"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("files", "told"),
    [
        (5, r"files=\[\"path\"\]"),
        ([5], r"files=\[\"path\"\]"),
        (["my path"], r"files=\[\"path\"\]"),
        (["paht"], "Its parameters are: path, _other"),
        (["_other"], "Rename it to 'other'"),
    ],
)
def test_bad_names_are_refused_when_decorating(files, told):
    with pytest.raises(reprise.InvalidOptionError, match=told):

        @cache_data(files=files)
        def read(path, _other):
            return path


def test_any_keyword_may_be_a_file_where_the_function_takes_all(path, runs):
    @cache_data(files=["path"])
    def read(**options):
        runs(1)
        return options["path"].read_text()

    assert read(path=path) == "one"
    path.write_text("two")
    assert read(path=path) == "two"


def test_paths_in_bytes_are_read_and_what_is_no_path_is_refused(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("one")

    @cache_data(files=["path"])
    def load(path):
        return Path(os.fsdecode(path)).read_text()

    assert load(str(path).encode()) == "one"
    path.write_text("two")
    assert load(str(path).encode()) == "two"
    with pytest.raises(UnhashableParamError, match="pass paths"):
        load(SimpleNamespace(path=str(path)))
