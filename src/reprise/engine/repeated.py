"""The warning about a function that never hits."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from reprise.errors import RepeatedMissWarning
from reprise.keys.messages import Argument, ways_out
from reprise.keys.names import short_name
from reprise.keys.packages import is_installed
from reprise.observe.warn import warn

if TYPE_CHECKING:
    from reprise.engine.function import DecoratedFunction
    from reprise.engine.suspects import Suspect

_SUBJECTS: Final = {
    "argument": "its argument '{name}'",
    "closure": "'{name}', which it closes over",
    "global": "the global '{name}', which it depends on",
}


def tell(decorated: DecoratedFunction, suspect: Suspect, count: int) -> None:
    """Warn that ``suspect`` keeps a function from ever hitting.

    Args:
        decorated: The function.
        suspect: What differed each time.
        count: How often in a row.
    """
    name = suspect.name.removeprefix("**").rpartition(".")[2]
    subject = _SUBJECTS[suspect.kind].format(name=name)
    kind = short_name(type(suspect.value))
    warn(
        f"{decorated.name} missed {count} times in a row because {subject} (a {kind}) was another "
        f"one each time, though it looks the same and all else was the same.\n"
        f"Where it makes no difference to the result, these are ways out:\n\n"
        f"{_ways_out(decorated, suspect)}\n"
        f"What differs is told by {decorated.name}.explain(...).",
        RepeatedMissWarning,
    )


def _ways_out(decorated: DecoratedFunction, suspect: Suspect) -> str:
    shape = decorated.shape
    stars = {shape.var_positional: "*", shape.var_keyword: "**"}
    written = [stars.get(name, "") + name for name in shape.names]
    if suspect.kind == "argument":
        name = suspect.name
        keyword = name[2:] if name.startswith("**") else None
        parameter = shape.var_keyword or name if keyword else name
        return ways_out(decorated.name, written, Argument(parameter, keyword), [suspect.value])
    name = suspect.name.rpartition(".")[2]
    function = decorated.name.rpartition(".")[2]
    text = (
        f"1. Make it once, where it is made:\n\n"
        f"       @cache_resource\n"
        f"       def make_{name}():\n"
        f"           return ...\n\n"
        f"2. Pass it in, as an argument that is left out of the key:\n\n"
        f"       def {function}({', '.join(['_' + name, *written])}):\n"
    )
    if is_installed(type(suspect.value).__module__):
        return text
    return (
        f"{text}\n"
        f"3. Let its class say what tells two such values apart, where it is your own:\n\n"
        f"       class {type(suspect.value).__name__}:\n"
        f"           def __reprise_key__(self):\n"
        f"               return self.name\n"
    )
