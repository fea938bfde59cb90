"""The table of what is private to Streamlit, held against the installed release."""

from __future__ import annotations

import ast
import warnings
from pathlib import Path

import pytest

from reprise.errors import HostWarning
from reprise.hosting import Call
from reprise.hosts.streamlit import hooks, internals, names
from reprise.hosts.streamlit.copies import COPIED
from reprise.hosts.streamlit.host import StreamlitHost
from reprise.hosts.streamlit.internals import complaint, missing, version
from reprise.hosts.streamlit.names import PRIVATE
from reprise.hosts.streamlit.private import Private
from reprise.hosts.streamlit.recording import StreamlitRecording

GONE = Private(".delta_generator", "DeltaGenerator._gone", "show that it is missed")


@pytest.mark.parametrize("private", PRIVATE, ids=lambda private: private.name)
def test_streamlit_still_has_what_is_used(private):
    if not private.expected_in(version()):
        pytest.skip("this release has another name for it, or does without")
    assert private.present, complaint((private,))


def test_what_is_gone_is_told_in_one_sentence():
    import streamlit

    assert complaint((GONE,)) == (
        f"Streamlit {streamlit.__version__} no longer has "
        "streamlit.delta_generator.DeltaGenerator._gone (needed to show that it is missed)."
    )


@pytest.mark.parametrize(
    ("module", "name", "present"),
    [
        (".delta_generator", "DeltaGenerator._enqueue", True),
        (".delta_generator", "DeltaGenerator._root_container", True),
        (".delta_generator", "DeltaGenerator._gone", False),
        (".delta_generator", "Gone._enqueue", False),
        (".gone", "anything", False),
        ("", "_main", True),
        (".runtime.scriptrunner_utils.script_run_context", "ScriptRunContext.session_id", True),
    ],
)
def test_what_is_there_is_told_from_what_is_not(module, name, present):
    assert Private(module, name, "").present is present


@pytest.mark.parametrize(
    ("since", "until", "expected"),
    [
        (None, None, True),
        ((1, 50), None, True),
        ((1, 51), None, False),
        (None, (1, 50), True),
        (None, (1, 49), False),
    ],
)
def test_a_name_is_expected_in_its_releases_only(since, until, expected):
    assert Private("", "", "", since, until).expected_in((1, 50)) is expected


def test_all_that_is_hooked_stands_in_the_table():
    assert {private for private, _ in hooks.HOOKS} <= set(PRIVATE)


def test_installing_twice_wraps_once():
    from streamlit.delta_generator import DeltaGenerator

    hooks.install()
    before = DeltaGenerator._enqueue
    assert hooks.install() == missing() == ()
    assert DeltaGenerator._enqueue is before
    assert not hasattr(before.__wrapped__, "__wrapped__")


def test_no_other_file_of_the_package_touches_what_is_private_to_streamlit():
    """Private attributes of others, and modules of Streamlit's that are not public."""
    own = Path(internals.__file__)
    public = {"streamlit", "streamlit.delta_generator"}
    for path in own.parents[2].rglob("*.py"):
        if path == own:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            touched = {name for name in names if name.partition(".")[0] == "streamlit"}
            assert touched <= public, f"{path.name}:{node.lineno} imports {touched - public}"


@pytest.fixture
def lacking(monkeypatch):
    """A host in front of a Streamlit that lacks one thing."""

    def lacking(*privates):
        monkeypatch.setattr(hooks, "HOOKS", ())
        monkeypatch.setattr(internals, "missing", lambda: privates)
        return StreamlitHost()

    return lacking


def test_a_streamlit_that_lacks_what_a_copy_needs_has_all_refreshed_in_front(lacking):
    host = lacking(COPIED[0])
    with pytest.warns(HostWarning, match="refresh behind what displayed something"):
        host.session()
    assert host.hidden_page(StreamlitRecording("streamlit"), Call(len, {})) is None


def app(cached):
    import streamlit as st

    @cached
    def show():
        st.text("text")

    @cached
    def silent():
        return 1

    show()
    silent()


@pytest.mark.filterwarnings("ignore::reprise.errors.HostWarning")
def test_a_streamlit_that_lacks_something_costs_the_replay_and_not_the_app(
    run, plainly, cached, lacking
):
    plain = plainly(app)
    cached.host = lacking(GONE)
    assert [run(app, cached), run(app, cached)] == [plain, plain]
    assert cached.runs == ["show", "silent", "show"]
    assert not cached.recordings[0].replayable


@pytest.mark.filterwarnings("ignore::reprise.errors.HostWarning")
def test_what_cannot_be_seen_at_all_is_taken_to_display_something(run, cached, lacking):
    cached.host = lacking(names.ENQUEUE, names.SEND)
    run(app, cached)
    run(app, cached)
    assert cached.runs == ["show", "silent"] * 2


@pytest.mark.filterwarnings("ignore::reprise.errors.HostWarning")
def test_what_replay_does_not_need_does_not_cost_it(run, cached, lacking):
    cached.host = lacking(names.CLEAR)
    assert run(app, cached) == run(app, cached)
    assert cached.runs == ["show", "silent"]


def test_what_is_missing_is_warned_about_once(lacking):
    host = lacking(GONE)
    with pytest.warns(HostWarning, match=r"no longer has .*_gone") as caught:
        for _ in range(3):
            with host.record(Call(len, {})) as recorder:
                recorder.recording()
    assert len(caught) == 1


def test_nothing_is_warned_about_when_all_is_there():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        StreamlitHost().session()
