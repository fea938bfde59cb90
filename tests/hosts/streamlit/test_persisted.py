"""What was displayed outlives the server: a fresh one shows the page, and no function runs.

A fresh runtime on the same folder stands for a fresh server. The uncached app is the oracle.
"""

from __future__ import annotations

import sqlite3

import pytest
import streamlit as st
from behind_apps import app_of, texts
from differential import Session, again, differ, lines, put, query, through
from replay_apps import APPS, same_key_twice
from wrong_apps import CASES

from reprise import config
from reprise.composition import make_runtime
from reprise.engine.runtime import current, use
from reprise.errors import StoreWarning
from reprise.hosts.streamlit import written

# Streamlit 1.40 calls what newer releases of Altair want to be called otherwise.
pytestmark = pytest.mark.filterwarnings(r"ignore:\s*Deprecated since .altair:DeprecationWarning")


@pytest.mark.parametrize("app", APPS, ids=lambda app: app.__name__)
def test_a_fresh_server_shows_the_page_and_runs_nothing(app, run, plainly, persisting):
    plain = plainly(app)
    assert len(plain.exceptions) == (app is same_key_twice)
    assert run(app, persisting) == plain
    assert any(persisting.runs.values())
    persisting.renew()
    assert run(app, persisting) == plain
    assert run(app, persisting) == plain
    assert persisting.runs
    assert not any(persisting.runs.values())


MEMORY_ONLY = {
    "a_container_that_is_returned",
    "a_container_in_a_list_that_is_returned",
    "a_bar_that_is_returned",
}


@pytest.mark.parametrize(
    "app", [app for app, _, kind in CASES if kind == "data"], ids=lambda app: app.__name__
)
@pytest.mark.filterwarnings("ignore::reprise.errors.StoreWarning")
def test_where_streamlits_own_cache_is_wrong_a_fresh_server_is_right(app, open_app, persisting):
    def pages(decorate):
        opened = open_app(app, decorate)
        return [opened.run().page(), opened.run().page()]

    plain = lambda function: function
    pages(plain)
    expected = pages(plain)
    for _ in range(3):
        assert pages(persisting) == expected
        fresh = sum(persisting.runs.values())
        persisting.renew()
    assert bool(fresh) == (app.__name__ in MEMORY_ONLY)


APP = """
import streamlit as st

@cached(widgets=True)
def compute(n):
    {body}

st.text(compute(1))
"""


READS = {
    "item": 'return st.session_state["a"] if "a" in st.session_state else None',
    "all": "return sorted(st.session_state.items(), key=str)",
    "conditional": 'return st.session_state.get("b") if st.session_state.get("a") else 0',
    "shown": 'st.text(st.session_state.get("a")); return n',
    "query": 'return st.query_params.get("a"), sorted(st.query_params.to_dict())',
    "list": 'return st.query_params.get_all("a")',
    "context": "return str(st.context.headers.to_dict())",
    "user": 'return (st.user if hasattr(st, "user") else st.experimental_user).get("email")',
}


@pytest.mark.parametrize("body", READS.values(), ids=READS)
def test_what_is_read_leads_to_the_right_result_in_a_fresh_server(open_app, persisting, body):
    steps = [put(a=1), put(b=2), put(a=2, b=[3]), query(a="1", b="2"), put(a=1, b=2), put(a=0)]
    app = APP.format(body=body)
    differ(open_app, app, steps, persisting)
    persisting.renew()
    differ(open_app, app, steps, persisting, rounds=2)
    assert persisting.runs == {"compute": 0}


def test_a_server_that_comes_back_between_any_two_steps(open_app, persisting):
    app = APP.format(body=READS["conditional"])
    steps = [put(a=1), put(b=2), put(a=2, b=[3]), put(a=1, b=2), put(a=0)]
    renewed = [renewing(step, persisting) for step in steps]
    expected = differ(open_app, app, renewed, persisting, rounds=2)
    assert len({after.page.elements for after in expected}) > 2
    assert persisting.runs == {"compute": 0}


def renewing(step, persisting):
    def renewed(session):
        persisting.renew()
        step(session)

    return renewed


WRITES = {
    "plain data": 'st.session_state.held = {{"a": [1, (2.5, None)], "b": {{"x"}}}}',
    "large numbers": "st.session_state.held = [2 ** 70, True, '\\ud800', b'b']",
    "a frame": "import pandas; st.session_state.held = str(pandas.DataFrame({{'a': [n]}}))",
    "a date": "import datetime; st.session_state.held = [datetime.date(2026, 1, n)]",
    "an array": "import numpy; st.session_state.held = numpy.arange(3)",
    "an argument": "st.session_state.held = n",
    "the address": 'st.query_params.a = "1"; st.query_params.from_dict({{"b": ["2", "3"]}})',
    "deleted": 'st.session_state.held = 1; del st.session_state["held"]',
    "a container": 'st.session_state.held_box = st.container(); st.text("x"); return 2',
}


@pytest.mark.parametrize("body", WRITES.values(), ids=WRITES)
def test_what_was_written_to_the_session_is_written_by_a_fresh_server(open_app, persisting, body):
    shown = 'st.text({k: str(v) for k, v in st.session_state.items() if "box" not in k})\n'
    app = APP.format(body=body.format()) + shown
    if "box" in body:
        app += 'st.session_state.held_box.text("into it")\n'

    def visible(session):
        return [lines(after)[: len(after.page.elements)] for after in through(session, [again])]

    plain = lambda function=None, **_: function if function is not None else plain
    expected = visible(Session(open_app(app, plain)))
    for _ in range(2):
        assert visible(Session(open_app(app, persisting))) == expected
        ran = dict(persisting.runs)
        persisting.renew()
    assert ran == {"compute": 0}


KEPT_IN_MEMORY = {
    "a container that is returned": 'st.text("x"); return st.container()',
    "a function": "import functools; st.session_state.held = functools.partial(repr, n)",
}


@pytest.mark.parametrize("what", KEPT_IN_MEMORY)
def test_what_cannot_be_written_down_is_kept_in_memory_and_told_once(
    open_app, persisting, what, recwarn
):
    app = APP.format(body=KEPT_IN_MEMORY[what]).replace("st.text(compute(1))", "compute(1)")
    for _ in range(3):
        assert not open_app(app, persisting).run().exception
    assert persisting.runs == {"compute": 1}
    [told] = [one for one in recwarn if issubclass(one.category, StoreWarning)]
    assert what in str(told.message)
    assert "compute" in str(told.message)
    assert "only in memory" in str(told.message)
    assert list(persisting.store.entries()) == []


SHOWN = """
import streamlit as st

@cached
def show(n):
    st.text(f"shown {n}")
    return n

show(1)
"""


def pages(open_app, app, decorate, times=2):
    return [open_app(app, decorate).run().page() for _ in range(times)]


def columns(folder, what):
    connection = sqlite3.connect(folder / "index.sqlite3")
    found = connection.execute(f"SELECT {what} FROM entries").fetchall()
    connection.close()
    return found


def change(folder, statement, *values):
    connection = sqlite3.connect(folder / "index.sqlite3")
    with connection:
        connection.execute(f"UPDATE entries SET {statement}", values)
    connection.close()


@pytest.mark.parametrize("what", ["release", "format"])
def test_what_another_release_displayed_is_a_miss_and_no_damage(
    open_app, persisting, monkeypatch, what
):
    [plain] = pages(open_app, SHOWN, persisting, 1)
    before = columns(persisting.folder, "version")
    with monkeypatch.context() as patch:
        if what == "release":
            patch.setattr(st, "__version__", f"{st.__version__}.1")
        else:
            patch.setattr(written, "FORMAT", "0")
        persisting.renew()
        assert pages(open_app, SHOWN, persisting) == [plain, plain]
        assert persisting.runs == {"show": 1}
        assert len(columns(persisting.folder, "version")) == 1
        assert columns(persisting.folder, "version") != before
        persisting.renew()
        assert pages(open_app, SHOWN, persisting) == [plain, plain]
        assert persisting.runs == {"show": 0}
    persisting.renew()
    assert pages(open_app, SHOWN, persisting) == [plain, plain]
    assert persisting.runs == {"show": 1}
    assert not list((persisting.folder / "aside").glob("*"))


@pytest.mark.filterwarnings("ignore::reprise.errors.StoreWarning")
@pytest.mark.parametrize("column", ["header", "inline"])
def test_a_flipped_byte_is_a_miss_and_never_another_page(open_app, persisting, column):
    plain = lambda function: function
    [right] = pages(open_app, SHOWN, plain, 1)
    assert pages(open_app, SHOWN, persisting, 1) == [right]
    [(content,)] = columns(persisting.folder, column)
    assert column == "header" or b"shown 1" in content
    for offset in range(0, len(content), 23):
        changed = bytearray(content)
        changed[offset] ^= 1 << offset % 8
        change(persisting.folder, f"{column} = ?", bytes(changed))
        persisting.renew()
        assert pages(open_app, SHOWN, persisting) == [right, right], offset
        assert persisting.runs == {"show": 1}, offset
        [(content,)] = columns(persisting.folder, column)


def test_a_recording_of_one_call_is_not_shown_for_another(open_app, persisting):
    """What stands under a key is signed for it."""
    two = SHOWN + "show(2)\n"
    plain = lambda function: function
    [right] = pages(open_app, two, plain, 1)
    assert pages(open_app, two, persisting, 1) == [right]
    (one, first), (other, second) = columns(persisting.folder, "key, version")
    change(persisting.folder, "key = ? WHERE version = ?", b"spare", first)
    change(persisting.folder, "key = ? WHERE version = ?", one, second)
    change(persisting.folder, "key = ? WHERE version = ?", other, first)
    persisting.renew()
    with pytest.warns(StoreWarning):
        assert pages(open_app, two, persisting) == [right, right]
    assert persisting.runs == {"show": 2}


KEYED = """
import streamlit as st

@cached
def show():
    st.container(key="box").text("keyed")
    st.audio(b"RIFF", autoplay=True)

with st.form({name!r}):
    show()
    st.form_submit_button("go")
"""


def test_elements_with_identities_are_shown_where_they_belong_and_nowhere_else(
    open_app, persisting
):
    plain = lambda function: function
    for name in ("one", "two", "one"):
        app = KEYED.format(name=name)
        [right] = pages(open_app, app, plain, 1)
        persisting.renew()
        assert pages(open_app, app, persisting) == [right, right], name


def test_safe_codecs_are_enough_for_what_is_displayed(open_app, persisting):
    app = SHOWN.replace("@cached", '@cached(persist_codec="safe")')
    [first] = pages(open_app, app, persisting, 1)
    persisting.renew()
    assert pages(open_app, app, persisting) == [first, first]
    assert persisting.runs == {"show": 0}


ASYNCHRONOUS = """
import asyncio
import streamlit as st

@cached
async def show(n):
    st.text(f"shown {n} {st.session_state.get('a')}")
    return n

asyncio.run(show(1))
"""


def test_coroutine_functions(open_app, persisting):
    plain = lambda function: function
    [right] = pages(open_app, ASYNCHRONOUS, plain, 1)
    assert pages(open_app, ASYNCHRONOUS, persisting, 1) == [right]
    persisting.renew()
    assert pages(open_app, ASYNCHRONOUS, persisting) == [right, right]
    assert persisting.runs == {"show": 0}


def test_what_displays_nothing_answers_where_there_is_no_page_too(open_app, persisting):
    def compute():
        return "value"

    assert persisting(compute)() == "value"
    persisting.renew()
    app = "import streamlit as st\nst.text(cached())"
    opened = open_app(app, persisting(compute)).run()
    assert opened.text[0].value == "value"
    assert persisting.runs == {"compute": 0}


def test_what_was_displayed_where_there_is_no_page_is_not_shown_on_one(open_app, persisting):
    def show():
        st.text("text")
        return "value"

    assert persisting(show)() == "value"
    assert persisting.runs == {"show": 1}
    persisting.renew()
    assert persisting(show)() == "value"
    assert persisting.runs == {"show": 0}
    persisting.renew()
    cached = persisting(show)
    for _ in range(2):
        assert len(open_app("cached()", cached).run().page().elements) == 1
    assert persisting.runs == {"show": 1}


def test_what_memory_has_no_room_for_is_shown_and_leaves_no_trace(open_app, persisting):
    app = APP.format(body='st.text(st.session_state.get("a")); return n')
    plain = lambda function=None, **_: function if function is not None else plain
    [right] = pages(open_app, app, plain, 1)
    assert pages(open_app, app, persisting, 1) == [right]
    persisting.renew()
    current().store.max_size = 1
    assert pages(open_app, app, persisting, 3) == [right] * 3
    assert persisting.runs == {"compute": 0}
    assert persisting.leaves("compute") == 0


OTHER_QUESTIONS = """
import streamlit as st

asked = shared["asked"]

@cached
def compute(_shared):
    return [st.session_state.get(key, "none") for key in _shared["asked"]]

st.text(compute(shared))
"""


def test_of_two_results_that_ask_for_different_things_the_newer_one_counts(open_app, persisting):
    asked = {"asked": ["a"]}

    def app(asked_first, **state):
        asked["asked"] = [asked_first]
        script = "cached, shared = cached\n" + OTHER_QUESTIONS
        opened = open_app(script, (persisting, asked))
        for name, value in state.items():
            opened.session_state[name] = value
        return opened.run().text[0].value

    assert app("a", a=1, b=1) == "[1]"
    assert app("b", a=2, b=2) == "[2]"
    persisting.renew()
    assert app("b", a=5, b=2) == "[2]"
    assert persisting.runs == {"compute": 0}
    assert persisting.leaves("compute") == 1
    assert persisting.function("compute").cache_info().entries == 1
    assert app("b", a=1, b=7) == "[7]"


STALE = app_of("st.text(f'shown {n}'); st.session_state.get('a')")


def test_what_comes_from_the_store_is_refreshed_behind(open_app, behind, tmp_path, monkeypatch):
    monkeypatch.setenv("REPRISE_SECRET", "a secret of the tests alone")
    config.reset()
    behind.decorate["persist"] = f"disk://{tmp_path / 'store'}"
    assert texts(open_app(STALE, behind).run()) == ["above", "shown 1", "returned 1", "below"]
    behind.clock.advance(11)
    current().close()
    fresh = make_runtime(behind.clock)
    fresh.refresher.submit = behind.jobs.append
    use(fresh)
    assert texts(open_app(STALE, behind).run()) == ["above", "shown 1", "returned 1", "below"]
    assert behind.runs.noted == 2
    assert texts(open_app(STALE, behind).run()) == ["above", "shown 2", "returned 2", "below"]
    fresh.close()
    use(make_runtime(behind.clock))
    assert texts(open_app(STALE, behind).run()) == ["above", "shown 2", "returned 2", "below"]
    assert behind.runs.noted == 2
    current().close()
    monkeypatch.undo()
    config.reset()
