"""How an explanation is shown, and given as data."""

from __future__ import annotations

import io
import json
import math
from html.parser import HTMLParser

import pytest

from reprise.observe.explanation import Explanation
from reprise.observe.parts import ArgumentPart, CodePart, KeptEntry, Omission
from reprise.observe.reasons import (
    ArgumentChange,
    ArgumentsChanged,
    Cleared,
    CodeChanged,
    Elsewhere,
    Evicted,
    Expired,
    InputChanged,
    NeverComputed,
    NoKey,
    NotKept,
    PartChange,
    Reason,
    Rejected,
)

ONE, OTHER = "1" * 64, "2" * 64
REASONS = [
    NeverComputed(forgotten=True),
    Expired(1.7e9),
    Evicted(1.7e9, "max_entries of the function", "load", ONE),
    Cleared(1.7e9),
    CodeChanged((PartChange("code", ONE, OTHER, "/a/b/app.py:3"), PartChange("x", "", ONE, ""))),
    ArgumentsChanged(ONE, (ArgumentChange("path", ONE, OTHER, "'a'", "'b'"),)),
    InputChanged("a slider with the key 'n'"),
    Rejected(1.7e9),
    NotKept(1.7e9, "3 MB is more than its bounds allow"),
    Elsewhere("page one"),
    NoKey("UnhashableParamError", "Cannot make a key.\nThere are three ways out:"),
]
EVIL = "<script>alert('x')</script>&\"[bold]"


def explanation(reason: Reason | None = None, text: str = "load") -> Explanation:
    return Explanation(
        function=text,
        place=f"{text}:3",
        action="serve" if reason is None else "compute",
        key=ONE,
        arguments=(ArgumentPart(text, text, ONE, 54, False, "value"),),
        code=(CodePart(text, ONE, text, text),),
        left_out=(Omission(text, text, text),),
        entry=KeptEntry(2.0, math.inf, 190, 3, 0.25) if reason is None else None,
        reason=reason,
        notes=(text,),
    )


ALL = [explanation(), *(explanation(reason) for reason in REASONS)]


@pytest.mark.parametrize("told", ALL, ids=lambda told: str(told.reason and told.reason.kind))
def test_as_a_dict_it_is_json_and_has_everything(told):
    plain = json.loads(json.dumps(told.to_dict(), allow_nan=False))
    assert plain == told.to_dict()
    assert set(plain) == {*Explanation.__slots__, "would_hit"}
    assert plain["would_hit"] == (told.reason is None)
    if told.reason is None:
        assert plain["reason"] is None
        assert plain["entry"]["expires_in"] is None
    else:
        assert plain["reason"]["kind"] == told.reason.kind


def test_every_reason_has_a_kind_of_its_own():
    names = {cls.__name__ for cls in Reason.__subclasses__()}
    assert names == {type(reason).__name__ for reason in REASONS}
    assert len({reason.kind for reason in REASONS}) == len(REASONS)


def test_reasons_say_what_happened_in_one_line():
    assert [str(reason).partition(" at ")[0] for reason in REASONS] == [
        "never computed with these arguments, as far as is remembered",
        "expired",
        "evicted",
        "cleared",
        "code changed: code (/a/b/app.py:3) 111111111111 -> 222222222222; x is new",
        "arguments changed: path 'a' -> 'b'",
        "a slider with the key 'n' has a value that it was not computed with",
        "validate rejected it",
        "not kept",
        "kept for page one, where it displayed something that cannot be shown here",
        "UnhashableParamError: Cannot make a key.",
    ]


def test_as_text_a_hit_is_a_few_small_tables():
    assert str(explanation()) == (
        "load (load:3) would hit\n"
        f"key {ONE}\n"
        "load\n"
        "\n"
        "Entry\n"
        "  age         2 s\n"
        "  expires in  forever\n"
        "  size        190 B\n"
        "  hits        3\n"
        "  cost        250 ms\n"
        "\n"
        "Arguments\n"
        "  name  type  counts as  size  digest\n"
        "  load  load  value      54 B  111111111111\n"
        "\n"
        "Code\n"
        "  part  digest        where  note\n"
        "  load  111111111111  load   load\n"
        "\n"
        "Left out of the fingerprint\n"
        "  name  reason  where\n"
        "  load  load    load"
    )


def test_as_text_a_miss_shows_before_and_now():
    text = str(explanation(REASONS[5]))
    assert text.startswith("load (load:3) would miss: arguments changed\n")
    assert (
        "\nDiffers from the nearest result kept (key 111111111111)\n"
        "        before  now\n"
        "  path  'a'     'b'\n"
    ) in text


class Elements(HTMLParser):
    def __init__(self, html):
        super().__init__()
        self.open, self.seen, self.text = [], [], ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attrs):
        self.open.append(tag)
        self.seen.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += f"{data}\n"


@pytest.mark.parametrize("told", ALL, ids=lambda told: str(told.reason and told.reason.kind))
def test_as_html_it_is_a_table_and_well_formed(told):
    elements = Elements(told._repr_html_())
    assert elements.open == []
    assert "table" in elements.seen
    assert "would hit" in elements.text or "would miss" in elements.text


def test_everything_in_the_html_is_escaped():
    evil = ArgumentsChanged(EVIL, (ArgumentChange(EVIL, EVIL, EVIL, EVIL, EVIL),))
    for reason in (None, evil, NotKept(0.0, EVIL), NoKey(EVIL, f"{EVIL}\n{EVIL}")):
        html = explanation(reason, EVIL)._repr_html_()
        elements = Elements(html)
        assert "script" not in elements.seen
        assert EVIL in elements.text
        assert "<script" not in html


@pytest.mark.parametrize("told", [*ALL, explanation(None, EVIL)], ids=lambda told: told.action)
@pytest.mark.parametrize("width", [40, 100])
def test_rich_draws_it_and_takes_nothing_for_markup(told, width):
    from rich.console import Console

    stream = io.StringIO()
    Console(file=stream, width=width, force_terminal=False).print(told)
    drawn = stream.getvalue()
    assert all(len(line) <= width for line in drawn.splitlines())
    assert "would" in drawn
    if told.function == EVIL and width == 100:
        assert "[bold]" in drawn


def test_as_a_frame_it_has_a_row_for_everything():
    frame = explanation(REASONS[5]).to_pandas()
    assert list(frame.columns) == ["", "name", "value", "more"]
    rows = frame.to_numpy().tolist()
    assert ["Verdict", "load", "would miss: arguments changed", "load:3"] in rows
    assert ["Differs", "path", "'a'", "'b'"] in rows
    assert ["Arguments", "load", "load", "value, 54 B, 111111111111"] in rows


def test_it_cannot_be_changed():
    told = explanation()
    with pytest.raises(AttributeError, match="not to be changed"):
        told.key = ""
    with pytest.raises(AttributeError, match="not to be changed"):
        del told.key


def test_its_representation_is_short():
    assert repr(explanation()) == "<Explanation of load: serve; a hit>"
    assert repr(explanation(REASONS[5])) == (
        "<Explanation of load: compute; arguments changed: path 'a' -> 'b'>"
    )


def test_streamlit_writes_it_as_a_table():
    from streamlit.testing.v1 import AppTest

    def app():
        import streamlit as st

        from reprise import cache_data

        @cache_data
        def load(path):
            return path

        st.write(load.explain("a"))

    run = AppTest.from_function(app).run(timeout=30)
    assert not run.exception
    (frame,) = run.dataframe
    assert frame.value["value"].iloc[0].startswith("would miss")
