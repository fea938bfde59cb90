"""``refresh_mode="background"`` in an app: value and elements are replaced together, behind."""

from __future__ import annotations

import warnings

import pytest

import reprise

APP = """
import streamlit as st
shared = cached
runs = shared.runs
{before}

@shared.cached{options}
def show({parameters}):
    n = runs()
    {body}
    return n

st.text("above")
st.text(f"returned {{{call}}}")
shared.work()
st.text("below")
"""


class Plain:
    """Stands for ``Behind``, so that an app can be run without a cache."""

    def __init__(self, number):
        self.runs = lambda: number

    def cached(self, function=None, **options):
        return self.cached if function is None else function

    def work(self):
        pass


def texts(opened):
    assert not opened.exception, [each.value for each in opened.exception]
    return [each.value for each in opened.text]


BODIES = {
    "a text": "st.text(f'shown {n}')",
    "other elements each time": "[st.text, st.markdown, st.code][n % 3](f'shown {n}')",
    "more elements each time": "for i in range(n): st.text(f'{i} of {n}')",
    "fewer elements each time": "for i in range(4 - n): st.text(f'{i} of {n}')",
    "nothing at last": "n < 2 and st.text(f'shown {n}')",
    "sidebar": "st.sidebar.text(f'aside {n}'); st.text('main')",
    "with sidebar": "\n    with st.sidebar:\n        st.text(f'aside {n}')",
    "columns": "a, b = st.columns(2); a.text(f'a {n}'); b.text(f'b {n}')",
    "tabs in an expander": "a, b = st.expander(f'open {n}').tabs(['a', 'b']); b.text(f'b {n}')",
    "a placeholder": "box = st.empty(); box.text('soon'); box.text(f'shown {n}')",
    "status": (
        "\n    with st.status(f'runs {n}') as status:\n        st.text(f'in it {n}')"
        "\n        status.update(label=f'ran {n}', state='complete')"
    ),
    "progress": "bar = st.progress(0); bar.progress(10 * n)",
    "spinner": "\n    with st.spinner('soon'):\n        st.text(f'shown {n}')",
    "audio": "st.audio(b'RIFF' + bytes([n]))",
    "download": "st.markdown(f'shown {n}'); st.image(f'<svg xmlns=\"http://www.w3.org/2000/svg\" n=\"{n}\"/>')",
    "a form": "\n    with st.form(f'form'):\n        st.text(f'in it {n}')",
    "identities": "st.dataframe({'a': [n]}, key='frame', on_select='ignore')",
    "query parameters": "st.text(f\"{n} {st.query_params.get('q', 'none')}\")",
    "the context": "st.text(f'{n} {dict(st.context.cookies)}')",
    "an error is shown": "st.exception(ValueError(n))",
    "toast": "st.toast(f'shown {n}'); st.text(f'{n}')",
    "logo": "st.logo('<svg xmlns=\"http://www.w3.org/2000/svg\"/>', link=f'https://x.org/{n}')",
    "reads its session": "st.text(f\"{n} {st.session_state.get('there', 'none')}\")",
    "writes to its session": "st.session_state.written = n; st.text(st.session_state.written)",
}
PLACES = {
    "in the page": "show()",
    "in the sidebar": "[st.sidebar.__enter__(), show(), st.sidebar.__exit__(None, None, None)][1]",
}


@pytest.fixture
def pages(open_app, run, behind):
    """The pages of an app whose function is refreshed behind, and what they should be."""

    def pages(body, call="show()", parameters="", before="", options=""):
        app = APP.format(
            call=call, body=body, parameters=parameters, before=before, options=options
        )
        run(app, Plain(0))  # Streamlit says some things once a process, on the first page
        opened = open_app(app, behind)
        seen = [opened.run().page()]
        behind.clock.advance(11)
        seen += [opened.run().page(), opened.run().page()]
        first, second = run(app, Plain(1)), run(app, Plain(2))
        return seen, [first, first, second]

    return pages


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("call", PLACES.values(), ids=PLACES)
def test_the_old_page_at_once_and_the_new_one_on_the_next_run(pages, behind, body, call):
    seen, wanted = pages(body, call)
    assert seen == wanted
    assert behind.runs.noted == 2


@pytest.mark.parametrize(
    ("call", "parameters"),
    [
        ("show(st.container())", "_box"),
        ("show(st.sidebar)", "_box"),
        ("show([st.empty(), *st.columns(2)][1])", "_box"),
        ("show({'in': st.columns(2)})", "_boxes"),
        ("show(st.expander('open'), [st])", "_box, _others"),
    ],
)
def test_containers_that_are_passed_in(pages, behind, call, parameters):
    body = "_box.text(f'in it {n}')"
    if "_boxes" in parameters:
        body = "_boxes['in'][1].text(f'in it {n}'); _boxes['in'][0].text('before')"
    seen, wanted = pages(body, call, parameters)
    assert seen == wanted
    assert behind.runs.noted == 2


def test_a_container_that_is_also_the_place_of_the_call(pages, behind):
    before = "box = st.container()"
    call = "[box.__enter__(), show(box), box.__exit__(None, None, None)][1]"
    seen, wanted = pages("_box.text(f'a {n}'); st.text(f'b {n}')", call, "_box", before)
    assert seen == wanted
    assert behind.runs.noted == 2


@pytest.mark.parametrize(
    ("before", "call"),
    [
        ("box = st.container()", "show(None)"),
        ("class Page: pass\npage = Page()\npage.box = box = st.container()", "show(page)"),
    ],
)
def test_a_container_that_has_no_stand_in_is_filled_in_front(open_app, behind, before, call):
    app = APP.format(
        before=before, call=call, body="box.text(f'in it {n}')", parameters="_x", options=""
    )
    opened = open_app(app, behind)
    assert texts(opened.run()) == ["in it 1", "above", "returned 1", "below"]
    behind.clock.advance(11)
    for _ in range(2):
        assert texts(opened.run()) == ["in it 2", "above", "returned 2", "below"]


@pytest.mark.parametrize("caught", [False, True])
def test_a_container_of_the_page_that_a_refresh_comes_upon_is_left_alone(open_app, behind, caught):
    """The first run displayed nothing there, so that nobody could know."""
    write = "box.text(f'in it {n}')"
    if caught:
        write = f"\n        try: {write}\n        except BaseException: pass"
    body = f"st.text(f'shown {{n}}')\n    if n > 1: {write}"
    app = APP.format(
        before="box = st.container()", call="show()", body=body, parameters="", options=""
    )
    opened = open_app(app, behind)
    assert texts(opened.run()) == ["above", "shown 1", "returned 1", "below"]
    behind.clock.advance(11)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", reprise.HostWarning)
        assert texts(opened.run()) == ["above", "shown 1", "returned 1", "below"]
    # It was not kept: a new value without that element would be wrong.
    new = ["in it 3", "above", "shown 3", "returned 3", "below"]
    assert texts(opened.run()) == new
    assert texts(opened.run()) == new


@pytest.mark.parametrize("leave", ["1 / 0", "st.stop()", "st.rerun()", "st.switch_page('x.py')"])
def test_what_fails_or_leaves_keeps_the_old_page(open_app, behind, leave):
    app = APP.format(
        before="",
        call="show()",
        body=f"st.text(f'shown {{n}}')\n    if n in (2, 3): {leave}",
        parameters="",
        options="",
    )
    opened = open_app(app, behind)
    old = ["above", "shown 1", "returned 1", "below"]
    assert texts(opened.run()) == old
    behind.clock.advance(11)
    with pytest.warns(reprise.RefreshFailedWarning, match="the next try is in 1"):
        assert texts(opened.run()) == old
    assert texts(opened.run()) == old
    assert behind.runs.noted == 2, "it waits before the next try"
    behind.clock.advance(1)
    assert texts(opened.run()) == old
    assert behind.runs.noted == 3
    behind.clock.advance(2)
    assert texts(opened.run()) == old
    assert texts(opened.run()) == ["above", "shown 4", "returned 4", "below"]


def test_a_write_to_the_session_comes_with_the_page_that_it_belongs_to(open_app, behind):
    app = APP.format(
        before="",
        call="show()",
        body="st.session_state.n = n; st.query_params['n'] = str(n)",
        parameters="",
        options="",
    )
    app += "st.text(f'{st.session_state.n} {st.query_params[\"n\"]}')"
    opened = open_app(app, behind)
    assert texts(opened.run())[-1] == "1 1"
    behind.clock.advance(11)
    assert texts(opened.run())[-1] == "1 1"
    assert texts(opened.run())[-1] == "2 2"
    other = open_app(app, behind)
    assert texts(other.run())[-1] == "2 2"
    assert behind.runs.noted == 2


def test_it_reads_what_the_session_had_when_the_page_was_served(open_app, behind):
    def app(behind):
        import streamlit as st

        runs = behind.runs
        st.session_state.setdefault("there", {"a": ["then"]})

        @behind.cached
        def show():
            st.text(f"{runs()} {st.session_state.there['a']}")

        show()
        st.session_state.there["a"].append("later")
        behind.work()
        st.session_state.there = {"a": ["then"]}

    opened = open_app(app, behind)
    assert texts(opened.run()) == ["1 ['then']"]
    behind.clock.advance(11)
    assert texts(opened.run()) == ["1 ['then']"]
    assert texts(opened.run()) == ["2 ['then']"]
    assert behind.runs.noted == 2


def test_what_it_changes_in_the_session_in_place_is_changed_in_front(open_app, behind):
    def app(behind):
        import streamlit as st

        runs = behind.runs
        st.session_state.setdefault("there", [])

        @behind.cached
        def show():
            n = runs()
            st.text(f"shown {n} {len(st.session_state.there)}")
            if n > 1:
                st.session_state.there.append(n)

        show()
        behind.work()
        st.text(str(st.session_state.there))

    opened = open_app(app, behind)
    assert texts(opened.run()) == ["shown 1 0", "[]"]
    behind.clock.advance(11)
    with pytest.warns(reprise.HostWarning, match="in place"):
        assert texts(opened.run()) == ["shown 1 0", "[]"]
    assert texts(opened.run()) == ["shown 3 0", "[3]"]


def test_what_cannot_be_copied_is_read_in_front(open_app, behind):
    def app(behind):

        import streamlit as st

        runs = behind.runs

        class Held:
            def __reprise_key__(self):
                return 1

            def __reduce_ex__(self, protocol):
                raise TypeError("not to be copied")

        st.session_state.setdefault("late", Held())
        st.session_state.setdefault("there", Held())

        @behind.cached
        def show(late):
            n = runs()
            st.text(f"shown {n}")
            if not late or n > 1:
                st.text(type(st.session_state["late" if late else "there"]).__name__)

        show(st.session_state.get("which", False))
        behind.work()

    opened = open_app(app, behind)
    assert texts(opened.run()) == ["shown 1", "Held"]
    behind.clock.advance(11)
    assert texts(opened.run()) == ["shown 2", "Held"], "it was known that it reads that"
    behind.runs.noted = 0
    opened.session_state.which = True
    assert texts(opened.run()) == ["shown 1"]
    behind.clock.advance(11)
    assert texts(opened.run()) == ["shown 1"]
    assert texts(opened.run()) == ["shown 3", "Held"], "it was found out behind"


def test_two_sessions_share_one_refresh_and_its_page(open_app, behind):
    def app(behind):
        import streamlit as st

        runs = behind.runs

        @behind.cached
        def show():
            number = runs()
            st.text(f"shown {number}")
            return number

        st.text(f"returned {show()}")
        if "work" in st.session_state:
            behind.work()

    one, two = open_app(app, behind), open_app(app, behind)
    assert texts(one.run()) == texts(two.run()) == ["shown 1", "returned 1"]
    behind.clock.advance(11)
    assert texts(one.run()) == texts(two.run()) == ["shown 1", "returned 1"]
    assert len(behind.jobs) == 1
    two.session_state.work = True
    assert texts(two.run()) == ["shown 1", "returned 1"]
    assert texts(one.run()) == texts(two.run()) == ["shown 2", "returned 2"]
    assert behind.runs.noted == 2


def test_each_session_is_refreshed_with_what_it_has(open_app, behind):
    def app(behind):
        import streamlit as st

        runs = behind.runs

        @behind.cached
        def show():
            st.text(f"{st.session_state.mine} {runs()}")

        show()
        behind.work()

    one, two = open_app(app, behind), open_app(app, behind)
    one.session_state.mine, two.session_state.mine = "one", "two"
    assert (texts(one.run()), texts(two.run())) == (["one 1"], ["two 2"])
    behind.clock.advance(11)
    assert (texts(one.run()), texts(two.run())) == (["one 1"], ["two 2"])
    assert (texts(one.run()), texts(two.run())) == (["one 3"], ["two 4"])


def test_cached_functions_inside_are_replayed_and_refreshed_there_too(open_app, behind):
    def app(behind):
        import streamlit as st

        runs = behind.runs

        @behind.cached(ttl=1000)
        def lasting():
            st.text("lasting")
            return "kept"

        @behind.cached(ttl=5)
        def inner(_box):
            number = runs()
            _box.text(f"inner {number}")
            return number

        @behind.cached
        def outer():
            lasting()
            number = inner(st.container())
            st.text(f"outer of {number}")

        outer()
        behind.work()
        st.text("below")

    opened = open_app(app, behind)
    assert texts(opened.run()) == ["lasting", "inner 1", "outer of 1", "below"]
    behind.clock.advance(10)
    assert texts(opened.run()) == ["lasting", "inner 1", "outer of 1", "below"]
    assert texts(opened.run()) == ["lasting", "inner 2", "outer of 2", "below"]
    behind.clock.advance(6)
    assert texts(opened.run()) == ["lasting", "inner 2", "outer of 2", "below"]


def test_keys_are_not_taken_twice(open_app, behind):
    def app(behind):
        import streamlit as st

        runs = behind.runs

        @behind.cached(experimental_allow_widgets=True)
        def show():
            with st.form("form"):
                name = st.text_input("name", "nobody", key="name")
                st.form_submit_button("go")
            st.text(f"{name} {runs()}")

        show()
        behind.work()
        st.text(st.session_state.name)

    opened = open_app(app, behind)
    assert texts(opened.run()) == ["nobody 1", "nobody"]
    behind.clock.advance(11)
    assert texts(opened.run()) == ["nobody 1", "nobody"]
    assert texts(opened.run()) == ["nobody 2", "nobody"]
    opened.text_input[0].set_value("me")
    opened.button[0].click()
    assert texts(opened.run()) == ["me 3", "me"]
    assert texts(opened.run()) == ["me 4", "me"], "the button is up again"
    behind.clock.advance(11)
    assert texts(opened.run()) == ["me 4", "me"]
    assert texts(opened.run()) == ["me 5", "me"]
    assert behind.runs.noted == 5


def test_a_widget_that_a_refresh_comes_upon_leaves_no_value_behind(open_app, behind):
    def app(behind):
        import streamlit as st

        runs = behind.runs

        @behind.cached(experimental_allow_widgets=True)
        def show():
            n = runs()
            st.text(f"shown {n}")
            if n > 1:
                st.slider("number", 0, 10, 3, key="number")

        show()
        behind.work()
        st.text(str(st.session_state.get("number")))

    opened = open_app(app, behind)
    assert texts(opened.run()) == ["shown 1", "None"]
    behind.clock.advance(11)
    assert texts(opened.run()) == ["shown 1", "None"]
    assert texts(opened.run()) == ["shown 2", "3"]


def test_in_a_fragment(open_app, behind):
    def app(behind):
        import streamlit as st

        runs = behind.runs

        @behind.cached
        def show():
            st.text(f"shown {runs()}")
            st.sidebar.text("aside")

        @st.fragment
        def part():
            show()
            behind.work()

        part()
        st.text("below")

    opened = open_app(app, behind)
    assert texts(opened.run()) == ["shown 1", "below", "aside"]
    behind.clock.advance(11)
    assert texts(opened.run()) == ["shown 1", "below", "aside"]
    assert texts(opened.run()) == ["shown 2", "below", "aside"]
    assert behind.runs.noted == 2


@pytest.mark.parametrize("what", ["fragment", "dialog"])
def test_what_is_defined_inside_is_defined_in_front(open_app, behind, what):
    def app(shared):
        import streamlit as st

        behind, what = shared
        runs = behind.runs

        @behind.cached
        def show():
            n = runs()
            st.text(f"shown {n}")
            if n > 1 and what == "fragment":
                st.fragment(lambda: st.text("inside"))()
            if n > 1 and what == "dialog":
                st.dialog("title")(lambda: st.text("inside"))()

        show()
        behind.work()

    opened = open_app(app, (behind, what))
    assert texts(opened.run()) == ["shown 1"]
    behind.clock.advance(11)
    assert texts(opened.run()) == ["shown 1"]
    with pytest.warns(reprise.HostWarning, match="fragment or dialog"):
        assert texts(opened.run()) == ["shown 3", "inside"]


def test_a_coroutine_function_is_refreshed_in_a_task_of_the_same_loop(open_app, behind):
    def app(behind):
        import asyncio

        import streamlit as st

        runs = behind.runs

        @behind.cached
        async def show():
            n = runs()
            st.text(f"shown {n}")
            await asyncio.sleep(0)
            await asyncio.gather(*(child(i) for i in range(2)))
            return n

        async def child(i):
            await asyncio.sleep(0)
            st.text(f"child {i}")

        async def main():
            st.text(f"returned {await show()}")
            for turn in range(10):
                await asyncio.sleep(0)
                st.text(f"turn {turn}")

        asyncio.run(main())

    turns = [f"turn {turn}" for turn in range(10)]
    opened = open_app(app, behind)
    # What other tasks display is not in a recording, in front and behind alike.
    assert texts(opened.run()) == ["shown 1", "child 0", "child 1", "returned 1", *turns]
    behind.clock.advance(11)
    assert texts(opened.run()) == ["shown 1", "child 0", "child 1", "returned 1", *turns]
    assert behind.runs.noted == 2
    assert texts(opened.run()) == ["shown 2", "child 0", "child 1", "returned 2", *turns]
    assert behind.runs.noted == 2


def test_a_session_that_has_ended_does_not_end_the_refresh(open_app, behind):
    def app(behind):
        import streamlit as st
        from streamlit.runtime.scriptrunner import get_script_run_ctx

        runs = behind.runs

        @behind.cached
        def show():
            st.text(f"shown {runs()}")

        show()
        if behind.clock.monotonic() > 1_005 and behind.jobs:
            from reprise.engine.runtime import current

            current().session_ended(get_script_run_ctx().session_id)
            behind.work()

    opened = open_app(app, behind)
    assert texts(opened.run()) == ["shown 1"]
    behind.clock.advance(11)
    assert texts(opened.run()) == ["shown 1"]
    assert texts(open_app(app, behind).run()) == ["shown 2"]


def test_a_plain_script_is_refreshed_in_front_where_it_displayed_something(behind):
    import streamlit as st

    runs = behind.runs

    @behind.cached
    def show():
        st.text("text")
        return runs()

    assert show() == 1
    behind.clock.advance(11)
    assert show() == 2
    assert not behind.jobs
