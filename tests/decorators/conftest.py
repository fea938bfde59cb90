"""Every test gets a runtime of its own, whose clock it moves by hand."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from reprise import config
from reprise.composition import make_outsides
from reprise.engine import runtime as runtimes
from reprise.hosting import Call, Progress
from reprise.hosts import Hosts
from reprise.testing import FakeClock

# Of what several files share: the rooms of the tests are no packages.
sys.path.append(str(Path(__file__).parent))


@dataclass(eq=False)
class Bar:
    """A bar that a function had, or who waited for one."""

    text: str | None
    show_time: bool
    progress: Callable[[], Progress | None]
    gone: bool = False

    @property
    def says(self) -> tuple[float, float | None, str] | None:
        """What the function told last."""
        told = self.progress()
        return None if told is None else (told.done, told.total, told.text)


class FakeHost:
    """A terminal that notes its spinners, with sessions and displays that a test sets."""

    realm = "fake"

    def __init__(self) -> None:
        self.session_id: str | None = None
        self.user_id: str | None = None
        self.spinners: list[tuple[str, bool]] = []
        self.spinning = 0
        self.bars = []

    def active(self) -> bool:
        return True

    def session(self) -> str | None:
        return self.session_id

    def user(self) -> str | None:
        return self.user_id

    @contextmanager
    def spinner(self, text, show_time):
        self.spinners.append((text, show_time))
        self.spinning += 1
        try:
            yield
        finally:
            self.spinning -= 1

    @contextmanager
    def bar(self, text, show_time, progress):
        bar = Bar(text, show_time, progress)
        self.bars.append(bar)
        try:
            yield
        finally:
            bar.gone = True

    @contextmanager
    def record(self, call: Call):
        yield self

    def keep(self, act):
        return act()

    def recording(self, shared=None):
        return None

    def replay(self, recording, call: Call) -> None:
        raise AssertionError("nothing was recorded")

    def connect(self, listener) -> None:
        self.listener = listener


@pytest.fixture
def clock():
    return FakeClock()


@pytest.fixture
def host():
    return FakeHost()


@pytest.fixture(autouse=True)
def runtime(clock, host):
    """A fresh runtime; functions decorated in the test belong to it."""
    before = runtimes.current()
    fresh = runtimes.Runtime(clock, Hosts(host, {}), 1e9, make_outsides(clock))
    runtimes.use(fresh)
    yield fresh
    fresh.close()
    runtimes.use(before)


class Calls:
    """Notes the arguments of each run of a function under test.

    No list: functions under test close over it, and the content of a list in a closure is a part
    of the key. This has no encoding, for its lock has none, and counts as the object that it is.
    """

    __hash__ = None

    def __init__(self):
        self.noted = []
        self.lock = threading.Lock()

    def __call__(self, *args):
        self.noted.append(args[0] if len(args) == 1 else args)

    def __eq__(self, other):
        return self.noted == other

    def __len__(self):
        return len(self.noted)

    def __repr__(self):
        return repr(self.noted)

    def clear(self):
        self.noted.clear()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where the store on disk is; no other store, secret or folder of this user is touched."""
    monkeypatch.setenv("REPRISE_SECRET", "the secret of these tests")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "caches"))
    config.reset()
    yield tmp_path / "store"
    monkeypatch.undo()
    config.reset()


@pytest.fixture
def place(folder):
    """The URL of that store."""
    return f"disk://{folder}"


@pytest.fixture
def fresh(folder, clock, host):
    """Begins another runtime, as a process does that was just started: its memory is empty.

    What is decorated from then on belongs to it.
    """
    begun = []

    def fresh(clock=clock):
        begun.append(runtimes.Runtime(clock, Hosts(host, {}), 1e9, make_outsides(clock)))
        runtimes.use(begun[-1])
        return begun[-1]

    yield fresh
    for one in begun:
        one.close()


@pytest.fixture
def runs():
    return Calls()
