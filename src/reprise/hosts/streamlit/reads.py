"""What a function reads of its session besides widgets: its state, address, browser and user."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from reprise.hosting import Call
from reprise.hosts.streamlit.inputs import comparable
from reprise.hosts.streamlit.listening import unheard

_MISSING: Final = ("missing",)
"""Stands for what is not there; what is stands in a tuple of another kind."""


@dataclass(frozen=True, slots=True)
class Read:
    """One thing that was read.

    Args:
        source: Its name in ``st``, such as ``session_state``.
        kind: ``item``, ``list`` (of the values of a query parameter), ``has`` or ``all``.
        key: Which one; empty for all.
        without: What had been written before by the function itself, where all was read.
        answer: Digest of what was there.
    """

    source: str
    kind: str
    key: str
    without: frozenset[str] = frozenset()
    answer: bytes = b""

    @property
    def name(self) -> str:
        """As the user writes it."""
        if not self.key:
            return f"st.{self.source}"
        if self.source == "context":
            return f"st.context.{self.key}"
        return f"st.{self.source}[{self.key!r}]"

    @property
    def question(self) -> Hashable:
        """All but the answer."""
        return (self.source, self.kind, self.key, self.without)

    def read(self, call: Call) -> bytes:
        """The digest of what is there; whoever listens is told that it was read."""
        answer = self.look(call)
        with unheard() as listeners:
            for listener in listeners:
                listener.was_read(self.source, self.kind, self.key)
        return answer

    def look(self, call: Call) -> bytes:
        """The digest of what is there."""
        try:
            return self.digest(call)
        except Exception as error:
            # The function will run, and raise it if it is one of those that Streamlit raises.
            raise LookupError(f"{self.name} cannot be compared") from error

    def digest(self, call: Call) -> bytes:
        """The digest of what is there.

        Raises:
            RepriseError: it has no encoding.
        """
        with unheard():
            found = _READERS[self.kind](_proxy(self.source), self.key)
            if self.kind == "all":
                found = {key: value for key, value in found.items() if key not in self.without}
        return call.digest(("read", *self.named), comparable(found))

    @property
    def named(self) -> tuple[Any, ...]:
        """The question, as it can be digested."""
        return (self.source, self.kind, self.key, sorted(self.without))


def user_facts() -> dict[str, Any]:
    """All that is known of the user; no function has read it by this."""
    with unheard():
        return _all(_proxy("user"), "")


def _proxy(source: str) -> Any:
    import streamlit

    older = f"experimental_{source}"
    return getattr(streamlit, source if hasattr(streamlit, source) else older)


def _item(proxy: Any, key: str) -> Any:
    try:
        found = getattr(proxy, key) if _has_property(proxy, key) else proxy[key]
    except (KeyError, AttributeError):
        return _MISSING
    return ("is", _plain(found))


def _has_property(proxy: Any, key: str) -> bool:
    return isinstance(getattr(type(proxy), key, None), property)


def _list(proxy: Any, key: str) -> Any:
    return list(proxy.get_all(key))


def _has(proxy: Any, key: str) -> bool:
    return key in proxy


def _all(proxy: Any, _: str) -> dict[str, Any]:
    if hasattr(type(proxy), "get_all"):
        return {key: list(proxy.get_all(key)) for key in proxy}
    return dict(proxy.to_dict())


def _plain(found: Any) -> Any:
    """Mappings of Streamlit's own with all that is in them: of one header there may be several."""
    if hasattr(type(found), "get_all"):
        return {key: list(found.get_all(key)) for key in found}
    if isinstance(found, Mapping) and type(found).__module__.startswith("streamlit"):
        return dict(found)
    return found


_READERS: Final[dict[str, Callable[[Any, str], Any]]] = {
    "item": _item,
    "list": _list,
    "has": _has,
    "all": _all,
}

KINDS: Final = frozenset(_READERS)
"""What can be read of one of them."""
