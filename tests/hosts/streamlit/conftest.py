"""Running apps without a server, and a cache as small as can be around record and replay."""

from __future__ import annotations

import functools
import inspect
import marshal
import sys
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from types import CodeType, SimpleNamespace
from typing import Any

import pytest

import reprise
from reprise import config
from reprise.composition import make_runtime
from reprise.contracts import Clock
from reprise.engine import runtime as runtimes
from reprise.engine.branches import same_answers
from reprise.engine.runtime import current
from reprise.envelopes import SharedStore
from reprise.hosting import Call, Recording
from reprise.hosts.streamlit import hooks
from reprise.hosts.streamlit.host import StreamlitHost
from reprise.testing import FakeClock

# The oracle that several modules of tests share stands in modules of its own.
sys.path.append(str(Path(__file__).parent))
pytest.register_assert_rewrite("differential", "worlds", "behind_apps")

App = Callable[[Callable[..., Any]], None] | str
"""A function whose body is the script, given a decorator; or the script, which finds ``cached``."""


@dataclass
class Cached:
    """A decorator that does with a host what the engine does, and nothing else."""

    host: StreamlitHost = field(default_factory=StreamlitHost)
    runs: list[str] = field(default_factory=list)
    recordings: list[Recording | None] = field(default_factory=list)
    kept: dict[Any, tuple[Any, Recording | None]] = field(default_factory=dict)

    def __call__(self, function: Callable[..., Any], widgets: bool = False) -> Callable[..., Any]:
        signature = inspect.signature(function)

        @functools.wraps(function)
        def wrapper(*args, **kwargs):
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            call = Call(function, bound.arguments, widgets, lambda *told: repr(told).encode())
            seen = [value for name, value in bound.arguments.items() if name[0] != "_"]
            key = (call.name, repr(seen))
            if key in self.kept:
                value, recording = self.kept[key]
                if recording is None or (
                    same_answers(recording, call) and self.host.replay(recording, call)
                ):
                    return value
            self.runs.append(function.__name__)
            with self.host.record(call) as recorder:
                value = function(*args, **kwargs)
                recording = recorder.recording()
            self.recordings.append(recording)
            if recording is None or recording.replayable:
                self.kept[key] = (value, recording)
            return value

        return wrapper


@dataclass(frozen=True)
class Page:
    """What an app sent to the browser."""

    elements: tuple[tuple[tuple[int, ...], bytes], ...]
    messages: tuple[bytes, ...]
    exceptions: tuple[str, ...]
    files: frozenset[str]

    def __str__(self) -> str:
        return "\n".join(f"{path}: {content!r}" for path, content in self.elements)


@pytest.fixture(autouse=True)
def _listeners_of_this_test_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hooks, "_TOLD", [])


@pytest.fixture
def cached() -> Cached:
    return Cached()


class Engine:
    """The real decorator, and how often the functions ran that were given to it."""

    def __init__(self) -> None:
        self._functions: dict[str, Any] = {}

    def __call__(self, function: Any = None, widgets: bool = False, **options: Any) -> Any:
        if function is None:
            return lambda function: self(function, widgets, **options)
        decorate = reprise.cache_data(
            show_spinner=False, experimental_allow_widgets=widgets, **options
        )
        cached = decorate(function)
        self._functions[function.__name__] = cached
        return cached

    @property
    def runs(self) -> dict[str, int]:
        return {name: each.cache_info().misses for name, each in self._functions.items()}

    def function(self, name: str) -> Any:
        """The latest that was decorated of those with that name."""
        return self._functions[name]

    def leaves(self, name: str) -> int:
        """How many results the decision trees of a function lead to."""
        trees = [group.branches._trees for group in current().groups if group.label == name]
        realms = [
            realm for calls in trees for realms in calls.values() for realm in realms.values()
        ]
        assert all(realm.leaves for realm in realms)
        return sum(len(realm.leaves) for realm in realms)


@pytest.fixture
def engine() -> Iterator[Engine]:
    """Reprise as users know it, with an empty cache."""
    reprise.cache_data.clear()
    yield Engine()
    reprise.cache_data.clear()


class Persisting(Engine):
    """The real decorator with a store on disk, which servers come and go around.

    Args:
        folder: Where the store is.
    """

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder

    def __call__(self, function: Any = None, widgets: bool = False, **options: Any) -> Any:
        return super().__call__(
            function, widgets, **{"persist": f"disk://{self.folder}", **options}
        )

    def renew(self, clock: Clock | None = None) -> None:
        """Go on with a fresh server: of all that there was, the folder is left."""
        current().close()
        runtimes.use(make_runtime(clock))
        self._functions.clear()

    @property
    def store(self) -> SharedStore:
        """What is kept, as the server has opened it."""
        [opened] = current().outsides._opened.values()
        return opened.store


@pytest.fixture
def persisting(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Persisting]:
    """Reprise with a store in a folder of this test's own, and nothing in it."""
    monkeypatch.setenv("REPRISE_SECRET", "a secret of the tests alone")
    config.reset()
    before = current()
    runtimes.use(make_runtime())
    yield Persisting(tmp_path / "store")
    current().close()
    runtimes.use(before)
    monkeypatch.undo()
    config.reset()


@pytest.fixture
def compiled_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Compile a script once for all its runs, as a server does; an ``AppTest`` would for each.

    What begins anew with a runtime of its own stands for another server, with code of its own.
    """
    from streamlit.runtime.scriptrunner.script_cache import ScriptCache
    from streamlit.testing.v1 import local_script_runner

    class Compiled(ScriptCache):
        def get_bytecode(self, script_path):
            text = Path(script_path).read_bytes()
            if (script_path, text) not in compiled:
                compiled[script_path, text] = marshal.dumps(super().get_bytecode(script_path))
            server = (current(), script_path, text)
            if server not in served:
                served[server] = marshal.loads(compiled[script_path, text])
            return served[server]

    compiled: dict[Any, bytes] = {}
    served: dict[Any, CodeType] = {}
    monkeypatch.setattr(local_script_runner, "ScriptCache", Compiled)


@pytest.fixture
def no_components(monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep a server from looking for components: it would read what is told of all packages."""
    from streamlit import runtime

    manager = getattr(runtime.runtime, "BidiComponentManager", None)
    if manager is not None:  # the oldest releases have none
        monkeypatch.setattr(manager, "discover_and_register_components", lambda *_, **__: None)


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a status not wait for the browser to draw it."""
    from streamlit.elements.lib import mutable_status_container

    waiting = SimpleNamespace(sleep=lambda seconds: None)
    monkeypatch.setattr(mutable_status_container, "time", waiting)


@pytest.fixture
def plain_tracebacks() -> Iterator[None]:
    """Keep Streamlit from colouring the error of an app, which takes longer than to run it."""
    from streamlit import config

    before = config.get_option("logger.enableRich")
    config.set_option("logger.enableRich", False)
    yield
    config.set_option("logger.enableRich", before)


@pytest.fixture
def attended(
    monkeypatch: pytest.MonkeyPatch,
    at_once: None,
    compiled_once: None,
    no_components: None,
    plain_tracebacks: None,
) -> Callable[[Any], Any]:
    """Let an ``AppTest`` tell what it sent to the browser, and keep the files that it got."""
    from streamlit.runtime import Runtime
    from streamlit.testing.v1 import app_test, local_script_runner

    class Runner(app_test.LocalScriptRunner):
        def __init__(self, *args, **kwargs):
            super().__init__(*args, **kwargs)
            runners[threading.get_ident()] = self

        def run(self, *args, **kwargs):
            try:
                return super().run(*args, **kwargs)
            finally:  # the runtime that AppTest makes is gone when it returns
                self.files = frozenset(Runtime.instance().media_file_mgr._file_metadata)

    runners: dict[int, Any] = {}
    monkeypatch.setattr(app_test, "LocalScriptRunner", Runner)
    # One for each test instead of one for each run: files that were handed in stay.
    uploads = local_script_runner.MemoryUploadedFileManager("/mock/upload")
    monkeypatch.setattr(local_script_runner, "MemoryUploadedFileManager", lambda *_: uploads)

    def attended(opened: Any) -> Any:
        opened.uploads = uploads
        opened.page = lambda: _page(opened, runners[threading.get_ident()])
        return opened

    return attended


@pytest.fixture
def open_app(attended: Callable[[Any], Any]) -> Callable[..., Any]:
    """Make an ``AppTest`` whose script is the body of a function."""
    from streamlit.testing.v1 import AppTest

    def open_app(app: App, cached: Any) -> Any:
        if isinstance(app, str):
            text = f"(cached,) = __args\n{app}"
            return attended(AppTest._from_string(text, default_timeout=30, args=(cached,)))
        return attended(AppTest.from_function(app, default_timeout=30, args=(cached,)))

    return open_app


@pytest.fixture
def open_file(attended: Callable[[Any], Any]) -> Callable[[Path], Any]:
    """Make an ``AppTest`` of a script in a file."""
    from streamlit.testing.v1 import AppTest

    return lambda script: attended(AppTest.from_file(str(script), default_timeout=60))


@pytest.fixture
def plainly(run: Callable[[App, Any], Page]) -> Callable[[App], Page]:
    """Give the page of an app whose functions are not cached."""

    def plainly(app: App) -> Page:
        for _ in range(2):  # Streamlit says some things once a process, on the first page
            page = run(app, lambda function: function)
        return page

    return plainly


@pytest.fixture
def run(open_app: Callable[..., Any]) -> Callable[[App, Any], Page]:
    """Run an app once in a session of its own, and give its page."""
    return lambda app, cached: open_app(app, cached).run().page()


def _page(opened: Any, runner: Any) -> Page:
    elements: dict[tuple[int, ...], bytes] = {}
    messages = []
    for message in runner.forward_msgs():
        kind = message.WhichOneof("type")
        if kind in {"logo", "page_config_changed"}:
            messages.append(message.SerializeToString(deterministic=True))
        elif kind == "delta" and message.delta.WhichOneof("type") != "new_transient":
            at = tuple(message.metadata.delta_path)
            if message.delta.new_element.HasField("exception"):
                message.delta.new_element.exception.ClearField("stack_trace")
            content = message.delta.SerializeToString(deterministic=True)
            # Rows that are added later come on top of what stands there.
            adds = "add_rows" in message.delta.WhichOneof("type")
            elements[at] = elements[at] + content if adds else content
    return Page(
        tuple(sorted(elements.items())),
        tuple(messages),
        tuple(each.value for each in opened.exception),
        runner.files,
    )


@pytest.fixture
def behind() -> Iterator[Any]:
    """A cache of this test's own, a clock that stands, and refreshes that wait to be done."""
    from behind_apps import Behind

    before, made = current(), Behind(FakeClock())
    fresh = make_runtime(made.clock)
    fresh.refresher.submit = made.jobs.append
    runtimes.use(fresh)
    yield made
    fresh.close()
    runtimes.use(before)
