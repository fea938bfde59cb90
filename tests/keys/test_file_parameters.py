"""Which parameters are files, whatever way they are annotated."""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Optional

import pytest

import reprise
from reprise import File
from reprise import File as Source
from reprise.keys.file_parameters import file_parameters

Paths = list[File]
Text = "not an annotation"
Loop = "Loop"
UploadedFile = bytes


def direct(a: File, b: str, c: reprise.File, d: Source, e) -> File: ...


def within(
    a: list[File],
    b: File | None,
    c: Optional[File],  # noqa: UP045
    d: Sequence[reprise.File],
    e: Annotated[File, "more"],
    f: Paths,
    g: dict[str, Path],
    h: tuple[int, File],
): ...


def as_text(
    a: "File",
    b: "reprise.File | None",
    c: "list[Source]",
    d: "Paths",
    e: 'Sequence["File"]',
    f: list["File"],
    g: "str",
    h: "Path",
    i: "Text",
    j: "Loop",
    k: "UploadedFile",
    m: "unknown.Type",  # noqa: F821
    n: "reprise.cache_data",
): ...


def variadic(*paths: File, **named: File): ...


def for_checkers_only(a: "elsewhere.File", b: "UnknownFile", c: "Sequence[File]"): ...  # noqa: F821


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (direct, "acd"),
        (within, "abcdefh"),
        (as_text, "abcdef"),
        (variadic, {"paths", "named"}),
        (for_checkers_only, "ac"),
        (functools.partial(direct, 1), "acd"),
        (len, ""),
        (lambda path: 1, ""),
    ],
    ids=["direct", "within", "text", "variadic", "unknown", "partial", "builtin", "lambda"],
)
def test_files_are_found(function, expected):
    assert file_parameters(function) == set(expected)


def test_a_callable_object_and_a_method():
    class Loader:
        def __call__(self, path: File): ...

        def load(self, path: "File", x: int): ...

    assert file_parameters(Loader()) == {"path"}
    assert file_parameters(Loader().load) == {"path"}
    assert file_parameters(Loader.load) == {"path"}


def test_a_name_of_a_function_around_is_taken_for_ours():
    def around():
        from reprise import File as Inner

        def load(a: "Inner", b: "File"): ...

        return load, Inner

    load, inner = around()
    assert inner is File
    assert "b" in file_parameters(load)


def test_a_wrapper_keeps_the_annotations_of_what_it_wraps():
    @functools.wraps(direct)
    def wrapper(*args, **kwargs):
        return direct(*args, **kwargs)

    assert file_parameters(wrapper) == set("acd")
