"""Figures of plotly and altair: what they say, and the data by content."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from reprise.keys import digest

go = pytest.importorskip("plotly.graph_objects")
alt = pytest.importorskip("altair")

ROWS = pd.DataFrame({"a": np.arange(9000), "b": 0.0})
LINE = np.zeros(9000)


def changed(value, place):
    made = value.copy()
    made[place] = 1e-9
    return made


def figure(y=(1, 2), color="red", **layout):
    return go.Figure(go.Scatter(x=[1, 2], y=y, line={"color": color}), layout)


def step_by_step():
    made = go.Figure()
    made.add_scatter(x=[1, 2], y=(1, 2))
    made.data[0].line.color = "red"
    return made


def grid(rows):
    subplots = pytest.importorskip("plotly.subplots")
    made = subplots.make_subplots(rows, 1)
    made.update_layout(template=None)
    return made


def chart(data=ROWS, mark="bar", x="a:Q", **options):
    return alt.Chart(data, mark=mark, **options).encode(x=x, y="b")


def middle(place):
    made = ROWS.copy()
    made.loc[place, "b"] = 1e-9
    return made


FRAMES = [go.Figure(frames=[go.Frame(name=name)]) for name in "ab"]
BRUSH = alt.selection_interval(name="brush")
NARROW = alt.selection_interval(name="brush", encodings=["x"])

DIFFER = [
    ("a point far inside", figure(LINE), figure(changed(LINE, 4321))),
    ("types of data", figure(np.zeros(2, "f4")), figure(np.zeros(2, "f8"))),
    ("styles", figure(), figure(color="blue")),
    ("layouts", figure(title="a"), figure(title="b")),
    ("kinds of traces", go.Figure(go.Bar(y=[1])), go.Figure(go.Scatter(y=[1]))),
    ("order of traces", go.Figure([go.Bar(y=[1]), go.Pie()]), go.Figure([go.Pie(), go.Bar(y=[1])])),
    ("frames", *FRAMES),
    ("the grid that traces are added to", grid(1), grid(2)),
    ("figure is not its dict", figure(), figure().to_dict()),
    ("trace is not figure", figure().data[0], figure()),
    ("traces", go.Scatter(y=[1]), go.Scatter(y=[2])),
    ("layouts alone", go.Layout(title="a"), go.Layout(title="b")),
    ("a row in the middle", chart(), chart(middle(4321))),
    ("marks", chart(), chart(mark="line")),
    ("encodings", chart(), chart(x="b:Q")),
    ("scales", chart(), chart(x=alt.X("a:Q").scale(zero=False))),
    ("sizes", chart(), chart(width=100)),
    ("selections", chart().add_params(BRUSH), chart().add_params(NARROW)),
    (
        "conditions",
        chart().encode(color=alt.when(BRUSH).then(alt.value(1))),
        chart().encode(color=alt.when(BRUSH).then(alt.value(2))),
    ),
    (
        "filters",
        chart().transform_filter(alt.datum.a > 1),
        chart().transform_filter(alt.datum.a > 2),
    ),
    ("data by address", chart("a.csv"), chart("b.csv")),
    ("side by side is not above", chart() | chart("b"), chart() & chart("b")),
    ("order of layers", chart() + chart("b"), chart("b") + chart()),
    ("channels", alt.X("a"), alt.Y("a")),
    ("parameters", BRUSH, NARROW),
    ("expressions", alt.datum.a > 1, alt.datum.a < 1),
    ("chart is not its data", chart(), ROWS),
]

SAME = [
    ("figures made in two ways", figure(), step_by_step()),
    ("order of settings", figure(title="a", width=90), figure(width=90, title="a")),
    ("copies of figures", figure(title="a"), go.Figure(figure(title="a"))),
    ("equal grids", grid(2), grid(2)),
    ("equal charts", chart(), chart()),
    ("copies of charts", chart(), chart().copy(deep=True)),
    ("charts of equal data", chart(), chart(ROWS.copy())),
    ("settings in any order", chart(width=1, height=2), chart(height=2, width=1)),
    ("methods and keywords", chart(width=1), chart().properties(width=1)),
]


@pytest.mark.parametrize(("why", "one", "other"), DIFFER, ids=[why for why, *_ in DIFFER])
def test_different_figures_never_share_a_key(why, one, other):
    assert digest(one) != digest(other)


@pytest.mark.parametrize(("why", "one", "other"), SAME, ids=[why for why, *_ in SAME])
def test_equal_figures_share_a_key(why, one, other):
    assert digest(one) == digest(other)


def test_digesting_leaves_a_figure_as_it_was():
    value, drawn = figure(title="a"), chart(ROWS[:5])
    before = value.to_json(), drawn.to_json()
    digest([value, drawn])
    assert (value.to_json(), drawn.to_json()) == before


def test_showing_a_chart_changes_nothing():
    value = chart(ROWS[:5])
    before = digest(value)
    value.to_dict()
    assert digest(value) == before
