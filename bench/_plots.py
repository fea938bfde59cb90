"""The plots of the page: time against rows, both axes logarithmic."""

from __future__ import annotations

from pathlib import Path

from by_size import Grid

# Middle tones, on no background: readable on a white page and on a dark one.
TEXT = "#7a828e"
STYLES = {
    "Reprise": ("#2f81f7", "o"),
    "Reprise, others' memory": ("#a371f7", "D"),
    "Reprise, pages": ("#3fa34d", "s"),
    "st.cache_data": ("#e5534b", "^"),
}
"""Colour and marker of each line."""


def plot(grid: Grid, heading: str, file: Path) -> None:
    """Draw one line for each cache, labelled at its end.

    Args:
        grid: What was measured.
        heading: Stands on top.
        file: Where the SVG goes.
    """
    import matplotlib as mpl
    from matplotlib.figure import Figure

    # The same figures make the same file.
    with mpl.rc_context({"svg.hashsalt": "reprise", "font.size": 10}):
        picture = Figure(figsize=(7.2, 4.0), layout="constrained")
        axes = picture.add_subplot()
        for name in grid.names:
            known = [rows for rows in grid.sizes if grid.figures[name, rows].samples]
            if not known:
                continue
            times = [grid.figures[name, rows].middle for rows in known]
            colour, marker = STYLES[name]
            axes.plot(known, times, marker=marker, color=colour, label=name, linewidth=2)
        _dress(axes, heading)
        file.parent.mkdir(parents=True, exist_ok=True)
        picture.savefig(file, format="svg", transparent=True, metadata={"Date": None})


def _dress(axes: object, heading: str) -> None:
    from matplotlib.axes import Axes
    from matplotlib.ticker import EngFormatter

    assert isinstance(axes, Axes)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_title(heading, color=TEXT, loc="left", fontweight="bold")
    axes.set_xlabel("rows of the frame (4 columns of 8 bytes)", color=TEXT)
    axes.xaxis.set_major_formatter(EngFormatter(sep=""))
    axes.yaxis.set_major_formatter(EngFormatter(unit="s"))
    axes.tick_params(which="both", colors=TEXT)
    axes.grid(visible=True, which="major", color=TEXT, alpha=0.3)
    for name, spine in axes.spines.items():
        spine.set_color(TEXT)
        spine.set_visible(name in {"left", "bottom"})
    axes.legend(frameon=False, labelcolor=TEXT, loc="upper left")
