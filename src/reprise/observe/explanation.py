"""What ``func.explain(...)`` answers."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

if TYPE_CHECKING:
    import pandas

    from reprise.observe.parts import ArgumentPart, CodePart, KeptEntry, Omission
    from reprise.observe.reasons import Reason

Verdict: TypeAlias = Literal["serve", "serve stale", "compute", "raise"]


class Explanation:
    """Whether a call would hit, and why not.

    It prints as text, is drawn by rich, and is a table in IPython and in Streamlit's ``st.write``.

    Attributes:
        function: The function's qualified name.
        place: File and line where it is defined.
        action: What a call would do: ``serve``, ``serve stale`` (and refresh behind), ``compute``
            or ``raise``, if its arguments cannot make a key.
        key: Names the call's key, the same in every process; empty if there is none.
        arguments: What each argument adds to the key.
        code: The parts of the function's fingerprint, with file and line.
        left_out: What the code names and the fingerprint does not cover, with the reason.
        entry: What is kept for the call, if it would hit.
        reason: Why it would miss; ``None`` if it would hit.
        notes: What else there is to know.

    >>> from reprise import cache_data
    >>> @cache_data
    ... def area(width, height=2):
    ...     return width * height
    >>> area(3)
    6
    >>> area.explain(3).would_hit, area.explain(4).would_hit
    (True, False)
    >>> print(area.explain(4).reason)
    arguments changed: width 3 -> 4
    """

    # No dataclass, though it is like one: Streamlit writes the documentation of those, not their
    # content.
    __slots__ = (
        "action", "arguments", "code", "entry", "function", "key", "left_out", "notes", "place",
        "reason",
    )  # fmt: skip

    function: str
    place: str
    action: Verdict
    key: str
    arguments: tuple[ArgumentPart, ...]
    code: tuple[CodePart, ...]
    left_out: tuple[Omission, ...]
    entry: KeptEntry | None
    reason: Reason | None
    notes: tuple[str, ...]

    def __init__(
        self,
        *,
        function: str,
        place: str,
        action: Verdict,
        key: str = "",
        arguments: tuple[ArgumentPart, ...] = (),
        code: tuple[CodePart, ...] = (),
        left_out: tuple[Omission, ...] = (),
        entry: KeptEntry | None = None,
        reason: Reason | None = None,
        notes: tuple[str, ...] = (),
    ) -> None:
        given = locals()
        for name in self.__slots__:
            object.__setattr__(self, name, given[name])

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"an Explanation is not to be changed: {name}")

    def __delattr__(self, name: str) -> None:
        raise AttributeError(f"an Explanation is not to be changed: {name}")

    @property
    def would_hit(self) -> bool:
        """Whether the call would be answered without running the function."""
        return self.action in ("serve", "serve stale")

    def to_dict(self) -> dict[str, Any]:
        """All of it as dicts, lists, texts and numbers, ready for ``json.dumps``.

        A reason has its ``kind``; a time that never comes is ``None``.
        """
        from reprise.observe.plainly import as_plain

        plain: dict[str, Any] = {"would_hit": self.would_hit}
        for name in self.__slots__:
            plain[name] = as_plain(getattr(self, name))
        return plain

    def to_pandas(self) -> pandas.DataFrame:
        """One table of all of it, which is also what Streamlit shows. Needs pandas."""
        import pandas

        from reprise.observe.pages import page_of, table_of

        return pandas.DataFrame(table_of(page_of(self)), columns=["", "name", "value", "more"])

    def __rich_console__(self, console: Any, options: Any) -> Iterator[Any]:
        from reprise.observe.pages import page_of
        from reprise.observe.rich_pages import render

        yield from render(page_of(self))

    def _repr_html_(self) -> str:
        from reprise.observe.html_pages import render
        from reprise.observe.pages import page_of

        return render(page_of(self))

    def __str__(self) -> str:
        from reprise.observe.pages import as_text, page_of

        return as_text(page_of(self))

    def __repr__(self) -> str:
        return f"<Explanation of {self.function}: {self.action}; {self.reason or 'a hit'}>"
