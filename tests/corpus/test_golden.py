"""Golden keys: what was kept under a key yesterday is found under it today."""

from __future__ import annotations

import corpus_golden
import pytest


def test_the_keys_are_those_of_the_golden_file(sides):
    version, kept = corpus_golden.read()
    assert version == corpus_golden.version(), "run tests/corpus/corpus_golden.py"
    now = corpus_golden.golden(sides)
    assert corpus_golden.changed(kept, now) == [], (
        "an encoding has changed: count up _VERSION in keys/framing.py, "
        "and run tests/corpus/corpus_golden.py"
    )
    assert now.keys() == kept.keys()
    unknown = [side for topic in now for side in now[topic].keys() - kept[topic].keys()]
    assert unknown == [], "run tests/corpus/corpus_golden.py"


def test_a_golden_key_is_a_whole_digest():
    _, kept = corpus_golden.read()
    assert all(
        len(bytes.fromhex(one)) == 32 for digests in kept.values() for one in digests.values()
    )


@pytest.fixture
def kept(tmp_path, monkeypatch):
    """A golden file of its own, with two keys."""
    monkeypatch.setattr(corpus_golden, "FILE", tmp_path / "golden.json")
    corpus_golden.write({"numbers": {"1": "aa", "2": "bb"}})
    return corpus_golden.FILE


def test_a_new_expression_is_taken_in(kept):
    corpus_golden.write({"numbers": {"1": "aa", "2": "bb", "3": "cc"}})
    assert corpus_golden.read()[1]["numbers"]["3"] == "cc"


def test_a_changed_digest_is_refused_without_a_new_version(kept):
    before = kept.read_text()
    with pytest.raises(
        corpus_golden.NotCountedUpError, match=r"first is that of numbers: 2\. Count"
    ):
        corpus_golden.write({"numbers": {"1": "aa", "2": "xx"}})
    assert kept.read_text() == before


def test_a_changed_digest_is_taken_with_a_new_version(kept, monkeypatch):
    monkeypatch.setattr(corpus_golden, "version", lambda: "the next")
    corpus_golden.write({"numbers": {"1": "aa", "2": "xx"}})
    assert corpus_golden.read() == ("the next", {"numbers": {"1": "aa", "2": "xx"}})
