"""Sessions of a real Streamlit runtime: no web server, but all that stands behind one."""

from __future__ import annotations

import asyncio
import dataclasses
import importlib.util
import sys
import types

import pytest

from reprise.hosting import Call


class Browser:
    """A client that keeps what it is sent."""

    def __init__(self):
        self.messages = []
        self.finished = asyncio.Event()

    def write_forward_msg(self, message):
        self.messages.append(message)
        if message.WhichOneof("type") == "script_finished":
            self.finished.set()

    @property
    def client_context(self):
        return None

    @property
    def urls(self):
        return [
            image.url
            for message in self.messages
            for image in message.delta.new_element.imgs.imgs
            if image.url
        ]

    @property
    def texts(self):
        elements = (message.delta.new_element for message in self.messages)
        return [element.text.body for element in elements if element.HasField("text")]


class Heard:
    """A listener that keeps what it is told."""

    def __init__(self):
        self.ended = []
        self.cleared = 0

    def session_ended(self, session):
        self.ended.append(session)

    def clear_requested(self):
        self.cleared += 1


@dataclasses.dataclass
class Server:
    """The runtime of an app, and browsers that connect to it."""

    runtime: object

    async def open(self):
        browser = Browser()
        session = self.runtime.connect_session(client=browser, user_info={})
        await self.rerun(browser, session)
        return browser, session

    async def rerun(self, browser, session):
        from streamlit.proto.BackMsg_pb2 import BackMsg

        browser.finished.clear()
        message = BackMsg()
        message.rerun_script.query_string = ""
        self.runtime.handle_backmsg(session, message)
        await asyncio.wait_for(browser.finished.wait(), 20)
        await self.settle(session)

    async def settle(self, session):
        """Wait until the script's thread has ended: a session without one leaves nothing behind."""
        runner = self.runtime._session_mgr.get_session_info(session).session._scriptrunner
        if runner is not None:
            await asyncio.to_thread(runner._script_thread.join)

    def media(self, url):
        from streamlit.runtime.media_file_storage import MediaFileStorageError

        try:
            return self.runtime.media_file_mgr._storage.get_file(url.rpartition("/")[2]).content
        except MediaFileStorageError:
            return None


@pytest.fixture
def serve(tmp_path, monkeypatch, cached, no_components):
    """Serve a script, in which ``shared`` is what the test knows too, while a coroutine runs."""
    from streamlit import config as options
    from streamlit.runtime import Runtime, RuntimeConfig
    from streamlit.runtime.memory_media_file_storage import MemoryMediaFileStorage
    from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

    shared = types.ModuleType("shared_with_script")
    shared.cached = cached
    monkeypatch.setitem(sys.modules, "shared_with_script", shared)
    monkeypatch.setattr(Runtime, "_instance", None)
    # A change to a file while the tests run would make it drop modules, ours among them.
    watcher = options.get_option("server.fileWatcherType")
    options.set_option("server.fileWatcherType", "none")
    if importlib.util.find_spec("streamlit.source_util"):  # older releases remember the first app
        monkeypatch.setattr("streamlit.source_util._cached_pages", None, raising=False)

    def serve(script, visit):
        path = tmp_path / "app.py"
        path.write_text(f"import shared_with_script as shared\n{script}", encoding="utf-8")
        known = {field.name for field in dataclasses.fields(RuntimeConfig)}
        config = RuntimeConfig(
            script_path=str(path),
            media_file_storage=MemoryMediaFileStorage("/media"),
            uploaded_file_manager=MemoryUploadedFileManager("/upload"),
            **({"command_line": None} if "command_line" in known else {}),
        )

        async def main():
            runtime = Runtime(config)
            await runtime.start()
            try:
                await visit(Server(runtime))
            finally:
                runtime.stop()
                await runtime.stopped

        asyncio.run(main())
        return shared

    yield serve
    options.set_option("server.fileWatcherType", watcher)


PICTURE = """
import numpy as np
import streamlit as st

@shared.cached
def show():
    st.image(np.full((3, 3, 3), 50, np.uint8))

show()
"""


def test_media_are_there_again_after_the_media_manager_has_dropped_them(serve, cached):
    async def visit(server):
        first, session = await server.open()
        [url] = first.urls
        content = server.media(url)
        assert content
        server.runtime.close_session(session)
        assert server.media(url) is None, "nobody shows it any more"
        second, _ = await server.open()
        assert second.urls == [url]
        assert server.media(url) == content
        assert cached.runs == ["show"]

    serve(PICTURE, visit)


def test_media_stay_through_reruns_and_leave_with_the_last_session(serve, cached):
    async def visit(server):
        first, one = await server.open()
        _, other = await server.open()
        for _ in range(2):
            await server.rerun(first, one)
        [url] = set(first.urls)
        server.runtime.close_session(other)
        assert server.media(url)
        server.runtime.close_session(one)
        assert server.media(url) is None
        assert cached.runs == ["show"]

    serve(PICTURE, visit)


def test_the_session_is_the_browsers(serve, cached):
    async def visit(server):
        for _ in range(2):
            browser, session = await server.open()
            assert browser.texts == [session]

    serve("import streamlit as st\nst.text(shared.cached.host.session())", visit)
    assert cached.host.session() is None


@pytest.mark.parametrize("how", ["disconnect_session", "close_session"])
def test_the_end_of_a_session_is_told(serve, cached, how):
    heard = Heard()
    cached.host.connect(heard)

    async def visit(server):
        _, one = await server.open()
        _, other = await server.open()
        assert not {one, other} & set(heard.ended)
        getattr(server.runtime, how)(one)
        assert one in heard.ended
        assert other not in heard.ended
        getattr(server.runtime, how)(other)
        assert other in heard.ended

    serve("", visit)


def test_a_session_that_the_garbage_collector_finds_is_told_of_where_it_is_safe(serve, cached):
    """It may be found in any thread and under any lock, so nobody is told at once."""
    heard = Heard()
    cached.host.connect(heard)

    async def visit(server):
        _, session = await server.open()
        server.runtime._session_mgr.get_active_session_info(session).session.shutdown()
        assert session not in heard.ended
        cached.host.session()
        assert session in heard.ended

    serve("", visit)


def test_a_request_to_clear_the_cache_is_told(serve, cached):
    from streamlit.proto.BackMsg_pb2 import BackMsg

    heard = Heard()
    cached.host.connect(heard)

    async def visit(server):
        _, session = await server.open()
        assert heard.cleared == 0
        server.runtime.handle_backmsg(session, BackMsg(clear_cache=True))
        assert heard.cleared == 1

    serve("", visit)


def test_a_listener_that_fails_does_not_stop_the_server(serve, cached, caplog):
    class Broken(Heard):
        def session_ended(self, session):
            raise RuntimeError("as a release function might")

    after = Heard()
    cached.host.connect(Broken())
    cached.host.connect(after)

    async def visit(server):
        _, session = await server.open()
        server.runtime.close_session(session)
        assert session in after.ended
        await server.open()

    serve("", visit)
    assert "as a release function might" in caplog.text


def test_the_media_of_other_elements_are_left_alone(serve, cached):
    """A replayed picture takes nobody's coordinates, wherever it stands this time."""

    async def visit(server):
        first, session = await server.open()
        await server.rerun(first, session)
        assert len(set(first.urls)) == 3
        assert all(server.media(url) for url in first.urls)
        assert cached.runs == ["show"]

    serve(
        """
import numpy as np
import streamlit as st

def picture(shade):
    st.image(np.full((3, 3, 3), shade, np.uint8))

@shared.cached
def show():
    picture(1)

if len(shared.cached.runs):
    picture(2)
show()
picture(3)
""",
        visit,
    )


def test_a_bare_thread_of_a_running_app_shows_no_spinner(serve, cached):
    class Elsewhere:
        def spinner(self, *_):
            raise AssertionError("the server's terminal is not the page")

        bar = spinner

    async def visit(server):
        await server.open()
        cached.host._elsewhere = Elsewhere()
        with cached.host.spinner("text", False):
            pass
        with cached.host.bar("text", False, lambda: None):
            pass
        with cached.host.record(Call(len, {})) as recorder:
            assert recorder.recording() is None

    serve("", visit)
