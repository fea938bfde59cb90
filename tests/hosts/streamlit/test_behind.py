"""``refresh_mode="background"`` in an app: value and elements are replaced together, behind."""

from __future__ import annotations

import warnings

import pytest
from behind_apps import app_of, texts

import reprise


class Plain:
    """Stands for ``Behind``, so that an app can be run without a cache."""

    def __init__(self, number):
        self.runs = lambda: number

    def cached(self, function=None, **options):
        return self.cached if function is None else function

    def work(self):
        pass


BODIES = {
    "a text": "st.text(f'shown {n}')",
    "other elements each time": "[st.text, st.markdown, st.code][n % 3](f'shown {n}')",
    "more elements each time": "for i in range(n): st.text(f'{i} of {n}')",
    "fewer elements each time": "for i in range(4 - n): st.text(f'{i} of {n}')",
    "nothing at last": "\n    if n < 2: st.text(f'shown {n}')",
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
    "an image": 'st.image(f\'<svg xmlns="http://www.w3.org/2000/svg" n="{n}"/>\')',
    "a form": "\n    with st.form(f'form'):\n        st.text(f'in it {n}')",
    "identities": "st.dataframe({'a': [n]}, key='frame', on_select='ignore')",
    "query parameters": "st.text(f\"{n} {st.query_params.get('q', 'none')}\")",
    "the context": "st.text(f'{n} {dict(st.context.cookies)}')",
    "an error is shown": "st.exception(ValueError(n))",
    "toast": "st.toast(f'shown {n}'); st.text(f'{n}')",
    "fills what it wrote": (
        "\n    written = st.session_state.written = []\n    st.session_state.written.append(n)"
        "\n    st.text(f'{written}')"
    ),
    "logo": "st.logo('<svg xmlns=\"http://www.w3.org/2000/svg\"/>', link=f'https://x.org/{n}')",
    "reads its session": "st.text(f\"{n} {st.session_state.get('there', 'none')}\")",
    "writes to its session": "st.session_state.written = n; st.text(st.session_state.written)",
}
WITHIN = "[box.__enter__(), show({argument}), box.__exit__(None, None, None)][1]"
PLACES = {
    "in the page": "show()",
    "in the sidebar": "[st.sidebar.__enter__(), show(), st.sidebar.__exit__(None, None, None)][1]",
}


@pytest.fixture
def pages(open_app, run, behind):
    """The pages of an app whose function is refreshed behind, and what they should be."""

    def pages(body, call="show()", parameters="", before="", after=""):
        app = app_of(body, call, parameters, before, after)
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


@pytest.mark.parametrize("call", ["show(box)", "show([box])", WITHIN.format(argument="[box]")])
def test_the_page_goes_on_in_a_container_that_a_refresh_fills_too(pages, behind, call):
    write = "(_box[0] if type(_box) is list else _box).text(f'in it {n}'); st.text('where it is')"
    after = "box.text('after it'); box.audio(b'RIFF')"
    seen, wanted = pages(write, call, "_box", "box = st.container()", after)
    assert seen == wanted
    assert behind.runs.noted == 2


def test_a_status_that_a_refresh_updates_too(pages, behind):
    before, after = "box = st.status('begins')", "\nwith box: st.text('after it')"
    seen, wanted = pages("_box.update(label=f'ran {n}')", "show(box)", "_box", before, after)
    assert seen == wanted
    assert behind.runs.noted == 2


def test_a_container_that_is_also_the_place_of_the_call(pages, behind):
    before = "box = st.container()"
    call = WITHIN.format(argument="box")
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
    app = app_of("box.text(f'in it {n}')", call, "_x", before)
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
    app = app_of(body, before="box = st.container()")
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


def test_a_status_of_the_page_that_a_refresh_comes_upon_keeps_its_label(pages, behind):
    body = "st.text(f'shown {n}')\n    if n > 1: box.update(label=f'ran {n}')"
    before, after = "box = st.status('begins')", "\nwith box: st.text('in it')"
    seen, wanted = pages(body, before=before, after=after)
    assert seen[:2] == wanted[:2]
    assert behind.runs.noted == 3, "the third run did it in front"
