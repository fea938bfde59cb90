"""The charts: frames in, Altair charts out. Nothing here knows of Streamlit or of the cache."""

from __future__ import annotations

from typing import TypeAlias

import altair as alt
import pandas as pd

AnyChart: TypeAlias = alt.Chart | alt.LayerChart

INK, MUTED, GRID = "#17293A", "#5C6F80", "#E6ECF1"
BLUE, PALE_BLUE, ORANGE = "#0B5C8F", "#A9CBE2", "#D9541E"
ON_TIME_TO_LATE = ["#E3EEF6", "#F6D9B8", "#EC9A5B", "#D9541E", "#8C2A0B"]
FONT = "Source Sans, Source Sans Pro, sans-serif"
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def styled(chart: AnyChart, height: int) -> AnyChart:
    """Give a chart the app's look.

    Args:
        chart: Any chart.
        height: Pixels.

    Returns:
        The chart, as wide as the place where it is shown.
    """
    result: AnyChart = (
        chart.properties(width="container", height=height)
        .configure(font=FONT, padding={"left": 0, "right": 8, "top": 6, "bottom": 0})
        .configure_view(stroke=None)
        .configure_axis(
            labelColor=MUTED, titleColor=MUTED, gridColor=GRID, domain=False, ticks=False,
            labelFontSize=12, titleFontSize=12, titleFontWeight="normal", labelPadding=6,
        )
        .configure_legend(
            labelColor=MUTED, titleColor=MUTED, labelFontSize=12, titleFontSize=12,
            titleFontWeight="normal", orient="top", gradientLength=160, gradientThickness=8,
        )
    )  # fmt: skip
    return result


def delay_scale(most: float) -> alt.Scale:
    """Colour delays from pale to dark.

    Args:
        most: Minutes (or per cent) at which the darkest colour is reached.

    Returns:
        A scale that clamps what lies beyond.
    """
    return alt.Scale(domain=[0, most], range=ON_TIME_TO_LATE, interpolate="rgb", clamp=True)


def days(daily: pd.DataFrame) -> AnyChart:
    """Draw each day's mean delay and the mean of the week around it.

    Args:
        daily: ``date``, ``delay`` and ``week`` in minutes, ``flights``.

    Returns:
        A layered chart.
    """
    base = alt.Chart(daily).encode(
        x=alt.X(
            "date:T",
            title=None,
            axis=alt.Axis(format="%b", grid=False, tickCount="month", labelFlush=False),
        ),
        tooltip=[
            alt.Tooltip("date:T", title="Day", format="%A, %d %B"),
            alt.Tooltip("delay:Q", title="Mean delay (min)", format=".1f"),
            alt.Tooltip("week:Q", title="Mean of the week (min)", format=".1f"),
            alt.Tooltip("flights:Q", title="Departures", format=","),
        ],
    )
    points = base.mark_circle(size=22, color=PALE_BLUE, opacity=0.9).encode(
        y=alt.Y("delay:Q", title="Minutes", axis=alt.Axis(tickCount=5))
    )
    line = base.mark_line(color=BLUE, strokeWidth=2.5, interpolate="monotone").encode(y="week:Q")
    return styled(points + line, 250)


def week(hourly: pd.DataFrame) -> AnyChart:
    """Draw the mean delay for each hour of the week.

    Args:
        hourly: ``weekday`` (0 is Monday), ``hour``, ``delay`` in minutes, ``flights``.

    Returns:
        A heat map.
    """
    table = hourly.assign(day=hourly["weekday"].map(dict(enumerate(WEEKDAYS))))
    chart = (
        alt.Chart(table)
        .mark_rect(cornerRadius=3, stroke="white", strokeWidth=2)
        .encode(
            x=alt.X(
                "hour:O",
                title="Scheduled hour of departure",
                axis=alt.Axis(labelAngle=0, labelOverlap="greedy"),
            ),
            y=alt.Y("day:O", title=None, sort=WEEKDAYS),
            color=alt.Color("delay:Q", title="Mean delay (min)", scale=delay_scale(40)),
            tooltip=[
                alt.Tooltip("day:O", title="Day"),
                alt.Tooltip("hour:O", title="Hour"),
                alt.Tooltip("delay:Q", title="Mean delay (min)", format=".1f"),
                alt.Tooltip("flights:Q", title="Departures", format=","),
            ],
        )
    )
    return styled(chart, 250)


def ranking(table: pd.DataFrame, unit: str) -> AnyChart:
    """Draw one bar an airline, the highest value on top.

    Args:
        table: ``airline``, ``value`` and ``flights``.
        unit: What the values are, for the axis.

    Returns:
        A bar chart with the values at its bars.
    """
    order = table.sort_values("value", ascending=False)["airline"].tolist()
    base = alt.Chart(table).encode(
        y=alt.Y("airline:N", sort=order, title=None, axis=alt.Axis(labelLimit=150)),
        x=alt.X("value:Q", title=unit, axis=alt.Axis(tickCount=4)),
        tooltip=[
            alt.Tooltip("airline:N", title="Airline"),
            alt.Tooltip("value:Q", title=unit, format=".1f"),
            alt.Tooltip("flights:Q", title="Flights", format=","),
        ],
    )
    bars = base.mark_bar(color=BLUE, cornerRadiusEnd=3, height={"band": 0.7})
    labels = base.mark_text(align="left", dx=5, color=INK, fontSize=12).encode(
        text=alt.Text("value:Q", format=".1f")
    )
    return styled(bars + labels, max(120, 22 * len(table) + 40))


def destinations(places: pd.DataFrame, airports: pd.DataFrame) -> AnyChart:
    """Draw where the flights went, on the pattern that all American airports make.

    Args:
        places: ``dest_name``, ``lat``, ``lon``, ``flights``, ``delay`` in minutes.
        airports: ``lat`` and ``lon`` of the airports behind.

    Returns:
        A map.
    """
    land = (
        alt.Chart(airports)
        .mark_circle(size=7, color="#CBD6DF", opacity=0.9)
        .encode(longitude="lon:Q", latitude="lat:Q")
    )
    flights = (
        alt.Chart(places)
        .mark_circle(opacity=0.88, stroke="white", strokeWidth=0.8)
        .encode(
            longitude="lon:Q",
            latitude="lat:Q",
            size=alt.Size("flights:Q", scale=alt.Scale(range=[18, 520]), legend=None),
            color=alt.Color("delay:Q", title="Mean arrival delay (min)", scale=delay_scale(25)),
            tooltip=[
                alt.Tooltip("dest_name:N", title="Airport"),
                alt.Tooltip("flights:Q", title="Flights", format=","),
                alt.Tooltip("delay:Q", title="Mean arrival delay (min)", format=".1f"),
            ],
        )
    )
    return styled((land + flights).project(type="albersUsa"), 390)


def weather(steps: pd.DataFrame, title: str) -> AnyChart:
    """Draw the share of late flights for each step of the weather.

    Args:
        steps: ``step`` as text, ``late`` in per cent, ``flights``; in the order to be shown.
        title: What the steps are, for the axis.

    Returns:
        A bar chart.
    """
    base = alt.Chart(steps).encode(
        x=alt.X(
            "step:O",
            title=title,
            sort=steps["step"].tolist(),
            axis=alt.Axis(labelAngle=0, grid=False),
        ),
        y=alt.Y("late:Q", title="Late departures (%)", axis=alt.Axis(tickCount=5)),
        tooltip=[
            alt.Tooltip("step:O", title=title),
            alt.Tooltip("late:Q", title="Late departures (%)", format=".1f"),
            alt.Tooltip("flights:Q", title="Departures", format=","),
        ],
    )
    bars = base.mark_bar(cornerRadiusEnd=3, width={"band": 0.7}, color=BLUE)
    labels = base.mark_text(dy=-8, color=INK, fontSize=12).encode(
        text=alt.Text("late:Q", format=".0f")
    )
    return styled(bars + labels, 390)


def chances(table: pd.DataFrame, hour: int) -> AnyChart:
    """Draw the chance of a late departure over a day, with one hour marked.

    Args:
        table: ``hour`` and ``chance`` (0 to 1).
        hour: The hour to be marked.

    Returns:
        A line chart.
    """
    base = alt.Chart(table).encode(
        x=alt.X("hour:Q", title="Hour of departure", axis=alt.Axis(grid=False, tickCount=10)),
        y=alt.Y("chance:Q", title="Chance", axis=alt.Axis(format="%", tickCount=5)),
        tooltip=[
            alt.Tooltip("hour:Q", title="Hour"),
            alt.Tooltip("chance:Q", title="Chance of a late departure", format=".0%"),
        ],
    )
    line = base.mark_line(color=BLUE, strokeWidth=2.5, interpolate="monotone")
    mark = base.mark_circle(size=120, color=ORANGE, opacity=1).transform_filter(
        alt.datum.hour == hour
    )
    return styled(line + mark, 190)
