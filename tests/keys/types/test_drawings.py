"""matplotlib: every artist of a figure, as it is; nothing is drawn for it."""

from __future__ import annotations

import copy
import io

import numpy as np
import pytest

from reprise.keys import digest

matplotlib = pytest.importorskip("matplotlib")
artist = pytest.importorskip("matplotlib.artist")
colors = pytest.importorskip("matplotlib.colors")
ticker = pytest.importorskip("matplotlib.ticker")
Figure = pytest.importorskip("matplotlib.figure").Figure

LINE = np.zeros(9000)


def changed(value, place):
    made = value.copy()
    made[place] = 1e-9
    return made


def drawn(*changes, y=(1, 2, 3), **options):
    """A figure with a bit of everything, changed in the way that ``changes`` say."""
    made = Figure(**options)
    left, right = made.subplots(1, 2)
    left.plot(range(len(y)), y, label="line")
    left.legend()
    left.twinx().bar(["a", "b"], [1, 2])
    shown = right.imshow(np.eye(3))
    made.colorbar(shown)
    right.scatter([0, 1], [0, 1], c=[1, 2])
    right.annotate("here", (0, 1))
    for change in changes:
        change(left)
    return made


def formatted(function):
    return drawn(lambda axes: axes.yaxis.set_major_formatter(ticker.FuncFormatter(function)))


def rendered(figure):
    target = io.BytesIO()
    figure.savefig(target, format="png", metadata={"Software": None})
    return target.getvalue()


def shared(share):
    made = Figure()
    one, other = made.subplots(2)
    if share:
        other.sharex(one)
    return made


def own_artist(count):
    class Mark(artist.Artist):
        def __init__(self):
            super().__init__()
            self.number = count

        def draw(self, renderer):
            renderer.draw(self.number)

    return Mark()


def other_artist(count):
    class Mark(artist.Artist):
        def __init__(self):
            super().__init__()
            self.number = count

        def draw(self, renderer):
            renderer.draw(self.number + 1)

    return Mark()


DIFFER = [
    ("a point far inside", drawn(y=LINE), drawn(y=changed(LINE, 4321))),
    (
        "a point that no picture shows",
        drawn(lambda axes: axes.set_xlim(1, 2), y=[1, 2, 3, 4]),
        drawn(lambda axes: axes.set_xlim(1, 2), y=[1, 2, 3, 5]),
    ),
    ("titles", drawn(), drawn(lambda axes: axes.set_title("a"))),
    ("colours", drawn(), drawn(lambda axes: axes.lines[0].set_color("red"))),
    ("limits", drawn(), drawn(lambda axes: axes.set_ylim(0, 9))),
    ("scales", drawn(), drawn(lambda axes: axes.set_yscale("log"))),
    ("grids", drawn(), drawn(lambda axes: axes.grid(visible=True))),
    ("one label", drawn(), drawn(lambda axes: axes.get_xticklabels()[0].set_color("red"))),
    ("formatters", formatted(lambda value, _: f"{value}"), formatted(lambda value, _: f"{value}%")),
    ("sizes", drawn(figsize=(3, 3)), drawn(figsize=(3, 4))),
    ("resolutions", drawn(dpi=50), drawn(dpi=60)),
    ("layouts", drawn(layout="tight"), drawn(layout="constrained")),
    ("what is hidden", drawn(), drawn(lambda axes: axes.lines[0].set_visible(False))),
    ("axes that follow others", shared(share=True), shared(share=False)),
    ("no figure", Figure(), None),
    ("attributes of an artist of the user's", own_artist(1), own_artist(2)),
    ("code of an artist of the user's", own_artist(1), other_artist(1)),
    ("axes", drawn().axes[0], drawn().axes[1]),
    ("lines", drawn().axes[0].lines[0], drawn(y=[3, 2, 1]).axes[0].lines[0]),
    ("colour maps", matplotlib.colormaps["viridis"], matplotlib.colormaps["magma"]),
    ("norms", colors.Normalize(0, 1), colors.Normalize(0, 2)),
]

SAME = [
    ("figures made twice", drawn(), drawn()),
    ("numbers as list and array", drawn(y=[1.0, 2.0]), drawn(y=np.array([1.0, 2.0]))),
    ("settings in any order", drawn(dpi=50, figsize=(3, 3)), drawn(figsize=(3, 3), dpi=50)),
    ("lambdas of one code", *[formatted(lambda value, _: f"{value}") for _ in range(2)]),
    ("artists of the user's", own_artist(1), own_artist(1)),
    ("equal norms", colors.Normalize(0, 1), colors.Normalize(0, 1)),
    ("axes of equal figures", drawn().axes[0], drawn().axes[0]),
]


@pytest.mark.parametrize(("why", "one", "other"), DIFFER, ids=[why for why, *_ in DIFFER])
def test_different_drawings_never_share_a_key(why, one, other):
    assert digest(one) != digest(other)


@pytest.mark.parametrize(("why", "one", "other"), SAME, ids=[why for why, *_ in SAME])
def test_equal_drawings_share_a_key(why, one, other):
    assert digest(one) == digest(other)


def test_two_figures_that_were_drawn_alike_share_a_key():
    one, other = drawn(), drawn()
    rendered(one)
    rendered(other)
    assert digest(one) == digest(other)


def test_pyplot_s_number_of_a_figure_does_not_count():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    pyplot.switch_backend("agg")
    try:
        one, other = (pyplot.subplots()[0] for _ in range(2))
        assert digest(one) == digest(other)
        assert pyplot.get_fignums() == [1, 2]
    finally:
        pyplot.close("all")


def test_digesting_leaves_a_figure_as_it_was():
    one, other = drawn(), drawn()
    line = one.axes[0].lines[0]
    line.set_ydata([3, 2, 1])
    before, of_line = copy.copy(vars(one)), copy.copy(vars(line))
    digest(one)
    assert vars(one) == before
    assert all(vars(line)[name] is item for name, item in of_line.items())
    line.set_ydata([1, 2, 3])
    assert rendered(one) == rendered(other)
