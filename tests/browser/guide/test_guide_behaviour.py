"""The chapters about age, number, sharing and what is seen: what their readers are told to see."""

from __future__ import annotations

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

GUIDE = Path(__file__).parents[3] / "examples" / "guide"
APPS = Path(__file__).parents[1] / "apps"


def press(user, name):
    return lambda: user.page.get_by_role("button", name=name, exact=True).click()


def choose(user, name):
    return lambda: user.page.get_by_role("radio", name=name, exact=True).click(force=True)


def test_results_grow_old_after_their_ttl_and_not_before(serve, user, runs_in, metric, tmp_path):
    clock = tmp_path / "clock"
    clock.write_text("0", encoding="utf-8")
    user.visit(serve(APPS / "ttl_chapter.py", CLOCK=str(clock), GUIDE=str(GUIDE)).url)

    def runs_at(seconds):
        clock.write_text(str(seconds), encoding="utf-8")
        return runs_in(user, press(user, "Rerun"))

    shown = {label: metric(user, label) for label in ("ttl=10", "ttl=3600", 'ttl="1h"')}
    an_hour = {"in_seconds": 1, "as_timedelta": 1, "as_text": 1}
    assert runs_at(9.9) == {}
    assert {label: metric(user, label) for label in shown} == shown
    assert runs_at(10.1) == {"every_ten_seconds": 1}
    assert runs_at(3599) == {"every_ten_seconds": 1}
    assert runs_at(3601) == an_hour
    assert runs_at(3601 + 3601) == {"every_ten_seconds": 1} | an_hour


def test_three_results_are_kept_and_those_asked_for_again_stay(reader, runs_in, metric):
    user = reader("max_entries")
    for seed, kept in ((2, "1, 2"), (3, "1, 2, 3")):
        assert runs_in(user, choose(user, str(seed))) == {"large_array": 1}
        assert metric(user, "Kept") == kept
    first = {2: None, 1: None}
    for seed in first:
        assert runs_in(user, choose(user, str(seed))) == {}
        first[seed] = metric(user, "Mean")
    assert runs_in(user, choose(user, "4")) == {"large_array": 1}
    assert metric(user, "Kept") == "1, 2, 4"
    assert runs_in(user, choose(user, "1")) == {}
    assert metric(user, "Mean") == first[1]
    assert runs_in(user, choose(user, "3")) == {"large_array": 1}


def test_all_one_function_or_one_result_is_forgotten(reader, ran, runs_in):
    user = reader("clearing")
    assert ran(user) == {"square": 2, "cube": 2, "notebook": 1}
    assert runs_in(user, lambda: user.page.keyboard.press("r")) == {}
    assert runs_in(user, press(user, "square(1) alone")) == {"square": 1}
    assert runs_in(user, press(user, "All of square")) == {"square": 2}
    assert runs_in(user, press(user, "All data")) == {"square": 2, "cube": 2}
    assert runs_in(user, press(user, "All resources")) == {"notebook": 1}
    for text in ("square(1) = 1", "square(2) = 4", "cube(1) = 1", "cube(2) = 8"):
        assert user.page.get_by_text(text, exact=True).count() == 1


@pytest.fixture
def outliving(service, tmp_path):
    """Variables with which several servers have one store and one secret."""
    return {
        "GUIDE_PACE": "0",
        "GUIDE_API": service.url,
        "GUIDE_STORE": f"disk://{tmp_path / 'a store'}",
        "REPRISE_SECRET": "a secret of the tests alone",
    }


@pytest.fixture
def listed(outliving):
    """Runs the command that a page shows, and gives its lines on functions of the guide."""

    def listed(user):
        command = user.page.get_by_test_id("stCode").first.inner_text().strip()
        done = subprocess.run(
            [sys.executable, "-m", *shlex.split(command)],
            env={**os.environ, **outliving},
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert (done.returncode, done.stderr) == (0, "")
        lines = [line.split() for line in done.stdout.splitlines()]
        return {line[0]: int(line[1]) for line in lines if line and line[0].startswith(str(GUIDE))}

    return listed


def framed(user):
    """What the function showed: texts, kinds of elements, the bars of its chart."""
    frame = "[data-testid=stVerticalBlock]:has(> * [data-testid=stVegaLiteChart])"
    return user.page.locator(frame).last.evaluate(
        """frame => [
            frame.innerText,
            [...frame.querySelectorAll('[data-testid]')].map(element => element.dataset.testid),
            [...frame.querySelectorAll('svg.marks path')].map(path => path.getAttribute('d')),
        ]"""
    )


def test_results_outlive_the_server_with_what_was_shown(
    serve, new_user, service, outliving, ran, runs_in, metric, listed
):
    asked = service.requests["/pickups.csv"]

    def arrive(server):
        user = new_user()
        user.visit(server.url)
        with user.run():
            user.page.locator("[data-testid=stSidebarNavLink][href$='/persist']").click()
        return user

    server = serve(GUIDE / "guide.py", **outliving)
    first, second = arrive(server), arrive(server)
    assert ran(first) == ran(second) == {"rides_by_hour": 1}
    process = str(server.process.pid)
    assert metric(first, "Computed by server") == metric(first, "This server") == process
    shown = first.settled(framed)
    assert "Busiest hour" in shown[0]
    assert len(shown[2]) > 24
    second.sees(framed, shown)
    assert first.leave() == second.leave() == []
    server.stop()

    server = serve(GUIDE / "guide.py", **outliving)
    user = arrive(server)
    assert ran(user) == {"rides_by_hour": 0}
    assert metric(user, "This server") == str(server.process.pid) != process
    assert metric(user, "Rides") == "2,528"
    user.sees(framed, shown)
    assert service.requests["/pickups.csv"] == asked + 1

    function, once = f"{GUIDE / 'persist.py'}:rides_by_hour", {"rides_by_hour": 1}
    assert listed(user) == {function: 1}
    for button, other in (("Forget these rides", "West"), ("Forget all data", "East")):
        assert runs_in(user, choose(user, other)) == once
        assert listed(user) == {function: 2}
        assert runs_in(user, press(user, button)) == once
        assert listed(user) == {function: 1}
    assert metric(user, "Computed by server") == str(server.process.pid)
    assert runs_in(user, press(user, "Rerun")) == {}


def test_a_hit_on_a_large_frame_is_no_copy_and_still_ones_own(reader, ran, metric):
    user = reader("large_data")
    with user.run():
        user.page.get_by_role("slider").press("ArrowRight")
    copying = float(metric(user, "One copy, for comparison").removesuffix(" ms"))
    for decorator in ("cache_data", "cache_resource"):
        assert float(metric(user, f"Hit, {decorator}").removesuffix(" ms")) < copying
    assert metric(user, "First number, in my copy") == "-1.000"
    assert metric(user, "The same, in the cache") == "0.512"
    assert ran(user) == {"frame_as_data": 2, "frame_as_resource": 2}


@pytest.mark.parametrize(
    ("function", "asks_for", "shows"),
    [
        ("usual", "EUR", "Running usual(...)."),
        ("silent", "USD", None),
        ("with_text", "JPY", "Fetching the rate of the yen..."),
        ("with_time", "CHF", "Fetching the rate of the franc..."),
    ],
)
def test_a_miss_shows_its_spinner_and_a_hit_shows_none(
    reader, runs_in, service, gate, eventually, function, asks_for, shows
):
    user = reader("spinners")
    spinner = user.page.get_by_test_id("stSpinner")
    path = f"/rates/{asks_for}"
    gate.clear()
    before = service.requests[path]
    with user.run():
        choose(user, function)()
        if shows is None:
            eventually(lambda: service.requests[path] > before, "the service is asked")
            assert spinner.count() == 0
        else:
            spinner.get_by_text(shows).wait_for()
        if function == "with_time":
            spinner.get_by_text("seconds").wait_for()
        gate.set()
    assert f'"{asks_for}"' in user.page.get_by_test_id("stCode").first.inner_text()

    assert runs_in(user, lambda: user.page.keyboard.press("r")) == {}
    assert spinner.count() == 0
    assert service.requests[path] == before + 1


def looks(user):
    """The chapter without its ledger, which counts hits: texts and kinds of elements."""
    part = user.page.locator("[data-testid=stMainBlockContainer]")
    return part.evaluate(
        """part => [...part.querySelectorAll('[data-testid]')]
            .filter(element => !element.closest('.st-key-ledger'))
            .filter(element => !element.querySelector('[data-testid]'))
            .map(element => [element.dataset.testid, element.innerText])"""
    )


def test_what_a_function_showed_comes_back_with_what_it_returned(
    reader, newcomer, ran, runs_in, service
):
    before = service.requests["/pickups.csv"]
    user = reader("static_elements")
    once = {"announced": 1, "fetched_rides": 1, "whole_part": 1}
    assert ran(user) == once
    for text in (
        "The rides have come.",
        "A resource can show something, too.",
        "Rides by the hour",
    ):
        assert user.page.get_by_text(text, exact=True).count() == 1
    seen = user.settled(looks)

    assert runs_in(user, press(user, "Rerun")) == {}
    user.sees(looks, seen)
    for there in (0, 1):
        assert runs_in(user, user.page.get_by_text("Show the part").click) == {}
        assert user.page.get_by_text("Rides by the hour", exact=True).count() == there
    user.sees(looks, seen)

    second = newcomer("static_elements")
    assert ran(second) == once
    second.sees(looks, seen)
    assert service.requests["/pickups.csv"] == before + 1


def test_a_column_dropped_in_place_is_gone_only_from_a_shared_table(reader, runs_in, metric):
    user = reader("mutation")
    dropped = user.page.get_by_text("Dropped. Left in mine: Hour, Lon, Zone")
    missing = user.page.get_by_text("KeyError: Lat")
    for _ in range(2):
        assert dropped.count() == 1
        assert runs_in(user, press(user, "Rerun")) == {}
    assert metric(user, "My list, changed") == "[99, 2, 3]"
    assert metric(user, "The list in the cache") == "[1, 2, 3]"

    assert runs_in(user, choose(user, "cache_resource")) == {"shared_rides": 1}
    assert dropped.count() == 1
    assert runs_in(user, press(user, "Rerun")) == {}
    assert missing.count() == 1
    assert dropped.count() == 0
    with user.run():
        choose(user, "cache_data")()
    assert dropped.count() == 1


def test_users_add_to_one_shared_list_and_each_to_a_list_of_their_own(reader, newcomer, metric):
    first = reader("two_users")
    assert metric(first, "cache_resource") == "[2, 2, 3]"
    second = newcomer("two_users")
    assert metric(second, "cache_resource") == "[3, 2, 3]"
    with first.run():
        press(first, "Rerun")()
    assert metric(first, "cache_resource") == "[4, 2, 3]"
    for user in (first, second):
        assert metric(user, "cache_data") == "[2, 2, 3]"
    with second.run():
        press(second, "Forget the shared list")()
    assert metric(second, "cache_resource") == "[2, 2, 3]"


def test_the_old_decorator_works_and_names_the_new_ones(reader, ran, runs_in):
    user = reader("migrating")
    assert set(ran(user).values()) == {1}
    for line in (
        "@reprise.cache_data\n    def old_table",
        "@reprise.cache_resource\n    def old_lock",
    ):
        codes = user.page.get_by_test_id("stCode").all_inner_texts()
        assert any(line in code for code in codes)
    assert user.text("The old way and the new give the same:") == "True"
    assert user.text("The lock is one for all:") == "True"
    assert runs_in(user, press(user, "Rerun")) == {}
    assert len(user.page.get_by_test_id("stCode").all()) >= 2
