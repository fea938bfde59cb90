"""What is installed counts by name and version."""

from __future__ import annotations

import importlib
import importlib.util
import sys
import zipfile
from importlib import metadata

import pytest

from reprise.keys import fingerprint, foresee
from reprise.keys.packages import (
    is_installed,
    is_installed_class,
    is_installed_file,
    stated_version,
    version_of,
)


class Installed:
    """A package that is installed, upgraded and loaded."""

    def __init__(self, folder):
        self.folder = folder

    def install(self, version, source="def g():\n    return 1\n"):
        for old in self.folder.glob("shelf-*.dist-info"):
            (old / "METADATA").unlink()
            old.rmdir()
        package = self.folder / "shelf"
        package.mkdir(exist_ok=True)
        (package / "__init__.py").write_text(source + f"# {version}\n")
        info = self.folder / f"shelf-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: shelf\nVersion: {version}\n")
        importlib.invalidate_caches()


@pytest.fixture(params=["site-packages", "vendored"])
def shelf(request, tmp_path, monkeypatch):
    """Installed the usual way, and with ``pip install --target``."""
    folder = tmp_path / request.param
    folder.mkdir()
    made = Installed(folder)
    made.install("1.0")
    monkeypatch.syspath_prepend(str(folder))
    # Python tells by second and size whether what it compiled is of this source.
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    yield made
    sys.modules.pop("shelf", None)


def function():
    import shelf

    names = {"__name__": "__main__", "shelf": shelf}
    exec("def f():\n    return shelf.g()", names)
    return names["f"]


def test_an_installed_package_counts_by_its_version(shelf):
    f = function()
    (part,) = [p for p in fingerprint(f).parts if p.name.startswith("package")]
    assert (part.name, part.note) == ("package shelf", "1.0")
    assert is_installed("shelf")


def test_an_upgrade_makes_another_fingerprint_once_it_is_loaded(shelf):
    import shelf as loaded

    before = fingerprint(function())
    shelf.install("2.0")
    importlib.reload(loaded)
    assert version_of("shelf") == "2.0"
    assert fingerprint(function()).digest != before.digest


def nothing_is_looked_up(monkeypatch):
    def refuse(*_):
        raise AssertionError("the metadata is read")

    monkeypatch.setattr(metadata, "distribution", refuse)
    monkeypatch.setattr(metadata, "packages_distributions", refuse)


HELPED = """
import shelf
def h(): return shelf.g() + f()
def f(): return h()
"""


@pytest.mark.parametrize("helped", [False, True], ids=["by itself", "by a helper"])
def test_what_was_foreseen_is_not_looked_up_again(shelf, monkeypatch, tmp_path, helped):
    import shelf as loaded

    importlib.reload(loaded)  # another spec: no other test has asked for its version
    names = {"__name__": "__main__"}
    exec(compile(HELPED, str(tmp_path / "app.py"), "exec"), names)
    f = names["f"] if helped else names["h"]
    foresee(f)
    nothing_is_looked_up(monkeypatch)
    assert [p.note for p in fingerprint(f).parts if p.name == "package shelf"] == ["1.0"]


def test_an_upgrade_after_it_was_foreseen_counts_once_it_is_loaded(shelf):
    import shelf as loaded

    foresee(function())
    shelf.install("2.0")
    importlib.reload(loaded)
    assert [p.note for p in fingerprint(function()).parts if p.name == "package shelf"] == ["2.0"]


@pytest.mark.parametrize("first", [version_of, lambda _: foresee(function())])
def test_a_package_that_was_upgraded_since_it_was_loaded_is_not_the_new_one(shelf, first):
    """A server goes on while somebody upgrades, and keeps results for those who come after it."""
    source = "def g():\n    return 1\n__version__ = '{}'\n"
    shelf.install("1.0", source.format("1.0"))
    loaded = importlib.reload(importlib.import_module("shelf"))
    shelf.install("2.0", source.format("2.0"))
    first("shelf")
    before = version_of("shelf")
    importlib.reload(loaded)
    assert version_of("shelf") == "2.0" != before


def test_to_foresee_asks_no_distribution_what_it_holds(shelf, monkeypatch):
    f, asked = function(), []
    for one in shelf.folder.glob("shelf-*.dist-info/METADATA"):
        one.write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
        one.parent.rename(shelf.folder / "other-1.0.dist-info")
    importlib.invalidate_caches()
    importlib.reload(sys.modules["shelf"])  # another spec: no other test has asked for its version
    monkeypatch.setattr(metadata, "packages_distributions", lambda: asked.append(1) or {})
    foresee(f)
    assert asked == []
    version_of("shelf")
    assert asked == [1]


def test_the_code_of_an_installed_package_does_not_count(shelf):
    import shelf as loaded

    before = fingerprint(function())
    shelf.install("1.0", "def g():\n    return 2\n")
    importlib.reload(loaded)
    assert fingerprint(function()).digest == before.digest


def test_what_is_imported_inside_the_function_counts_without_being_loaded(shelf):
    names = {"__name__": "__main__"}
    exec("def f():\n    import shelf\n    return shelf.g()", names)
    sys.modules.pop("shelf", None)
    parts = [p.note for p in fingerprint(names["f"]).parts if p.name == "package shelf"]
    assert parts == ["1.0"]
    assert "shelf" not in sys.modules


def test_the_standard_library_counts_by_name_so_that_keys_outlive_python():
    names = {"__name__": "__main__"}
    exec("import json, math\ndef f():\n    return json.dumps(math.pi)", names)
    assert not [p for p in fingerprint(names["f"]).parts if p.name.startswith("package")]


def test_a_distribution_of_another_name_is_found():
    assert version_of("PIL").startswith("pillow ") or version_of("PIL")[0].isdigit()


@pytest.mark.parametrize("name", ["Name: shelf-of-others\n", ""], ids=["other", "none"])
def test_a_version_is_found_where_the_name_of_the_metadata_is_not(shelf, name):
    """The folder is named as installers do not name it any more, or the metadata is damaged."""
    for version in ("1.0", "2.0"):
        shelf.install(version)
        info = shelf.folder / f"shelf-{version}.dist-info"
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\n{name}Version: {version}\n")
        (info / "top_level.txt").write_text("shelf_by_another_name")
        info = info.rename(shelf.folder / f"shelf-of-others-{version}.dist-info")
        importlib.invalidate_caches()
        assert version_of("shelf_by_another_name").endswith(version)
        sys.modules["shelf_by_another_name"] = importlib.util.module_from_spec(
            importlib.util.spec_from_loader("shelf_by_another_name", loader=None)
        )
        (info / "METADATA").unlink()
        (info / "top_level.txt").unlink()
        info.rmdir()
    del sys.modules["shelf_by_another_name"]


def test_distributions_are_asked_what_they_hold_once_until_something_is_installed(
    shelf, monkeypatch
):
    asked, real = [], metadata.packages_distributions
    monkeypatch.setattr(metadata, "packages_distributions", lambda: asked.append(1) or real())
    for one in shelf.folder.glob("shelf-*.dist-info/METADATA"):
        one.write_text("Metadata-Version: 2.1\nName: other\nVersion: 1.0\n")
        one.parent.rename(shelf.folder / "other-1.0.dist-info")
    own = shelf.folder.name.partition("-")[0]  # no other test has asked for these
    version_of(f"{own}_of_nobody")
    version_of(f"{own}_of_somebody")
    assert len(asked) == 1
    (shelf.folder / "other-1.0.dist-info" / "top_level.txt").write_text(f"{own}_by_now")
    importlib.invalidate_caches()
    assert version_of(f"{own}_by_now") == "other 1.0"
    assert len(asked) == 2


def test_beside_an_installed_package_the_users_own_code_is_the_users(shelf):
    (shelf.folder / "own.py").write_text("def g():\n    return 1\n")
    importlib.import_module("shelf")
    importlib.import_module("own")
    try:
        assert is_installed("own") is (shelf.folder.name == "site-packages")
        assert is_installed("shelf")
    finally:
        del sys.modules["own"]


@pytest.mark.parametrize("installed", [False, True], ids=["developed", "installed by an old pip"])
def test_a_package_that_is_developed_in_its_folder_is_the_users(tmp_path, monkeypatch, installed):
    """``pip install --editable``, and any build, leave metadata beside the sources."""
    package, info = tmp_path / "shelf", tmp_path / "shelf.egg-info"
    package.mkdir()
    info.mkdir()
    (package / "__init__.py").write_text("def g():\n    return 1\n")
    (info / "PKG-INFO").write_text("Metadata-Version: 2.1\nName: shelf\nVersion: 1.0\n")
    (info / "SOURCES.txt").write_text("shelf/__init__.py\nshelf.egg-info/PKG-INFO\n")
    if installed:
        (info / "installed-files.txt").write_text("../shelf/__init__.py\nPKG-INFO\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    f = function()
    try:
        before = fingerprint(f)
        (package / "__init__.py").write_text("def g():\n    return 200\n")
        importlib.reload(sys.modules["shelf"])
        assert is_installed("shelf") is installed
        assert (fingerprint(f).digest == before.digest) is installed
    finally:
        del sys.modules["shelf"]


def test_a_class_made_at_runtime_is_the_users_whatever_its_module_says():
    assert not is_installed_class(type("C", (), {"__module__": "types"}))
    assert is_installed_class(dict)
    assert is_installed_class(type(sys))


def test_a_version_is_what_the_metadata_says_for_all_that_is_installed():
    for found in metadata.distributions():
        assert stated_version(found) == found.version


@pytest.mark.parametrize(
    "text",
    [
        "Name: shelf\nVersion: 1.0\n\nVersion: 2.0\n",
        "Version: 1.0\nVersion: 2.0\n",
        "Name: shelf\nversion: 1.0\n",
        "Name: shelf\nVersion: 1.0\n and more\n",
        "Name: shelf\nVersion:\t1.0\n\nVersion: 2.0\n",
        "Name: shelf\n X\nVersion: 1.0+local.5\n",
    ],
)
def test_odd_metadata_says_what_it_says_to_python(tmp_path, text):
    info = tmp_path / "shelf-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(text)
    (found,) = metadata.distributions(path=[str(tmp_path)])
    assert stated_version(found) == found.version


def test_what_an_archive_holds_is_installed_if_its_metadata_is_there(tmp_path, monkeypatch):
    path = tmp_path / "shelf.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("shelf/__init__.py", "")
        archive.writestr("shelf-1.0.dist-info/METADATA", "Name: shelf\nVersion: 1.0\n")
        archive.writestr("shelf-1.0.dist-info/RECORD", "shelf/__init__.py,,\n")
    monkeypatch.syspath_prepend(str(path))
    assert is_installed_file(str(path / "shelf" / "__init__.py"))


def test_a_folder_without_metadata_holds_nothing_installed(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(metadata, "distributions", None)  # not so much as asked
    assert not is_installed_file(str(tmp_path / "app.py"))
    assert not is_installed_file(str(tmp_path / "gone" / "app.py"))


def test_metadata_that_cannot_be_read_says_nothing(tmp_path, monkeypatch):
    info = tmp_path / "reprise_unreadable-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_bytes(b"Name: reprise_unreadable\nVersion: \xff\n")
    (tmp_path / "reprise_unreadable.py").write_text("__version__ = '1.0'\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    __import__("reprise_unreadable")
    assert version_of("reprise_unreadable") == "1.0"
    monkeypatch.delitem(sys.modules, "reprise_unreadable")
