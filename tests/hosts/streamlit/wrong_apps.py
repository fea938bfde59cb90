"""Apps that Streamlit's own cache shows wrongly, and what is wrong then."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

Wrong = Callable[["Pages"], bool]


@dataclass(frozen=True)
class Pages:
    """What the second run of an app came to.

    Args:
        right: Without a cache.
        theirs: With Streamlit's own.
    """

    right: object
    theirs: object

    def at(self, path):
        """What stands in one place: without a cache, and with Streamlit's own."""
        return dict(self.right.elements).get(path), dict(self.theirs.elements).get(path)


def raises(text: str) -> Wrong:
    """The hit raises an error that the function itself does not raise."""
    return lambda pages: not pages.right.exceptions and text in "".join(pages.theirs.exceptions)


def is_not_at(*path: int) -> Wrong:
    """What belongs there is not there."""
    return lambda pages: pages.at(path)[0] is not None and pages.at(path)[1] is None


def is_other_at(*path: int) -> Wrong:
    """Something else stands there."""
    return lambda pages: pages.at(path)[0] != pages.at(path)[1] and pages.at(path)[1] is not None


def lacks_message(pages: Pages) -> bool:
    """A message that is about the page as a whole is not sent."""
    return bool(pages.right.messages) and not pages.theirs.messages


def lacks_file(pages: Pages) -> bool:
    """The browser is sent to a file that is not there any more."""
    return pages.theirs.files < pages.right.files


NO_CONTAINER = raises("some layout block\ncreated outside")
NO_RETURN = raises("`__setstate__()` is not a valid Streamlit command")


def with_the_sidebar_inside(cached):
    import streamlit as st

    @cached
    def show():
        with st.sidebar:
            st.text("aside")

    show()


def with_a_container_that_was_passed_in(cached):
    import streamlit as st

    @cached
    def show(_box):
        with _box:
            st.text("in the box")

    show(st.container())


def a_container_that_was_passed_in(cached):
    import streamlit as st

    @cached
    def show(_box):
        _box.text("in the box")

    show(st.container())


def a_container_in_a_list_that_was_passed_in(cached):
    import streamlit as st

    @cached
    def show(_columns):
        _columns[1].text("right")

    show(st.columns(2))


def a_container_from_outside(cached):
    import streamlit as st

    box = st.container()

    @cached
    def show():
        box.text("in the box")

    show()


def a_container_of_the_state(cached):
    import streamlit as st

    @cached
    def show():
        st.session_state.box.text("in the box")

    st.session_state.box = st.container()
    show()


def a_toast(cached):
    import streamlit as st

    @cached
    def show():
        st.toast("done")

    show()


def a_status_that_is_done(cached):
    import streamlit as st

    @cached
    def show():
        with st.status("working") as status:
            st.text("step")
            status.update(label="ready")

    show()


def a_status_that_was_passed_in(cached):
    import streamlit as st

    @cached
    def show(_status):
        _status.update(label="failed", state="error")

    show(st.status("working"))


def a_bar_that_was_passed_in(cached):
    import streamlit as st

    @cached
    def show(_bar):
        for step in range(3):
            _bar.progress(step)

    show(st.progress(0))


def a_container_that_is_returned(cached):
    import streamlit as st

    @cached
    def make():
        return st.container()

    make().text("of the caller")


def a_container_in_a_list_that_is_returned(cached):
    import streamlit as st

    @cached
    def make():
        return [st.container()]

    make()[0].text("of the caller")


def a_container_that_is_a_resource(cached):
    import streamlit as st

    @cached
    def make():
        return st.container()

    if "moved" in st.session_state:
        st.container().text("above")
    make().text("of the caller")
    st.session_state.moved = True


def a_bar_that_is_returned(cached):
    import streamlit as st

    @cached
    def make():
        return st.progress(0)

    make().progress(90)


def an_image_that_is_somewhere_else_now(cached):
    import numpy
    import streamlit as st

    @cached
    def show():
        st.image(numpy.full((2, 2, 3), 7, numpy.uint8))

    if "moved" in st.session_state:
        st.image(numpy.full((2, 2, 3), 9, numpy.uint8))
    show()
    if "moved" in st.session_state:
        st.image(numpy.full((2, 2, 3), 11, numpy.uint8))
    st.session_state.moved = True


def a_logo(cached):
    import streamlit as st

    @cached
    def show():
        st.logo("https://example.com/a.png")

    show()


def the_title_of_the_page(cached):
    import streamlit as st

    @cached
    def show():
        st.set_page_config(page_title="Title")

    show()


CASES = (
    (with_the_sidebar_inside, is_not_at(1, 0), "data"),
    (with_a_container_that_was_passed_in, is_not_at(0, 0, 0), "data"),
    (a_container_that_was_passed_in, NO_CONTAINER, "data"),
    (a_container_in_a_list_that_was_passed_in, NO_CONTAINER, "data"),
    (a_container_from_outside, NO_CONTAINER, "data"),
    (a_container_of_the_state, NO_CONTAINER, "data"),
    (a_toast, NO_CONTAINER, "data"),
    (a_status_that_is_done, is_other_at(0, 0), "data"),
    (a_status_that_was_passed_in, is_other_at(0, 0), "data"),
    (a_bar_that_was_passed_in, NO_CONTAINER, "data"),
    (a_container_that_is_returned, NO_RETURN, "data"),
    (a_container_in_a_list_that_is_returned, NO_RETURN, "data"),
    (a_container_that_is_a_resource, is_not_at(0, 1, 0), "resource"),
    (a_bar_that_is_returned, NO_RETURN, "data"),
    (an_image_that_is_somewhere_else_now, lacks_file, "data"),
    (a_logo, lacks_message, "data"),
    (the_title_of_the_page, lacks_message, "data"),
)
"""The app, what Streamlit gets wrong in it, and by which of its decorators."""
