"""The goals beside what was reached, from all answers of a run."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from _harness import Answer, Figure, spell_ratio
from by_size import Grid

OURS = "Reprise"


@dataclass(frozen=True, slots=True)
class Goal:
    """One goal."""

    what: str
    who: str
    limit: float
    """In the unit of the figure."""
    figure: Figure

    @property
    def verdict(self) -> str:
        """Whether it was reached, or how far it is."""
        if self.figure.samples is None:
            return f"not measured: {self.figure.note}"
        times = self.figure.middle / self.limit
        return "yes" if times <= 1 else f"no, {spell_ratio(times)} times as much"

    @property
    def limit_text(self) -> str:
        """The limit, in the units of the figures."""
        return "" if self.figure.samples is None else self.figure.spell(self.limit)


def goals(answers: Iterable[Answer], grids: Iterable[Grid]) -> Iterator[Goal]:
    """All goals of these answers."""
    for answer in answers:
        for name, limit in answer.goals.items():
            yield Goal(answer.title, name, limit, answer.figures[name])
        for name, times in answer.at_most.items():
            ours, theirs = answer.figures[OURS], answer.figures[name]
            if theirs.samples is not None:
                most = f"no slower than {name}" if times == 1 else f"at most {times} x {name}"
                yield Goal(f"{answer.title}: {most}", OURS, theirs.middle * times, ours)
    for grid in grids:
        for (name, rows), limit in grid.goals.items():
            size = grid.label(rows) if grid.labels else f"{rows:,} x 4"
            title = f"{grid.title}, {size}"
            yield Goal(title, name, limit, grid.figures[name, rows])
