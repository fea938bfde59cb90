"""The guide in one server, with a web service that the tests can hold up."""

from __future__ import annotations

import importlib.util
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

GUIDE = Path(__file__).parents[3] / "examples" / "guide"
QUICK = {"GUIDE_PACE": "0", "GUIDE_DATABASE_URL": "", "GUIDE_MYSQL_URL": "", "GUIDE_STORE": ""}


@dataclass(frozen=True, slots=True)
class Service:
    """The web service that the guide asks."""

    url: str
    requests: Counter[str] = field(default_factory=Counter)
    """What was asked for, with how often."""
    gate: threading.Event = field(default_factory=threading.Event)
    """Nothing is answered while it is not set."""


@pytest.fixture(scope="module")
def service() -> Iterator[Service]:
    """The guide's own service, run by the test."""
    spec = importlib.util.spec_from_file_location("guide_local_api", GUIDE / "local_api.py")
    local_api = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(local_api)

    class Handler(local_api.Handler):
        seconds = 0.0

        def do_GET(self):
            known.requests[self.path] += 1
            assert known.gate.wait(60), "nobody opened the gate"
            super().do_GET()

    server = local_api.start(Handler)
    known = Service(f"http://127.0.0.1:{server.server_address[1]}")
    known.gate.set()
    yield known
    known.gate.set()
    server.shutdown()
    server.server_close()


@pytest.fixture
def gate(service):
    """The service's gate, for one test to close; a test that fails leaves it open."""
    yield service.gate
    service.gate.set()


@pytest.fixture(scope="module")
def guide(serving, browser, service):
    """A server with all chapters, whose slow functions do not dawdle."""
    with serving(GUIDE / "guide.py", GUIDE_API=service.url, **QUICK) as server:
        yield server


@pytest.fixture(scope="module")
def resident(guide, make_user):
    """A user who goes from chapter to chapter: to load the page anew each time would take longer
    than all that the tests do there.
    """
    user = make_user()
    user.visit(guide.url)
    yield user
    user.leave()


@pytest.fixture
def reader(resident, watched):
    """Opens a chapter, and looks at the end whether anything went wrong there."""
    watched.append(resident)

    def turn_to(name):
        with resident.run():
            resident.page.locator(f"[data-testid=stSidebarNavLink][href$='/{name}']").click()
        return resident

    yield turn_to
    problems = [*resident.errors(), *resident.problems]
    resident.problems.clear()
    assert problems == []


@pytest.fixture
def newcomer(guide, new_user):
    """Opens a chapter in a browser of its own."""

    def arrive(name):
        user = new_user()
        user.visit(f"{guide.url}/{name}")
        # Streamlit's page looks for its server below its own address first.
        looked_for = f"{guide.url}/{name}/_stcore/"
        user.problems[:] = [text for text in user.problems if looked_for not in text]
        return user

    return arrive


@pytest.fixture
def ran():
    """Reads how often each function of the chapter on the page ran."""

    def read(user):
        rows = user.page.locator(".st-key-ledger table tbody tr").all()
        cells = [row.locator("th, td").all_inner_texts() for row in rows]
        return {name: int(runs) for name, runs, _ in cells}

    return read


@pytest.fixture
def runs_in(ran):
    """Does something and tells which functions ran meanwhile, with how often."""

    def during(user, act):
        before = ran(user)
        with user.run():
            act()
        return {
            name: runs - before[name] for name, runs in ran(user).items() if runs > before[name]
        }

    return during


@pytest.fixture
def metric():
    """Reads the value under a label."""

    def read(user, label):
        box = user.page.get_by_test_id("stMetric").filter(
            has=user.page.get_by_text(label, exact=True)
        )
        return box.get_by_test_id("stMetricValue").inner_text().strip()

    return read
