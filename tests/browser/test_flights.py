"""The flights app in a browser: what runs, what does not, and what its users see."""

from __future__ import annotations

from pathlib import Path

import pytest

pytestmark = [pytest.mark.browser, pytest.mark.slow]

APP = Path(__file__).parents[2] / "examples" / "flights" / "app.py"
ONCE = {
    "load_flights",
    "airline_names",
    "joined_flights",
    "select_flights",
    "data_edition",
    "figures",
    "overview",
    "airline_ranking",
    "weather_effect",
    "destination_map",
    "route_table",
    "routes",
    "destinations",
    "chances_by_hour",
    "delay_model",
    "flights_database",
}
CHARTS = 6
FIRST_LOAD = dict.fromkeys(ONCE, 1) | {"load_table": 4}
READ_FROM_FILES = {"load_flights", "load_table"}
FOLLOWS_THE_FILTERS = {
    "select_flights",
    "figures",
    "overview",
    "airline_ranking",
    "weather_effect",
    "destination_map",
    "route_table",
    "routes",
}


def table(user, column):
    """One column of the app's table of cached functions."""
    rows = user.page.locator(".st-key-cache_panel table tr").all()
    texts = [[cell.strip() for cell in row.locator("th, td").all_inner_texts()] for row in rows]
    place = texts[0].index(column)
    return {row[0]: float(row[place].replace(",", "")) for row in texts[1:]}


def runs(user):
    return table(user, "Runs")


def since(before, after):
    """The functions that ran in between, with how often."""
    return {name: after[name] - before[name] for name in after if after[name] != before[name]}


def looks(user):
    """What a user sees of the cached functions: texts, kinds of elements, lines of the charts."""
    user.page.wait_for_function(
        """charts => document.querySelectorAll('[data-testid=stVegaLiteChart] svg.marks').length
            === charts""",
        arg=CHARTS,
    )
    parts = user.page.locator(
        ".st-key-report, [data-testid=stVegaLiteChart], [data-testid=stDataFrame]"
    )
    return parts.evaluate_all(
        """parts => parts.map(part => [
            part.innerText,
            [...part.querySelectorAll('[data-testid]')].map(element => element.dataset.testid),
            [...part.querySelectorAll('svg.marks')].map(chart => chart.textContent),
            [...part.querySelectorAll('svg.marks path')].map(path => path.getAttribute('d')),
        ])"""
    )


@pytest.fixture(scope="module")
def flights(serving, browser):
    """A server that somebody has visited before."""
    with serving(APP) as server:
        yield server


@pytest.fixture
def visitor(flights, user):
    user.visit(flights.url)
    return user


def test_the_first_load_computes_once_and_later_runs_and_users_nothing(serve, new_user):
    server = serve(APP)
    first = new_user()
    first.visit(server.url)
    assert runs(first) == FIRST_LOAD
    seen = first.settled(looks)

    first.rerun()
    assert runs(first) == FIRST_LOAD
    first.sees(looks, seen)

    second = new_user()
    second.visit(server.url)
    assert runs(second) == FIRST_LOAD
    second.sees(looks, seen)


def test_what_was_read_from_files_outlives_the_server(serve, new_user, tmp_path):
    folders = {name: str(tmp_path / name) for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME")}
    seen = []
    for outlived in (set(), READ_FROM_FILES):
        server, user = serve(APP, **folders), new_user()
        user.visit(server.url)
        assert runs(user) == FIRST_LOAD | dict.fromkeys(outlived, 0)
        seen.append(user.settled(looks))
        assert user.leave() == []
        server.stop()
    assert seen[0] == seen[1]


def test_two_users_who_arrive_together_compute_once(serve, new_user):
    server = serve(APP)
    users = [new_user(), new_user()]
    for user in users:
        user.page.goto(server.url, wait_until="commit")
    for user in users:
        user.settle(1)
    assert runs(users[0]) | runs(users[1]) == FIRST_LOAD
    users[1].sees(looks, users[0].settled(looks))


def test_a_filter_recomputes_what_depends_on_it_and_nothing_else(visitor):
    before, seen = runs(visitor), visitor.settled(looks)
    sidebar = visitor.page.get_by_test_id("stSidebar")
    with visitor.run():
        sidebar.get_by_role("button", name="JFK").click()
    assert since(before, runs(visitor)) == dict.fromkeys(FOLLOWS_THE_FILTERS, 1)
    assert "111,279" in visitor.page.locator(".st-key-report").inner_text()

    before = runs(visitor)
    with visitor.run():
        sidebar.get_by_role("button", name="JFK").click()
    assert since(before, runs(visitor)) == {}
    visitor.sees(looks, seen)


def test_the_choice_of_one_part_recomputes_that_part_alone(visitor):
    page = visitor.page
    for control, function in (
        (page.get_by_role("radio", name="Cancelled"), "airline_ranking"),
        (page.get_by_role("radio", name="Wind"), "weather_effect"),
        (page.get_by_text("It rains"), "chances_by_hour"),
    ):
        before = runs(visitor)
        with visitor.run():
            control.click()
        assert since(before, runs(visitor)) == {function: 1}


def test_the_panel_counts_hits_and_clears_one_function_alone(visitor):
    before, hits = runs(visitor), table(visitor, "Hits")
    visitor.rerun()
    after = table(visitor, "Hits")
    assert after["overview"] == hits["overview"] + 1
    assert after["delay_model"] > hits["delay_model"]
    assert table(visitor, "MB")["joined_flights"] > 10

    # The list shows a part of its options at a time; what is typed narrows it.
    visitor.page.get_by_role("combobox", name="Forget the results of").click()
    visitor.page.keyboard.type("weather")
    with visitor.run():
        visitor.page.get_by_role("option", name="weather_effect").click()
    with visitor.run():
        visitor.page.get_by_role("button", name="Clear", exact=True).click()
    assert since(before, runs(visitor)) == {"weather_effect": 1}


def test_everything_is_computed_again_after_clear_cache(visitor):
    before, seen = runs(visitor), visitor.settled(looks)
    visitor.clear_caches()
    visitor.rerun()
    assert since(before, runs(visitor)) == FIRST_LOAD
    visitor.sees(looks, seen)
