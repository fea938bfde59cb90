"""Our errors among Streamlit's."""

from __future__ import annotations

import pickle
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

import reprise
from reprise import errors
from reprise.hosts.streamlit.errors import as_markdown, relate, without_ours
from reprise.hosts.streamlit.names import RELATIVES

RAISED = [
    cls
    for cls in vars(errors).values()
    if isinstance(cls, type)
    and issubclass(cls, errors.RepriseError)
    and cls is not errors.RepriseError
]


@pytest.mark.parametrize("cls", RAISED, ids=lambda cls: cls.__name__)
def test_every_error_is_caught_as_streamlits_users_catch_it(cls):
    import streamlit

    with pytest.raises(streamlit.errors.StreamlitAPIException, match=r"^text$"):
        raise cls("text")


@pytest.mark.parametrize("name", RELATIVES)
def test_what_streamlit_has_a_class_for_is_caught_by_that_class(name):
    made = getattr(reprise, name)("text")
    assert isinstance(made, RELATIVES[name].find())
    assert (str(made), made.args) == ("text", ("text",))
    assert repr(made) == f"{name}('text')"


def test_relating_again_changes_nothing():
    relate()
    before = [cls.__mro__ for cls in RAISED]
    relate()
    assert [cls.__mro__ for cls in RAISED] == before


@pytest.mark.parametrize("cls", RAISED, ids=lambda cls: cls.__name__)
def test_an_error_is_still_what_it_is_without_streamlit(cls):
    made = cls("text")
    made.note = "kept"
    copy = pickle.loads(pickle.dumps(made))
    assert type(copy) is type(made) is cls
    assert (copy.args, copy.note) == (("text",), "kept")
    assert issubclass(cls, errors.RepriseError)
    builtin = {"Duration": ValueError, "Size": ValueError, "Function": TypeError}
    for part, base in builtin.items():
        assert part not in cls.__name__ or isinstance(made, base)


def test_the_attributes_that_streamlit_looks_at_are_there():
    import streamlit

    for cls in RAISED:
        assert cls("text").error_id is None
    # st.connection and st.cache_data raise it with parameters to translate.
    assert errors.InvalidDurationError("text").exec_kwargs == {}
    assert not isinstance(errors.NotKeptWarning("text"), streamlit.errors.Error)


CAUGHT = """
import sys
{first}
{second}
@cache_data
def load(value): return value
import threading
try:
    load(threading.Lock())
except st.errors.StreamlitAPIException as error:
    assert isinstance(error, reprise.UnhashableParamError)
    from streamlit.runtime.caching.cache_errors import UnhashableParamError
    assert isinstance(error, UnhashableParamError)
    print("caught")
"""
OURS = "import reprise; from reprise import cache_data"
THEIRS = "import streamlit as st"


@pytest.mark.parametrize(("first", "second"), [(OURS, THEIRS), (THEIRS, OURS)])
def test_either_may_be_imported_first(first, second, output_of):
    assert output_of(CAUGHT.format(first=first, second=second)) == ["caught"]


def test_without_streamlit_an_error_loads_nothing_and_streamlit_may_come_later(output_of):
    program = """
import pickle, sys, threading
import reprise
@reprise.cache_data
def load(value): return value
try:
    load(threading.Lock())
except reprise.UnhashableParamError as error:
    early = error
assert not any(name.partition(".")[0] == "streamlit" for name in sys.modules)
assert "reprise.hosts.streamlit.errors" not in sys.modules
assert type(early).__mro__[1:3] == (reprise.RepriseError, Exception)
sent = pickle.dumps(early)
import streamlit
assert isinstance(pickle.loads(sent), streamlit.errors.StreamlitAPIException)
assert isinstance(early, streamlit.errors.StreamlitAPIException)
print("related")
"""
    assert output_of(program) == ["related"]


def test_an_app_shows_an_error_as_markdown_without_our_own_lines(open_app, engine):
    def app(engine):
        import streamlit as st

        @engine
        def load_it(a_connection):
            return a_connection

        class Connection_:  # its name is not to be taken for emphasis
            def __init__(self):
                self.sockets = (n for n in ())

        try:
            load_it(Connection_())
        except Exception as error:
            st.session_state.text = str(error)
            raise

    opened = open_app(app, engine).run()
    [shown] = opened.exception
    assert shown.is_markdown
    assert shown.message == as_markdown(opened.session_state.text.strip())
    assert r"argument 'a\_connection" in shown.message
    assert "\n       def load_it(_a_connection):\n" in shown.message
    rows = list(shown.stack_trace)
    assert any("load_it(Connection_())" in row for row in rows)
    assert without_ours(rows) == rows
    assert not any("reprise/keys" in row or "reprise/engine" in row for row in rows)


def test_errors_of_a_cached_function_itself_are_shown_without_our_lines_too(open_app, engine):
    def app(engine):
        @engine
        def divide(x):
            return 1 / x

        divide(0)

    opened = open_app(app, engine).run()
    [shown] = opened.exception
    rows = list(shown.stack_trace)
    assert shown.message == "division by zero"
    assert "return 1 / x" in rows[-1]
    assert without_ours(rows) == rows


def test_where_details_are_switched_off_they_stay_so(open_app, engine):
    def app(engine):
        import streamlit as st

        st.set_option("client.showErrorDetails", False)
        try:

            @engine
            def load(secret):
                return secret

            load(n for n in ())
        finally:
            st.session_state.done = True

    from streamlit import config

    before = config.get_option("client.showErrorDetails")
    try:
        [shown] = open_app(app, engine).run().exception
    finally:
        config.set_option("client.showErrorDetails", before)
    assert "secret" not in shown.message + shown.value + "".join(shown.stack_trace)


def test_only_our_own_rows_are_left_out_and_never_all():
    ours = traceback.format_list([(errors.__file__, 3, "f", "raise")])[0].strip()
    theirs = 'File "/app/reprise_app/errors.py", line 1, in f'
    assert without_ours([ours, theirs, "The above exception"]) == [theirs, "The above exception"]
    assert without_ours([ours]) == [ours]
    assert without_ours([]) == []


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("plain words, 'quoted' (1).", "plain words, 'quoted' (1)."),
        ("a __main__.C", r"a \_\_main\_\_.C"),
        ("f.<locals>.C of [1]", r"f.\<locals\>.C of \[1\]"),
        ("use `x_y` not x_y", r"use `x_y` not x\_y"),
        ("a lone ` and \\", r"a lone \` and \\"),
        ("before\n\n    a_b[0]\n\n    c_d\nafter_", "before\n\n    a_b[0]\n\n    c_d\nafter\\_"),
        ("before\n    not_code", "before\n    not\\_code"),
        ("1. One:\n\n       a_b", "1. One:\n\n       a_b"),
    ],
)
def test_text_is_marked_up_so_that_it_reads_the_same(text, marked):
    assert as_markdown(text) == marked


@given(st.text("a_*`\\<>[] \n#1.", max_size=60))
def test_marking_up_keeps_lines_and_letters(text):
    marked = as_markdown(text)
    assert marked.count("\n") == text.count("\n")
    assert marked.replace("\\", "") == text.replace("\\", "")
