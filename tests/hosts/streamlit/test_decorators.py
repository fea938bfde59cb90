"""Other decorators in the place of Streamlit's own."""

from __future__ import annotations

import sys

import pytest

from reprise.hosts.streamlit.host import StreamlitHost


class Decorator:
    """A decorator that does nothing but count whom it was given to."""

    def __init__(self):
        self.functions = []

    def __call__(self, function=None, **options):
        if function is None:
            return lambda function: self(function, **options)
        self.functions.append(function)
        return function

    def clear(self):
        pass


@pytest.fixture
def ours():
    """Three decorators that stand in the place of Streamlit's for one test."""
    host = StreamlitHost()
    given = (Decorator(), Decorator(), Decorator())
    host.replace_decorators(*given)
    yield host, *given
    host.restore_decorators()


def bound_to(value):
    return {
        f"{module_name}.{name}"
        for module_name, module in list(sys.modules.items())
        if module_name.partition(".")[0] == "streamlit"
        for name, bound in list(vars(module).items())
        if bound is value
    }


def test_every_name_is_ours_and_later_theirs_again():
    import streamlit as st
    import streamlit.connections

    theirs = {name: getattr(st, name, None) for name in ("cache_data", "cache_resource", "cache")}
    names = {name: bound_to(original) for name, original in theirs.items()}
    assert "streamlit.connections.sql_connection.cache_data" in names["cache_data"]
    assert "streamlit.runtime.connection_factory.cache_resource" in names["cache_resource"]
    host, given = StreamlitHost(), (Decorator(), Decorator(), Decorator())
    host.replace_decorators(*given)
    try:
        assert (st.cache_data, st.cache_resource, st.cache) == given
        assert bound_to(given[0]) == names["cache_data"]
        assert bound_to(given[1]) == names["cache_resource"]
        assert bound_to(theirs["cache_data"]) == set()
    finally:
        host.restore_decorators()
    assert {name: getattr(st, name, None) for name in theirs} == theirs
    assert {name: bound_to(original) for name, original in theirs.items()} == names


def test_replacing_twice_keeps_the_way_back():
    import streamlit as st

    theirs = st.cache_data
    host = StreamlitHost()
    for _ in range(2):
        host.replace_decorators(Decorator(), Decorator(), Decorator())
    host.restore_decorators()
    host.restore_decorators()
    assert st.cache_data is theirs


def test_an_app_that_names_streamlits_decorators_uses_ours(ours, run):
    def app(_):
        import streamlit as st

        @st.cache_data
        def one():
            return 1

        @st.cache_resource(ttl=60)
        def two():
            return 2

        st.text(one() + two())

    run(app, None)
    assert [function.__name__ for function in ours[1].functions] == ["one"]
    assert [function.__name__ for function in ours[2].functions] == ["two"]


def test_functions_that_were_decorated_before_can_still_be_cleared(run):
    import streamlit as st

    computed = []

    @st.cache_data(show_spinner=False)
    def early(x):
        computed.append(x)
        return x

    def app(early):
        early(1)

    host = StreamlitHost()
    host.replace_decorators(Decorator(), Decorator(), Decorator())
    try:
        run(app, early)
        run(app, early)
        assert computed == [1]
        host.clear_replaced("cache_resource")
        run(app, early)
        assert computed == [1]
        host.clear_replaced("cache_data")
        run(app, early)
        assert computed == [1, 1]
    finally:
        host.restore_decorators()
