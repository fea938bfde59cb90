"""Apps whose pages are replayed: all that a cached function may display, and where."""

from __future__ import annotations


def texts(cached):
    import streamlit as st

    @cached
    def show(n):
        st.write("# Title", n)
        st.code("x = 1")
        st.metric("Sum", n, 2)
        st.json({"a": [1, 2]})
        st.caption("end")
        return n

    st.write("before")
    st.write(show(3))
    st.write("after")


def frames_and_charts(cached):
    import pandas as pd
    import streamlit as st

    @cached
    def show():
        frame = pd.DataFrame({"a": [1, 2, 3], "b": [2.0, 4.0, 8.0]})
        st.dataframe(frame)
        st.table(frame)
        st.line_chart(frame)
        st.bar_chart(frame)
        st.map(pd.DataFrame({"lat": [1.0], "lon": [2.0]}))

    show()


def layout(cached):
    import streamlit as st

    @cached
    def show():
        left, right = st.columns([1, 2])
        left.write("left")
        with right:
            st.write("right")
            with st.expander("more"):
                st.write("inside")
        first, second = st.tabs(["one", "two"])
        second.write("two")
        first.write("one")
        with st.container(border=True), st.popover("open"):
            st.write("deep")
        st.write("outer")
        with st.chat_message("user"):
            st.write("hello")

    st.write("before")
    show()
    st.write("after")


def sidebar(cached):
    import streamlit as st

    @cached
    def show():
        st.sidebar.write("explicit")
        with st.sidebar:
            st.write("with")
            with st.container():
                st.write("container in the sidebar")
        with st.sidebar.expander("more"):
            st.write("expander")
        st.write("main")

    st.sidebar.write("first")
    show()
    st.sidebar.write("last")


def called_in_containers(cached):
    import streamlit as st

    @cached
    def show():
        st.write("here")
        st.container().write("and here")

    left, right = st.columns(2)
    with left:
        show()
    with right, st.expander("more"):
        show()
    with st.tabs(["a", "b"])[1]:
        show()
    with st.sidebar:
        show()
    show()


def placeholders(cached):
    import streamlit as st

    @cached
    def show():
        empty = st.empty()
        bar = st.progress(0)
        empty.write("first")
        bar.progress(50)
        empty.write("second")
        with empty.container():
            st.write("many")
            st.write("things")
        bar.progress(100)
        gone = st.empty()
        gone.write("gone")
        gone.empty()
        with st.spinner("working"):
            st.write("done")
        st.write_stream(iter(["a ", "b"]))

    show()
    st.write("after")


def statuses(cached):
    import streamlit as st

    @cached
    def show():
        with st.status("working") as status:
            st.write("step")
            status.update(label="nearly", expanded=True)
        other = st.status("other", state="error")
        other.update(label="fixed", state="complete", expanded=False)
        other.write("inside")

    show()


def status_passed_in(cached):
    import streamlit as st

    @cached
    def load(_status):
        _status.write("step")
        _status.update(label="failed", state="error")

    with st.status("loading") as status:
        load(status)
    with st.status("untouched"):
        st.write("nothing")


def media(cached):
    import io
    import tempfile
    import wave
    from pathlib import Path

    import streamlit as st

    def tone():
        file = io.BytesIO()
        with wave.open(file, "wb") as sound:
            sound.setnchannels(1)
            sound.setsampwidth(1)
            sound.setframerate(8000)
            sound.writeframes(bytes(100))
        return file.getvalue()

    @cached
    def show():
        import numpy as np

        st.image(np.zeros((2, 2, 3), np.uint8))
        st.image([np.full((2, 2, 3), value, np.uint8) for value in (80, 160)])
        st.audio(tone())
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "tone.wav")
            path.write_bytes(tone() + b"0")
            st.audio(str(path))
        st.logo(np.full((4, 4, 3), 7, np.uint8))

    show()


def passed_in(cached):
    import streamlit as st

    @cached
    def show(_box, _more, _named=None):
        _box.write("box")
        with _box:
            st.write("in the box")
        _more[1].write("second")
        _named["deep"][0].container().write("deep")

    for _ in range(2):
        box = st.container()
        columns = st.columns(2)
        show(box, columns, _named={"deep": (st.empty(),)})
        box.write("end")


def reached_from_outside(cached):
    import streamlit as st

    board = st.container()
    slots = st.columns(2)

    class Report:
        def __init__(self):
            self.body = st.container()

    def helper(text):
        board.write(text)

    def main():
        local = st.container()

        @cached
        def show(_report):
            board.write("global")
            local.write("closure")
            slots[1].write("in a list")
            helper("in a function that it calls")
            _report.body.write("attribute")

        show(Report())

    main()
    main()
    board.write("end")


def nested(cached):
    import streamlit as st

    @cached
    def inner(n):
        st.write("inner", n)
        st.sidebar.write("inner", n)
        return n

    @cached
    def outer(n):
        with st.container():
            st.write("outer", inner(n))
        inner(n)
        box = st.container()
        with box:
            inner(n + 1)

    inner(1)
    outer(1)
    outer(1)
    inner(2)


def in_forms_and_fragments(cached):
    import streamlit as st

    @cached
    def show():
        st.write("here")
        with st.container():
            st.write("inside")

    with st.form("form"):
        show()
        st.form_submit_button("go")

    @st.fragment
    def part():
        show()
        st.button("again")
        show()

    part()
    part_of_sidebar = st.sidebar.container()
    with part_of_sidebar:
        show()


def page_wide(cached):
    import streamlit as st

    @cached
    def show():
        st.set_page_config(page_title="Title", layout="wide")
        st.toast("hello")
        st.balloons()
        st.html("<b>bold</b>")
        with st.echo():
            x = 1
        st.write(x)

    show()


def keyed(cached):
    import streamlit as st

    @cached
    def show():
        with st.container(key="box"):
            st.write("keyed")

    show()


def same_key_twice(cached):
    import streamlit as st

    @cached
    def show():
        st.container(key="box").write("keyed")

    show()
    show()
    st.write("never reached")


def added_rows(cached):
    import pandas as pd
    import streamlit as st

    @cached
    def show():
        chart = st.line_chart(pd.DataFrame({"a": [1, 2]}))
        table = st.table(pd.DataFrame({"a": [1, 2]}))
        for one in (chart, table):
            if "add_rows" in dir(type(one)):
                one.add_rows(pd.DataFrame({"a": [3]}))

    show()
    st.write("after")


APPS = (
    *(texts, frames_and_charts, layout, sidebar, called_in_containers, placeholders, statuses),
    *(status_passed_in, media, passed_in, reached_from_outside, nested, in_forms_and_fragments),
    *(page_wide, keyed, same_key_twice, added_rows),
)
