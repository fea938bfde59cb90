from __future__ import annotations

import platform

import pytest


@pytest.fixture
def figure(bench):
    harness = bench("_harness")

    def figure(*samples, unit="second", **more):
        return harness.Figure(harness.benchmark("made up", samples, unit), **more)

    return figure


@pytest.fixture
def answer(bench, figure):
    harness = bench("_harness")
    figures = {
        "Reprise": figure(1e-6, 2e-6, 9e-6, isolated=True),
        "slow": figure(3e-4, isolated=True, note="writes to disk"),
        "shared": figure(5e-7, isolated=False),
        "none": harness.Figure(note="cannot hash a frame"),
    }
    return harness.Answer("hit, made up", figures, "How it was done.", {"Reprise": 1e-6})


@pytest.fixture
def grid(bench, figure):
    harness, by_size = bench("_harness"), bench("by_size")
    figures = {
        ("Reprise", 1000): figure(2e9, unit="byte"),
        ("Reprise", 10**9): harness.Figure(note="needs about 35.8 GiB"),
    }
    goals = {("Reprise", 1000): 3.5e9, ("Reprise", 10**9): 7e9}
    return by_size.Grid("peak memory", [1000, 10**9], ["Reprise"], figures, "", goals)


@pytest.fixture
def text(bench, answer, grid):
    return bench("_page").page("Benchmarks", "make bench", [answer], [grid], [("a hit", "hit.svg")])


def test_a_row_has_the_median_and_its_ratio_to_ours(text):
    assert "| Reprise | 2.00 µs |  | yes |  |" in text
    assert "| slow | 300 µs | 150 | yes | writes to disk |" in text
    assert "| shared | 500 ns | 0.25 | no |  |" in text


def test_what_cannot_answer_is_named_with_the_reason(text):
    assert "Not in the table: none: cannot hash a frame." in text
    assert "n/a: Reprise, 1,000,000,000 rows: needs about 35.8 GiB." in text


def test_a_goal_says_whether_it_was_reached_and_by_how_much_not(text):
    assert "| hit, made up | 1.00 µs | 2.00 µs | no, 2.0 times as much |" in text
    assert "| peak memory, 1,000 x 4 | 3.5 GB | 2 GB | yes |" in text
    assert "|  | n/a | not measured: needs about 35.8 GiB |" in text


def test_sizes_can_have_names_and_figures_be_ratios(bench, figure):
    by_size, names = bench("by_size"), {32: "1 KB"}
    figures = {("Reprise", 32): figure(1.0251, unit="integer")}
    goals = {("Reprise", 32): 1.02}
    grid = by_size.Grid("bytes", [32], ["Reprise"], figures, "", goals, "frame", names)
    text = bench("_page").page("Benchmarks", "make bench", [], [grid])
    assert "| frame | Reprise |" in text
    assert "| 1 KB | 1.025 |" in text
    assert "| bytes, 1 KB | 1.02 | 1.025 | no, 1.0 times as much |" in text


def test_the_page_names_no_path_and_no_machine(text, bench):
    assert str(bench("run").DOCS.parent) not in text
    assert platform.node() not in text


def test_the_page_shows_its_plots(text):
    assert "![a hit](hit.svg)" in text


def test_not_to_be_slower_than_another_is_judged_in_the_same_run(bench, figure):
    figures = {"Reprise": figure(0.2), "other": figure(0.1)}
    answer = bench("_harness").Answer("replay", figures, at_most={"other": 1})
    [goal] = bench("_goals").goals([answer], [])
    assert (goal.what, goal.limit) == ("replay: no slower than other", 0.1)
    assert goal.verdict == "no, 2.0 times as much"


def test_a_goal_can_be_a_share_of_what_another_takes(bench, figure):
    figures = {"Reprise": figure(0.05), "no cache": figure(0.1)}
    answer = bench("_harness").Answer("replay", figures, at_most={"no cache": 0.6})
    [goal] = bench("_goals").goals([answer], [])
    assert goal.what == "replay: at most 0.6 x no cache"
    assert goal.limit == pytest.approx(0.06)
    assert goal.verdict == "yes"


def test_a_plot_is_the_same_file_for_the_same_figures(bench, figure, tmp_path):
    by_size = bench("by_size")
    names = ["Reprise", "st.cache_data"]
    sizes = [1000, 10_000]
    figures = {(name, rows): figure(rows * 1e-6) for name in names for rows in sizes}
    grid = by_size.Grid("hit", sizes, names, figures)
    for name in ("one.svg", "two.svg"):
        bench("_plots").plot(grid, "A hit", tmp_path / name)
    one = (tmp_path / "one.svg").read_bytes()
    assert one == (tmp_path / "two.svg").read_bytes()
    assert b"<svg" in one


def test_a_run_that_ends_halfway_leaves_all_files_as_they_were(bench, tmp_path):
    write_all = bench("_files").write_all
    (tmp_path / "page.md").write_text("old")

    def fail(path):
        path.write_text("half")
        raise KeyboardInterrupt

    writers = {"page.md": lambda path: path.write_text("new"), "plots/hit.svg": fail}
    with pytest.raises(KeyboardInterrupt):
        write_all(tmp_path, writers)
    assert [path.name for path in tmp_path.iterdir()] == ["page.md"]
    assert (tmp_path / "page.md").read_text() == "old"


def test_a_run_that_ends_well_replaces_all_files(bench, tmp_path):
    (tmp_path / "page.md").write_text("old")
    names = ["plots/hit.svg", "page.md"]
    bench("_files").write_all(
        tmp_path, {name: lambda path: path.write_text("new") for name in names}
    )
    assert [(tmp_path / name).read_text() for name in names] == ["new", "new"]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["page.md", "plots"]


def test_the_readme_gets_its_table_from_the_same_run_and_keeps_the_rest(bench, answer, grid):
    readme = bench("_readme")
    columns = {"Reprise": "Reprise", "shared": "shared", "none": "none"}
    table = readme.table([answer], [grid], {answer.title: "a hit"}, {}, columns)
    assert "| a hit | 2.00 µs | 500 ns (0.25) * |  |" in table
    old = f"before\n{readme.BEGIN}\nold\n{readme.END}\nafter\n"
    new = readme.replaced(old, table)
    assert new.startswith(f"before\n{readme.BEGIN}\n")
    assert new.endswith(f"{readme.END}\nafter\n")
    assert table in new
    assert "old" not in new


def test_a_readme_without_the_marks_is_an_error(bench):
    with pytest.raises(ValueError, match="figures"):
        bench("_readme").replaced("no marks", "table")


def test_the_readme_has_the_marks_and_its_rows_are_questions_that_are_asked(bench):
    readme, run, by_size = bench("_readme"), bench("run"), bench("by_size")
    text = run.README.read_text(encoding="utf-8")
    assert readme.replaced(text, "x") != text
    asked = {each.title for each in run.QUESTIONS.values() if not callable(each)}
    asked.add(run.QUESTIONS["frame_argument"]().title)
    assert set(readme.ROWS) <= asked
    assert {rows for _, rows in readme.SIZED_ROWS} <= set(by_size.SMALL)
