"""Real servers and real browsers: Streamlit as a child process, Debian's Chromium, two users."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Generator, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "screenshots"
PATIENCE = 60.0
"""Seconds after which a server or a page is given up. Long, for machines that do much else."""
CHROMIUM_OPTIONS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]
ELSEWHERE = re.compile(r"https?://(?!127\.0\.0\.1[:/])")
USERS = pytest.StashKey[list["User"]]()
RUNNING: list[Server] = []


@dataclass(frozen=True, slots=True)
class Server:
    """A running Streamlit server."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def healthy(self) -> bool:
        """Whether it answers; an error with its log when it has ended."""
        if self.process.poll() is not None:
            pytest.fail(f"The server ended with {self.process.returncode}:\n{self.log.read_text()}")
        try:
            with urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, TimeoutError, ConnectionError):
            return False

    def stop(self) -> None:
        """End it, by force where it does not go on its own."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


@contextmanager
def run_server(
    app: Path, home: Path, *, module: str = "streamlit", **environment: str
) -> Iterator[Server]:
    """Run ``app`` with a home directory of its own, so that no setting of the machine counts.

    Args:
        app: The script.
        home: The directory.
        module: What has the command ``run``: ``streamlit`` or ``reprise``.
        environment: Variables for the server.
    """
    port = free_port()
    log = home / "server.log"
    command = [sys.executable, "-m", module, "run", str(app)]
    options = {
        "server.port": str(port),
        "server.address": "127.0.0.1",
        "server.headless": "true",
        "browser.gatherUsageStats": "false",
    }
    command += [text for name, value in options.items() for text in (f"--{name}", value)]
    # So are the secret and the store of who runs the tests; to be empty is to be unset.
    own = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), str(home))
    unset = dict.fromkeys(("REPRISE_STORE", "REPRISE_SECRET"), "")
    variables = {**os.environ, **own, **unset, **environment}
    with log.open("wb") as output:
        process = subprocess.Popen(
            command, cwd=home, env=variables, stdout=output, stderr=subprocess.STDOUT
        )
    server = Server(f"http://127.0.0.1:{port}", process, log)
    RUNNING.append(server)
    try:
        until(server.healthy, "the server answers")
        yield server
    finally:
        RUNNING.remove(server)
        server.stop()


def until(
    reached: Callable[[], bool], what: str, wait: Callable[[float], object] = time.sleep
) -> None:
    """Look again and again until something is so; fail after :data:`PATIENCE` seconds.

    Args:
        reached: Looks.
        what: What is waited for, for the message.
        wait: Passes the given seconds between two looks.
    """
    deadline = time.monotonic() + PATIENCE
    while not reached():
        if time.monotonic() > deadline:
            pytest.fail(f"Waited {PATIENCE:.0f} s in vain until {what}.")
        wait(0.05)


@dataclass(eq=False)
class User:
    """One user: a browser profile of its own with one page open.

    Without slots, because Playwright notes its handlers on the object whose methods they are.
    """

    page: Any
    runs: int = 0
    """Runs of the app's script that have ended, as the server told this page."""
    problems: list[str] = field(default_factory=list)
    """What the browser complained about, and what it was refused."""

    def listen(self) -> None:
        """Follow what the page receives and what goes wrong on it; keep it from the internet."""
        self.page.route(ELSEWHERE, self._refuse)
        self.page.on("websocket", lambda socket: socket.on("framereceived", self._received))
        self.page.on("pageerror", lambda error: self.problems.append(f"page error: {error}"))
        self.page.on("console", self._told)

    def _received(self, frame: bytes | str) -> None:
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

        if isinstance(frame, str):
            return
        message = ForwardMsg.FromString(frame)
        finished = message.WhichOneof("type") == "script_finished"
        if finished and message.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN:
            self.runs += 1

    def _refuse(self, route: Any) -> None:
        self.problems.append(f"asked for {route.request.url}")
        route.abort()

    def _told(self, message: Any) -> None:
        if message.type == "error":
            self.problems.append(f"console: {message.text} ({message.location})")

    @contextmanager
    def run(self, count: int = 1) -> Iterator[None]:
        """Wait at the end of the block until the app's script has run ``count`` times more."""
        wanted = self.runs + count
        yield
        self.settle(wanted)

    def settle(self, runs: int) -> None:
        """Wait until ``runs`` runs have ended and the page shows all of the last one."""
        until(
            lambda: self.runs >= runs,
            f"run {runs} of the script has ended (now {self.runs})",
            lambda seconds: self.page.wait_for_timeout(1000 * seconds),
        )
        ready = "[data-testid=stApp][data-test-script-state=notRunning]"
        self.page.wait_for_selector(ready, timeout=1000 * PATIENCE)
        for passing in ("[data-stale=true]", "[data-testid=stSkeleton]", "[data-testid=stSpinner]"):
            self.page.wait_for_function(
                "selector => !document.querySelector(selector)",
                arg=passing,
                timeout=1000 * PATIENCE,
            )

    def visit(self, url: str) -> None:
        """Open the app and wait until it is there."""
        with self.run():
            self.page.goto(url)

    def rerun(self) -> None:
        """Press Streamlit's key for a rerun."""
        with self.run():
            self.page.keyboard.press("r")

    def clear_caches(self) -> None:
        """Use Streamlit's own key and dialog."""
        self.page.keyboard.press("c")
        self.page.get_by_role("button", name="Clear caches").click()
        self.page.get_by_role("dialog").wait_for(state="detached")

    def sees(self, look: Callable[[User], Any], wanted: Any) -> None:
        """Wait until ``look`` gives ``wanted``: charts are drawn a little after the script."""
        until(
            lambda: look(self) == wanted,
            f"the page looks like {wanted!r:.500}",
            lambda seconds: self.page.wait_for_timeout(1000 * seconds),
        )

    def settled(self, look: Callable[[User], Any]) -> Any:
        """What ``look`` gives once it stays for a while: charts find their size a little later."""
        latest, since = look(self), time.monotonic()
        deadline = since + PATIENCE
        while time.monotonic() < since + 1.5:
            self.page.wait_for_timeout(100)
            now = look(self)
            if now != latest:
                latest, since = now, time.monotonic()
            if since > deadline:
                pytest.fail("The page does not come to rest.")
        return latest

    def text(self, marker: str) -> str:
        """The text of the first element that begins with ``marker``, without it."""
        found = self.page.get_by_text(marker).first
        return str(found.inner_text()).removeprefix(marker).strip()

    def errors(self) -> list[str]:
        """The errors that the app shows."""
        boxes = self.page.locator("[data-testid=stException], [data-testid=stAlertContentError]")
        return [str(text) for text in boxes.all_inner_texts()]

    def leave(self) -> list[str]:
        """Close the browser; what went wrong in it until then."""
        if self.page.is_closed():
            return self.problems
        problems = [*self.errors(), *self.problems]
        self.page.context.close()
        return problems

    def photograph(self, path: Path) -> str:
        """Take a picture of the page; where it is, or why there is none."""
        from playwright.sync_api import Error

        try:
            self.page.screenshot(path=path, full_page=True)
        except Error as error:
            return f"No screenshot: {error}"
        return f"Screenshot: {path.relative_to(ROOT)}"


@pytest.fixture(scope="module")
def browser(chromium: Path) -> Iterator[Any]:
    """One Chromium for a module, and no longer: an open Playwright occupies the event loop."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        if os.environ.get("CI") == "true":
            raise
        pytest.skip("the playwright package is not installed")
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(
            executable_path=str(chromium), args=CHROMIUM_OPTIONS, timeout=1000 * PATIENCE
        )
        yield running
        running.close()


@pytest.fixture(scope="session")
def serving(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[..., AbstractContextManager[Server]]:
    """Makes context managers in which a server runs."""

    def start(app: Path, **options: str) -> AbstractContextManager[Server]:
        return run_server(app, tmp_path_factory.mktemp("home"), **options)

    return start


@pytest.fixture
def serve(
    serving: Callable[..., AbstractContextManager[Server]],
) -> Iterator[Callable[..., Server]]:
    """Starts servers that live as long as the test."""
    with ExitStack() as running:
        yield lambda app, **options: running.enter_context(serving(app, **options))


@pytest.fixture(scope="module")
def make_user(browser: Any) -> Callable[[], User]:
    """Makes users; who makes one looks after it."""

    def make() -> User:
        context = browser.new_context(viewport={"width": 1440, "height": 1000})
        user = User(context.new_page())
        user.listen()
        return user

    return make


@pytest.fixture
def watched(request: pytest.FixtureRequest) -> list[User]:
    """The users whose pages are photographed when the test fails."""
    return request.node.stash.setdefault(USERS, [])


@pytest.fixture
def new_user(
    make_user: Callable[[], User], serve: Callable[..., Server], watched: list[User]
) -> Iterator[Callable[[], User]]:
    """Makes users, who are asked at the end whether anything went wrong for them.

    It needs ``serve`` only to be torn down before it: the loss of a server is an error on a page.
    """
    users: list[User] = []

    def arrive() -> User:
        users.append(make_user())
        watched.append(users[-1])
        return users[-1]

    yield arrive
    problems = []
    for user in users:
        problems += user.leave()
    assert problems == []


@pytest.fixture
def user(new_user: Callable[[], User]) -> User:
    """The one user of a test that needs no more."""
    return new_user()


@pytest.fixture
def eventually() -> Callable[[Callable[[], bool], str], None]:
    """Waits for what a server does in its own time."""
    return until


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Add to a failure what the servers said and what the users saw."""
    report = yield
    if report.failed:
        for server in RUNNING:
            report.sections.append((f"server {server.url}", server.log.read_text()))
        for number, user in enumerate(item.stash.get(USERS, []), 1):
            path = SCREENSHOTS / f"{item.name}-{report.when}-user{number}.png"
            report.sections.append((f"user {number}", user.photograph(path)))
    return report
