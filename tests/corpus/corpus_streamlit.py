"""The keys of Streamlit's own cache for all sides of all pairs, printed as JSON.

With ``--disagreements`` it prints where they differ from the corpus, as ``streamlit.toml`` has it.
"""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Callable
from typing import Any, Final

from corpus_digests import Cache, Sides
from corpus_pairs import read_topics
from streamlit.runtime.caching.cache_type import CacheType
from streamlit.runtime.caching.cache_utils import _make_function_key, _make_value_key

HEAD: Final = """\
# Where the keys of Streamlit 1.67 and the corpus disagree. Each was decided by hand: the texts are
# the reasons of the pairs in pairs/, which say why the corpus is right.
#
# wrong_hit: Streamlit serves the result of the other call. needless_miss: it computes what it has.
# refused: it raises, and the user has to write a hash function or leave the argument out."""


def value_key(value: Any) -> str:
    """The key of a call with one argument."""

    def subject(value: Any) -> None:
        pass

    return _make_value_key(CacheType.DATA, subject, (value,), {}, None)


def code_key(function: Callable[..., Any]) -> str:
    """What tells one version of a function from the next."""
    return _make_function_key(CacheType.DATA, function)


def disagreements(sides: dict[str, Sides]) -> dict[str, dict[str, list[str]]]:
    """The pairs on which Streamlit and the corpus disagree.

    Returns:
        By topic the reasons of the pairs, under ``wrong_hit``, ``needless_miss`` or ``refused``.
    """
    found = {}
    for topic in read_topics():
        kinds: dict[str, list[str]] = {}
        for pair in topic.pairs if topic.name in sides else ():
            one, other = sides[topic.name][pair.why]
            if one.startswith("raises") or other.startswith("raises"):
                kinds.setdefault("refused", []).append(pair.why)
            elif (one == other) is not pair.same:
                kinds.setdefault("needless_miss" if pair.same else "wrong_hit", []).append(pair.why)
        found[topic.name] = kinds
    return found


def as_toml(found: dict[str, dict[str, list[str]]]) -> str:
    """The list as text."""
    lines = []
    for topic, kinds in found.items():
        if kinds:
            lines += ["", f"[{topic}]"]
        for kind in sorted(kinds, reverse=True):
            reasons = [f"    {json.dumps(why)}," for why in kinds[kind]]
            lines += [f"{kind} = [", *reasons, "]"]
    return "\n".join([HEAD, *lines, ""])


if __name__ == "__main__":
    # It tells at length that there is no app around it.
    logging.disable(logging.CRITICAL)
    result = Cache("streamlit", value_key, code_key).all_sides()
    if "--disagreements" in sys.argv:
        sys.stdout.write(as_toml(disagreements(result)))
    else:
        json.dump(result, sys.stdout)
