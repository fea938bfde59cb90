from __future__ import annotations

from pathlib import Path

import pytest

from reprise.errors import InvalidOptionError
from reprise.stores.urls import DiskUrl, MemoryUrl, parse_url


@pytest.mark.parametrize("url", ["memory://", "MEMORY://", " memory:// "])
def test_memory_is_a_store(url):
    assert parse_url(url) == MemoryUrl()


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("disk://", None),
        ("Disk://", None),
        ("disk:///var/cache", "/var/cache"),
        ("disk:///var/a%20b%3F%25#c", "/var/a b?%#c"),
        ("disk:///var/ä", "/var/ä"),
        ("disk://./cache", "{here}/cache"),
        ("disk://cache/app", "{here}/cache/app"),
        ("disk://~/cache", "{home}/cache"),
        ("disk://~", "{home}"),
        ("disk:///C:/cache", "{here}/C:/cache"),  # on Windows an absolute path
    ],
)
def test_the_place_on_disk_is_a_path(url, folder, tmp_path, monkeypatch):
    home = tmp_path / "home"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(home))
    expected = folder and Path(folder.format(here=tmp_path, home=home))
    assert parse_url(url) == DiskUrl(expected)


@pytest.mark.parametrize(
    ("url", "size"),
    [("disk://?max_size=20GB", 2e10), ("disk:///x?max_size=1%20KiB", 1024.0), ("disk://?", None)],
)
def test_a_store_on_disk_may_have_a_bound(url, size):
    assert parse_url(url).max_size == size


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("", "Cannot read '' as the URL of a store: write memory://"),
        ("disk", "Cannot read 'disk'"),
        ("disk:/var/cache", "disk:///var/cache/app"),
        (None, "Cannot read None"),
        (Path("/var"), "Cannot read PosixPath"),
        ("disc:///var", "no store 'disc' (in 'disc:///var'). There are: memory, disk"),
        ("disk://?maxsize=1GB", "disk:// has no option 'maxsize'"),
        ("disk://?max_size=1GB&ttl=3", "no option 'ttl'"),
        ("disk://?max_size=1GB&max_size=2GB", "stands twice"),
        ("disk://?max_size", "name=value"),
        ("disk://?max_size=", "max_size in 'disk://?max_size='"),
        ("disk://?max_size=much", "max_size in"),
        ("disk:///a%00b", "zero byte"),
        ("disk:///a%FFb", "not UTF-8"),
        ("disk://~nobody-of-this-name/x", "'~nobody-of-this-name'"),
        ("memory:///x", "has no place"),
        ("memory://?max_size=1", "memory:// has no option 'max_size'"),
    ],
)
def test_a_bad_url_says_what_is_wrong_and_what_would_be_right(url, words):
    with pytest.raises(InvalidOptionError) as caught:
        parse_url(url)
    assert words in str(caught.value)
