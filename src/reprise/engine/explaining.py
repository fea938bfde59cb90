"""``func.explain(...)``: what a call would do, and why. Nothing runs, nothing is counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from reprise.contracts import Entry, Key, Removal
from reprise.engine.function import DecoratedFunction
from reprise.engine.group import Code, group_of
from reprise.engine.history import ident_of
from reprise.engine.lookup import flight_key
from reprise.engine.plan import Action
from reprise.engine.shape import signature_of
from reprise.engine.spelling import argument_keys
from reprise.engine.steps import look_everywhere
from reprise.engine.why import text_of, why
from reprise.errors import NoSessionError, UnhashableParamError, UserHashError
from reprise.hosting import Input
from reprise.keys.arguments import Contribution
from reprise.keys.framing import seal
from reprise.keys.names import short_name
from reprise.observe.explanation import Explanation, Verdict
from reprise.observe.parts import ArgumentPart, CodePart, KeptEntry, Omission
from reprise.observe.reasons import SHORT, NoKey, Reason, clock_time
from reprise.values import size_of

_VERDICTS: Final[dict[Action, Verdict]] = {
    Action.SERVE: "serve",
    Action.SERVE_STALE: "serve stale",
    Action.COMPUTE: "compute",
}


@dataclass(frozen=True, slots=True)
class Prospect:
    """What a call is going to meet."""

    action: Verdict
    key: Any = None
    entry: Entry | None = None
    reason: Reason | None = None
    place: Any = None
    """Where the entry stands."""
    flight: Any = None
    """The key of the computation that it would start, or join."""

    @property
    def text(self) -> str:
        """The text that names the key; empty if there is none."""
        return "" if self.key is None else text_of(ident_of(self.key))

    @property
    def short(self) -> str:
        """As much of that as people get to see."""
        return self.text[:SHORT]


def prospect(decorated: DecoratedFunction, values: tuple[Any, ...]) -> Prospect:
    """Look ahead: what a call with these bound values would do, and why it would miss."""
    try:
        key = decorated.key(values)
    except (UnhashableParamError, UserHashError, NoSessionError) as error:
        return Prospect("raise", reason=NoKey(type(error).__name__, str(error)))
    call, host = decorated.call(values), decorated.runtime.hosts.current()

    def ask(one: Input) -> bytes:
        return one.look(call)

    action, place, entry = look_everywhere(decorated, key, host, ask)
    if action is Action.COMPUTE:
        stray = group_of(key).branches.stray(key, host.realm, ask)
        reason = why(decorated, key, entry, stray)
        return Prospect("compute", key, reason=reason, flight=flight_key(key, place))
    return Prospect(_VERDICTS[action], key, entry, place=place)


def explain(decorated: DecoratedFunction, values: tuple[Any, ...]) -> Explanation:
    """Explain a call with these bound values."""
    ahead = prospect(decorated, values)
    code = ahead.key[0] if ahead.key is not None else _code(decorated)
    return Explanation(
        function=decorated.name,
        place=_place(decorated),
        action=ahead.action,
        key=ahead.text,
        arguments=tuple(_argument(one) for one in contributions(decorated, values)),
        code=() if code is None else tuple(_code_parts(code)),
        left_out=() if code is None else tuple(_left_out(code)),
        entry=None if ahead.entry is None else _kept(decorated, ahead.entry),
        reason=ahead.reason,
        notes=tuple(_notes(decorated, ahead)),
    )


def contributions(decorated: DecoratedFunction, values: tuple[Any, ...]) -> Iterator[Contribution]:
    """What each argument adds to the key, in the names that the key is made with."""
    keys, spelling = argument_keys(
        decorated.function,
        signature_of(decorated.function),
        decorated.name,
        decorated.policy.hash_funcs,
        decorated.policy.files,
    )
    named = None if spelling is None else spelling.named(values)
    if spelling is not None and named is not None:
        return spelling.keys.contributions(named)
    return keys.contributions(values)


def _code(decorated: DecoratedFunction) -> Code | None:
    try:
        return decorated.link()
    except UserHashError:  # the reason tells it
        return None


def _place(decorated: DecoratedFunction) -> str:
    code = getattr(decorated.function, "__code__", None)
    return f"{code.co_filename}:{code.co_firstlineno}" if code is not None else ""


def _argument(one: Contribution) -> ArgumentPart:
    return ArgumentPart(
        name=one.label,
        type=short_name(type(one.value)),
        digest=seal(one.encoding).hex() if one.encoding else "",
        size=size_of(one.value),
        excluded=one.how == "left out",
        how=one.how,
    )


def _code_parts(code: Code) -> Iterator[CodePart]:
    for part in code.parts:
        yield CodePart(part.name, part.digest.hex(), part.where, part.note)


def _left_out(code: Code) -> Iterator[Omission]:
    for one in code.left_out:
        yield Omission(one.name, one.reason, one.where)


def _kept(decorated: DecoratedFunction, entry: Entry) -> KeptEntry:
    now = decorated.runtime.clock.monotonic()
    return KeptEntry(now - entry.created, entry.expires - now, entry.size, entry.hits, entry.cost)


def _notes(decorated: DecoratedFunction, ahead: Prospect) -> Iterator[str]:
    key: Key = ahead.key
    if ahead.action == "compute" and ahead.flight in decorated.runtime.flights:
        yield "It is being computed: a call now would wait for that, and share its result."
    if ahead.entry is None:
        return
    if decorated.policy.validate is not None:
        event = group_of(key).event(ident_of(key))
        last = ""
        if event is not None and event.what is Removal.INVALID:
            last = f"; it rejected an earlier result at {clock_time(event.at)}"
        yield f"validate will be asked{last}."
    if ahead.entry.recording is not None:
        yield "What it displayed is shown again, if its place is there; otherwise it runs."
    if ahead.action == "serve stale" and ahead.place in group_of(key).backoffs:
        yield "The last refresh behind failed."
