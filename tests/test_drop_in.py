"""``reprise.install()`` and ``reprise.uninstall()``, and ``import reprise.auto``."""

from __future__ import annotations

import importlib.util
import sys
import threading
import types

import pytest

import reprise
from reprise.hosts.streamlit import decorators

st = pytest.importorskip("streamlit")


@pytest.fixture
def installed():
    """Ours in the place of Streamlit's for one test, with empty caches."""
    reprise.install()
    reprise.cache_data.clear()
    reprise.cache_resource.clear()
    yield
    reprise.cache_data.clear()
    reprise.cache_resource.clear()
    reprise.uninstall()


@pytest.fixture
def imported():
    """Makes modules of a user's, as if they had been imported, from their source."""
    names = []

    def make(name, source):
        module = types.ModuleType(name)
        sys.modules[name] = module
        names.append(name)
        exec(source, vars(module))
        return module

    yield make
    for name in names:
        del sys.modules[name]


def bindings():
    """What every loaded module of Streamlit's binds, and where."""
    return {
        (module_name, name): bound
        for module_name, module in list(sys.modules.items())
        if module_name.partition(".")[0] == "streamlit"
        for name, bound in list(vars(module).items())
    }


def test_uninstall_gives_everything_back():
    import streamlit.connections
    import streamlit.testing.v1  # noqa: F401 - loaded before, so that what it binds is compared

    reprise.cache_data(lambda: 1)()  # the hooks that record are for all of ours, and stay
    before = bindings()
    reprise.install()
    changed = [place for place, bound in bindings().items() if before.get(place) is not bound]
    reprise.uninstall()
    after = bindings()
    assert ("streamlit", "cache_data") in changed
    assert ("streamlit.runtime.connection_factory", "cache_resource") in changed
    assert ("streamlit.connections.sql_connection", "cache_data") in changed
    assert after.keys() == before.keys()
    assert [place for place, bound in after.items() if bound is not before[place]] == []


def test_what_stays_after_uninstall_is_what_listens_and_nothing_else(output_of):
    program = """
import sys
import streamlit, streamlit.connections, streamlit.testing.v1

def bindings():
    return {
        (module_name, name): bound
        for module_name, module in list(sys.modules.items())
        if module_name.partition(".")[0] == "streamlit"
        for name, bound in list(vars(module).items())
    }

import streamlit.runtime.app_session, streamlit.runtime.websocket_session_manager
import streamlit.runtime.state.safe_session_state, streamlit.runtime.scriptrunner_utils
before = bindings()
import reprise
reprise.install()
reprise.uninstall()
after = bindings()
changed = {place for place in before if after[place] is not before[place]}
assert all(after[place].__wrapped__ is before[place] for place in changed)
print(*sorted(".".join(place) for place in changed))
new = [place for place in after.keys() - before.keys() if (place[0], "__name__") in before]
assert all(type(after[place]) is type(sys) for place in new), new  # modules loaded meanwhile
"""
    assert output_of(program) == [
        "streamlit.elements.exception.marshall",
        "streamlit.elements.lib.utils._register_element_id",
    ]


def test_uninstall_gives_back_what_was_loaded_in_between(installed, imported):
    later = imported("streamlit.later", "from streamlit import cache_data")
    assert later.cache_data is reprise.cache_data
    reprise.uninstall()
    assert later.cache_data is st.cache_data is not reprise.cache_data


def test_uninstall_without_install_changes_nothing():
    before = bindings()
    reprise.uninstall()
    assert bindings() == before


def test_a_name_imported_before_is_ours_and_later_theirs_again(imported):
    theirs = st.cache_data
    module = imported("users_module", "from streamlit import cache_data as remember")
    reprise.install()
    try:
        assert module.remember is reprise.cache_data
    finally:
        reprise.uninstall()
    assert module.remember is theirs


def test_what_a_module_has_from_reprise_itself_stays_ours(imported):
    module = imported("users_module", "from reprise import cache_data")
    reprise.install()
    reprise.uninstall()
    assert module.cache_data is reprise.cache_data
    assert vars(reprise)["cache_data"] is module.cache_data


def test_a_name_that_its_module_bound_anew_is_let_alone(imported):
    module = imported("users_module", "from streamlit import cache_data")
    reprise.install()
    module.cache_data = "the user's"
    reprise.uninstall()
    assert module.cache_data == "the user's"


def test_modules_that_took_the_originals_are_not_kept_alive(imported):
    import gc
    import weakref

    module = weakref.ref(imported("users_script", "from streamlit import cache_data"))
    reprise.install()
    try:
        sys.modules["users_script"] = types.ModuleType("users_script")
        gc.collect()
        assert module() is None
    finally:
        reprise.uninstall()


def test_lazy_modules_are_not_loaded_by_looking_for_names(tmp_path, monkeypatch):
    path = tmp_path / "users_lazy.py"
    path.write_text("raise RuntimeError('loaded')", encoding="utf-8")
    spec = importlib.util.spec_from_file_location("users_lazy", path)
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "users_lazy", module)
    spec.loader.exec_module(module)
    monkeypatch.setitem(sys.modules, "users_odd", object())
    reprise.install()
    reprise.uninstall()
    with pytest.raises(RuntimeError, match="loaded"):
        module.anything


def test_installing_again_never_shows_theirs_to_another_thread(installed, monkeypatch):
    def forbidden(*_):
        raise AssertionError("bindings were touched")

    monkeypatch.setattr(decorators, "restore", forbidden)
    monkeypatch.setattr(decorators.Replacement, "put", forbidden)
    reprise.install()
    assert st.cache_data is reprise.cache_data


def test_many_threads_that_install_at_once_keep_the_way_back():
    theirs = st.cache_data
    barrier = threading.Barrier(8)

    def install():
        barrier.wait()
        reprise.install()

    for _ in range(5):
        threads = [threading.Thread(target=install) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert st.cache_data is reprise.cache_data
        reprise.uninstall()
        assert st.cache_data is theirs


EARLY = """
computed = []

@st.cache_data(show_spinner=False)
def early(x):
    computed.append(x)
    return [x]
"""


def test_functions_decorated_before_work_and_both_are_cleared_by_one_clear(imported):
    theirs = imported("users_early", f"import streamlit as st\n{EARLY}")
    reprise.install()
    try:
        ours = imported("users_late", f"import streamlit as st\n{EARLY}")
        assert hasattr(ours.early, "peek")
        for module in (theirs, ours):
            assert module.early(1) == module.early(1) == [1]
            assert module.computed == [1]
        st.cache_data.clear()
        for module in (theirs, ours):
            module.early(1)
            assert module.computed == [1, 1]
        for module in (theirs, ours):
            module.early.clear()
            module.early(1)
            assert module.computed == [1, 1, 1]
    finally:
        reprise.uninstall()
    # Each with the decorator that it has, and what is kept is not lost.
    for module in (theirs, ours):
        module.early(1)
        assert module.computed == [1, 1, 1]
    reprise.cache_data.clear()
    theirs.early(1)
    ours.early(1)
    assert (theirs.computed, ours.computed) == ([1] * 3, [1] * 4)


def test_import_auto_installs_once_and_survives_being_imported_anew(output_of):
    program = """
import streamlit as st
theirs = st.cache_data
import importlib, sys
import reprise.auto
assert st.cache_data is reprise.cache_data
importlib.reload(reprise.auto)
assert st.cache_data is reprise.cache_data

# What Streamlit's watcher does with modules that it watches when one of them was edited.
old = reprise
for name in [name for name in sys.modules if name.partition(".")[0] == "reprise"]:
    del sys.modules[name]
import reprise.auto
assert reprise is not old
assert st.cache_data is reprise.cache_data
reprise.uninstall()
assert st.cache_data is theirs
print("survived")
"""
    assert output_of(program) == ["survived"]


def test_import_auto_may_come_before_streamlit_and_its_example_is_true(output_of):
    program = """
import reprise.auto
import doctest, reprise
from streamlit import cache_data
assert cache_data is reprise.cache_data
print(doctest.testmod(reprise.auto))
"""
    assert output_of(program) == ["TestResults(failed=0,", "attempted=4)"]


@pytest.mark.parametrize("statement", ["import reprise.auto", "import reprise; reprise.install()"])
def test_without_streamlit_the_error_names_the_command_that_installs_it(statement, output_of):
    program = f"""
import sys
sys.modules["streamlit"] = None
try:
    {statement}
except ImportError as error:
    assert 'pip install "reprise-cache[streamlit]"' in str(error), error
    print("told")
"""
    assert output_of(program) == ["told"]
