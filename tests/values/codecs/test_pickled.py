"""What no safe codec takes: pickle, and the versions that it depends on."""

from __future__ import annotations

import sys
import types
from dataclasses import replace
from decimal import Context
from typing import Any

import numpy as np
import pandas as pd
import pytest
from round_trips import load_things, received, round_trip

from reprise.errors import UnserializableReturnValueError
from reprise.values import take_snapshot
from reprise.values.codecs import UndecodableError, pack, unpack
from reprise.values.codecs.packing import pack_safely
from reprise.values.revival import revive
from reprise.values.snapshots import Buffered, Pickled


class Own:
    def __init__(self, content: Any) -> None:
        self.content = content


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """A library of the test's own, with a class and a version."""
    module = types.ModuleType("some_library")
    exec("class Thing:\n    pass", vars(module))
    module.__version__ = "1.0"  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "some_library", module)
    return module


def test_the_stream_of_a_snapshot_is_kept_as_it_is() -> None:
    snapshot = take_snapshot(Own(np.arange(2_000_000)), load_things)
    assert isinstance(snapshot, Buffered)
    packed = pack(snapshot, load_things)
    assert packed.stream is snapshot.stream.data
    assert [one.size for one in packed.buffers] == [16_000_000]
    assert unpack(received(packed), load_things).content[-1] == 1_999_999


def test_versions_of_all_that_a_stream_names_are_kept(library: types.ModuleType) -> None:
    value = [library.Thing(), Own(pd.DataFrame({"a": [1]})), Context()]
    versions = dict(pack(take_snapshot(value, load_things), load_things).versions)
    assert versions["python"] == f"{sys.version_info.major}.{sys.version_info.minor}"
    assert (versions["some_library"], versions["pandas"]) == ("1.0", pd.__version__)
    assert not {"decimal", "__main__", "builtins"} & set(versions)


@pytest.mark.parametrize("library_s", ["python", "some_library"])
def test_another_version_is_no_value(library: types.ModuleType, library_s: str) -> None:
    packed = pack(take_snapshot([library.Thing()], load_things), load_things)
    came = received(packed)
    assert type(unpack(came, load_things)[0]) is library.Thing
    changed = replace(came, versions={**came.versions, library_s: "0.9"})
    for open_it in (unpack, revive):
        with pytest.raises(UndecodableError, match=rf"{library_s} 0\.9"):
            open_it(changed, load_things)


def test_a_library_that_is_gone_is_no_value(
    library: types.ModuleType, monkeypatch: pytest.MonkeyPatch
) -> None:
    came = received(pack(take_snapshot([library.Thing()], load_things), load_things))
    monkeypatch.delitem(sys.modules, "some_library")
    with pytest.raises(UndecodableError, match="some_library cannot be imported"):
        unpack(came, load_things)


def test_a_class_that_is_gone_is_no_value(library: types.ModuleType) -> None:
    came = received(pack(take_snapshot([library.Thing()], load_things), load_things))
    del library.Thing  # type: ignore[attr-defined]
    with pytest.raises(UndecodableError, match="Thing"):
        unpack(came, load_things)


def script() -> dict[str, Any]:
    """What one run of a script leaves behind."""
    names: dict[str, Any] = {"__name__": "__main__"}
    source = "class Point: ...\ndef load(): return Point()\ndef call(f, *a): return f(*a)"
    exec(source, names)
    return names


def test_classes_of_a_script_are_found_in_the_script_that_asks() -> None:
    first, second = script(), script()
    packed = pack(take_snapshot([first["load"]()], first["load"]), first["load"])
    assert packed.codec == "pickle"
    assert not {"__main__"} & set(packed.versions)
    back = second["call"](unpack, received(packed), second["load"])
    assert type(back[0]) is second["Point"]
    restore = revive(received(packed), second["load"]).restore
    assert type(second["call"](restore)[0]) is second["Point"]


def test_what_was_pickled_comes_back_as_a_snapshot_that_is_pickled() -> None:
    packed = pack(take_snapshot(Own([1]), load_things), load_things)
    snapshot = revive(received(packed), load_things)
    assert isinstance(snapshot, Pickled)
    first, second = snapshot.restore(), snapshot.restore()
    first.content.append(2)
    assert second.content == [1]


def test_read_only_arrays_stay_read_only_and_others_can_be_changed() -> None:
    fixed, free = np.arange(5000), np.arange(5000)
    fixed.flags.writeable = False
    came = received(pack(take_snapshot(Own([fixed, free]), load_things), load_things))
    back = revive(came, load_things).restore().content
    assert [one.flags.writeable for one in back] == [False, True]
    back[1][0] = 7
    assert revive(came, load_things).restore().content[1][0] == 0


def test_small_safe_values_become_the_snapshots_that_fresh_ones_are() -> None:
    for value in (5, "text", {"a": [1]}, np.arange(3), pd.DataFrame({"a": [1]}), (1, 2)):
        fresh = take_snapshot(value, load_things)
        back = revive(received(pack(fresh, load_things)), load_things)
        assert type(back) is type(fresh)
        assert back.shared == fresh.shared


def test_safe_codecs_never_unpickle(monkeypatch: pytest.MonkeyPatch) -> None:
    packed = pack_safely({"a": np.arange(5000), "b": pd.DataFrame({"c": [1]})})
    monkeypatch.setattr("reprise.values.codecs.pickled.stream_of", None)
    assert unpack(received(packed), load_things)["a"][4] == 4


def test_pickle_is_refused_where_only_safe_codecs_are_wanted() -> None:
    with pytest.raises(UnserializableReturnValueError, match=r"value\[0\] in it, of type .*Own"):
        round_trip([Own(1)], safe=True)
