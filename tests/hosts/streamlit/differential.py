"""The same app, uncached, as the oracle: one script, two sessions, the same interactions.

In one session the app's functions are cached, in the other the decorator does nothing. After each
step both must show the same elements in the same places, have raised the same, and have the same
session state.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from streamlit.proto.Block_pb2 import Block
from streamlit.proto.WidgetStates_pb2 import WidgetState, WidgetStates

Step = Callable[["Session"], None]
"""One interaction: it changes what the next run of the script will find."""


@dataclass(frozen=True)
class After:
    """What there is after one step."""

    page: Any
    state: dict[str, str]


class Session:
    """A browser that has the app open.

    Args:
        opened: The ``AppTest`` of it.
    """

    def __init__(self, opened: Any) -> None:
        self.app = opened
        self.touched: dict[str, WidgetState] = {}
        self._once: list[str] = []

    def widgets(self) -> list[Any]:
        """The messages of all widgets on the page."""
        protos = [_own(getattr(node, "proto", None)) for node in self.app._tree]
        return [one for one in protos if str(getattr(one, "id", "")).startswith("$$ID")]

    def send(self, index: int, values: dict[str, Any], *, once: bool = False) -> None:
        """Let the browser send a value of a widget, with this and the following runs.

        Args:
            index: Which widget of the page.
            values: What to send, by the field of ``WidgetState`` that this release wants it in.
            once: Whether the value is gone after the next run, as a button's is.
        """
        self.send_to(self.widgets()[index].id, values, once=once)

    def send_to(self, widget_id: str, values: dict[str, Any], *, once: bool = False) -> None:
        """As :meth:`send`, by the widget's identity: some send values under two."""
        known = state_behind(self.app)._new_widget_state.widget_metadata
        field = known[widget_id].value_type
        state = WidgetState(id=widget_id)
        _fill(state, field, values[field])
        self.touched[widget_id] = state
        if once:
            self._once.append(widget_id)

    def run(self) -> After:
        """Run the script with what was sent so far."""
        opened = self.app
        states = WidgetStates()
        states.widgets.extend(one for one in self._sent() if one.id not in self.touched)
        states.widgets.extend(self.touched.values())
        opened._run(states)
        for widget_id in self._once:
            self.touched.pop(widget_id, None)
        self._once = []
        return After(opened.page(), state_of(opened))

    def _sent(self) -> list[WidgetState]:
        """What ``AppTest`` would send."""
        tree = self.app._tree
        try:
            return list(tree.get_widget_states().widgets)
        except (TypeError, ValueError):  # the oldest releases cannot tell it of some widgets
            return [state for state in map(_sent_of, tree) if state is not None]


def _sent_of(node: Any) -> WidgetState | None:
    try:
        state: WidgetState | None = getattr(node, "_widget_state", None)
    except (TypeError, ValueError):  # it has no value, or is a choice of a segmented control
        return None
    return state


def _own(proto: Any) -> Any:
    """The message of a popover, which some releases wrap in that of a block."""
    if isinstance(proto, Block) and proto.WhichOneof("type") == "popover":
        return proto.popover
    return proto


def _fill(message: Any, field: str, content: Any) -> None:
    target = getattr(message, field)
    if isinstance(content, dict):
        target.SetInParent()
        for name, inner in content.items():
            _fill(target, name, inner)
    elif isinstance(content, list) and hasattr(target, "data"):
        target.data.extend(content)
    elif isinstance(content, list):
        for item in content:
            added = target.add()
            for name, inner in item.items():
                _fill(added, name, inner)
    else:
        setattr(message, field, content)


def state_behind(opened: Any) -> Any:
    """The session state without what guards it."""
    state = vars(opened).get("_session_state") or vars(opened)["session_state"]
    while type(state).__name__ == "SafeSessionState":
        state = object.__getattribute__(state, "_state")
    return state


def state_of(opened: Any) -> dict[str, str]:
    """All of the session state, widgets without keys too, as text that can be compared."""
    state = state_behind(opened)
    told = {}
    for key in sorted(state._keys()):
        if not key.startswith("$$STREAMLIT_INTERNAL"):
            try:
                told[key] = repr(state[key])
            except KeyError:  # a widget that is not there any more
                told[key] = "gone"
    known = state._new_widget_state.widget_metadata
    told.update({f"fragment of {key}": str(known[key].fragment_id) for key in sorted(known)})
    return told


def differ(
    open_app: Callable[..., Any],
    app: Any,
    steps: Sequence[Step],
    decorate: Callable[..., Any],
    *,
    rounds: int = 1,
) -> list[After]:
    """Run ``app`` twice through ``steps``, and assert that all is the same after each.

    Args:
        open_app: The fixture of that name.
        app: A function whose body is the script, or its text.
        steps: The interactions; the script runs before the first and after each.
        decorate: The decorator of one session; the other has one that does nothing.
        rounds: How many cached sessions go through it, one after the other.

    Returns:
        What there was after each step.
    """
    plain = lambda function=None, **_: function if function is not None else plain
    through(Session(open_app(app, plain)), steps)  # Streamlit says some things once a process
    expected = through(Session(open_app(app, plain)), steps)
    for _ in range(rounds):
        session = Session(open_app(app, decorate))
        for number, (after, wanted) in enumerate(
            zip(through(session, steps), expected, strict=True)
        ):
            assert lines(after) == lines(wanted), f"they differ after step {number}"
    return expected


def lines(after: After, show: Callable[[bytes], str] = repr) -> list[str]:
    """What there is, in lines, for a difference that can be read.

    Args:
        after: What there is.
        show: Makes text of the message of one element.
    """
    page = after.page
    told = [f"{path} {show(content)}" for path, content in page.elements]
    told += [f"message {one!r}" for one in page.messages]
    told += [f"exception {one}" for one in page.exceptions]
    told += [f"file {one}" for one in sorted(page.files)]
    return [*told, *(f"state {key} {value}" for key, value in after.state.items())]


def through(session: Session, steps: Sequence[Step]) -> list[After]:
    """What there is after each step."""
    seen = [session.run()]
    for step in steps:
        step(session)
        seen.append(session.run())
    return seen


def again(_: Session) -> None:
    """Nothing happened: the script runs again."""


def put(**values: Any) -> Step:
    """The script finds these values in ``st.session_state``."""

    def step(session: Session) -> None:
        for name, value in values.items():
            session.app.session_state[name] = value

    return step


def query(**values: Any) -> Step:
    """The address of the page has these query parameters, and no others."""

    def step(session: Session) -> None:
        session.app.query_params.clear()
        for name, value in values.items():
            session.app.query_params[name] = value

    return step
